// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"net/http"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestOnlyTheOneEndpointIsServed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, target string
		status         int
		allow          string
	}{
		"the endpoint":                           {http.MethodGet, "/v1/trunks", http.StatusOK, ""},
		"the root":                               {http.MethodGet, "/", http.StatusNotFound, ""},
		"the base URL":                           {http.MethodGet, "/v1", http.StatusNotFound, ""},
		"the endpoint without the version":       {http.MethodGet, "/trunks", http.StatusNotFound, ""},
		"the endpoint of another version":        {http.MethodGet, "/v2/trunks", http.StatusNotFound, ""},
		"a slash after it":                       {http.MethodGet, "/v1/trunks/", http.StatusNotFound, ""},
		"a slash too many in it":                 {http.MethodGet, "/v1//trunks", http.StatusNotFound, ""},
		"one trunk, which the API does not have": {http.MethodGet, "/v1/trunks/conn_abc123xyz", http.StatusNotFound, ""},
		"another path with another method":       {http.MethodPost, "/v1/calls", http.StatusNotFound, ""},
		"creation":                               {http.MethodPost, "/v1/trunks", http.StatusMethodNotAllowed, "GET"},
		"deletion":                               {http.MethodDelete, "/v1/trunks", http.StatusMethodNotAllowed, "GET"},
		"a look at the headers":                  {http.MethodHead, "/v1/trunks", http.StatusMethodNotAllowed, "GET"},
		"the method in lower case":               {"get", "/v1/trunks", http.StatusMethodNotAllowed, "GET"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := request(t, tt.target)
			req.Method = tt.method
			rec := record(mockapi.New(nil), req)
			if rec.Code != tt.status {
				t.Errorf("status %d, want %d", rec.Code, tt.status)
			}
			if got := rec.Header().Get("Allow"); got != tt.allow {
				t.Errorf("Allow %q, want %q", got, tt.allow)
			}
		})
	}
}

// TestOrderOfRefusals sends requests with several things wrong.
func TestOrderOfRefusals(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		limit                int
		method, target, auth string
		status               int
	}{
		"the rate limit comes before the path": {0, http.MethodPost, "/v1/calls", "", http.StatusTooManyRequests},
		"the path comes before the method":     {9, http.MethodPost, "/v1/calls", "", http.StatusNotFound},
		"the method comes before the key":      {9, http.MethodPost, "/v1/trunks?limit=0", "", http.StatusMethodNotAllowed},
		"the key comes before the parameters":  {9, http.MethodGet, "/v1/trunks?limit=0", "", http.StatusUnauthorized},
		"the parameters come last":             {9, http.MethodGet, "/v1/trunks?limit=0", "Bearer sk_a", http.StatusBadRequest},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := mockapi.New(nil)
			api.SetRateLimit(tt.limit, 1<<40)
			req := request(t, tt.target)
			req.Method = tt.method
			req.Header.Set("Authorization", tt.auth)
			if rec := record(api, req); rec.Code != tt.status {
				t.Errorf("status %d, want %d", rec.Code, tt.status)
			}
		})
	}
}
