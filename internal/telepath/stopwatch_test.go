// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestStopwatch(t *testing.T) {
	type wait struct{ from, to time.Duration }

	const s = time.Second

	for name, test := range map[string]struct {
		waits []wait
		want  time.Duration
	}{
		"nobody waits":                        {nil, 0},
		"one wait":                            {[]wait{{1 * s, 5 * s}}, 4 * s},
		"waits at the same time count once":   {[]wait{{1 * s, 5 * s}, {1 * s, 5 * s}, {1 * s, 5 * s}}, 4 * s},
		"waits that overlap count once":       {[]wait{{1 * s, 5 * s}, {3 * s, 9 * s}}, 8 * s},
		"a wait within another adds nothing":  {[]wait{{1 * s, 9 * s}, {3 * s, 5 * s}}, 8 * s},
		"waits one after the other add up":    {[]wait{{1 * s, 3 * s}, {5 * s, 9 * s}}, 6 * s},
		"a wait that ends at once is no time": {[]wait{{1 * s, 1 * s}}, 0 * s},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var (
					watch   stopwatch
					waiting sync.WaitGroup
				)

				start := time.Now()

				for _, each := range test.waits {
					waiting.Go(func() {
						time.Sleep(each.from)

						if err := watch.wait(t.Context(), shortage{until: start.Add(each.to)}); err != nil {
							t.Error(err)
						}
					})
				}

				waiting.Wait()

				if got := watch.elapsed(); got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
				}
			})
		})
	}
}

func TestListingWaited(t *testing.T) {
	for name, test := range map[string]struct {
		trunks, limit int
		want          time.Duration
	}{
		// 1,000 trunks are 11 pages, for they overlap.
		"enough for all pages is no wait":      {1000, 11, 0},
		"one page too many waits for a window": {1000, 10, time.Minute},
		"two windows":                          {1000, 5, 2 * time.Minute},
		"a request a minute":                   {250, 1, 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(mockapi.Trunks(test.trunks))
				api.SetRateLimit(test.limit, time.Minute)

				got, err := newInProcessClient(t, api, Config{}).List(t.Context(), "")
				if err != nil {
					t.Fatal(err)
				}

				// The reset is in full seconds, and so are the Date and the wait between the two.
				if off := got.Waited - test.want; off < 0 || off > 3*time.Second || test.want == 0 && off != 0 {
					t.Errorf("waited for %s, want about %s", got.Waited, test.want)
				}
			})
		})
	}
}
