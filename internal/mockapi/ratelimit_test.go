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

func TestRateLimitStartsAtAMillionAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rec := get(t, mockapi.New(nil), "/v1/trunks")
		wantBudget(t, rec, http.StatusOK, 1_000_000, 999_999, time.Now().Add(time.Minute))
	})
}

func TestRateLimitWindows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New(nil)
		api.SetRateLimit(2, 10*time.Second)
		time.Sleep(3 * time.Second) // The clock is faked: the window starts with the first request, not with the call.
		reset := time.Now().Add(10 * time.Second)
		wantBudget(t, get(t, api, "/v1/trunks"), http.StatusOK, 2, 1, reset)
		wantBudget(t, get(t, api, "/v1/calls"), http.StatusNotFound, 2, 0, reset)
		time.Sleep(10*time.Second - time.Nanosecond)
		refused := get(t, api, "/v1/trunks")
		wantBudget(t, refused, http.StatusTooManyRequests, 2, 0, reset)
		if _, ok := refused.Header()["Retry-After"]; ok {
			t.Error("Retry-After is set, which is not documented")
		}
		time.Sleep(time.Nanosecond)
		wantBudget(t, get(t, api, "/v1/trunks"), http.StatusOK, 2, 1, reset.Add(10*time.Second))
	})
}

func TestRateLimitResetIsRoundedUp(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		window  time.Duration
		rounded time.Duration
	}{
		"a whole second stays":             {2 * time.Second, 2 * time.Second},
		"a nanosecond more is the next":    {2*time.Second + 1, 3 * time.Second},
		"a nanosecond less is that second": {2*time.Second - 1, 2 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				// The faked clock starts on a whole second.
				api := mockapi.New(nil)
				api.SetRateLimit(5, tt.window)
				wantBudget(t, get(t, api, "/v1/trunks"), http.StatusOK, 5, 4, time.Now().Add(tt.rounded))
			})
		})
	}
}

func TestRateLimitExtremes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		limit  int
		window time.Duration
		status int
		shown  int
	}{
		"a limit of zero refuses the first request":   {0, time.Minute, http.StatusTooManyRequests, 0},
		"a limit below zero is one of zero":           {-5, time.Minute, http.StatusTooManyRequests, 0},
		"a window of zero is over at once":            {1, 0, http.StatusOK, 1},
		"a window below zero is over at once":         {1, -time.Minute, http.StatusOK, 1},
		"a window of zero and a limit of zero refuse": {0, 0, http.StatusTooManyRequests, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(nil)
				api.SetRateLimit(tt.limit, tt.window)
				for range 3 {
					wantBudget(t, get(t, api, "/v1/trunks"), tt.status, tt.shown, 0, time.Now().Add(tt.window))
				}
			})
		})
	}
}

func TestRateLimitIsOnRefusals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New(nil)
		api.SetRateLimit(10, time.Minute)
		reset := time.Now().Add(time.Minute)
		wantBudget(t, get(t, api, "/v1/trunks?limit=0"), http.StatusBadRequest, 10, 9, reset)
		api.Fail(1, mockapi.Status(http.StatusInternalServerError))
		wantBudget(t, get(t, api, "/v1/trunks"), http.StatusInternalServerError, 10, 8, reset)
		api.SetKey("sk_other")
		wantBudget(t, get(t, api, "/v1/trunks"), http.StatusUnauthorized, 10, 7, reset)
	})
}
