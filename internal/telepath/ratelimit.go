// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

const (
	// maxReset is the longest time until a reset that is accepted. The API limits requests per minute:
	// a later reset is in milliseconds, or from a wrong clock.
	maxReset = time.Hour
	// resetJitter spreads out the requests that wait for a reset, so that all clients of an account
	// do not send theirs in the same instant.
	resetJitter = time.Second
)

// limiter limits the requests of a client to what the API's X-RateLimit headers allow. It counts
// requests in flight, which the server may not have counted yet: with two requests left, eight
// pages must not become eight requests.
type limiter struct {
	mu sync.Mutex
	// last is the server's newest window. Its window is 0 until a response has had the headers.
	last rateLimit
	// resetAt is when that window ends, by the local clock. Zero means that it has ended, and no
	// response of the next window has arrived.
	resetAt time.Time
	// longest is the longest time until a reset seen so far: windows are at least that long.
	longest time.Duration
	// blockedUntil is the end of the wait after a status 429.
	blockedUntil time.Time
	// inFlight is the number of requests between acquire and observe.
	inFlight int64
	// changed is closed, and replaced, when a request may have become possible.
	changed chan struct{}
}

func newLimiter() *limiter {
	return &limiter{changed: make(chan struct{})}
}

// acquire waits until a request may be sent, which [limiter.observe] must end. It fails when the
// context ends, and at once, with a [RateLimitError], when the wait would exceed its deadline. need
// is the number of requests for that error, see newError.
func (l *limiter) acquire(ctx context.Context, waited *waits, need int64) error {
	for {
		if ctx.Err() != nil {
			return causeOf(ctx)
		}

		wait, ok := l.tryAcquire()
		if ok {
			return nil
		}

		if deadline, ok := ctx.Deadline(); ok && wait.until.After(deadline) && !wait.maybeSooner {
			l.mu.Lock()
			defer l.mu.Unlock()

			return l.newError(wait.until, need)
		}

		waited.wait(ctx, wait)
	}
}

// checkDeadline fails with a [RateLimitError] if the limit does not allow n further requests before
// the deadline, even if nothing else uses it.
func (l *limiter) checkDeadline(ctx context.Context, n, need int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()

	l.startWindow(time.Now())

	n -= l.last.remaining - l.inFlight
	if l.last.limit == 0 || l.resetAt.IsZero() || n <= 0 {
		return nil
	}

	last := l.resetAt.Add(time.Duration(l.windows(n)-1) * l.longest)
	if deadline, ok := ctx.Deadline(); ok && last.After(deadline) {
		return l.newError(l.resetAt, need)
	}

	return nil
}

// rateLimitWait describes the wait for a request.
type rateLimitWait struct {
	// until is when the request becomes possible at the latest, zero if that is unknown.
	until time.Time
	// maybeSooner reports that a response in flight may make the request possible earlier.
	maybeSooner bool
	// changed is closed when the request may have become possible.
	changed <-chan struct{}
}

func (l *limiter) tryAcquire() (wait rateLimitWait, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()

	now := time.Now()
	if now.Before(l.blockedUntil) {
		return rateLimitWait{until: l.blockedUntil, changed: l.changed}, false
	}

	l.startWindow(now)

	// Between windows, one request at a time is admitted, until a response shows the next window.
	unlimited := l.last.window == 0 || l.resetAt.IsZero() && l.inFlight == 0

	if unlimited || l.last.remaining > l.inFlight {
		l.inFlight++

		return rateLimitWait{}, true
	}

	return rateLimitWait{until: l.resetAt, maybeSooner: l.last.remaining > 0, changed: l.changed}, false
}

// startWindow restores the budget when the window has ended.
func (l *limiter) startWindow(now time.Time) {
	if !l.resetAt.IsZero() && !now.Before(l.resetAt) {
		l.last.remaining = l.last.limit
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
		l.last.remaining = max(l.last.remaining-1, 0)
	case observed.window > l.last.window:
		l.last, l.resetAt = observed, resetAt
	case observed.window == l.last.window && !l.resetAt.IsZero():
		// Responses overtake each other: the lowest is the newest. Each reset is late by the time
		// that the response took and by fractions of a second: the earliest is the most exact.
		l.last.remaining = min(l.last.remaining, observed.remaining)
		if resetAt.Before(l.resetAt) {
			l.resetAt = resetAt
		}
	}

	l.longest = max(l.longest, observed.resetIn)

	if resp != nil && resp.status == http.StatusTooManyRequests {
		wait, hasRetryAfter := parseRetryAfter(resp.header, now)
		if hasRetryAfter {
			// Retry-After takes precedence over a window that ends later.
			l.last, l.resetAt = rateLimit{limit: l.last.limit}, time.Time{}
		} else {
			wait = observed.resetIn
		}

		l.block(now.Add(max(wait, delay)))
	}

	close(l.changed)
	l.changed = make(chan struct{})
}

// block admits no request before a time, whatever other responses say. The caller holds the lock.
func (l *limiter) block(until time.Time) {
	if until.After(l.blockedUntil) {
		l.blockedUntil = until
	}
}

// budget is how many requests are left in the window, -1 if that is unknown.
func (l *limiter) budget() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()

	if l.last.window == 0 {
		return -1
	}

	return l.last.remaining
}

// newError creates an error with a timeout that is enough for a number of requests, even if the
// window has none left at their start. 0 requests means that the number is unknown. The caller holds
// the lock.
func (l *limiter) newError(reset time.Time, requests int64) *RateLimitError {
	result := &RateLimitError{Reset: reset}

	if requests > 0 && l.last.limit > 0 {
		// Until a whole window has been seen, it is the documented minute.
		window := max(l.longest, time.Minute) + resetJitter + time.Second
		// A Retry-After may be longer than a window.
		timeout := max(time.Until(reset), window) + time.Duration(l.windows(requests)-1)*window
		// Rounded up, with at least 10 s for the requests themselves.
		result.ReadTimeout = (timeout + 10*time.Second).Truncate(10*time.Second) + 10*time.Second
	}

	return result
}

// windows is how many windows a number of requests, at least 1, needs. The limit must be known.
func (l *limiter) windows(requests int64) int64 {
	return (requests-1)/l.last.limit + 1
}

// waits is how long a listing waited for the limiter. Its pages wait concurrently: time in which
// several of them wait counts once, and is logged once.
type waits struct {
	mu sync.Mutex
	// total is the time waited until end.
	total time.Duration
	end   time.Time
	// logged is the end of the wait that was logged last.
	logged time.Time
}

// wait waits until a request is possible, or may be, or until the context ends.
func (w *waits) wait(ctx context.Context, wait rateLimitWait) {
	start := time.Now()

	var expired <-chan time.Time

	if !wait.until.IsZero() {
		w.log(ctx, wait)

		jitter := resetJitter
		if deadline, ok := ctx.Deadline(); ok {
			jitter = min(jitter, max(deadline.Sub(wait.until), 1))
		}

		expired = time.After(time.Until(wait.until) + rand.N(jitter)) //nolint:gosec // It protects nothing.
	}

	defer func() { w.add(start, time.Now()) }()

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

func (w *waits) add(start, end time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()

	if w.end.After(start) {
		start = w.end
	}

	w.total += end.Sub(start)
	w.end = end
}

// rateLimit is the state of the rate limit in a response.
type rateLimit struct {
	// limit is the number of requests in a window, 0 if that is unknown.
	limit int64
	// remaining is how many requests are left in this window.
	remaining int64
	// window identifies the window by its end in Unix seconds, by the clock of the server.
	window int64
	// resetIn is the time until then when the response was sent.
	resetIn time.Duration
}

// parseRateLimit parses the X-RateLimit headers. ok is false if they are missing or impossible.
//
// The reset is a time of the server's clock, so it is measured against the Date of the same
// response; the local clock, which may be hours off, only replaces a missing Date.
func parseRateLimit(header http.Header, now time.Time) (parsed rateLimit, ok bool) {
	remaining, err := parseInt(header, "X-RateLimit-Remaining")
	if err != nil || remaining < 0 {
		return rateLimit{}, false
	}

	window, err := parseInt(header, "X-RateLimit-Reset")
	if err != nil {
		return rateLimit{}, false
	}

	// Compared in seconds, because an impossible number would overflow a Duration.
	ahead := window - sentAt(header, now).Unix()
	if window < 0 || ahead <= 0 || ahead > int64(maxReset/time.Second) {
		return rateLimit{}, false
	}

	// A missing limit is 0, and an impossible one counts as missing.
	limit, _ := parseInt(header, "X-RateLimit-Limit")
	if limit < remaining {
		limit = 0
	}

	return rateLimit{limit: limit, remaining: remaining, window: window, resetIn: time.Duration(ahead) * time.Second}, true
}

// parseRetryAfter parses the Retry-After header, in seconds or as a date (RFC 9110, section
// 10.2.3). ok is false if it is missing, invalid or no wait at all.
func parseRetryAfter(header http.Header, now time.Time) (wait time.Duration, ok bool) {
	if seconds, err := parseInt(header, "Retry-After"); err == nil {
		// Limited in seconds, because a larger number would overflow a Duration.
		wait = time.Duration(min(max(seconds, 0), 24*60*60)) * time.Second
	} else if date, err := http.ParseTime(header.Get("Retry-After")); err == nil {
		wait = min(max(date.Sub(sentAt(header, now)), 0), 24*time.Hour)
	}

	return wait, wait > 0
}

// sentAt is when a response was sent, by the clock of the server. A Date has full seconds and so is
// up to a second early, which makes waits longer, never shorter.
func sentAt(header http.Header, now time.Time) time.Time {
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		return date
	}

	return now
}

func parseInt(header http.Header, name string) (int64, error) {
	return strconv.ParseInt(strings.TrimSpace(header.Get(name)), 10, 64)
}
