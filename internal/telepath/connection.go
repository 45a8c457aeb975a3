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
	"net/url"
	"regexp"
	"strings"
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
	if trace.certificateRequested.Load() && (errors.Is(err, ErrTLS) || errors.Is(err, ErrConnectionClosed)) {
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
