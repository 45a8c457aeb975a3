// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

// connectionError describes why there is no response, or no complete one. It replaces the terms
// of Go's packages where a user would not know them.
func connectionError(err error) error {
	var (
		header       tls.RecordHeaderError
		certErr      *tls.CertificateVerificationError
		dnsErr       *net.DNSError
		opErr, inner *net.OpError
		timeout      net.Error
		address      string
	)

	// An error of a proxy wraps that of its connection.
	if errors.As(err, &opErr) && errors.As(opErr.Err, &inner) {
		err, opErr = inner, inner
	}

	if opErr != nil && opErr.Addr != nil {
		address = " to " + opErr.Addr.String()
	}

	text := strings.TrimPrefix(err.Error(), "net/http: HTTP/1.x transport connection broken: ")

	switch {
	case errors.As(err, &header) && string(header.RecordHeader[:]) == "HTTP/":
		return ErrPlainHTTP
	case errors.As(err, &header), strings.HasPrefix(text, "malformed HTTP "):
		return fmt.Errorf("%w: %s", ErrNotHTTP, text)
	case errors.As(err, &certErr):
		return certErr
	case errors.As(err, &dnsErr):
		return dnsErr
	case isTLSError(err):
		return fmt.Errorf("%w: %w", ErrTLS, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ErrConnectionClosed
	case opErr != nil && (opErr.Op == "read" || opErr.Op == "write"):
		return fmt.Errorf("%w: %w", ErrConnectionClosed, cmp.Or(errors.Unwrap(opErr.Err), opErr.Err))
	case strings.HasPrefix(text, "http2: "), strings.HasPrefix(text, "stream error: "), strings.HasPrefix(text, "connection error: "):
		reason, _, _ := strings.Cut(text, ", debug=") // The server chooses the rest.

		return fmt.Errorf("%w: %s", ErrConnectionClosed, reason)
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("%w%s", ErrConnectTimeout, address)
	case opErr != nil && opErr.Op == "dial":
		return fmt.Errorf("connecting%s: %w", address, cmp.Or(errors.Unwrap(opErr.Err), opErr.Err))
	}

	return fmt.Errorf("the connection failed: %s", text)
}

// isTLSError reports whether err is from the TLS handshake with the API, or an alert of the API. net/http
// wraps errors of TLS to a proxy, and a response in another protocol may be the proxy's.
func isTLSError(err error) bool {
	var opErr *net.OpError

	return strings.HasPrefix(err.Error(), "tls: ") && !errors.As(err, new(tls.RecordHeaderError)) ||
		errors.As(err, &opErr) && (opErr.Op == "remote error" || opErr.Op == "local error")
}
