// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestParametersAreTakenOver(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		query string
		want  mockapi.Query
	}{
		"none are the defaults":                {"", mockapi.Query{Limit: 20}},
		"the smallest limit":                   {"?limit=1", mockapi.Query{Limit: 1}},
		"the largest limit":                    {"?limit=100", mockapi.Query{Limit: 100}},
		"the smallest offset":                  {"?offset=0", mockapi.Query{Limit: 20}},
		"an offset past every account":         {"?offset=9223372036854775807", mockapi.Query{Limit: 20, Offset: 1<<63 - 1}},
		"each status: active":                  {"?status=active", mockapi.Query{Limit: 20, Status: "active"}},
		"each status: inactive":                {"?status=inactive", mockapi.Query{Limit: 20, Status: "inactive"}},
		"each status: error":                   {"?status=error", mockapi.Query{Limit: 20, Status: "error"}},
		"all three in any order":               {"?status=error&offset=3&limit=2", mockapi.Query{Limit: 2, Offset: 3, Status: "error"}},
		"percent-encoded":                      {"?l%69mit=%31", mockapi.Query{Limit: 1}},
		"an empty query string after the mark": {"?", mockapi.Query{Limit: 20}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got mockapi.Query
			api := mockapi.New(nil)
			api.OnQuery(func(_ int, q *mockapi.Query) { got = *q })
			if rec := ask(t, api, "/v1/trunks"+tt.query); rec.Code != http.StatusOK {
				t.Fatalf("status %d, want 200: %s", rec.Code, rec.Body)
			}
			if got != tt.want {
				t.Errorf("query %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestParametersAreRefused(t *testing.T) {
	t.Parallel()
	const (
		limit   = "limit must be between 1 and 100"
		offset  = "offset must be an integer of 0 or more"
		status  = "status must be one of active, inactive, error"
		unknown = `unknown parameter "page": the parameters are limit, offset and status`
		broken  = "the query string is malformed"
	)
	tests := map[string]struct{ query, message string }{
		"a limit of zero":                    {"limit=0", limit},
		"a limit above the range":            {"limit=101", limit},
		"a limit below zero":                 {"limit=-1", limit},
		"a limit with a plus sign":           {"limit=%2B1", limit},
		"a limit with a space":               {"limit=+1", limit},
		"a limit with a fraction":            {"limit=1.0", limit},
		"a limit in hexadecimal":             {"limit=0x10", limit},
		"a limit with an underscore":         {"limit=1_0", limit},
		"a limit that is a word":             {"limit=all", limit},
		"an empty limit":                     {"limit=", limit},
		"a limit without a value":            {"limit", limit},
		"a limit above every integer":        {"limit=18446744073709551617", limit},
		"a limit given twice":                {"limit=1&limit=1", "limit must be given only once"},
		"an offset below zero":               {"offset=-1", offset},
		"an offset of minus zero":            {"offset=-0", offset},
		"an offset with a fraction":          {"offset=0.5", offset},
		"an empty offset":                    {"offset=", offset},
		"an offset above every integer":      {"offset=9223372036854775808", offset},
		"an offset given twice":              {"offset=0&offset=0", "offset must be given only once"},
		"a status that does not exist":       {"status=deleted", status},
		"a status in upper case":             {"status=Active", status},
		"two statuses in one":                {"status=active,error", status},
		"an empty status":                    {"status=", status},
		"a status given twice":               {"status=active&status=active", "status must be given only once"},
		"an unknown parameter":               {"page=2", unknown},
		"an unknown parameter, empty":        {"page", unknown},
		"a parameter in upper case":          {"Limit=1", `unknown parameter "Limit": the parameters are limit, offset and status`},
		"a good parameter and an unknown":    {"limit=1&page=2", unknown},
		"a bad percent-encoding":             {"limit=%zz", broken},
		"a semicolon between parameters":     {"limit=1;offset=1", broken},
		"the first of several, by name":      {"status=x&offset=x&limit=x", limit},
		"a key that went into the query":     {"api_key=1", `unknown parameter "api_key": the parameters are limit, offset and status`},
		"a parameter with an array's suffix": {"status[]=active", `unknown parameter "status[]": the parameters are limit, offset and status`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := mockapi.New(nil)
			api.OnQuery(func(int, *mockapi.Query) { t.Error("the query was accepted") })
			// Set by hand: no client would send some of these as a URL.
			req := request(t, "/v1/trunks")
			req.URL.RawQuery = tt.query
			rec := record(api, req)
			var got struct {
				Error struct {
					Code    string `json:"code"`
					Message string `json:"message"`
				} `json:"error"`
			}
			if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if rec.Code != http.StatusBadRequest || got.Error.Code != "invalid_parameters" {
				t.Errorf("status %d with code %s, want 400 with invalid_parameters", rec.Code, got.Error.Code)
			}
			if got.Error.Message != tt.message {
				t.Errorf("message %q, want %q", got.Error.Message, tt.message)
			}
		})
	}
}
