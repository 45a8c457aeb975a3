// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// What can be wrong with an answer, beyond its status. Match with [errors.Is]; the [Error]
// around it has the details.
var (
	// ErrNotJSON says that the answer is not JSON: a web page of a proxy, as a rule, or
	// something else than the API at the base URL.
	ErrNotJSON = errors.New("the answer is not JSON")
	// ErrUnexpectedAnswer says that the answer is not what the reference page documents, so that
	// nobody can tell whether a list made from it would be complete.
	ErrUnexpectedAnswer = errors.New("the answer is not the documented one")
	// ErrTruncated says that the answer ended too early.
	ErrTruncated = errors.New("the answer was cut off")
	// ErrTooLarge says that the answer is larger than the client reads.
	ErrTooLarge = fmt.Errorf("the answer is larger than %d MiB", maxBody>>20)
	// ErrRedirect says that the answer sends the client elsewhere. It does not go: the API
	// key is for the configured host.
	ErrRedirect = errors.New("the answer is a redirect, which is not followed")
	// ErrProxyRefused says that the proxy, and not the API, would have none of it.
	ErrProxyRefused = errors.New("the proxy refused to connect to the API")
	// ErrAttemptTimeout says that one attempt took longer than [Config.RequestTimeout].
	ErrAttemptTimeout = errors.New("no complete answer within the time for one attempt")
	// ErrReadTimeout says that the time for the whole read was over. It is meant as the cause
	// of the deadline of a context (see [context.WithTimeoutCause]).
	ErrReadTimeout = errors.New("the time for the read was over")
)

// Error is a request that failed. Get it from an error of this package with [errors.As].
//
// Text of the server in it is safe to show: without control characters, without the API key,
// and at most 300 characters long.
type Error struct {
	// Method and Path are what was asked; Path has the query with it.
	Method, Path string
	// Status is the HTTP status of the answer, 0 if none came.
	Status int
	// Code and Message are what the API says of the error (reference page, Error Responses).
	// Empty if it said nothing, or nothing that can be read.
	Code, Message string
	// RequestID is the answer's X-Request-Id, by which the operator of the API finds the
	// request. Empty if there was none.
	RequestID string
	// Attempts is how many times the request was sent: 1 if it was not repeated, 0 if it never
	// was.
	Attempts int
	// Err is what went wrong, if it is not the status alone: an error of the network, or one
	// of this package's. May be nil. Its text may hold what the server sent: print the Error,
	// not this.
	Err error

	// cause is the text of Err, cleaned.
	cause string
	// wait is how long the answer asks to wait before the next attempt, 0 if it does not.
	wait time.Duration
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("%s %s: %s", e.Method, e.Path, e.Reason())
}

// Reason is the error without the request: what was answered, or what went wrong.
func (e *Error) Reason() string {
	var parts []string
	if e.Status != 0 {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))))
	}

	for _, part := range []string{e.Code, e.Message, e.cause} {
		if part != "" {
			parts = append(parts, part)
		}
	}

	var notes []string
	if e.RequestID != "" {
		notes = append(notes, "request id "+e.RequestID)
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

// setCause notes what went wrong, which may be nil. Its text is cleaned, since errors of the
// network and of JSON quote what the server sent.
func (e *Error) setCause(key Key, err error) {
	if err != nil {
		e.Err, e.cause = err, cleanText(key, err.Error())
	}
}

// Unwrap gives errors.Is and errors.As the cause.
func (e *Error) Unwrap() error { return e.Err }
