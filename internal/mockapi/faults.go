// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"
)

// Fault replaces the response to a request. next writes the real response. The headers
// of the rate limit and X-Request-Id are already set; a fault may change them.
type Fault func(next http.Handler) http.Handler

// Fail applies f to the next n requests that have no fault from an earlier call; below
// one, to all further requests. A nil f means the real response, so that a later
// request can meet a fault.
func (a *API) Fail(n int, f Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()

	a.faults = append(a.faults, queuedFault{n, f})
}

type queuedFault struct {
	requests int // Below one means unlimited.
	fault    Fault
}

// nextFault returns the fault of the next request, nil if there is none.
func (a *API) nextFault() Fault {
	if len(a.faults) == 0 {
		return nil
	}

	first := &a.faults[0]

	fault := first.fault
	if first.requests--; first.requests == 0 {
		a.faults = a.faults[1:]
	}

	return fault
}

// Status responds with an HTTP status and the API's error for that status. The headers
// of the rate limit stay as they are, even with status 429.
func Status(code int) Fault {
	return respond(func(w http.ResponseWriter, r *http.Request) { writeError(w, r, *statusError(code)) })
}

// HTML responds as a proxy does, with an HTML error page and without the API's headers.
func HTML(code int) Fault {
	title := strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))

	return proxyResponse(code, http.Header{"Content-Type": {"text/html"}}, fmt.Sprintf(
		"<html>\r\n<head><title>%[1]s</title></head>\r\n<body>\r\n"+
			"<center><h1>%[1]s</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n", title))
}

// SignInPage responds as a captive portal or an authenticating proxy does: status 200
// and HTML, without the API's headers.
func SignInPage() Fault {
	return proxyResponse(http.StatusOK, http.Header{"Content-Type": {"text/html"}},
		"<!DOCTYPE html>\n<html>\n<head><title>Sign in</title></head>\n<body>\n"+
			"<form method=\"post\"><input name=\"user\"><input name=\"password\" type=\"password\"></form>\n</body>\n</html>\n")
}

// Empty responds as a load balancer does, without a body and the API's headers.
func Empty(code int) Fault { return proxyResponse(code, nil, "") }

// Redirect responds with a Location as a proxy does, without the API's headers.
func Redirect(code int, location string) Fault {
	return proxyResponse(code, http.Header{"Location": {location}}, "")
}

// Body responds with any body and the API's headers.
func Body(code int, contentType, body string) Fault {
	return respond(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body) // Fails only if the client has left.
	})
}

// Drop closes the connection without a response.
func Drop() Fault {
	return respond(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// CutBody sends the headers of the real response, including its Content-Length, and
// half of its body, and breaks the connection.
func CutBody() Fault {
	return interrupt(func(_ *http.Request, body string, send func(part string)) {
		send(body[:len(body)/2])
		panic(http.ErrAbortHandler)
	})
}

// Hang sends nothing until the client leaves.
func Hang() Fault {
	return respond(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	})
}

// HangInBody sends the headers and half of the body of the real response, and nothing
// more until the client leaves.
func HangInBody() Fault {
	return interrupt(func(r *http.Request, body string, send func(part string)) {
		send(body[:len(body)/2])
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	})
}

// Drip sends the body of the real response byte by byte, with a delay before each byte,
// until the client leaves.
func Drip(delay time.Duration) Fault {
	return interrupt(func(r *http.Request, body string, send func(part string)) {
		send("") // The headers.

		for i := range len(body) {
			if !sleep(r.Context(), delay) {
				panic(http.ErrAbortHandler)
			}

			send(body[i : i+1])
		}
	})
}

// WithHeader sets a header on the response of f, replacing what f sets. A nil f means
// the real response.
func WithHeader(key, value string, f Fault) Fault {
	return func(next http.Handler) http.Handler {
		if f != nil {
			next = f(next)
		}

		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(&headerWriter{w, key, value}, r)
		})
	}
}

// headerWriter is a ResponseWriter that sets a header last.
type headerWriter struct {
	http.ResponseWriter

	key, value string
}

// WriteHeader sets the header and sends all headers.
func (h *headerWriter) WriteHeader(status int) {
	h.Header().Set(h.key, h.value)
	h.ResponseWriter.WriteHeader(status)
}

// Unwrap lets an http.ResponseController flush.
func (h *headerWriter) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// respond is a fault that doesn't need the real response.
func respond(handler http.HandlerFunc) Fault {
	return func(http.Handler) http.Handler { return handler }
}

// proxyResponse is a response that did not come from the API.
func proxyResponse(code int, header http.Header, body string) Fault {
	return respond(func(w http.ResponseWriter, _ *http.Request) {
		for _, name := range []string{headerLimit, headerRemaining, headerReset, headerRequestID} {
			w.Header().Del(name)
		}

		maps.Copy(w.Header(), header)
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body) // Fails only if the client has left.
	})
}

// interrupt is a fault that controls how the body of the real response is sent.
func interrupt(control func(r *http.Request, body string, send func(part string))) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			whole := httptest.NewRecorder()
			next.ServeHTTP(whole, r)
			maps.Copy(w.Header(), whole.Header())
			w.WriteHeader(whole.Code)
			control(r, whole.Body.String(), func(part string) {
				_, _ = io.WriteString(w, part) // Fails only if the client has left.
				_ = http.NewResponseController(w).Flush()
			})
		})
	}
}
