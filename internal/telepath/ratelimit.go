// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

const (
	// resetJitter spreads out the requests of all clients of an account that wait for a reset.
	resetJitter = time.Second
	// inFlightPoll is how often a request that waits for the responses to others checks for a permit, with
	// jitter.
	inFlightPoll = 100 * time.Millisecond
)

// limiter limits the requests of a client to what the API's X-RateLimit headers allow. It counts
// requests in flight, which the server may not have counted yet: with two requests left, eight
// pages must not become eight requests.
type limiter struct {
	mu sync.Mutex
	// windowKnown reports that a response has had the headers.
	windowKnown bool
	window      rateLimit // The server's newest window.
	// resetAt is when the window ends, by the local clock.
	resetAt time.Time
	// windowEnded reports that the window has ended, and no response of the next one has arrived.
	windowEnded bool
	// blockedUntil is the end of the wait after a status 429, and isBackoff reports that no header
	// asked for that wait.
	blockedUntil time.Time
	isBackoff    bool
	// inFlight is the number of requests between acquire and observe.
	inFlight int64
}

// acquire waits until a request may be sent, which [limiter.observe] must end. It fails when the
// context ends, and at once, with a [RateLimitError], when the wait would exceed its deadline.
func (l *limiter) acquire(ctx context.Context, waited *waits) error {
	for ctx.Err() == nil {
		until, isBackoff, ok := l.tryAcquire()
		if ok {
			return nil
		}

		if deadline, ok := ctx.Deadline(); ok && until.After(deadline) {
			if isBackoff {
				return &RateLimitError{}
			}

			return &RateLimitError{Reset: until, Wait: time.Until(until)}
		}

		waited.wait(ctx, until)
	}

	return causeOf(ctx)
}

// checkDeadline fails with a [RateLimitError] if the limit does not allow the rest of a listing before
// the deadline, even if nothing else uses it. The listing takes a number of requests, of which one
// was sent. Windows after the current one are a minute, as documented.
func (l *limiter) checkDeadline(ctx context.Context, requests int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()

	l.endWindow(time.Now())

	rest := requests - 1 - (l.window.remaining - l.inFlight)

	deadline, ok := ctx.Deadline()
	if !ok || l.window.limit == 0 || l.windowEnded || rest <= 0 {
		return nil
	}

	// laterWindows is the length of the windows after the first that a number of requests needs.
	laterWindows := func(requests int64, window time.Duration) time.Duration {
		return time.Duration((requests-1)/l.window.limit) * window
	}
	if !l.resetAt.Add(laterWindows(rest, time.Minute)).After(deadline) {
		return nil
	}

	err := &RateLimitError{Reset: l.resetAt, Wait: time.Until(l.resetAt)}

	// A reset in more than a minute, and the fraction that Date lacks, is not that of the documented window.
	if err.Wait <= time.Minute+time.Second {
		// Enough for the whole listing, even if the window has no request left at its start.
		window := time.Minute + resetJitter + time.Second
		timeout := window + laterWindows(requests, window)
		// Rounded up to minutes, with at least 10 s for the requests themselves.
		err.ReadTimeout = (timeout + 10*time.Second).Truncate(time.Minute) + time.Minute
	}

	return err
}

// tryAcquire acquires a permit. Otherwise it returns until when to wait; zero means that a response to a
// request in flight may allow this one. isBackoff reports that no header asked for the wait.
func (l *limiter) tryAcquire() (until time.Time, isBackoff, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()

	now := time.Now()
	l.endWindow(now)

	switch {
	case now.Before(l.blockedUntil):
		return l.blockedUntil, l.isBackoff, false
	case !l.windowKnown:
	case l.window.remaining > l.inFlight:
	case l.windowEnded && l.inFlight == 0: // One request, whose response shows the next window.
	case l.windowEnded, l.window.remaining > 0:
		return time.Time{}, false, false
	default:
		return l.resetAt, false, false
	}

	l.inFlight++

	return time.Time{}, false, true
}

// endWindow restores the budget when the window has ended.
func (l *limiter) endWindow(now time.Time) {
	if l.windowKnown && !l.windowEnded && !now.Before(l.resetAt) {
		l.window.remaining = l.window.limit
		l.windowEnded = true
	}
}

// observe ends a request in flight, and updates the limiter from the response headers, if there is a
// response. A status 429 without a header that says how long blocks all requests for minDelay.
func (l *limiter) observe(resp response, minDelay time.Duration, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()

	l.inFlight--

	observed, ok := parseRateLimit(resp.header, now)
	if ok {
		l.observeWindow(observed, now)
	} else {
		// The server may have counted the request.
		l.window.remaining = max(l.window.remaining-1, 0)
	}

	if resp.status == http.StatusTooManyRequests {
		l.block(resp.header, observed.resetIn, minDelay, now)
	}
}

// observeWindow updates the window from a response.
func (l *limiter) observeWindow(observed rateLimit, now time.Time) {
	resetAt := now.Add(observed.resetIn)

	switch {
	case !l.windowKnown || observed.end > l.window.end:
		l.window, l.resetAt = observed, resetAt
		l.windowKnown, l.windowEnded = true, false
	case observed.end == l.window.end && !l.windowEnded:
		// Responses overtake each other: the lowest is the newest. Each reset is late by the time
		// that the response took and by fractions of a second: the earliest is the most exact.
		l.window.remaining = min(l.window.remaining, observed.remaining)
		if resetAt.Before(l.resetAt) {
			l.resetAt = resetAt
		}
	}
}

// block blocks all requests after a status 429: for its Retry-After, else until its reset, and at least
// for minDelay.
func (l *limiter) block(header http.Header, resetIn, minDelay time.Duration, now time.Time) {
	wait, hasRetryAfter := parseRetryAfter(header, now)
	if hasRetryAfter {
		// Retry-After takes precedence over a window that ends later.
		l.windowKnown, l.window = false, rateLimit{}
	} else {
		wait = resetIn
	}

	if until := now.Add(max(wait, minDelay)); until.After(l.blockedUntil) {
		l.blockedUntil, l.isBackoff = until, wait < minDelay
	}
}

// budget is how many requests are left in the window, -1 if that is unknown.
func (l *limiter) budget() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()

	if !l.windowKnown {
		return -1
	}

	return l.window.remaining
}

// waits is how long a listing waited for resets. Its pages wait concurrently: a reset that several of
// them wait for counts once, and is logged once.
type waits struct {
	mu sync.Mutex
	// until is the latest reset.
	until time.Time
	total time.Duration
}

// wait waits until a reset, or if it is zero, for inFlightPoll. It ends with the context.
func (w *waits) wait(ctx context.Context, until time.Time) {
	delay := rand.N(2 * inFlightPoll) //nolint:gosec // It protects nothing.

	if !until.IsZero() {
		w.add(ctx, until)

		jitter := resetJitter
		if deadline, ok := ctx.Deadline(); ok {
			jitter = min(jitter, max(deadline.Sub(until), 1))
		}

		delay = time.Until(until) + rand.N(jitter) //nolint:gosec // It protects nothing.
	}

	_ = sleep(ctx, delay) // The caller checks the context.
}

// add counts and logs the wait for a reset, unless another page has done so.
func (w *waits) add(ctx context.Context, until time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()

	// Resets of one window differ by less than the jitter.
	if until.Sub(w.until) < resetJitter {
		return
	}

	wait := time.Until(until)
	w.total += min(wait, until.Sub(w.until))
	w.until = until

	tflog.Info(ctx, "Waiting for the rate limit of the Telepath API", map[string]any{"wait_ms": wait.Milliseconds()})
}
