// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
)

// connectionError describes why there is no response, or no complete one. It replaces the terms
// of Go's packages where a user would not know them.
func connectionError(err error) error {
	var (
		header  tls.RecordHeaderError
		certErr *tls.CertificateVerificationError
		opErr   *net.OpError
	)

	switch {
	case errors.As(err, &header) && string(header.RecordHeader[:]) == "HTTP/":
		return ErrPlainHTTP
	case errors.As(err, &certErr):
		return err
	case isTLSError(err) && strings.Contains(err.Error(), "protocol version"):
		// crypto/tls does not export its alerts.
		return fmt.Errorf("%w: %w", ErrTLSVersion, err)
	case isTLSError(err):
		return fmt.Errorf("%w: %w", ErrTLS, err)
	case notHTTP2.MatchString(err.Error()):
		return ErrNotHTTP2
	case isConnectionClosed(err):
		return fmt.Errorf("%w%s", ErrConnectionClosed, http2Reason(err.Error()))
	case errors.As(err, &opErr) && errors.Is(err, errRefused):
		return fmt.Errorf("%w by %s", ErrConnectionRefused, opErr.Addr)
	case errors.As(err, &opErr):
		return err
	}

	return fmt.Errorf("the connection failed: %s", strings.TrimPrefix(err.Error(), "net/http: HTTP/1.x transport connection broken: "))
}

// isConnectionClosed reports whether the peer closed or reset the connection, or the stream of
// HTTP/2.
func isConnectionClosed(err error) bool {
	for _, target := range append([]error{io.EOF, io.ErrUnexpectedEOF}, errsClosed...) {
		if errors.Is(err, target) {
			return true
		}
	}

	text := err.Error()

	return strings.HasPrefix(text, "http2: ") || strings.HasPrefix(text, "stream error: ")
}

// The errors of HTTP/2 in net/http have no exported types.
var (
	// notHTTP2 matches an error after other bytes than HTTP/2, and after a connection that ended before
	// its first frame.
	notHTTP2 = regexp.MustCompile(`^connection error: |^http2: .*(frame too large|could not be established)|HTTP_1_1_REQUIRED; received from peer$`)
	// http2Code finds the code of a RST_STREAM or GOAWAY.
	http2Code = regexp.MustCompile(`^(?:stream error: stream ID \d+; |http2: .*?ErrCode[=:])([A-Z0-9_]+)`)
)

// http2Reason returns what to add to an error for a code of HTTP/2 (RFC 9113, section 7), or nothing.
func http2Reason(text string) string {
	if match := http2Code.FindStringSubmatch(text); match != nil {
		return ": HTTP/2 error " + match[1]
	}

	return ""
}

// isTLSError reports whether err comes from the TLS handshake or from a TLS alert.
func isTLSError(err error) bool {
	var opErr *net.OpError

	return strings.HasPrefix(err.Error(), "tls: ") ||
		errors.As(err, &opErr) && (opErr.Op == "remote error" || opErr.Op == "local error")
}
