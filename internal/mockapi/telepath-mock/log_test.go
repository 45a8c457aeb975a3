// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"errors"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestClause(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{
		"open a.json: no such file or directory":                  "open a.json: no such file or directory",
		"open a.json: The system cannot find the file specified.": "open a.json: The system cannot find the file specified",
	} {
		if got := clause(errors.New(text)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRequestLog(t *testing.T) {
	t.Parallel()

	tests := map[string]struct{ method, path, query, key, want string }{
		"listing":                     {"GET", "/v1/trunks", "limit=5&status=active", "", "GET /v1/trunks?limit=5&status=active 200\n"},
		"error":                       {"GET", "/v1/trunks", "limit=0", "", "GET /v1/trunks?limit=0 400\n"},
		"another method":              {"DELETE", "/v1/trunks", "", "", "DELETE /v1/trunks 405\n"},
		"newline in the path":         {"GET", "/a\nb", "", "", "GET /a%0Ab 404\n"},
		"control characters in query": {"GET", "/a", "b=\x1b[31m\n\u0085", "", "GET /a?b=?[31m?? 404\n"},
		"key in the query":            {"GET", "/a", "k=sk_live_secret&l=1", "", "GET /a?k=***&l=1 404\n"},
		"key in the path":             {"GET", "/sk_live_secret/b", "", "", "GET /***/b 404\n"},
		"key of -key":                 {"GET", "/a", "k=secret", "secret", "GET /a?k=*** 404\n"},
		"word with the key's prefix":  {"GET", "/task_list", "", "", "GET /task_list 404\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var stderr bytes.Buffer

			api := mockapi.New(nil)
			req := httptest.NewRequestWithContext(t.Context(), tt.method, "/", http.NoBody)
			req.URL.Path, req.URL.RawQuery = tt.path, tt.query
			req.Header.Set("Authorization", "Bearer sk_live_secret")
			logRequests(api, log.New(&stderr, "", 0), tt.key).ServeHTTP(httptest.NewRecorder(), req)

			if got := stderr.String(); got != tt.want || strings.Contains(got, "secret") {
				t.Errorf("%q, want %q", got, tt.want)
			}

			if got := len(api.Requests()); got != 0 {
				t.Errorf("%d requests in memory, want none", got)
			}
		})
	}
}
