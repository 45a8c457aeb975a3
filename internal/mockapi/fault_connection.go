// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import (
	"net/http"
	"time"
)

// The faults of this file break or stall the connection.

// Drop closes the connection without an answer.
func Drop() Fault {
	return func(http.ResponseWriter, *http.Request, http.HandlerFunc) {
		panic(http.ErrAbortHandler)
	}
}

// CutBody sends the headers of the real answer, the full Content-Length among them,
// and half of its body; then it breaks the connection.
func CutBody() Fault {
	return func(w http.ResponseWriter, r *http.Request, answer http.HandlerFunc) {
		writeHalf(w, capture(answer, r))
		panic(http.ErrAbortHandler)
	}
}

// Hang accepts the request and never answers; it ends when the client leaves.
func Hang() Fault {
	return func(_ http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
}

// HangInBody sends the headers of the real answer and half of its body, and nothing
// more; it ends when the client leaves.
func HangInBody() Fault {
	return func(w http.ResponseWriter, r *http.Request, answer http.HandlerFunc) {
		writeHalf(w, capture(answer, r))
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
}

// Drip sends the real answer with its body a byte at a time, and a pause before each
// byte; it ends early when the client leaves.
func Drip(every time.Duration) Fault {
	return func(w http.ResponseWriter, r *http.Request, answer http.HandlerFunc) {
		whole := capture(answer, r)
		whole.writeHead(w)
		flush(w)
		for i := range whole.body {
			if !wait(r.Context(), every) {
				panic(http.ErrAbortHandler)
			}
			writeAndForget(w, whole.body[i:i+1])
			flush(w)
		}
	}
}

// writeHalf sends the head, which announces the whole body, and half of that.
func writeHalf(w http.ResponseWriter, whole reply) {
	whole.writeHead(w)
	writeAndForget(w, whole.body[:len(whole.body)/2])
	flush(w)
}

// flush sends what is buffered. It can only fail when the client has left, and then
// there is nobody to tell.
func flush(w http.ResponseWriter) {
	_ = http.NewResponseController(w).Flush()
}
