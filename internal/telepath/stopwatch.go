// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// stopwatch measures for how long a listing waited for the budget. Pages are read at the
// same time, so waits overlap: time in which several wait counts once.
type stopwatch struct {
	mu      sync.Mutex
	waiting int
	since   time.Time
	total   time.Duration
}

// wait waits until the shortage is over, or may be, or until the context ends, which is the
// only error.
func (s *stopwatch) wait(ctx context.Context, short shortage) error {
	var expired <-chan time.Time

	if !short.until.IsZero() {
		timer := time.NewTimer(time.Until(short.until))
		defer timer.Stop()

		expired = timer.C
	}

	if !short.until.IsZero() && !short.maybeSooner {
		tflog.Info(ctx, "Waiting for the rate limit of the Telepath API", map[string]any{
			"wait_ms": time.Until(short.until).Milliseconds(),
		})
	}

	s.start()
	defer s.stop()

	select {
	case <-expired:
	case <-short.changed:
	case <-ctx.Done():
		return causeOf(ctx)
	}

	return nil
}

func (s *stopwatch) start() {
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.waiting == 0 {
		s.since = time.Now()
	}

	s.waiting++
}

func (s *stopwatch) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.waiting--

	if s.waiting == 0 {
		s.total += time.Since(s.since)
	}
}

// elapsed is the time waited so far.
func (s *stopwatch) elapsed() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.total
}
