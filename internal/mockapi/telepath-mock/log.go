// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// logRequests serves api and writes a line for each request once it has ended:
// method, path with query, and status, which is - when there was no answer. The key,
// or what looks like one, is masked should a client put it into the query.
func logRequests(api *mockapi.API, stderr io.Writer, key string) http.Handler {
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		noted := &statusNoter{ResponseWriter: w, status: "-"}
		// Deferred, for a fault may end in a panic that breaks the connection.
		defer func() {
			// Nothing here looks at the record, and the command may run for days.
			api.Reset()
			mu.Lock()
			defer mu.Unlock()
			// A log that cannot be written is no reason to stop serving.
			_, _ = fmt.Fprintf(stderr, "%s %s %s\n", r.Method, maskKey(target(r), key), noted.status)
		}()
		api.ServeHTTP(noted, r)
	})
}

// target gives path and query on one line, whatever bytes the client sent.
func target(r *http.Request) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return '?'
	}, r.URL.RequestURI())
}

var keyLike = regexp.MustCompile(`\bsk_[^&/;]+`)

func maskKey(text, key string) string {
	if key != "" {
		text = strings.ReplaceAll(text, key, "***")
	}
	return keyLike.ReplaceAllString(text, "***")
}

// statusNoter is a ResponseWriter that notes the status.
type statusNoter struct {
	http.ResponseWriter

	status string
}

// WriteHeader notes the status and sends it. Every answer of the API calls it.
func (s *statusNoter) WriteHeader(status int) {
	s.status = strconv.Itoa(status)
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap lets an http.ResponseController flush.
func (s *statusNoter) Unwrap() http.ResponseWriter { return s.ResponseWriter }
