// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The kinds of errors besides an HTTP status, for [errors.Is]. Comments add what the texts don't say.
var (
	// ErrNotJSON is a body that does not begin as those of the API: HTML, text or nothing.
	ErrNotJSON = errors.New("the response is not JSON")
	// ErrInvalidJSON is JSON with a mistake, a duplicate key or text that is not UTF-8, which RFC 8259
	// and RFC 7493 exclude. Its text names the place.
	ErrInvalidJSON = errors.New("the response is not valid JSON")
	// ErrUnexpectedResponse is JSON that the reference page does not document. A list made from it
	// might not be complete.
	ErrUnexpectedResponse = errors.New("the response is not the documented one")
	// ErrWrongPage is a page that does not fit the query.
	ErrWrongPage       = errors.New("the response is not the requested page")
	ErrTruncated       = errors.New("the response was cut off")
	ErrTooLarge        = fmt.Errorf("the response is larger than %d MiB", maxBody>>20)
	ErrEncoding        = errors.New("the response has a Content-Encoding that was not requested")
	ErrDamagedEncoding = errors.New("the gzip encoding of the response is damaged")
	// ErrRedirect protects the API key, which is for the configured host.
	ErrRedirect = errors.New("the response is a redirect, and redirects are not followed")
	// ErrConnectionClosed includes the end of a stream of HTTP/2.
	ErrConnectionClosed  = errors.New("the connection was closed before the response was complete")
	ErrConnectionRefused = errors.New("connection refused")
	ErrNotHTTP2          = errors.New("the server negotiated HTTP/2 and then did not speak it")
	ErrPlainHTTP         = errors.New("the server responded in plain HTTP to a TLS handshake")
	// ErrTLS does not include a certificate that does not verify: that error is a
	// [tls.CertificateVerificationError].
	ErrTLS               = errors.New("the TLS handshake failed")
	ErrTLSVersion        = errors.New("the server does not support TLS 1.2 or later")
	ErrClientCertificate = errors.New("the server requested a client certificate and ended the connection without one")
	// ErrProxyAddress does not quote the URL, which may contain a password.
	ErrProxyAddress = errors.New("the address of the proxy is not a valid URL")
	// ErrProxyRefused is a response of the proxy that is not retried: to CONNECT, or of SOCKS5.
	ErrProxyRefused = errors.New("the proxy refused to connect to the API")
	// ErrProxyFailed may be temporary.
	ErrProxyFailed = errors.New("no connection to the API through the proxy")
	// ErrProxyUpstream is an [ErrProxyFailed] of a proxy that responds.
	ErrProxyUpstream = errors.New("it cannot reach the API")
	// ErrAttemptTimeout is the end of [Config.RequestTimeout].
	ErrAttemptTimeout = errors.New("no complete response within the request timeout")
	// These follow a timeout and name the phase that it ended. With a proxy, they may be phases of
	// the connection to the proxy.
	ErrResolving  = errors.New("while resolving the host name")
	ErrConnecting = errors.New("while connecting")
	ErrHandshake  = errors.New("during the TLS handshake")
	errWaiting    = errors.New("while waiting for the response")
	errReading    = errors.New("while reading the response")
	// ErrReadTimeout is the cause that callers set for the deadline of a read, see
	// [context.WithTimeoutCause].
	ErrReadTimeout = errors.New("the deadline of the read was exceeded")
	// ErrCancelled is the end of a context without a cause.
	ErrCancelled = errors.New("the read was cancelled")
	// ErrListChanged is the error of three listings in a row.
	ErrListChanged = errors.New("the list of trunks kept changing while it was read")
	// ErrPageTooSmall is an error because pages must overlap by one trunk.
	ErrPageTooSmall = errors.New("the server returns one trunk per page, and at least two are needed to detect a changed list")
)

// causeOf returns why a context ended. A deadline without a cause is that of the read.
func causeOf(ctx context.Context) error {
	cause := context.Cause(ctx)

	switch {
	case errors.Is(cause, context.DeadlineExceeded):
		return ErrReadTimeout
	case errors.Is(cause, context.Canceled):
		return ErrCancelled
	}

	return cause
}

// interruption is the end of a context during a phase, such as [ErrResolving].
type interruption struct{ cause, phase error }

func interruptedDuring(ctx context.Context, phase error) error {
	return &interruption{causeOf(ctx), phase}
}

func (e *interruption) Error() string { return e.cause.Error() + " " + e.phase.Error() }

func (e *interruption) Unwrap() error { return e.cause }

func (e *interruption) Is(target error) bool { return target == e.phase }

// RateLimitError reports that the rate limit does not allow a listing before the deadline of its
// read. It is returned without waiting.
type RateLimitError struct {
	// Reset is when the limit resets, by the local clock. Zero means that no response said so.
	Reset time.Time
	// Wait is how long that was ahead when the error occurred.
	Wait time.Duration
	// ReadTimeout is a timeout of the read that is enough for the whole listing, if nothing else
	// uses the rate limit. 0 means unknown: the number of pages is known after the first page.
	ReadTimeout time.Duration
}

func newRateLimitError(reset time.Time) *RateLimitError {
	return &RateLimitError{Reset: reset, Wait: time.Until(reset)}
}

// Error implements error.
func (e *RateLimitError) Error() string {
	if e.Reset.IsZero() {
		return "the rate limit allows no request before the deadline of the read"
	}

	text := fmt.Sprintf("the rate limit resets in %s, at %s, too late to list the trunks before the deadline of the read",
		e.Wait.Round(time.Second), e.Reset.UTC().Format(time.RFC3339))
	if e.ReadTimeout > 0 {
		text += fmt.Sprintf(": the list needs up to %s", e.ReadTimeout)
	}

	return text
}

// Error is a request that failed. Get it from an error of this package with [errors.As].
//
// The text of Error and its fields, other than Err, are safe to display: no control characters,
// no API key, and at most 300 characters from the server each.
type Error struct {
	// Method and Path identify the request; Path includes the query.
	Method, Path string
	// Status is the HTTP status of the response, 0 without a response.
	Status int
	// Code and Message are from the API's error envelope (reference page, Error Responses). Empty
	// if there was none.
	Code, Message string
	// RequestID is the X-Request-Id header of the response. Empty if there was none.
	RequestID string
	// Location is the Location header of a redirect. Empty for other responses.
	Location string
	// Attempts is how many times the request was sent, 0 if it never was.
	Attempts int
	// Interrupted reports that a deadline, a cancellation or the rate limit prevented a further attempt.
	// Err has this cause too. The other fields are those of the last attempt that failed, if any.
	Interrupted bool
	// Err is the cause, one of this package's errors or an error of the network. Nil if the status
	// is the whole error. Do not display its text: it may quote the server.
	Err error

	// cause is the text of Err, cleaned.
	cause string
	// retryAfter is the Retry-After of a status 503, 0 for none. The limiter handles that of a 429.
	retryAfter time.Duration
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("%s %s: %s", e.Method, e.Path, e.Reason())
}

// Reason is the error without the request.
func (e *Error) Reason() string {
	var parts, notes []string

	if e.Status != 0 {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))))
	}

	for _, part := range []string{e.Code, e.Message, e.cause} {
		if part != "" && part != strconv.Itoa(e.Status) {
			parts = append(parts, part)
		}
	}

	if e.RequestID != "" {
		notes = append(notes, "request ID "+e.RequestID)
	}

	if e.retryAfter > 0 {
		notes = append(notes, fmt.Sprintf("the server asks to wait %s", e.retryAfter.Round(time.Second)))
	}

	if e.Attempts > 1 {
		notes = append(notes, fmt.Sprintf("%d attempts", e.Attempts))
	}

	text := strings.Join(parts, ": ")
	if len(notes) > 0 {
		text += " (" + strings.Join(notes, ", ") + ")"
	}

	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// newError describes the outcome of an attempt: the response, nil without one, and the cause, nil
// if the status of the response is the error.
func (c *Client) newError(query pageQuery, attempts int, resp *response, cause error) *Error {
	result := &Error{Method: http.MethodGet, Path: c.pageURL(query).RequestURI(), Attempts: attempts}

	if resp != nil {
		result.Status = resp.status
		result.RequestID = cleanText(c.config.Key, resp.header.Get("X-Request-Id"))

		switch {
		case isRedirect(resp.status):
			result.Location = cleanText(c.config.Key, resp.header.Get("Location"))
		case resp.status == http.StatusServiceUnavailable:
			result.retryAfter, _ = parseRetryAfter(resp.header, time.Now())
		}
	}

	var envelope *apiError

	switch {
	case errors.As(cause, &envelope):
		result.Code = cleanText(c.config.Key, envelope.Code)
		result.Message = cleanText(c.config.Key, envelope.Message)

		if errors.Is(cause, ErrUnexpectedResponse) {
			result.Err = ErrUnexpectedResponse
		}
	case cause != nil:
		result.Err = cause
		result.cause = causeText(c.config.Key, cause)
	}

	return result
}

// interrupted adds why no further attempt followed: a deadline, a cancellation, the rate limit.
func (c *Client) interrupted(last *Error, cause error) *Error {
	result := *last
	result.Interrupted = true
	result.Err, result.cause = cause, causeText(c.config.Key, cause)

	if last.Err != nil {
		// Cleaned one by one, so that a long text from the server does not displace the cause.
		result.Err = fmt.Errorf("%w; then %w", last.Err, cause)
		result.cause = last.cause + "; then " + result.cause
	}

	return &result
}

// causeText is the text of a cause, cleaned. It has no period at its end, as errors of Windows do, because
// notes follow.
func causeText(key Key, cause error) string {
	return strings.TrimSuffix(cleanText(key, cause.Error()), ".")
}
