// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// The faults of this file are complete answers with the wrong content.

// Status answers with an HTTP status and an error of the API that fits it. The
// headers of the rate limit are the true ones, with status 429 too: the budget need
// not be spent.
func Status(code int) Fault {
	return func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
		errStatus(code).reply(wantsShortErrors(r)).write(w)
	}
}

// HTML answers with the HTML page of a proxy. As the API has not seen the request,
// its own headers (rate limit, request id) are missing.
func HTML(code int) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
		deleteAPIHeaders(w.Header())
		title := strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
		page := fmt.Sprintf("<html>\r\n<head><title>%[1]s</title></head>\r\n<body>\r\n"+
			"<center><h1>%[1]s</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n", title)
		contentReply(code, "text/html", []byte(page)).write(w)
	}
}

// Empty answers with an HTTP status and no body, as some load balancers do. As the
// API has not seen the request, its own headers (rate limit, request id) are missing.
func Empty(code int) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
		deleteAPIHeaders(w.Header())
		w.WriteHeader(code)
	}
}

// Redirect answers with an HTTP status and a Location, as a proxy does. As the API
// has not seen the request, its own headers (rate limit, request id) are missing.
func Redirect(code int, location string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
		deleteAPIHeaders(w.Header())
		w.Header().Set("Location", location)
		w.WriteHeader(code)
	}
}

// Body answers with an HTTP status and a body of any kind; an empty content type
// sends none.
func Body(code int, contentType, body string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
		given := contentReply(code, contentType, []byte(body))
		if contentType == "" {
			// Nil keeps the server from guessing one.
			given.header["Content-Type"] = nil
		}
		given.write(w)
	}
}

// Huge answers 200 with that many bytes of a JSON list that does not end. No
// Content-Length gives the size away.
func Huge(bytes int64) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
		trunk, err := ReferenceTrunks()[0].encode()
		if err != nil {
			panic(err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusOK)
		list := io.MultiReader(strings.NewReader(`{"trunks":[`), &endless{text: append(trunk, ',')})
		// It can only fail when the client has had enough.
		_, _ = io.CopyN(w, list, bytes)
	}
}

// WithHeader sets a header on the answer of f, over what f sets itself; a nil f is
// the real answer.
func WithHeader(key, value string, f Fault) Fault {
	return func(w http.ResponseWriter, r *http.Request, answer http.HandlerFunc) {
		w.Header().Set(key, value)
		last := &lastWord{ResponseWriter: w, key: key, value: value}
		if f == nil {
			answer(last, r)
			return
		}
		f(last, r, answer)
	}
}

// deleteAPIHeaders takes off what only the API itself sends.
func deleteAPIHeaders(header http.Header) {
	for _, name := range []string{headerLimit, headerRemaining, headerReset, headerRequestID} {
		header.Del(name)
	}
}

// lastWord is a ResponseWriter that sets a header when nobody can set it any more.
type lastWord struct {
	http.ResponseWriter

	key, value string
}

// WriteHeader sets the header and sends them all.
func (l *lastWord) WriteHeader(status int) {
	l.Header().Set(l.key, l.value)
	l.ResponseWriter.WriteHeader(status)
}

// Unwrap lets an http.ResponseController flush.
func (l *lastWord) Unwrap() http.ResponseWriter { return l.ResponseWriter }

// endless reads as the same text over and over.
type endless struct {
	text []byte
	at   int
}

// Read fills the whole of p.
func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.text[e.at]
		e.at = (e.at + 1) % len(e.text)
	}
	return len(p), nil
}
