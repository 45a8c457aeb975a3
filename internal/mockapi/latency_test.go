// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestLatencyComesBeforeEachAnswer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		latency time.Duration
		fault   mockapi.Fault
		status  int
		waited  time.Duration
	}{
		"no latency":           {0, nil, http.StatusOK, 0},
		"a latency below zero": {-time.Second, nil, http.StatusOK, 0},
		"a real answer":        {3 * time.Second, nil, http.StatusOK, 3 * time.Second},
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
				if rec := ask(t, api, "/v1/trunks"); rec.Code != tt.status {
					t.Errorf("status %d, want %d", rec.Code, tt.status)
				}
				if got := time.Since(start); got != tt.waited {
					t.Errorf("answered after %v, want %v", got, tt.waited)
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
		rec := askAborted(t, api, request(t, "/v1/trunks").WithContext(ctx))
		if got := time.Since(start); got != time.Second {
			t.Errorf("ended after %v, want 1s", got)
		}
		if rec.Body.Len() > 0 {
			t.Errorf("answered %s", rec.Body)
		}
	})
}
