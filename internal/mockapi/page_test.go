// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestParameters(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		query string
		want  mockapi.Query
	}{
		"defaults":           {"", mockapi.Query{Limit: 20}},
		"smallest limit":     {"?limit=1", mockapi.Query{Limit: 1}},
		"largest limit":      {"?limit=100", mockapi.Query{Limit: 100}},
		"smallest offset":    {"?offset=0", mockapi.Query{Limit: 20}},
		"largest offset":     {"?offset=9223372036854775807", mockapi.Query{Limit: 20, Offset: 1<<63 - 1}},
		"status active":      {"?status=active", mockapi.Query{Limit: 20, Status: "active"}},
		"status inactive":    {"?status=inactive", mockapi.Query{Limit: 20, Status: "inactive"}},
		"status error":       {"?status=error", mockapi.Query{Limit: 20, Status: "error"}},
		"three in any order": {"?status=error&offset=3&limit=2", mockapi.Query{Limit: 2, Offset: 3, Status: "error"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var got mockapi.Query

			api := mockapi.New(nil)
			api.OnQuery(func(_ int, q *mockapi.Query) { got = *q })

			if rec := get(t, api, "/v1/trunks"+tt.query); rec.Code != http.StatusOK || got != tt.want {
				t.Errorf("status %d with query %+v, want 200 with %+v", rec.Code, got, tt.want)
			}
		})
	}
}

func TestInvalidParameters(t *testing.T) {
	t.Parallel()

	const (
		limit   = "limit must be between 1 and 100"
		offset  = "offset must be an integer of 0 or more"
		status  = "status must be one of active, inactive, error"
		unknown = "unknown parameter %q: the parameters are limit, offset and status"
		broken  = "the query string is malformed"
	)

	tests := map[string]struct{ query, message string }{
		"zero limit":                       {"limit=0", limit},
		"limit above the range":            {"limit=101", limit},
		"negative limit":                   {"limit=-1", limit},
		"limit with a plus sign":           {"limit=%2B1", limit},
		"limit with a space":               {"limit=+1", limit},
		"limit with a fraction":            {"limit=1.0", limit},
		"empty limit":                      {"limit=", limit},
		"limit above 64 bits":              {"limit=18446744073709551617", limit},
		"limit given twice":                {"limit=1&limit=1", "limit must be given only once"},
		"negative offset":                  {"offset=-1", offset},
		"offset with a fraction":           {"offset=0.5", offset},
		"empty offset":                     {"offset=", offset},
		"offset above 63 bits":             {"offset=9223372036854775808", offset},
		"offset given twice":               {"offset=0&offset=0", "offset must be given only once"},
		"undocumented status":              {"status=deleted", status},
		"status in upper case":             {"status=Active", status},
		"two statuses in one":              {"status=active,error", status},
		"empty status":                     {"status=", status},
		"status given twice":               {"status=active&status=active", "status must be given only once"},
		"unknown parameter":                {"page=2", fmt.Sprintf(unknown, "page")},
		"parameter in upper case":          {"Limit=1", fmt.Sprintf(unknown, "Limit")},
		"parameter with an array's suffix": {"status[]=active", fmt.Sprintf(unknown, "status[]")},
		"known and unknown parameter":      {"limit=1&page=2", fmt.Sprintf(unknown, "page")},
		"semicolon between parameters":     {"limit=1;offset=1", broken},
		"first of several by name":         {"status=x&offset=x&limit=x", limit},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(nil)
			api.OnQuery(func(int, *mockapi.Query) { t.Error("the query was accepted") })

			req := request(t, "/v1/trunks")
			req.URL.RawQuery = tt.query

			rec := record(api, req)
			if rec.Code != http.StatusBadRequest {
				t.Errorf("status %d, want 400", rec.Code)
			}

			if diff := cmp.Diff(longError(400, "invalid_parameters", tt.message), rec.Body.String()); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPage(t *testing.T) {
	t.Parallel()

	account := []mockapi.Trunk{
		{ID: "a", Status: "active"},
		{ID: "b", Status: "error"},
		{ID: "c", Status: "active"},
		{ID: "d", Status: "paused"},
		{ID: "e", Status: "active", JSON: `{"id":"e"}`},
	}

	tests := map[string]struct{ query, want string }{
		"all":                           {"", "[a b c d e] 20 0 5"},
		"first page":                    {"?limit=2", "[a b] 2 0 5"},
		"page in the middle":            {"?limit=2&offset=2", "[c d] 2 2 5"},
		"last page":                     {"?limit=2&offset=4", "[e] 2 4 5"},
		"offset at the end":             {"?offset=5", "[] 20 5 5"},
		"offset far past the end":       {"?offset=9223372036854775807", "[] 20 9223372036854775807 5"},
		"filter":                        {"?status=active", "[a c e] 20 0 3"},
		"filter with offset":            {"?status=active&offset=1&limit=1", "[c] 1 1 3"},
		"filter with offset at the end": {"?status=active&offset=3", "[] 20 3 3"},
		"filter without a match":        {"?status=inactive", "[] 20 0 0"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if got := getPage(t, mockapi.New(account), "/v1/trunks"+tt.query).String(); got != tt.want {
				t.Errorf("response %s, want %s", got, tt.want)
			}
		})
	}
}

// The loop is that of the reference page, Usage Examples, Pagination.
func TestPaginationExample(t *testing.T) {
	t.Parallel()

	for trunks, requests := range map[int]int{0: 1, 100: 1, 101: 2, 250: 3} {
		api := mockapi.New(mockapi.Trunks(trunks))

		var ids []string

		const limit = 100
		for offset := int64(0); ; offset += limit {
			p := getPage(t, api, fmt.Sprintf("/v1/trunks?limit=%d&offset=%d", limit, offset))

			ids = append(ids, p.ids()...)
			if offset+limit >= p.Pagination.Total {
				break
			}
		}

		var want []string
		for _, trunk := range api.Trunks() {
			want = append(want, trunk.ID)
		}

		if !slices.Equal(ids, want) || len(api.Requests()) != requests {
			t.Errorf("%d trunks: IDs %v in %d requests, want %d requests", trunks, ids, len(api.Requests()), requests)
		}
	}
}
