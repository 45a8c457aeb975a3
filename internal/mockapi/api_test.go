// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestOnlyOneEndpointIsServed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, target string
		status         int
		allow          string
	}{
		"the endpoint":             {http.MethodGet, "/v1/trunks", http.StatusOK, ""},
		"the base URL":             {http.MethodGet, "/v1", http.StatusNotFound, ""},
		"no version":               {http.MethodGet, "/trunks", http.StatusNotFound, ""},
		"another version":          {http.MethodGet, "/v2/trunks", http.StatusNotFound, ""},
		"a trailing slash":         {http.MethodGet, "/v1/trunks/", http.StatusNotFound, ""},
		"a double slash":           {http.MethodGet, "/v1//trunks", http.StatusNotFound, ""},
		"one trunk":                {http.MethodGet, "/v1/trunks/conn_abc123xyz", http.StatusNotFound, ""},
		"POST":                     {http.MethodPost, "/v1/trunks", http.StatusMethodNotAllowed, "GET"},
		"HEAD":                     {http.MethodHead, "/v1/trunks", http.StatusMethodNotAllowed, "GET"},
		"the method in lower case": {"get", "/v1/trunks", http.StatusMethodNotAllowed, "GET"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := request(t, tt.target)
			req.Method = tt.method
			rec := record(mockapi.New(nil), req)
			if rec.Code != tt.status || rec.Header().Get("Allow") != tt.allow {
				t.Errorf("status %d with Allow %q, want %d with %q", rec.Code, rec.Header().Get("Allow"), tt.status, tt.allow)
			}
		})
	}
}

// TestOrderOfChecks sends requests with several mistakes.
func TestOrderOfChecks(t *testing.T) {
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
			api.SetRateLimit(tt.limit, time.Hour)
			req := request(t, tt.target)
			req.Method = tt.method
			req.Header.Set("Authorization", tt.auth)
			if rec := record(api, req); rec.Code != tt.status {
				t.Errorf("status %d, want %d", rec.Code, tt.status)
			}
		})
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	const ok, refused = http.StatusOK, http.StatusUnauthorized
	tests := map[string]struct {
		wanted string
		header []string
		status int
	}{
		"the example key is accepted":              {"", []string{"Bearer " + mockapi.ExampleKey}, ok},
		"any key with the prefix is accepted":      {"", []string{"Bearer sk_test_1"}, ok},
		"the wanted key is accepted":               {"sk_a", []string{"Bearer sk_a"}, ok},
		"a wanted key needs no prefix":             {"tp a", []string{"Bearer tp a"}, ok},
		"no header is refused":                     {"", nil, refused},
		"a key without the scheme is refused":      {"", []string{"sk_test_1"}, refused},
		"the scheme without a key is refused":      {"", []string{"Bearer "}, refused},
		"another scheme is refused":                {"", []string{"Basic sk_test_1"}, refused},
		"the scheme in lower case is refused":      {"", []string{"bearer sk_test_1"}, refused},
		"a key without the prefix is refused":      {"", []string{"Bearer pk_test_1"}, refused},
		"a key with a space inside is refused":     {"", []string{"Bearer sk_test 1"}, refused},
		"a key with a newline after it is refused": {"", []string{"Bearer sk_test_1\n"}, refused},
		"two headers are refused":                  {"", []string{"Bearer sk_a", "Bearer sk_a"}, refused},
		"a key other than the wanted is refused":   {"sk_a", []string{"Bearer sk_b"}, refused},
		"more than the wanted key is refused":      {"sk_a", []string{"Bearer sk_ab"}, refused},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := mockapi.New(nil)
			api.SetKey(tt.wanted)
			req := request(t, "/v1/trunks")
			req.Header["Authorization"] = tt.header
			rec := record(api, req)
			if rec.Code != tt.status {
				t.Errorf("status %d, want %d", rec.Code, tt.status)
			}
			if tt.status == refused && rec.Body.String() != referenceUnauthorized {
				t.Errorf("body %s, want that of the reference page", rec.Body)
			}
		})
	}
}

func TestEmptyKeyRestoresTheDefault(t *testing.T) {
	t.Parallel()
	api := mockapi.New(nil)
	api.SetKey("sk_other")
	api.SetKey("")
	if rec := get(t, api, "/v1/trunks"); rec.Code != http.StatusOK {
		t.Errorf("status %d, want 200", rec.Code)
	}
}

func TestLatencyComesBeforeEachResponse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		latency time.Duration
		fault   mockapi.Fault
		status  int
		waited  time.Duration
	}{
		"no latency":           {0, nil, http.StatusOK, 0},
		"a latency below zero": {-time.Second, nil, http.StatusOK, 0},
		"a real response":      {3 * time.Second, nil, http.StatusOK, 3 * time.Second},
		"a fault":              {3 * time.Second, mockapi.Status(500), http.StatusInternalServerError, 3 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(nil)
				api.SetLatency(tt.latency)
				api.Fail(1, tt.fault)
				start := time.Now()
				if rec := get(t, api, "/v1/trunks"); rec.Code != tt.status {
					t.Errorf("status %d, want %d", rec.Code, tt.status)
				}
				if got := time.Since(start); got != tt.waited {
					t.Errorf("response after %v, want %v", got, tt.waited)
				}
			})
		})
	}
}

func TestLatencyEndsWithTheRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New(nil)
		api.SetLatency(time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		rec := recordAborted(t, api, request(t, "/v1/trunks").WithContext(ctx))
		if got := time.Since(start); got != time.Second {
			t.Errorf("ended after %v, want 1s", got)
		}
		if rec.Body.Len() > 0 {
			t.Errorf("response %s", rec.Body)
		}
	})
}

func TestAccountIsNotChangedThrough(t *testing.T) {
	t.Parallel()
	tests := map[string]func(api *mockapi.API, given []mockapi.Trunk){
		"the trunks given to New":       func(_ *mockapi.API, given []mockapi.Trunk) { given[0].ID = "changed" },
		"the trunks from Trunks":        func(api *mockapi.API, _ []mockapi.Trunk) { api.Trunks()[0].ID = "changed" },
		"the page given to a hook":      changeThroughPage,
		"the trunks given to Update":    changeThroughUpdateArgument,
		"the trunks returned to Update": changeThroughUpdateResult,
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := mockapi.ReferenceTrunks()
			api := mockapi.New(given)
			change(api, given)
			get(t, api, "/v1/trunks")
			if got := api.Trunks(); !slices.Equal(got, mockapi.ReferenceTrunks()) {
				t.Errorf("the account is now %+v", got)
			}
		})
	}
}

func changeThroughPage(api *mockapi.API, _ []mockapi.Trunk) {
	api.OnPage(func(_ int, p *mockapi.Page) { p.Trunks[0].ID = "changed" })
}

func changeThroughUpdateArgument(api *mockapi.API, _ []mockapi.Trunk) {
	api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk {
		trunks[0].ID = "changed"
		return mockapi.ReferenceTrunks()
	})
}

func changeThroughUpdateResult(api *mockapi.API, given []mockapi.Trunk) {
	api.Update(func([]mockapi.Trunk) []mockapi.Trunk { return given })
	given[0].ID = "changed"
}

func TestConcurrentUpdatesAreNotLost(t *testing.T) {
	t.Parallel()
	api := mockapi.New(nil)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk {
				return append(trunks, mockapi.Trunk{ID: strconv.Itoa(i)})
			})
		})
		wg.Go(func() { get(t, api, "/v1/trunks?status=active") })
	}
	wg.Wait()
	if got := len(api.Trunks()); got != 50 {
		t.Errorf("%d trunks, want 50", got)
	}
}

func TestHooksModifyTheResponse(t *testing.T) {
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
		"a wrong total": {
			nil, func(_ int, p *mockapi.Page) { p.Total = 1_000_000_000_000 },
			[]string{"conn_def456uvw", "conn_000003"}, pagination{2, 1, 1_000_000_000_000},
		},
		"an empty page": {
			nil, func(_ int, p *mockapi.Page) { p.Trunks = nil },
			[]string{}, pagination{2, 1, 4},
		},
		"a clamped limit that the response hides": {
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
			got := decode(t, get(t, api, "/v1/trunks?limit=2&offset=1").Body)
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
		get(t, api, target)
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
	got := decode(t, get(t, api, "/v1/trunks").Body).ids()
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
	get(t, api, "/v1/trunks")
}
