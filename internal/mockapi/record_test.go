// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

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
