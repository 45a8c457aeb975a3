// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// resetJitter spreads out the requests that wait for a reset, so that all clients of an account do not
// send theirs in the same instant.
const resetJitter = time.Second

// limiter limits the requests of a client to what the API's X-RateLimit headers allow. It counts
// requests in flight, which the server may not have counted yet: with two requests left, eight
// pages must not become eight requests.
type limiter struct {
	mu sync.Mutex
	// current is the server's newest window. Its end is 0 until a response has had the headers.
	current rateLimit
	// resetAt is when that window ends, by the local clock. Zero means that it has ended, and no
	// response of the next window has arrived.
	resetAt time.Time
	// blockedUntil is the end of the wait after a status 429, and isBackoff reports that no header
	// asked for that wait.
	blockedUntil time.Time
	isBackoff    bool
	// inFlight is the number of requests between acquire and observe.
	inFlight int64
	// changed is closed, and replaced, when a request may have become possible.
	changed chan struct{}
}

func newLimiter() *limiter {
	return &limiter{changed: make(chan struct{})}
}

// acquire waits until a request may be sent, which [limiter.observe] must end. It fails when the
// context ends, and at once, with a [RateLimitError], when the wait would exceed its deadline.
func (l *limiter) acquire(ctx context.Context, waited *waits) error {
	for {
		if ctx.Err() != nil {
			return causeOf(ctx)
		}

		wait, ok := l.tryAcquire()
		if ok {
			return nil
		}

		if deadline, ok := ctx.Deadline(); ok && wait.until.After(deadline) && !wait.maybeSooner {
			if wait.isBackoff {
				return &RateLimitError{}
			}

			return newRateLimitError(wait.until)
		}

		waited.wait(ctx, wait)
	}
}

// checkDeadline fails with a [RateLimitError] if the limit does not allow the rest of a listing before
// the deadline, even if nothing else uses it. The listing takes a number of requests, of which one
// was sent. Windows after the current one are a minute, as documented.
func (l *limiter) checkDeadline(ctx context.Context, requests int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()

	l.endWindow(time.Now())

	rest := requests - 1 - (l.current.remaining - l.inFlight)

	deadline, ok := ctx.Deadline()
	if !ok || l.current.limit == 0 || l.resetAt.IsZero() || rest <= 0 {
		return nil
	}

	// further is the length of the windows after the first that a number of requests needs.
	further := func(requests int64, window time.Duration) time.Duration {
		return time.Duration((requests-1)/l.current.limit) * window
	}
	if !l.resetAt.Add(further(rest, time.Minute)).After(deadline) {
		return nil
	}

	err := newRateLimitError(l.resetAt)

	// A reset in more than a minute, and the fraction that Date lacks, is not that of the documented window.
	if err.Wait <= time.Minute+time.Second {
		// Enough for the whole listing, even if the window has no request left at its start.
		window := time.Minute + resetJitter + time.Second
		timeout := window + further(requests, window)
		// Rounded up, with at least 10 s for the requests themselves.
		err.ReadTimeout = (timeout + 10*time.Second).Truncate(10*time.Second) + 10*time.Second
	}

	return err
}

// rateLimitWait describes the wait for a request.
type rateLimitWait struct {
	// until is when the request becomes possible at the latest, zero if that is unknown.
	until time.Time
	// maybeSooner reports that a response in flight may make the request possible earlier.
	maybeSooner bool
	// isBackoff reports that the wait is the client's backoff, and when the limit resets is unknown.
	isBackoff bool
	// changed is closed when the request may have become possible.
	changed <-chan struct{}
}

func (l *limiter) tryAcquire() (wait rateLimitWait, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()

	now := time.Now()
	l.endWindow(now)

	switch {
	case now.Before(l.blockedUntil):
		return rateLimitWait{until: l.blockedUntil, isBackoff: l.isBackoff, changed: l.changed}, false
	case l.current.end == 0: // No limit is known.
	case l.resetAt.IsZero() && l.inFlight == 0: // One request, whose response shows the next window.
	case l.current.remaining > l.inFlight:
	default:
		return rateLimitWait{until: l.resetAt, maybeSooner: l.current.remaining > 0, changed: l.changed}, false
	}

	l.inFlight++

	return rateLimitWait{}, true
}

// endWindow restores the budget when the window has ended.
func (l *limiter) endWindow(now time.Time) {
	if !l.resetAt.IsZero() && !now.Before(l.resetAt) {
		l.current.remaining = l.current.limit
		l.resetAt = time.Time{}
	}
}

// observe ends a request in flight, and updates the limiter from the response headers. resp is nil
// without a response. A status 429 blocks all requests: for its Retry-After, else until its reset,
// and at least for delay.
func (l *limiter) observe(resp *response, delay time.Duration, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()

	l.inFlight--

	var (
		observed rateLimit
		ok       bool
	)

	if resp != nil {
		observed, ok = parseRateLimit(resp.header, now)
	}

	resetAt := now.Add(observed.resetIn)

	switch {
	case !ok:
		// The server may have counted the request.
		l.current.remaining = max(l.current.remaining-1, 0)
	case observed.end > l.current.end:
		l.current, l.resetAt = observed, resetAt
	case observed.end == l.current.end && !l.resetAt.IsZero():
		// Responses overtake each other: the lowest is the newest. Each reset is late by the time
		// that the response took and by fractions of a second: the earliest is the most exact.
		l.current.remaining = min(l.current.remaining, observed.remaining)
		if resetAt.Before(l.resetAt) {
			l.resetAt = resetAt
		}
	}

	if resp != nil && resp.status == http.StatusTooManyRequests {
		wait, hasRetryAfter := parseRetryAfter(resp.header, now)
		if hasRetryAfter {
			// Retry-After takes precedence over a window that ends later.
			l.current, l.resetAt = rateLimit{}, time.Time{}
		} else {
			wait = observed.resetIn
		}

		if until := now.Add(max(wait, delay)); until.After(l.blockedUntil) {
			l.blockedUntil, l.isBackoff = until, wait < delay
		}
	}

	close(l.changed)
	l.changed = make(chan struct{})
}

// budget is how many requests are left in the window, -1 if that is unknown.
func (l *limiter) budget() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()

	if l.current.end == 0 {
		return -1
	}

	return l.current.remaining
}
