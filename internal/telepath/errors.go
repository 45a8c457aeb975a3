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
	// ErrUnexpectedResponse is a complete response that the reference page does not document, or that
	// was altered. A list made from it might not be complete.
	ErrUnexpectedResponse = errors.New("the response is not the documented one")
	ErrTruncated          = errors.New("the response was cut off")
	// ErrRedirect protects the API key, which is for the configured host.
	ErrRedirect = errors.New("the response is a redirect, and redirects are not followed")
	// ErrConnectTimeout is the end of a timeout before there was a connection, often that for connecting,
	// which is shorter than [Config.RequestTimeout].
	ErrConnectTimeout = errors.New("timed out while connecting")
	// ErrConnectionClosed includes the end of a stream of HTTP/2.
	ErrConnectionClosed = errors.New("the connection was closed before the response was complete")
	ErrPlainHTTP        = errors.New("the server responded in plain HTTP to a TLS handshake")
	ErrNotHTTP          = errors.New("the server does not speak HTTP")
	// ErrTLS does not include a certificate that does not verify: that error is a
	// [tls.CertificateVerificationError].
	ErrTLS = errors.New("the TLS connection failed")
	// ErrProxyRefused is a response to CONNECT that is not retried.
	ErrProxyRefused = errors.New("the proxy refused to connect to the API")
	// ErrProxyFailed may be temporary.
	ErrProxyFailed = errors.New("no connection to the API through the proxy")
	// ErrAttemptTimeout is the end of [Config.RequestTimeout].
	ErrAttemptTimeout = errors.New("no complete response within the request timeout")
	// ErrReadTimeout is the cause that callers set for the deadline of a read, see
	// [context.WithTimeoutCause].
	ErrReadTimeout = errors.New("the deadline of the read was exceeded")
	// ErrCancelled is the end of a context without a cause.
	ErrCancelled = errors.New("the read was cancelled")
	// ErrListChanged is the error of three listings in a row.
	ErrListChanged = errors.New("the list of trunks kept changing while it was read")
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
// Its texts are safe to display: no control characters, no API key, and at most 300 characters from the
// server each.
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
	// Attempts is how many times the request was sent, 0 if it never was.
	Attempts int
	// Err is the cause, one of this package's errors or an error of the network. Nil if the status
	// is the whole error. If a deadline, a cancellation or the rate limit prevented a further attempt, it
	// has that cause too, and the other fields are those of the last attempt that failed.
	Err error

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

	cause := ""
	if e.Err != nil {
		cause = e.Err.Error()
	}

	for _, part := range []string{e.Code, e.Message, cause} {
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

// newError describes the outcome of an attempt: the response, if there is one, and the cause.
func (c *Client) newError(query pageQuery, attempts int, resp response, cause error) *Error {
	result := &Error{
		Method: http.MethodGet, Path: c.pageURL(query).RequestURI(), Attempts: attempts,
		Status: resp.status, RequestID: cleanText(c.config.Key, resp.header.Get("X-Request-Id")),
	}

	if resp.status == http.StatusServiceUnavailable {
		result.retryAfter, _ = parseRetryAfter(resp.header, time.Now())
	}

	var envelope *apiError

	switch {
	case errors.As(cause, &envelope):
		result.Code = cleanText(c.config.Key, envelope.Code)
		result.Message = cleanText(c.config.Key, envelope.Message)

		if errors.Is(cause, ErrUnexpectedResponse) {
			result.Err = &cleanError{cause: ErrUnexpectedResponse} // Code and Message are its text.
		}
	default:
		result.Err = c.clean(cause)
	}

	return result
}

// withoutRetry is the error of a request that a deadline, a cancellation or the rate limit ended.
func (c *Client) withoutRetry(last *Error, cause error) *Error {
	result := *last
	result.Err = c.clean(cause)

	if last.Err != nil {
		result.Err = fmt.Errorf("%w; then %w", last.Err, result.Err)
	}

	return &result
}

// cleanError is an error with a text that is safe to display.
type cleanError struct {
	text  string
	cause error
}

// clean returns a cause with a clean text. It has no period at its end, as errors of Windows do, because
// notes follow.
func (c *Client) clean(cause error) error {
	return &cleanError{strings.TrimSuffix(cleanText(c.config.Key, cause.Error()), "."), cause}
}

func (e *cleanError) Error() string { return e.text }

func (e *cleanError) Unwrap() error { return e.cause }
