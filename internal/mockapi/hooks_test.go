// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestHooksAlterTheAnswer(t *testing.T) {
	t.Parallel()
	type pagination struct{ limit, offset, total int }
	tests := map[string]struct {
		onQuery    func(int, *mockapi.Query)
		onPage     func(int, *mockapi.Page)
		ids        []string
		pagination pagination
	}{
		"no hooks": {nil, nil, []string{"conn_def456uvw", "conn_000003"}, pagination{2, 1, 4}},
		"a server that clamps the limit": {
			func(_ int, q *mockapi.Query) { q.Limit = 1 }, nil,
			[]string{"conn_def456uvw"}, pagination{1, 1, 4},
		},
		"a server that ignores the offset": {
			func(_ int, q *mockapi.Query) { q.Offset = 0 }, nil,
			[]string{"conn_abc123xyz", "conn_def456uvw"}, pagination{2, 0, 4},
		},
		"a server that filters on its own": {
			func(_ int, q *mockapi.Query) { q.Status = "active" }, nil,
			[]string{"conn_000004"}, pagination{2, 1, 2},
		},
		"a limit below zero returns none": {
			func(_ int, q *mockapi.Query) { q.Limit = -3 }, nil,
			[]string{}, pagination{-3, 1, 4},
		},
		"an offset below zero skips none": {
			func(_ int, q *mockapi.Query) { q.Offset = -3 }, nil,
			[]string{"conn_abc123xyz", "conn_def456uvw"}, pagination{2, -3, 4},
		},
		"a total that lies": {
			nil, func(_ int, p *mockapi.Page) { p.Total = 1_000_000_000_000 },
			[]string{"conn_def456uvw", "conn_000003"}, pagination{2, 1, 1_000_000_000_000},
		},
		"a page that is empty": {
			nil, func(_ int, p *mockapi.Page) { p.Trunks = nil },
			[]string{}, pagination{2, 1, 4},
		},
		"a clamped limit that the answer hides": {
			func(_ int, q *mockapi.Query) { q.Limit = 1 },
			func(_ int, p *mockapi.Page) { p.Limit, p.Offset = 100, 50 },
			[]string{"conn_def456uvw"}, pagination{100, 50, 4},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := mockapi.New(mockapi.Trunks(4))
			api.OnQuery(tt.onQuery)
			api.OnPage(tt.onPage)
			got := decode(t, ask(t, api, "/v1/trunks?limit=2&offset=1").Body)
			if diff := cmp.Diff(tt.ids, got.ids()); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
			if p := got.Pagination; (pagination{p.Limit, p.Offset, p.Total}) != tt.pagination {
				t.Errorf("pagination %+v, want %+v", p, tt.pagination)
			}
		})
	}
}

func TestHooksSeeTheNumberOfTheRequest(t *testing.T) {
	t.Parallel()
	api := mockapi.New(nil)
	var queries, pages []int
	api.OnQuery(func(n int, _ *mockapi.Query) { queries = append(queries, n) })
	api.OnPage(func(n int, _ *mockapi.Page) { pages = append(pages, n) })
	for _, target := range []string{"/v1/trunks", "/v1/trunks?limit=0", "/v1/other", "/v1/trunks"} {
		ask(t, api, target)
	}
	if want := []int{1, 4}; !slices.Equal(queries, want) || !slices.Equal(pages, want) {
		t.Errorf("hooks ran for requests %v and %v, want %v: refused requests count but have no page", queries, pages, want)
	}
}

func TestQueryHookMayUpdateTheAccount(t *testing.T) {
	t.Parallel()
	api := mockapi.New(mockapi.Trunks(3))
	api.OnQuery(func(int, *mockapi.Query) {
		api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk { return trunks[1:] })
	})
	got := decode(t, ask(t, api, "/v1/trunks").Body).ids()
	if want := []string{"conn_def456uvw", "conn_000003"}; !slices.Equal(got, want) {
		t.Errorf("ids %v, want %v: the page is cut after the hook", got, want)
	}
}

func TestNilRemovesHooks(t *testing.T) {
	t.Parallel()
	api := mockapi.New(nil)
	api.OnQuery(func(int, *mockapi.Query) { t.Error("the removed query hook ran") })
	api.OnPage(func(int, *mockapi.Page) { t.Error("the removed page hook ran") })
	api.OnQuery(nil)
	api.OnPage(nil)
	ask(t, api, "/v1/trunks")
}
