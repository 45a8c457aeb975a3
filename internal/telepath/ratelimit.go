// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxReset is how far ahead a reset is believed to be. The limit is one of requests per
// minute; an hour is far beyond, and still far below what milliseconds or a clock gone wrong
// would make of it.
const maxReset = time.Hour

// rateLimit is what an answer says of the budget of requests (X-RateLimit-* headers).
type rateLimit struct {
	// limit is how many requests a window has, remaining how many are left in this one.
	limit, remaining int64
	// window tells windows apart: it is the Unix second in which this one ends, by the clock of
	// the server.
	window int64
	// resetIn is how long it was until then when the answer was sent.
	resetIn time.Duration
}

// parseRateLimit reads the X-RateLimit-* headers. If they are missing, or cannot be true,
// they say nothing, and ok is false.
//
// The reset is a time by the server's clock, so it is measured against the Date of the same
// answer; the local clock, which may be off by hours, only stands in for a Date that is
// missing.
func parseRateLimit(header http.Header, now time.Time) (parsed rateLimit, ok bool) {
	remaining, err := headerNumber(header, "X-RateLimit-Remaining")
	if err != nil || remaining < 0 {
		return rateLimit{}, false
	}

	window, err := headerNumber(header, "X-RateLimit-Reset")
	if err != nil {
		return rateLimit{}, false
	}

	// Compared in seconds: a Duration would overflow over a number that is bogus enough.
	ahead := window - sentAt(header, now).Unix()
	if window < 0 || ahead <= 0 || ahead > int64(maxReset/time.Second) {
		return rateLimit{}, false
	}

	limit, err := headerNumber(header, "X-RateLimit-Limit")
	if err != nil || limit < remaining {
		// The limit is only needed for what comes after the reset; what is left now is a bound.
		limit = remaining
	}

	return rateLimit{
		limit:     max(limit, 1),
		remaining: remaining,
		window:    window,
		resetIn:   time.Duration(ahead) * time.Second,
	}, true
}

// parseRetryAfter reads the Retry-After header, in seconds or as a date (RFC 9110, section
// 10.2.3). If it is missing, or is no wait at all, ok is false.
func parseRetryAfter(header http.Header, now time.Time) (wait time.Duration, ok bool) {
	if seconds, err := headerNumber(header, "Retry-After"); err == nil {
		// A day is longer than anyone waits. It is compared in seconds, for a Duration would
		// overflow, below zero as well.
		wait = time.Duration(min(max(seconds, 0), 24*60*60)) * time.Second
	} else if date, err := http.ParseTime(header.Get("Retry-After")); err == nil {
		wait = min(max(date.Sub(sentAt(header, now)), 0), 24*time.Hour)
	}

	return wait, wait > 0
}

// sentAt is when the answer was sent, by the clock of the server, which has full seconds. It
// is never later than the truth, so that waits come out longer, if anything.
func sentAt(header http.Header, now time.Time) time.Time {
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		return date
	}

	return now
}

func headerNumber(header http.Header, name string) (int64, error) {
	return strconv.ParseInt(strings.TrimSpace(header.Get(name)), 10, 64)
}
