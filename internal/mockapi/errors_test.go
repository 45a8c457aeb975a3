// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestErrors(t *testing.T) {
	t.Parallel()

	fault := func(status int) func(api *mockapi.API) {
		return func(api *mockapi.API) { api.Fail(1, mockapi.Status(status)) }
	}

	tests := map[string]struct {
		prepare       func(api *mockapi.API)
		target        string
		status        int
		code, message string
	}{
		"wrong key": {
			func(api *mockapi.API) { api.SetKey("sk_other") }, "/v1/trunks",
			401, "unauthorized", "Invalid or expired API key",
		},
		"exceeded rate limit": {
			func(api *mockapi.API) { api.SetRateLimit(0, 1) }, "/v1/trunks",
			429, "rate_limited", "Rate limit exceeded",
		},
		"invalid parameter": {nil, "/v1/trunks?limit=0", 400, "invalid_parameters", "limit must be between 1 and 100"},
		"another path":      {nil, "/v1/calls", 404, "not_found", "The requested resource does not exist"},
		"fault 400":         {fault(400), "/v1/trunks", 400, "invalid_parameters", "The request is invalid"},
		"fault 401":         {fault(401), "/v1/trunks", 401, "unauthorized", "Invalid or expired API key"},
		"fault 403":         {fault(403), "/v1/trunks", 403, "forbidden", "The API key does not allow this request"},
		"fault 404":         {fault(404), "/v1/trunks", 404, "not_found", "The requested resource does not exist"},
		"fault 405":         {fault(405), "/v1/trunks", 405, "method_not_allowed", "Only GET is allowed on this resource"},
		"fault 429":         {fault(429), "/v1/trunks", 429, "rate_limited", "Rate limit exceeded"},
		"fault 500":         {fault(500), "/v1/trunks", 500, "internal_error", "An internal error occurred"},
		"fault 503":         {fault(503), "/v1/trunks", 503, "service_unavailable", "Service Unavailable"},
		"fault 599":         {fault(599), "/v1/trunks", 599, "error", "The request failed with status 599"},
	}
	for name, tt := range tests {
		short := fmt.Sprintf("{\n\"error\": {\n\"code\": %q,\n\"message\": %q\n}\n}", strings.ToUpper(tt.code), tt.message)
		if tt.status == http.StatusUnauthorized {
			short = "{\n\"error\": {\n\"code\": \"INVALID_API_KEY\",\n\"message\": \"The API key provided is invalid\"\n}\n}"
		}

		for format, want := range map[string]string{"long": longError(tt.status, tt.code, tt.message), "short": short} {
			t.Run(name+", "+format, func(t *testing.T) {
				t.Parallel()

				api := mockapi.New(nil)
				api.SetShortErrors(format == "short")

				if tt.prepare != nil {
					tt.prepare(api)
				}

				rec := get(t, api, tt.target)
				if rec.Code != tt.status {
					t.Errorf("status %d, want %d", rec.Code, tt.status)
				}

				if diff := cmp.Diff(want, rec.Body.String()); diff != "" {
					t.Errorf("body (-want +got):\n%s", diff)
				}

				if got := rec.Header().Get("Content-Type"); got != "application/json" {
					t.Errorf("Content-Type %q, want application/json", got)
				}
			})
		}
	}
}

func longError(status int, code, message string) string {
	return fmt.Sprintf("{\n\"error\": {\n\"code\": %q,\n\"message\": %q,\n\"status\": %d\n}\n}", code, message, status)
}
