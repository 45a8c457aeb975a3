// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"syscall"
)

// connectStatusError is a status other than 200 of a proxy. The reason phrase is left out.
type connectStatusError int

func (e connectStatusError) Error() string {
	return fmt.Sprintf("%d %s", int(e), http.StatusText(int(e)))
}

func checkConnectResponse(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}

	return connectStatusError(resp.StatusCode)
}

// isFromAPI reports whether a proxy connected to the API, which then ended the TLS handshake, or
// has a certificate that does not verify.
func isFromAPI(err error) bool {
	var header tls.RecordHeaderError

	return isTLSError(err) && !errors.As(err, &header)
}

// proxyError describes why there is no connection through a proxy.
func proxyError(ctx context.Context, proxy *url.URL, err error) error {
	var (
		statusErr connectStatusError
		dnsErr    *net.DNSError
		errno     syscall.Errno
	)

	if errors.As(err, &statusErr) {
		switch int(statusErr) {
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return fmt.Errorf("%w %s: its response is %w", ErrProxyFailed, proxy.Host, statusErr)
		}

		return fmt.Errorf("%w: %w from %s", ErrProxyRefused, statusErr, proxy.Host)
	}

	reason := "it does not respond as a proxy does"

	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%w %s: %w", ErrProxyFailed, proxy.Host, causeOf(ctx))
	case errors.As(err, &dnsErr):
		reason = "its host is not found"
	case isConnectionClosed(err):
		reason = "it closed the connection"
	case errors.As(err, &errno):
		reason = errno.Error()
	}

	return fmt.Errorf("%w %s: %s", ErrProxyFailed, proxy.Host, reason)
}
