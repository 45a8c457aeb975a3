// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// wantBudget checks status and rate limit headers of a response.
func wantBudget(t *testing.T, rec *httptest.ResponseRecorder, status, limit, remaining int, reset time.Time) {
	t.Helper()

	if rec.Code != status {
		t.Errorf("status %d, want %d", rec.Code, status)
	}

	for name, want := range map[string]int64{
		"X-RateLimit-Limit":     int64(limit),
		"X-RateLimit-Remaining": int64(remaining),
		"X-RateLimit-Reset":     reset.Unix(),
	} {
		if got := rec.Header().Get(name); got != strconv.FormatInt(want, 10) {
			t.Errorf("%s: %s, want %d", name, got, want)
		}
	}
}

func TestRateLimitCountsEveryRequestOfAWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New(nil)
		wantBudget(t, get(t, api, "/v1/trunks"), http.StatusOK, 1_000_000, 999_999, time.Now().Add(time.Minute))

		api.SetRateLimit(5, 10*time.Second)
		time.Sleep(3 * time.Second) // The window starts with the first request, not with the call.
		reset := time.Now().Add(10 * time.Second)
		wantBudget(t, get(t, api, "/v1/trunks"), http.StatusOK, 5, 4, reset)
		wantBudget(t, get(t, api, "/v1/calls"), http.StatusNotFound, 5, 3, reset)
		wantBudget(t, get(t, api, "/v1/trunks?limit=0"), http.StatusBadRequest, 5, 2, reset)
		api.Fail(1, mockapi.Status(http.StatusInternalServerError))
		wantBudget(t, get(t, api, "/v1/trunks"), http.StatusInternalServerError, 5, 1, reset)
		api.SetKey("sk_other")
		wantBudget(t, get(t, api, "/v1/trunks"), http.StatusUnauthorized, 5, 0, reset)
		api.SetKey("")

		time.Sleep(10*time.Second - time.Nanosecond)

		exceeded := get(t, api, "/v1/trunks")
		wantBudget(t, exceeded, http.StatusTooManyRequests, 5, 0, reset)

		if _, ok := exceeded.Header()["Retry-After"]; ok {
			t.Error("Retry-After is set, which is not documented")
		}

		time.Sleep(time.Nanosecond)
		wantBudget(t, get(t, api, "/v1/trunks"), http.StatusOK, 5, 4, reset.Add(10*time.Second))
	})
}

func TestRateLimitBoundaries(t *testing.T) {
	t.Parallel()

	const ok, exceeded = http.StatusOK, http.StatusTooManyRequests

	tests := map[string]struct {
		limit  int
		window time.Duration
		status int
		shown  int           // The limit in the header.
		reset  time.Duration // From now.
	}{
		"zero limit":                       {0, time.Minute, exceeded, 0, time.Minute},
		"negative limit":                   {-5, time.Minute, exceeded, 0, time.Minute},
		"zero window":                      {1, 0, ok, 1, 0},
		"negative window":                  {1, -time.Minute, ok, 1, -time.Minute},
		"zero window and zero limit":       {0, 0, exceeded, 0, 0},
		"reset on a second":                {0, 2 * time.Second, exceeded, 0, 2 * time.Second},
		"reset after a second is rounded":  {0, 2*time.Second + 1, exceeded, 0, 3 * time.Second},
		"reset before a second is rounded": {0, 2*time.Second - 1, exceeded, 0, 2 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // The fake clock starts on a whole second.
				api := mockapi.New(nil)
				api.SetRateLimit(tt.limit, tt.window)

				for range 3 {
					wantBudget(t, get(t, api, "/v1/trunks"), tt.status, tt.shown, 0, time.Now().Add(tt.reset))
				}
			})
		})
	}
}
