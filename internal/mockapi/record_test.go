// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestRequestsAreRecordedInOrder(t *testing.T) {
	t.Parallel()
	api := mockapi.New(nil)
	api.Fail(1, mockapi.Status(http.StatusBadGateway))
	for _, target := range []string{"/v1/trunks?limit=5&status=active", "/v1/other", "/v1/trunks?limit=x&limit=y"} {
		get(t, api, target)
	}
	header := http.Header{"Authorization": {"Bearer " + mockapi.ExampleKey}}
	want := []mockapi.Request{
		{Method: "GET", Path: "/v1/trunks", Query: url.Values{"limit": {"5"}, "status": {"active"}}, Header: header},
		{Method: "GET", Path: "/v1/other", Query: url.Values{}, Header: header},
		{Method: "GET", Path: "/v1/trunks", Query: url.Values{"limit": {"x", "y"}}, Header: header},
	}
	if diff := cmp.Diff(want, api.Requests()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRequestIDsCountUp(t *testing.T) {
	t.Parallel()
	api := mockapi.New(nil)
	var got []string
	for _, target := range []string{"/v1/trunks", "/v1/other"} {
		got = append(got, get(t, api, target).Header().Get("X-Request-Id"))
	}
	api.Reset()
	got = append(got, get(t, api, "/v1/trunks").Header().Get("X-Request-Id"))
	if want := []string{"req_000001", "req_000002", "req_000003"}; !slices.Equal(got, want) {
		t.Errorf("ids %v, want %v", got, want)
	}
}

func TestResetKeepsAccountAndSettings(t *testing.T) {
	t.Parallel()
	api := mockapi.New(mockapi.Trunks(7))
	api.SetKey("sk_other")
	get(t, api, "/v1/trunks")
	api.Fail(1, mockapi.Status(http.StatusTeapot))
	api.Reset()
	if got := api.Requests(); len(got) != 0 {
		t.Errorf("%d requests are left", len(got))
	}
	if got := len(api.Trunks()); got != 7 {
		t.Errorf("%d trunks, want 7", got)
	}
	if rec := get(t, api, "/v1/trunks"); rec.Code != http.StatusTeapot {
		t.Errorf("status %d, want that of the fault, 418", rec.Code)
	}
	if rec := get(t, api, "/v1/trunks"); rec.Code != http.StatusUnauthorized {
		t.Errorf("status %d, want 401 by the key that was set", rec.Code)
	}
}
