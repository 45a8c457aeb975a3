// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// waits is how long a listing waited for the limiter. Its pages wait concurrently: time in which
// several of them wait counts once, and is logged once.
type waits struct {
	mu sync.Mutex
	// waiting is how many pages wait, and since when the first of them does.
	waiting int
	since   time.Time
	total   time.Duration
	// logged is the end of the wait that was logged last.
	logged time.Time
}

// wait waits until a request is possible, or may be, or until the context ends.
func (w *waits) wait(ctx context.Context, wait rateLimitWait) {
	w.begin()
	defer w.end()

	var expired <-chan time.Time

	if !wait.until.IsZero() {
		w.log(ctx, wait)

		jitter := resetJitter
		if deadline, ok := ctx.Deadline(); ok {
			jitter = min(jitter, max(deadline.Sub(wait.until), 1))
		}

		expired = time.After(time.Until(wait.until) + rand.N(jitter)) //nolint:gosec // It protects nothing.
	}

	for changed := wait.changed; ; {
		select {
		case <-expired:
			return
		case <-changed:
			if wait.until.IsZero() || time.Now().Before(wait.until) {
				return
			}

			// The first response after the reset must not wake all waiters in one instant.
			changed = nil
		case <-ctx.Done():
			return
		}
	}
}

// log logs a wait, unless another page has logged it.
func (w *waits) log(ctx context.Context, wait rateLimitWait) {
	w.mu.Lock()
	defer w.mu.Unlock()

	// Resets of one window differ by less than the jitter.
	if wait.maybeSooner || wait.until.Sub(w.logged) < resetJitter {
		return
	}

	w.logged = wait.until
	tflog.Info(ctx, "Waiting for the rate limit of the Telepath API", map[string]any{
		"wait_ms": time.Until(wait.until).Milliseconds(),
	})
}

func (w *waits) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()

	if w.waiting == 0 {
		w.since = time.Now()
	}

	w.waiting++
}

func (w *waits) end() {
	w.mu.Lock()
	defer w.mu.Unlock()

	if w.waiting--; w.waiting == 0 {
		w.total += time.Since(w.since)
	}
}
