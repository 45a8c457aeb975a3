// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import (
	"net/http"
	"strconv"
	"time"
)

const (
	defaultRateLimit  = 1_000_000
	defaultRateWindow = time.Minute
)

// The headers that every answer carries.
const (
	headerLimit     = "X-RateLimit-Limit"
	headerRemaining = "X-RateLimit-Remaining"
	headerReset     = "X-RateLimit-Reset"
	headerRequestID = "X-Request-Id"
)

// SetRateLimit allows limit requests in a window; the next request starts a new
// one. A window starts with the first request after the one before has ended. Every
// request counts, also one that is refused or met by a fault; past the limit it is
// answered 429 without Retry-After. A limit of zero or less refuses all; a window of zero or less
// is over at once, so that only such a limit refuses. Without a call it is 1,000,000 a minute.
func (a *API) SetRateLimit(limit int, window time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rate = rateLimit{limit: max(limit, 0), window: window}
}

// rateLimit counts requests in fixed windows.
type rateLimit struct {
	limit  int
	window time.Duration
	start  time.Time // Zero before the first request.
	used   int
}

// budget is what a client is told about the rate limit.
type budget struct {
	limit     int
	remaining int
	reset     time.Time
	exceeded  bool // This request is one too many.
}

// charge counts a request that arrives now.
func (l *rateLimit) charge(now time.Time) budget {
	if l.start.IsZero() || !now.Before(l.start.Add(l.window)) {
		l.start, l.used = now, 0
	}
	l.used++
	return budget{
		limit:     l.limit,
		remaining: max(l.limit-l.used, 0),
		reset:     l.start.Add(l.window),
		exceeded:  l.used > l.limit,
	}
}

// setHeaders shows the budget to the client.
func (b budget) setHeaders(header http.Header) {
	reset := b.reset.Unix()
	// Rounded up: a client that waits until then must not come too early.
	if b.reset.Nanosecond() > 0 {
		reset++
	}
	header.Set(headerLimit, strconv.Itoa(b.limit))
	header.Set(headerRemaining, strconv.Itoa(b.remaining))
	header.Set(headerReset, strconv.FormatInt(reset, 10))
}
