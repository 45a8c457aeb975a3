// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http/httptrace"
	"sync/atomic"
)

// These end an attempt that net/http would continue, and are its error.
var (
	errSentTwice = fmt.Errorf("%w, twice", ErrConnectionClosed)
	// errRejectedTwice lists the reasons for which net/http repeats a request, because it does not tell
	// which it was.
	errRejectedTwice = fmt.Errorf("%w: HTTP/2 error PROTOCOL_ERROR, REFUSED_STREAM or GOAWAY", errSentTwice)
)

// attemptTrace observes the connection of an attempt.
type attemptTrace struct {
	// phase is the error that names the current phase, such as [ErrResolving].
	phase atomic.Value
	// sends counts the connections that the request was sent on.
	sends atomic.Int32
	// connected reports that there is a connection, through the proxy if there is one.
	connected, certificateRequested atomic.Bool
}

// traceAttempt returns the context for a request, and its trace. The context ends before the request
// is sent a third time: the second is legitimate after a reused connection that the server had closed.
//
// net/http repeats a request within one RoundTrip when the server rejects it by HTTP/2
// (RST_STREAM with REFUSED_STREAM or PROTOCOL_ERROR, GOAWAY), and without a delay when the server
// closes the connection as well.
func traceAttempt(ctx context.Context) (context.Context, *attemptTrace) {
	ctx, cancel := context.WithCancelCause(ctx)
	t := new(attemptTrace)
	t.phase.Store(ErrConnecting)

	ctx = context.WithValue(ctx, attemptTraceKey{}, t)

	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) {
			t.connected.Store(false)
			t.enter(ErrConnecting)
		},
		TLSHandshakeStart: func() { t.enter(ErrHandshake) },
		TLSHandshakeDone:  func(tls.ConnectionState, error) { t.enter(errWaiting) },
		GotConn: func(info httptrace.GotConnInfo) {
			t.enter(errWaiting)
			t.connected.Store(true)

			if t.sends.Add(1) <= 2 {
				return
			}

			if conn, ok := info.Conn.(*tls.Conn); ok && conn.ConnectionState().NegotiatedProtocol == "h2" {
				cancel(errRejectedTwice)

				return
			}

			cancel(errSentTwice)

			_ = info.Conn.Close() // HTTP/1.1 sends a request whose context has ended.
		},
	}), t
}

// attemptTraceKey is the key of a request's context to its trace.
type attemptTraceKey struct{}

// traceOf returns the trace of the attempt that a connection is for.
func traceOf(ctx context.Context) *attemptTrace {
	t, ok := ctx.Value(attemptTraceKey{}).(*attemptTrace)
	if !ok {
		return new(attemptTrace)
	}

	return t
}

// enter begins a phase of the connection. It has no effect when the attempt has got another
// connection meanwhile, because net/http continues to dial.
func (t *attemptTrace) enter(phase error) {
	if !t.connected.Load() {
		t.phase.Store(phase)
	}
}

// interrupted describes the end of a context during the current phase.
func (t *attemptTrace) interrupted(ctx context.Context) error {
	phase, _ := t.phase.Load().(error)

	return interruptedDuring(ctx, phase)
}
