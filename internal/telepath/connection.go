// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// connectionPool is the transport of a client, replaced after an attempt that timed out.
//
// All requests to an HTTP/2 server share one connection. When that goes silent (NAT timeout,
// laptop sleep, lost load balancer), every retry would time out on it as well. A health check
// by ping is not enough: the peer may respond to pings while its streams stall.
type connectionPool struct {
	// proxy returns the proxy of a request, nil for none.
	proxy func(*http.Request) (*url.URL, error)
	// open creates a transport without connections.
	open func() http.RoundTripper

	mu        sync.Mutex
	transport http.RoundTripper
}

func newConnectionPool() *connectionPool {
	pool := &connectionPool{proxy: proxyFromEnvironment()}
	pool.open = func() http.RoundTripper { return pool.newTransport() }

	return pool
}

// newTransport creates the real transport. It follows no redirects, because it is used without
// an [http.Client].
func (p *connectionPool) newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  p.proxy,
		OnProxyConnectResponse: checkConnectResponse,
		ForceAttemptHTTP2:      true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, GetClientCertificate: noClientCertificate},
		IdleConnTimeout:        90 * time.Second,
		// Four listings at once: all trunks, and each status.
		MaxIdleConnsPerHost: 4 * maxParallel,
	}
}

// get returns the transport for an attempt.
func (p *connectionPool) get() http.RoundTripper {
	p.mu.Lock()
	defer p.mu.Unlock()

	if p.transport == nil {
		p.transport = p.open()
	}

	return p.transport
}

// retire makes later attempts use new connections. Requests in flight on the old ones continue.
// Of several attempts that timed out on one transport, the first retires it.
func (p *connectionPool) retire(transport http.RoundTripper) {
	p.mu.Lock()
	defer p.mu.Unlock()

	if p.transport == transport {
		closeIdle(transport)

		p.transport = nil
	}
}

func closeIdle(transport http.RoundTripper) {
	if t, ok := transport.(*http.Transport); ok {
		t.CloseIdleConnections()
	}
}

// roundTrip sends a request and returns the response with its body unread. Its error shows
// neither the credentials of a proxy nor text from the proxy, because a proxy may repeat its
// credentials.
func (p *connectionPool) roundTrip(ctx context.Context, transport http.RoundTripper, req *http.Request) (*http.Response, error) {
	proxy, err := p.proxy(req)
	if err != nil {
		return nil, err
	}

	var connected, certificateRequested atomic.Bool

	reqCtx := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	reqCtx = context.WithValue(reqCtx, certificateRequestedKey{}, &certificateRequested)

	resp, err := transport.RoundTrip(req.WithContext(reqCtx))

	switch {
	case err == nil:
		return resp, nil
	case proxy != nil && !connected.Load() && !isFromAPI(err):
		return nil, proxyError(ctx, proxy, err)
	}

	err = connectionError(ctx, err)
	if certificateRequested.Load() && (errors.Is(err, ErrTLS) || errors.Is(err, ErrConnectionClosed)) {
		return nil, ErrClientCertificate
	}

	return nil, err
}

// certificateRequestedKey is the key of a request's context to an [atomic.Bool] that reports that
// the server requested a client certificate. The TLS alert does not: it may say "handshake failure",
// and a reset of the connection may overtake it.
type certificateRequestedKey struct{}

func noClientCertificate(request *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	if requested, ok := request.Context().Value(certificateRequestedKey{}).(*atomic.Bool); ok {
		requested.Store(true)
	}

	return new(tls.Certificate), nil
}

// connectionError describes why there is no response, or no complete one. It replaces the terms
// of Go's packages where a user would not know them.
func connectionError(ctx context.Context, err error) error {
	var (
		header  tls.RecordHeaderError
		certErr *tls.CertificateVerificationError
		opErr   *net.OpError
	)

	switch {
	case ctx.Err() != nil:
		// The transport reports that the context ended, and only the context knows why.
		return causeOf(ctx)
	case errors.As(err, &header) && string(header.RecordHeader[:]) == "HTTP/":
		return ErrPlainHTTP
	case errors.As(err, &certErr):
		return err
	case isTLSError(err) && strings.Contains(err.Error(), "protocol version"):
		// crypto/tls does not export its alerts.
		return fmt.Errorf("%w: %w", ErrTLSVersion, err)
	case isTLSError(err):
		return fmt.Errorf("%w: %w", ErrTLS, err)
	case isConnectionClosed(err):
		return ErrConnectionClosed
	case errors.As(err, &opErr) && errors.Is(err, errnoRefused):
		return fmt.Errorf("%w by %s", ErrConnectionRefused, opErr.Addr)
	case errors.As(err, &opErr):
		return err
	}

	return fmt.Errorf("the connection failed: %s", strings.TrimPrefix(err.Error(), "net/http: HTTP/1.x transport connection broken: "))
}

// isConnectionClosed reports whether the peer closed or reset the connection, or the stream of
// HTTP/2. The errors of HTTP/2 in net/http have no exported types.
func isConnectionClosed(err error) bool {
	for _, target := range append([]error{io.EOF, io.ErrUnexpectedEOF}, errnosClosed...) {
		if errors.Is(err, target) {
			return true
		}
	}

	text := err.Error()

	return strings.HasPrefix(text, "http2: ") || strings.HasPrefix(text, "stream error: ")
}

// isTLSError reports whether err comes from the TLS handshake or from a TLS alert.
func isTLSError(err error) bool {
	var opErr *net.OpError

	return strings.HasPrefix(err.Error(), "tls: ") ||
		errors.As(err, &opErr) && (opErr.Op == "remote error" || opErr.Op == "local error")
}
