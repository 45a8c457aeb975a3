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
	"sync"
	"time"
)

// connectionPool is the transport of a client, replaced after an attempt that timed out or that two
// connections did not complete.
//
// All requests to an HTTP/2 server share one connection. When that goes silent (NAT timeout,
// laptop sleep, lost load balancer), every retry would time out on it as well. A health check
// by ping is not enough: the peer may respond to pings while its streams stall.
type connectionPool struct {
	// proxy returns the proxy of a request, nil for none.
	proxy func(*http.Request) (*url.URL, error)
	// dialTimeout limits resolving the name and connecting.
	dialTimeout time.Duration

	// open creates a transport without connections, and resolver resolves names. Both are fields only
	// for tests.
	open     func() http.RoundTripper
	resolver *net.Resolver

	mu        sync.Mutex
	transport http.RoundTripper
}

func newConnectionPool() *connectionPool {
	pool := &connectionPool{proxy: proxyFromEnvironment(), resolver: net.DefaultResolver}
	pool.open = func() http.RoundTripper { return pool.newTransport() }

	return pool
}

// newTransport creates the real transport. It follows no redirects, because it is used without
// an [http.Client].
func (p *connectionPool) newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  p.proxy,
		OnProxyConnectResponse: checkConnectResponse,
		DialContext:            p.dial,
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
// Of several attempts that failed on one transport, the first retires it.
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

	reqCtx, trace := traceAttempt(ctx)
	resp, err := transport.RoundTrip(req.WithContext(reqCtx))

	switch {
	case err == nil && resp.StatusCode < 100:
		// net/http accepts 000. Status 0 is no response.
		_ = resp.Body.Close()

		return nil, fmt.Errorf("the connection failed: malformed HTTP status %03d", resp.StatusCode)
	case err == nil:
		return resp, nil
	case errors.Is(context.Cause(reqCtx), errSentTwice):
		return nil, context.Cause(reqCtx)
	case proxy != nil && !trace.connected.Load() && !isFromAPI(err):
		return nil, proxyError(ctx, trace, proxy, err)
	case ctx.Err() != nil:
		// The transport reports that the context ended, and only the context knows why.
		return nil, trace.interrupted(ctx)
	}

	err = connectionError(err)
	if trace.certificateRequested.Load() && (errors.Is(err, ErrTLS) || errors.Is(err, ErrConnectionClosed) || errors.Is(err, ErrNotHTTP2)) {
		return nil, ErrClientCertificate
	}

	return nil, err
}

// noClientCertificate keeps that the server requested a client certificate. The TLS alert does not
// tell: it may say "handshake failure", and a reset of the connection may overtake it.
func noClientCertificate(request *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	traceOf(request.Context()).certificateRequested.Store(true)

	return new(tls.Certificate), nil
}
