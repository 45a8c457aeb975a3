// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A page that waits from the 3rd to the 5th second, while another one waits from the 1st to the 9th.
func TestWaitsCountAShorterWaitInsideALongerOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			waited  waits
			waiting sync.WaitGroup
		)

		for from, to := range map[time.Duration]time.Duration{time.Second: 9 * time.Second, 3 * time.Second: 5 * time.Second} {
			waiting.Go(func() {
				time.Sleep(from)

				changed := make(chan struct{})

				time.AfterFunc(to-from, func() { close(changed) })
				waited.wait(t.Context(), rateLimitWait{changed: changed})
			})
		}

		waiting.Wait()

		if waited.total != 8*time.Second {
			t.Errorf("waited %s, want 8s", waited.total)
		}
	})
}
