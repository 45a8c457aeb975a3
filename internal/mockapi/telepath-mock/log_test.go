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
		"key after an escape":         {"GET", "/a", "k=Bearer%20sk_secret&l=%zz", "", "GET /a?k=Bearer ***&l=%zz 404\n"},
		"key after a letter":          {"GET", "/ask_live_secret", "", "", "GET /a*** 404\n"},
		"escaped key":                 {"GET", "/a", "k=%73k%5Flive_secret%0A&k=sk_secret", "", "GET /a?k=***&k=*** 404\n"},
		"escaped key of -key":         {"GET", "/a", "k=1%2Bsecret", "1+secret", "GET /a?k=*** 404\n"},
		"-key with an escape":         {"GET", "/a", "k=%41secret", "%41secret", "GET /a?k=*** 404\n"},
		"escapes without a key":       {"GET", "/a", "k=%26%zz", "", "GET /a?k=%26%zz 404\n"},
		"long target":                 {"GET", "/" + strings.Repeat("ü", 300), "", "", "GET /" + strings.Repeat("%C3%BC", 300)[:299] + "… 404\n"},
		"unknown method":              {strings.Repeat("a", 20), "/a", "", "", "\"aaaaaaaaaaaaaaaaaaaa\" /a 404\n"},
		"long method":                 {strings.Repeat("A", 21), "/a", "", "", "\"AAAAAAAAAAAAAAAAAAAA…\" /a 404\n"},
		"key as the method":           {"SK_live_secret", "/a", "", "", "\"***\" /a 404\n"},
		"key of -key in the method":   {"GETsecret", "/a", "", "secret", "\"GET***\" /a 404\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var stderr bytes.Buffer

			api := mockapi.New(nil)
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
			req.Method, req.URL.Path, req.URL.RawQuery = tt.method, tt.path, tt.query
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
