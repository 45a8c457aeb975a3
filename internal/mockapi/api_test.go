// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestRequestChecks(t *testing.T) {
	t.Parallel()

	const key = "Bearer sk_a"

	tests := map[string]struct {
		rateLimit            int
		method, target, auth string
		status               int
	}{
		"the endpoint":              {9, http.MethodGet, "/v1/trunks", key, http.StatusOK},
		"the base URL":              {9, http.MethodGet, "/v1", key, http.StatusNotFound},
		"no version":                {9, http.MethodGet, "/trunks", key, http.StatusNotFound},
		"another version":           {9, http.MethodGet, "/v2/trunks", key, http.StatusNotFound},
		"trailing slash":            {9, http.MethodGet, "/v1/trunks/", key, http.StatusNotFound},
		"double slash":              {9, http.MethodGet, "/v1//trunks", key, http.StatusNotFound},
		"one trunk":                 {9, http.MethodGet, "/v1/trunks/conn_abc123xyz", key, http.StatusNotFound},
		"POST":                      {9, http.MethodPost, "/v1/trunks", key, http.StatusMethodNotAllowed},
		"HEAD":                      {9, http.MethodHead, "/v1/trunks", key, http.StatusMethodNotAllowed},
		"method in lower case":      {9, "get", "/v1/trunks", key, http.StatusMethodNotAllowed},
		"rate limit before path":    {0, http.MethodPost, "/v1/calls?limit=0", "", http.StatusTooManyRequests},
		"path before method":        {9, http.MethodPost, "/v1/calls?limit=0", "", http.StatusNotFound},
		"method before key":         {9, http.MethodPost, "/v1/trunks?limit=0", "", http.StatusMethodNotAllowed},
		"key before parameters":     {9, http.MethodGet, "/v1/trunks?limit=0", "", http.StatusUnauthorized},
		"parameters of a valid key": {9, http.MethodGet, "/v1/trunks?limit=0", key, http.StatusBadRequest},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(nil)
			api.SetRateLimit(tt.rateLimit, time.Hour)

			accepted := 0

			api.OnQuery(func(int, *mockapi.Query) { accepted++ })

			req := request(t, tt.target)
			req.Method = tt.method
			req.Header.Set("Authorization", tt.auth)
			api.Fail(1, mockapi.Status(http.StatusTeapot))

			if rec := record(api, req); rec.Code != http.StatusTeapot || accepted > 0 {
				t.Errorf("status %d, %d queries accepted, want the fault's 418 before all checks", rec.Code, accepted)
			}

			allow := ""
			if tt.status == http.StatusMethodNotAllowed {
				allow = "GET"
			}

			if rec := record(api, req); rec.Code != tt.status || rec.Header().Get("Allow") != allow {
				t.Errorf("status %d with Allow %q, want %d with %q", rec.Code, rec.Header().Get("Allow"), tt.status, allow)
			}
		})
	}
}

func TestKey(t *testing.T) {
	t.Parallel()

	const ok, rejected = http.StatusOK, http.StatusUnauthorized

	tests := map[string]struct {
		wanted string
		header []string
		status int
	}{
		"example key":                    {"", []string{"Bearer " + mockapi.ExampleKey}, ok},
		"any key with the prefix":        {"", []string{"Bearer sk_test_1"}, ok},
		"wanted key":                     {"sk_a", []string{"Bearer sk_a"}, ok},
		"wanted key without prefix":      {"tp a", []string{"Bearer tp a"}, ok},
		"no header":                      {"", nil, rejected},
		"key without scheme":             {"", []string{"sk_test_1"}, rejected},
		"scheme without key":             {"", []string{"Bearer "}, rejected},
		"another scheme":                 {"", []string{"Basic sk_test_1"}, rejected},
		"scheme in lower case":           {"", []string{"bearer sk_test_1"}, rejected},
		"key without prefix":             {"", []string{"Bearer pk_test_1"}, rejected},
		"key with a space":               {"", []string{"Bearer sk_test 1"}, rejected},
		"key with a newline at its end":  {"", []string{"Bearer sk_test_1\n"}, rejected},
		"two headers":                    {"", []string{"Bearer sk_a", "Bearer sk_a"}, rejected},
		"another key than the wanted":    {"sk_a", []string{"Bearer sk_b"}, rejected},
		"wanted key with another suffix": {"sk_a", []string{"Bearer sk_ab"}, rejected},
		"wanted key without the scheme":  {"sk_a", []string{"sk_a"}, rejected},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(nil)
			api.SetKey("sk_replaced")
			api.SetKey(tt.wanted)

			req := request(t, "/v1/trunks")

			req.Header["Authorization"] = tt.header
			if rec := record(api, req); rec.Code != tt.status {
				t.Errorf("status %d, want %d", rec.Code, tt.status)
			}
		})
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		latency time.Duration
		fault   mockapi.Fault
		status  int
		waited  time.Duration
	}{
		"none":     {0, nil, http.StatusOK, 0},
		"negative": {-time.Second, nil, http.StatusOK, 0},
		"response": {3 * time.Second, nil, http.StatusOK, 3 * time.Second},
		"fault":    {3 * time.Second, mockapi.Status(500), http.StatusInternalServerError, 3 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(nil)
				api.SetLatency(tt.latency)
				api.Fail(1, tt.fault)

				start := time.Now()

				rec := get(t, api, "/v1/trunks")
				if waited := time.Since(start); rec.Code != tt.status || waited != tt.waited {
					t.Errorf("status %d after %v, want %d after %v", rec.Code, waited, tt.status, tt.waited)
				}
			})
		})
	}
}

func TestAccountIsCopied(t *testing.T) {
	t.Parallel()

	tests := map[string]func(api *mockapi.API, given []mockapi.Trunk){
		"argument of New":  func(_ *mockapi.API, given []mockapi.Trunk) { given[0].ID = "changed" },
		"result of Trunks": func(api *mockapi.API, _ []mockapi.Trunk) { api.Trunks()[0].ID = "changed" },
		"page of a hook": func(api *mockapi.API, _ []mockapi.Trunk) {
			api.OnPage(func(_ int, p *mockapi.Page) { p.Trunks[0].ID = "changed" })
		},
		"result of an update": func(api *mockapi.API, given []mockapi.Trunk) {
			api.Update(func([]mockapi.Trunk) []mockapi.Trunk { return given })

			given[0].ID = "changed"
		},
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

func TestConcurrentUpdates(t *testing.T) {
	t.Parallel()

	api := mockapi.New(nil)

	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk {
				trunks = append(trunks, mockapi.Trunk{ID: strconv.Itoa(i)})
				trunks[0].Name = "changed" // The race detector fails if a request reads the same slice.

				return trunks
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

	tests := map[string]struct {
		onQuery func(int, *mockapi.Query)
		onPage  func(int, *mockapi.Page)
		want    string
	}{
		"no hooks":        {nil, nil, "[conn_def456uvw conn_000003] 2 1 4"},
		"clamped limit":   {func(_ int, q *mockapi.Query) { q.Limit = 1 }, nil, "[conn_def456uvw] 1 1 4"},
		"ignored offset":  {func(_ int, q *mockapi.Query) { q.Offset = 0 }, nil, "[conn_abc123xyz conn_def456uvw] 2 0 4"},
		"added filter":    {func(_ int, q *mockapi.Query) { q.Status = "active" }, nil, "[conn_000004] 2 1 2"},
		"negative limit":  {func(_ int, q *mockapi.Query) { q.Limit = -3 }, nil, "[] -3 1 4"},
		"negative offset": {func(_ int, q *mockapi.Query) { q.Offset = -3 }, nil, "[conn_abc123xyz conn_def456uvw] 2 -3 4"},
		"total of 10^12":  {nil, func(_ int, p *mockapi.Page) { p.Total = 1e12 }, "[conn_def456uvw conn_000003] 2 1 1000000000000"},
		"no trunks":       {nil, func(_ int, p *mockapi.Page) { p.Trunks = nil }, "[] 2 1 4"},
		"clamped limit that the response hides": {
			func(_ int, q *mockapi.Query) { q.Limit = 1 },
			func(_ int, p *mockapi.Page) { p.Limit, p.Offset = 100, 50 }, "[conn_def456uvw] 100 50 4",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.Trunks(4))
			api.OnQuery(tt.onQuery)
			api.OnPage(tt.onPage)

			if got := getPage(t, api, "/v1/trunks?limit=2&offset=1").String(); got != tt.want {
				t.Errorf("response %s, want %s", got, tt.want)
			}
		})
	}
}

func TestHooksRunForAcceptedRequests(t *testing.T) {
	t.Parallel()

	api := mockapi.New(nil)

	var queries, pages []int

	api.OnQuery(func(n int, _ *mockapi.Query) { queries = append(queries, n) })
	api.OnPage(func(n int, _ *mockapi.Page) { pages = append(pages, n) })

	for _, target := range []string{"/v1/trunks", "/v1/trunks?limit=0", "/v1/other", "/v1/trunks"} {
		get(t, api, target)
	}

	api.OnQuery(nil)
	api.OnPage(nil)
	get(t, api, "/v1/trunks")

	if want := []int{1, 4}; !slices.Equal(queries, want) || !slices.Equal(pages, want) {
		t.Errorf("hooks ran for requests %v and %v, want %v", queries, pages, want)
	}
}

func TestQueryHookMayUpdateTheAccount(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.Trunks(3))
	api.OnQuery(func(int, *mockapi.Query) {
		api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk { return trunks[1:] })
	})

	if got, want := getPage(t, api, "/v1/trunks").String(), "[conn_def456uvw conn_000003] 20 0 2"; got != want {
		t.Errorf("response %s, want %s: the page is cut after the hook", got, want)
	}
}

func TestRequestsAreRecorded(t *testing.T) {
	t.Parallel()

	api := mockapi.New(nil)
	api.Fail(1, mockapi.Status(http.StatusBadGateway))

	for i, target := range []string{"/v1/trunks?limit=5&status=active", "/v1/other", "/v1/trunks?limit=x&limit=y"} {
		if got, want := get(t, api, target).Header().Get("X-Request-Id"), fmt.Sprintf("req_00000%d", i+1); got != want {
			t.Errorf("X-Request-Id %s, want %s", got, want)
		}
	}

	header := request(t, "").Header

	want := []mockapi.Request{
		{Method: "GET", Path: "/v1/trunks", Query: url.Values{"limit": {"5"}, "status": {"active"}}, Header: header},
		{Method: "GET", Path: "/v1/other", Query: url.Values{}, Header: header},
		{Method: "GET", Path: "/v1/trunks", Query: url.Values{"limit": {"x", "y"}}, Header: header},
	}
	if diff := cmp.Diff(want, api.Requests()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestResetForgetsOnlyTheRequests(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.Trunks(7))
	api.SetKey("sk_other")
	get(t, api, "/v1/trunks")
	api.Fail(1, mockapi.Status(http.StatusTeapot))
	api.Reset()

	if requests, trunks := len(api.Requests()), len(api.Trunks()); requests != 0 || trunks != 7 {
		t.Errorf("%d requests and %d trunks, want 0 and 7", requests, trunks)
	}

	if rec := get(t, api, "/v1/trunks"); rec.Code != http.StatusTeapot || rec.Header().Get("X-Request-Id") != "req_000002" {
		t.Errorf("status %d and headers %v, want the fault's 418 and req_000002", rec.Code, rec.Header())
	}

	if rec := get(t, api, "/v1/trunks"); rec.Code != http.StatusUnauthorized {
		t.Errorf("status %d, want 401 by the key that was set", rec.Code)
	}
}
