// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"log"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// logRequests serves api and logs each request when it ends: method, path with query,
// and status, or - if there was no response. Keys are redacted, because a client may
// send one in the query by mistake.
func logRequests(api *mockapi.API, logger *log.Logger, key string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := &statusRecorder{ResponseWriter: w, status: "-"}
		// Deferred, because a fault may panic to break the connection.
		defer func() {
			api.Reset() // The command may run for days and doesn't use the recorded requests.
			logger.Printf("%s %s %s", r.Method, redact(printable(r.URL.RequestURI()), key), recorder.status)
		}()

		api.ServeHTTP(recorder, r)
	})
}

// clause is the text of an error, for the middle of a sentence. Texts of Windows end with a period.
func clause(err error) string { return strings.TrimSuffix(err.Error(), ".") }

// printable keeps a target on one line.
func printable(target string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}

		return '?'
	}, target)
}

var keyPattern = regexp.MustCompile(`\bsk_[^&/;]+`)

func redact(text, key string) string {
	if key != "" {
		text = strings.ReplaceAll(text, key, "***")
	}

	return keyPattern.ReplaceAllString(text, "***")
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
