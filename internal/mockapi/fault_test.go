// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestFaultsMeetTheRequestsTheyAreGivenTo(t *testing.T) {
	t.Parallel()
	a, b := mockapi.Status(500), mockapi.Status(503)
	tests := map[string]struct {
		prepare func(api *mockapi.API)
		want    []int
	}{
		"none":               {func(*mockapi.API) {}, []int{200, 200}},
		"one":                {func(api *mockapi.API) { api.Fail(1, a) }, []int{500, 200, 200}},
		"several":            {func(api *mockapi.API) { api.Fail(2, a) }, []int{500, 500, 200}},
		"all":                {func(api *mockapi.API) { api.Fail(-1, a) }, []int{500, 500, 500, 500}},
		"below -1 is all":    {func(api *mockapi.API) { api.Fail(-7, a) }, []int{500, 500, 500, 500, 500, 500, 500, 500}},
		"one after another":  {func(api *mockapi.API) { api.Fail(1, a); api.Fail(2, b) }, []int{500, 503, 503, 200}},
		"all after one":      {func(api *mockapi.API) { api.Fail(1, a); api.Fail(-1, b) }, []int{500, 503, 503, 503}},
		"none follow on all": {func(api *mockapi.API) { api.Fail(-1, a); api.Fail(1, b) }, []int{500, 500, 500}},
		"nil is no fault":    {func(api *mockapi.API) { api.Fail(2, nil); api.Fail(1, a) }, []int{200, 200, 500, 200}},
		"cleared":            {func(api *mockapi.API) { api.Fail(1, a); api.Fail(-1, b); api.Fail(0, nil) }, []int{200, 200}},
		"cleared and set":    {func(api *mockapi.API) { api.Fail(-1, a); api.Fail(0, nil); api.Fail(1, b) }, []int{503, 200}},
		"zero requests with a fault clear as well": {
			func(api *mockapi.API) { api.Fail(-1, a); api.Fail(0, b) }, []int{200, 200},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := mockapi.New(nil)
			tt.prepare(api)
			var got []int
			for range tt.want {
				got = append(got, ask(t, api, "/v1/trunks").Code)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("statuses %v, want %v", got, tt.want)
			}
		})
	}
}

func TestFaultComesBeforeTheChecks(t *testing.T) {
	t.Parallel()
	tests := map[string]func(api *mockapi.API, req *http.Request){
		"of the key":        func(api *mockapi.API, _ *http.Request) { api.SetKey("sk_other") },
		"of the path":       func(_ *mockapi.API, req *http.Request) { req.URL.Path = "/" },
		"of the method":     func(_ *mockapi.API, req *http.Request) { req.Method = http.MethodPost },
		"of the parameters": func(_ *mockapi.API, req *http.Request) { req.URL.RawQuery = "limit=0" },
		"of the rate":       func(api *mockapi.API, _ *http.Request) { api.SetRateLimit(0, 1<<40) },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := mockapi.New(nil)
			req := request(t, "/v1/trunks")
			spoil(api, req)
			api.OnQuery(func(int, *mockapi.Query) { t.Error("the query was accepted") })
			api.Fail(1, mockapi.Status(http.StatusTeapot))
			if rec := record(api, req); rec.Code != http.StatusTeapot {
				t.Errorf("status %d, want that of the fault, 418", rec.Code)
			}
		})
	}
}

func TestFaultOfOnesOwn(t *testing.T) {
	t.Parallel()
	api := mockapi.New(mockapi.ReferenceTrunks())
	api.Fail(1, func(w http.ResponseWriter, r *http.Request, answer http.HandlerFunc) {
		w.Header().Del("X-RateLimit-Limit")
		w.Header().Set("X-Extra", "1")
		answer(w, r)
	})
	rec := ask(t, api, "/v1/trunks")
	if rec.Code != http.StatusOK || rec.Body.String() != referenceAnswer {
		t.Errorf("status %d with %s, want the real answer", rec.Code, rec.Body)
	}
	if _, ok := rec.Header()["X-Ratelimit-Limit"]; ok {
		t.Error("the answer has put back a header that the fault deleted")
	}
	if rec.Header().Get("X-Extra") != "1" {
		t.Error("the header that the fault set is missing")
	}
}
