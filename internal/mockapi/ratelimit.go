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

// The headers that every response of the API carries.
const (
	headerLimit     = "X-RateLimit-Limit"
	headerRemaining = "X-RateLimit-Remaining"
	headerReset     = "X-RateLimit-Reset"
	headerRequestID = "X-Request-Id"
)

// SetRateLimit allows limit requests in a window, instead of 1,000,000 a minute. A
// window starts with the first request after the previous window has ended. Every
// request counts, including those that are refused or meet a fault. Past the limit, the
// response is 429 without Retry-After. A limit of zero or less refuses all requests; a
// window of zero or less ends at once.
func (a *API) SetRateLimit(limit int, window time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()

	a.rate = rateLimit{limit: max(limit, 0), window: window}
}

// rateLimit counts requests in fixed windows.
type rateLimit struct {
	limit  int
	window time.Duration
	start  time.Time
	used   int
}

// charge counts a request, sets the headers of its response, and reports whether the
// request exceeds the limit.
func (l *rateLimit) charge(now time.Time, header http.Header) (exceeded bool) {
	if !now.Before(l.start.Add(l.window)) {
		l.start, l.used = now, 0
	}

	l.used++
	// Rounded up, so that a client that waits until then is not early.
	reset := l.start.Add(l.window + time.Second - 1).Unix()
	header.Set(headerLimit, strconv.Itoa(l.limit))
	header.Set(headerRemaining, strconv.Itoa(max(l.limit-l.used, 0)))
	header.Set(headerReset, strconv.FormatInt(reset, 10))

	return l.used > l.limit
}
