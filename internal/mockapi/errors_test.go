// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestErrorShapes(t *testing.T) {
	t.Parallel()
	exceed := func(api *mockapi.API) { api.SetRateLimit(0, 1) }
	lock := func(api *mockapi.API) { api.SetKey("sk_other") }
	fault := func(status int) func(api *mockapi.API) {
		return func(api *mockapi.API) { api.Fail(1, mockapi.Status(status)) }
	}
	tests := map[string]struct {
		target      string
		prepare     func(api *mockapi.API)
		status      int
		long, short string
	}{
		"a wrong key": {
			"/v1/trunks", lock, http.StatusUnauthorized, referenceUnauthorized,
			shortError("INVALID_API_KEY", "The API key provided is invalid"),
		},
		"a bad parameter": {
			"/v1/trunks?limit=0", nil, http.StatusBadRequest, referenceInvalid,
			shortError("INVALID_PARAMETERS", "limit must be between 1 and 100"),
		},
		"too many requests": {
			"/v1/trunks", exceed, http.StatusTooManyRequests,
			longError("rate_limited", "Rate limit exceeded", "429"),
			shortError("RATE_LIMITED", "Rate limit exceeded"),
		},
		"another path": {
			"/v1/calls", nil, http.StatusNotFound,
			longError("not_found", "The requested resource does not exist", "404"),
			shortError("NOT_FOUND", "The requested resource does not exist"),
		},
		"a fault of the key": {
			"/v1/trunks", fault(401), http.StatusUnauthorized, referenceUnauthorized,
			shortError("INVALID_API_KEY", "The API key provided is invalid"),
		},
		"a fault of permission": {
			"/v1/trunks", fault(403), http.StatusForbidden,
			longError("forbidden", "The API key does not allow this request", "403"),
			shortError("FORBIDDEN", "The API key does not allow this request"),
		},
		"a fault of the request": {
			"/v1/trunks", fault(400), http.StatusBadRequest,
			longError("invalid_parameters", "The request is invalid", "400"),
			shortError("INVALID_PARAMETERS", "The request is invalid"),
		},
		"a fault of the path": {
			"/v1/trunks", fault(404), http.StatusNotFound,
			longError("not_found", "The requested resource does not exist", "404"),
			shortError("NOT_FOUND", "The requested resource does not exist"),
		},
		"a fault of the method": {
			"/v1/trunks", fault(405), http.StatusMethodNotAllowed,
			longError("method_not_allowed", "Only GET is allowed on this resource", "405"),
			shortError("METHOD_NOT_ALLOWED", "Only GET is allowed on this resource"),
		},
		"a fault of the rate": {
			"/v1/trunks", fault(429), http.StatusTooManyRequests,
			longError("rate_limited", "Rate limit exceeded", "429"),
			shortError("RATE_LIMITED", "Rate limit exceeded"),
		},
		"a fault of the server": {
			"/v1/trunks", fault(500), http.StatusInternalServerError,
			longError("internal_error", "An internal error occurred", "500"),
			shortError("INTERNAL_ERROR", "An internal error occurred"),
		},
		"a fault of a status with a name": {
			"/v1/trunks", fault(503), http.StatusServiceUnavailable,
			longError("service_unavailable", "Service Unavailable", "503"),
			shortError("SERVICE_UNAVAILABLE", "Service Unavailable"),
		},
		"a fault of a status without a name": {
			"/v1/trunks", fault(599), 599,
			longError("error", "The request failed with status 599", "599"),
			shortError("ERROR", "The request failed with status 599"),
		},
	}
	for name, tt := range tests {
		for shape, want := range map[string]string{"long": tt.long, "short": tt.short} {
			t.Run(name+", "+shape, func(t *testing.T) {
				t.Parallel()
				api := mockapi.New(nil)
				api.SetShortErrors(shape == "short")
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

func longError(code, message, status string) string {
	return "{\n\"error\": {\n\"code\": \"" + code + "\",\n\"message\": \"" + message + "\",\n\"status\": " + status + "\n}\n}"
}

func shortError(code, message string) string {
	return "{\n\"error\": {\n\"code\": \"" + code + "\",\n\"message\": \"" + message + "\"\n}\n}"
}
