// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"log"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// The log shows this many characters of a method and of a path with its query.
const (
	maxMethod = 20
	maxTarget = 300
)

// methods are the HTTP methods that the log does not quote.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace,
}

// logRequests serves api and logs each request when it ends: method, path with query,
// and status, or - if there was no response. Keys are redacted, because a client may
// send one in the query by mistake, and long texts are cut.
func logRequests(api *mockapi.API, logger *log.Logger, key string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := &statusRecorder{ResponseWriter: w, status: "-"}
		// Deferred, because a fault may panic to break the connection.
		defer func() {
			api.Reset() // The command may run for days and doesn't use the recorded requests.

			method := r.Method
			if !slices.Contains(methods, method) {
				method = strconv.Quote(printable(redact(method, key), maxMethod))
			}

			logger.Printf("%s %s %s", method, printable(redact(r.URL.RequestURI(), key), maxTarget), recorder.status)
		}()

		api.ServeHTTP(recorder, r)
	})
}

// clause is the text of an error, for the middle of a sentence. Texts of Windows end with a period.
func clause(err error) string { return strings.TrimSuffix(err.Error(), ".") }

// printable keeps text on one line, and cuts it after limit characters.
func printable(text string, limit int) string {
	characters := []rune(strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}

		return '?'
	}, text))
	if len(characters) > limit {
		return string(characters[:limit]) + "…"
	}

	return string(characters)
}

var (
	keyPattern    = regexp.MustCompile(`(?i)(\bsk|sk_live)_[^&/;]+`)
	escapePattern = regexp.MustCompile(`%[[:xdigit:]]{2}`)
)

// redact replaces keys. It unescapes the text only if that shows another key.
func redact(text, key string) string {
	replace := func(text string) string {
		if key != "" {
			text = strings.ReplaceAll(text, key, "***")
		}

		return keyPattern.ReplaceAllString(text, "***")
	}

	text = replace(text)

	plain := escapePattern.ReplaceAllStringFunc(text, func(escape string) string {
		character, _ := url.PathUnescape(escape) // The pattern finds no invalid one.

		return character
	})
	if redacted := replace(plain); redacted != plain {
		return redacted
	}

	return text
}

// statusRecorder is a ResponseWriter that remembers the status.
type statusRecorder struct {
	http.ResponseWriter

	status string
}

// WriteHeader remembers the status and sends the headers.
func (s *statusRecorder) WriteHeader(status int) {
	s.status = strconv.Itoa(status)
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap lets an http.ResponseController flush.
func (s *statusRecorder) Unwrap() http.ResponseWriter { return s.ResponseWriter }
