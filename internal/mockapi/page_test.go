// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestPage(t *testing.T) {
	t.Parallel()
	account := []mockapi.Trunk{
		{ID: "a", Status: "active"},
		{ID: "b", Status: "error"},
		{ID: "c", Status: "active"},
		{ID: "d", Status: "paused"},
		{ID: "e", Status: "active", JSON: `{"id":"e"}`},
	}
	tests := map[string]struct {
		query string
		ids   []string
		total int
	}{
		"all":                                   {"", []string{"a", "b", "c", "d", "e"}, 5},
		"the first page":                        {"?limit=2", []string{"a", "b"}, 5},
		"a page in the middle":                  {"?limit=2&offset=2", []string{"c", "d"}, 5},
		"the last page is shorter":              {"?limit=2&offset=4", []string{"e"}, 5},
		"an offset just past the end":           {"?offset=5", []string{}, 5},
		"an offset far past the end":            {"?offset=9223372036854775807", []string{}, 5},
		"a filter counts what matches":          {"?status=active", []string{"a", "c", "e"}, 3},
		"an offset counts what matches":         {"?status=active&offset=1&limit=1", []string{"c"}, 3},
		"an offset past what matches":           {"?status=active&offset=3", []string{}, 3},
		"a filter that nothing matches":         {"?status=inactive", []string{}, 0},
		"a trunk with its own JSON is filtered": {"?status=active&offset=2", []string{"e"}, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := decode(t, ask(t, mockapi.New(account), "/v1/trunks"+tt.query).Body)
			if diff := cmp.Diff(tt.ids, got.ids()); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
			if got.Pagination.Total != tt.total {
				t.Errorf("total %d, want %d", got.Pagination.Total, tt.total)
			}
		})
	}
}

func TestPagePastTheEndIsAnEmptyList(t *testing.T) {
	t.Parallel()
	rec := ask(t, mockapi.New(mockapi.ReferenceTrunks()), "/v1/trunks?limit=7&offset=2")
	const want = "{\n\"trunks\": [],\n\"pagination\": {\n\"limit\": 7,\n\"offset\": 2,\n\"total\": 2\n}\n}"
	if rec.Code != http.StatusOK {
		t.Errorf("status %d, want 200", rec.Code)
	}
	if diff := cmp.Diff(want, rec.Body.String()); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}
