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
	"net/http/httptrace"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// renewableTransport is the transport of a client, renewed after an attempt that timed out or that two
// connections did not complete.
//
// All requests to an HTTP/2 server share one connection. When that goes silent (NAT timeout, laptop sleep),
// every retry would time out on it as well. The peer may still respond to pings.
type renewableTransport struct {
	// proxy is nil for none.
	proxy *url.URL
	// open creates a transport without connections. It is a field only for tests.
	open func() http.RoundTripper

	mu      sync.Mutex
	current http.RoundTripper
}

func newRenewableTransport(proxy *url.URL, requestTimeout time.Duration) *renewableTransport {
	t := &renewableTransport{proxy: proxy, open: func() http.RoundTripper { return newTransport(proxy, requestTimeout) }}
	t.current = t.open()

	return t
}

// newTransport creates the real transport. It follows no redirects, because it is used without
// an [http.Client].
func newTransport(proxy *url.URL, requestTimeout time.Duration) *http.Transport {
	// The addresses of a host share it, so that a dead one does not use up the attempt. A Dialer gives each at
	// least 2 s.
	connectTimeout := min(10*time.Second, max(requestTimeout/3, 4*time.Second))

	return &http.Transport{
		Proxy:                  http.ProxyURL(proxy),
		OnProxyConnectResponse: checkConnectResponse,
		DialContext:            (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout:    connectTimeout,
		ForceAttemptHTTP2:      true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConnsPerHost:    maxParallel,
	}
}

// get returns the transport for an attempt.
func (t *renewableTransport) get() http.RoundTripper {
	t.mu.Lock()
	defer t.mu.Unlock()

	return t.current
}

// renew makes later attempts use new connections. Requests in flight on the old ones continue.
// Of several attempts that failed on one transport, the first renews it.
func (t *renewableTransport) renew(failed http.RoundTripper) {
	t.mu.Lock()
	defer t.mu.Unlock()

	if t.current == failed {
		(&http.Client{Transport: failed}).CloseIdleConnections()

		t.current = t.open()
	}
}

// errSentTwice ends an attempt that net/http would continue, and is its error.
var errSentTwice = fmt.Errorf("%w, twice", ErrConnectionClosed)

// roundTrip sends a request and returns the response with its body unread. It prevents a third send: a
// second one is legitimate, because the server may have closed a reused connection. net/http repeats a
// request that the server rejects by HTTP/2 (REFUSED_STREAM, PROTOCOL_ERROR, GOAWAY), without a delay if
// the server also closes the connection.
func (t *renewableTransport) roundTrip(ctx context.Context, transport http.RoundTripper, req *http.Request) (*http.Response, error) {
	// Cancelled only after two sends, because the body is read with it.
	reqCtx, cancel := context.WithCancelCause(ctx)

	var (
		// sends counts the connections that the request was sent on, through the proxy if there is one.
		sends     atomic.Int32
		connected atomic.Bool
	)

	reqCtx = httptrace.WithClientTrace(reqCtx, &httptrace.ClientTrace{
		GetConn: func(string) { connected.Store(false) },
		GotConn: func(info httptrace.GotConnInfo) {
			connected.Store(true)

			if sends.Add(1) <= 2 {
				return
			}

			cancel(errSentTwice)

			// HTTP/1.1 sends a request whose context has ended. Other requests share a connection of HTTP/2.
			if conn, ok := info.Conn.(*tls.Conn); !ok || conn.ConnectionState().NegotiatedProtocol != "h2" {
				_ = info.Conn.Close()
			}
		},
	})

	resp, err := transport.RoundTrip(req.WithContext(reqCtx))

	switch {
	case err == nil && resp.StatusCode < 100:
		// net/http accepts 000. Status 0 is no response.
		_ = resp.Body.Close()

		return nil, fmt.Errorf("%w: malformed HTTP status %03d", ErrNotHTTP, resp.StatusCode)
	case err == nil, errors.Is(err, ErrProxyRefused), errors.Is(err, ErrProxyFailed):
		return resp, err
	case errors.Is(context.Cause(reqCtx), errSentTwice):
		return nil, errSentTwice
	}

	// A proxy may have connected to the API, which then rejected the TLS handshake.
	isFromProxy := t.proxy != nil && !connected.Load() && !isTLSError(err)

	// The transport reports that the context ended, and only the context knows why.
	switch cause := causeOf(ctx); {
	case cause == nil:
		err = connectionError(err)
	case errors.Is(cause, ErrCancelled):
		return nil, cause
	case !connected.Load():
		err = fmt.Errorf("%w: %w", cause, ErrConnectTimeout)
	default:
		err = fmt.Errorf("%w while waiting for the response", cause)
	}

	if isFromProxy {
		err = fmt.Errorf("%w %s: %w", ErrProxyFailed, t.proxy.Host, err)
	}

	return nil, err
}
