// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxAhead is the longest wait that a header is believed to ask for: a daily quota. A later reset is in
// milliseconds, or from a wrong clock.
const maxAhead = 24 * time.Hour

// rateLimit is the state of the rate limit in a response.
type rateLimit struct {
	// limit is the number of requests in a window, 0 if that is unknown.
	limit int64
	// remaining is how many requests are left in this window.
	remaining int64
	// end is when the window ends, in Unix seconds by the clock of the server. It identifies the window.
	end int64
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

	// An invalid reset is 0, or so far ahead that it is impossible.
	end, _ := parseInt(header, "X-RateLimit-Reset")
	// Compared in seconds, because an impossible number would overflow a Duration.
	ahead := end - sentAt(header, now).Unix()
	if end <= 0 || ahead <= 0 || ahead > int64(maxAhead/time.Second) {
		return rateLimit{}, false
	}

	// A missing limit is 0, and an impossible one counts as missing.
	limit, _ := parseInt(header, "X-RateLimit-Limit")
	if limit < remaining {
		limit = 0
	}

	return rateLimit{limit: limit, remaining: remaining, end: end, resetIn: time.Duration(ahead) * time.Second}, true
}

// parseRetryAfter parses the Retry-After header, in seconds or as a date (RFC 9110, section
// 10.2.3). ok is false if it is missing, invalid or no wait at all.
func parseRetryAfter(header http.Header, now time.Time) (wait time.Duration, ok bool) {
	if seconds, err := parseInt(header, "Retry-After"); err == nil {
		wait = limitSeconds(seconds, maxAhead)
	} else if date, err := http.ParseTime(header.Get("Retry-After")); err == nil {
		wait = min(max(date.Sub(sentAt(header, now)), 0), maxAhead)
	}

	return wait, wait > 0
}

// parseAge parses the Age header, or the first of several (RFC 9111, section 5.1). It is 0 if the header
// is missing or invalid.
func parseAge(header http.Header) time.Duration {
	age, _, _ := strings.Cut(header.Get("Age"), ",")
	// A number out of range is the largest one.
	seconds, _ := strconv.ParseInt(strings.TrimSpace(age), 10, 64)

	return limitSeconds(seconds, math.MaxInt32*time.Second)
}

// limitSeconds returns a duration from 0 to a limit. A large number of seconds would overflow it.
func limitSeconds(seconds int64, limit time.Duration) time.Duration {
	return time.Duration(min(max(seconds, 0), int64(limit/time.Second))) * time.Second
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
