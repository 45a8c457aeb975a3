// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestListingWaited(t *testing.T) {
	for name, test := range map[string]struct {
		trunks, limit int
		want          time.Duration
		logged        int // A wait of several pages is logged once, and a wait for a response never.
	}{
		"11 requests, 11 a minute": {1000, 11, 0, 0},
		"11 requests, 10 a minute": {1000, 10, time.Minute, 1},
		"11 requests, 3 a minute":  {1000, 3, 3 * time.Minute, 3},
		"3 requests, 1 a minute":   {250, 1, 2 * time.Minute, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(mockapi.Trunks(test.trunks))
				api.SetRateLimit(test.limit, time.Minute)

				var output bytes.Buffer

				// The server has counted eight requests when the first of them has a response.
				slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					api.ServeHTTP(w, r)
					time.Sleep(time.Duration(rand.N(100)) * time.Millisecond) //nolint:gosec // It protects nothing.
				})

				got, err := newInProcessClient(t, slow, Config{}).List(tflogtest.RootLogger(t.Context(), &output), "")
				if err != nil {
					t.Fatal(err)
				}

				// The reset and the Date are in full seconds, and each window adds jitter.
				if off := got.Waited - test.want; off < -5*time.Second || off > 5*time.Second || test.want == 0 && off != 0 {
					t.Errorf("waited for %s, want about %s", got.Waited, test.want)
				}

				if logged := strings.Count(output.String(), "Waiting for the rate limit"); logged != test.logged {
					t.Errorf("%d waits were logged, want %d:\n%s", logged, test.logged, output.String())
				}
			})
		})
	}
}

// An error names a reset only if the 429 or its headers said so.
func TestRateLimitErrorOf429(t *testing.T) {
	const unknown = "the rate limit allows no request before the deadline of the read"

	for name, test := range map[string]struct {
		fault mockapi.Fault
		texts []string
	}{
		"the API's, with a reset":    {mockapi.Status(http.StatusTooManyRequests), []string{"the rate limit resets in 1m1s, at 2000-01-01T00:01:01Z"}},
		"an HTML page":               {mockapi.HTML(http.StatusTooManyRequests), []string{`an HTML page with the title "429 Too Many Requests"; then ` + unknown}},
		"an HTML page and a wait":    {mockapi.WithHeader("Retry-After", "600", mockapi.HTML(http.StatusTooManyRequests)), []string{"an HTML page", "resets in 10m0s"}},
		"a wait below the backoff":   {mockapi.WithHeader("Retry-After", "1", mockapi.HTML(http.StatusTooManyRequests)), []string{unknown}},
		"a reset in a day":           {mockapi.WithHeader("X-RateLimit-Reset", "946771200", mockapi.Status(http.StatusTooManyRequests)), []string{"resets in 24h0m0s"}},
		"a reset in more than a day": {mockapi.WithHeader("X-RateLimit-Reset", "946771300", mockapi.Status(http.StatusTooManyRequests)), []string{unknown}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				// The headers of the first page allow all requests.
				api := mockapi.New(mockapi.Trunks(150))
				api.Fail(1, nil)
				api.Fail(-1, test.fault)

				_, err := newInProcessClient(t, api, Config{}).List(readContext(t, 30*time.Second), "")
				_ = requestError(t, err, nil, append(test.texts, "429 Too Many Requests")...)

				var limitErr *RateLimitError
				if !errors.As(err, &limitErr) || limitErr.ReadTimeout != 0 {
					t.Errorf("got %+v, want no timeout", limitErr)
				}
			})
		})
	}
}

// 198 trunks take 2 requests, and 199 take 3: pages overlap.
func TestRateLimitOfTheLastPage(t *testing.T) {
	for trunks, requests := range map[int]int{198: 2, 199: 1} {
		t.Run(strconv.Itoa(trunks), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(mockapi.Trunks(trunks))
				api.SetRateLimit(2, time.Minute)

				_, err := newInProcessClient(t, api, Config{}).List(readContext(t, 10*time.Second), "")

				var limitErr *RateLimitError
				if errors.As(err, &limitErr) != (requests == 1) {
					t.Errorf("got %v", err)
				}

				wantRequests(t, api, requests)
			})
		})
	}
}

// 1,000 trunks take 11 requests, here 3 a minute. A read that cannot finish fails after its first
// page, and names a timeout that is enough.
func TestRateLimitOfAWholeListing(t *testing.T) {
	const named = 5 * time.Minute

	for _, test := range []struct {
		timeout  time.Duration
		used     int // Requests before the read.
		succeeds bool
	}{
		{30 * time.Second, 0, false},
		{170 * time.Second, 0, false},
		{200 * time.Second, 0, true},
		{named, 0, true},
		{named, 3, true}, // The window has no requests left.
	} {
		t.Run(fmt.Sprintf("%s after %d requests", test.timeout, test.used), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(mockapi.Trunks(1000))
				api.SetRateLimit(3, time.Minute)

				client := newInProcessClient(t, api, Config{})
				for range test.used {
					_, _ = fetchFirstPage(t.Context(), client)
				}

				start := time.Now()
				_, err := client.List(readContext(t, test.timeout), "")
				took := time.Since(start)

				if test.succeeds {
					if err != nil {
						t.Errorf("%v after %s", err, took)
					}

					return
				}

				wantText(t, err, "the rate limit resets in 1m1s", "the list needs up to 5m0s")

				var limitErr *RateLimitError
				if !errors.As(err, &limitErr) || limitErr.ReadTimeout != named || took > time.Second {
					t.Errorf("got %+v after %s, want a timeout of %s at once", limitErr, took, named)
				}
			})
		})
	}
}
