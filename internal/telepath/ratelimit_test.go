// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"
)

// localNow is the local clock in the tests of headers; serverNow is what a Date of the server
// says, hours away from it.
var (
	localNow  = time.Date(2026, time.March, 1, 12, 0, 0, 500, time.UTC)
	serverNow = time.Date(2026, time.March, 1, 5, 30, 0, 0, time.UTC)
)

func headerOf(pairs ...string) http.Header {
	header := http.Header{}
	for pair := range slices.Chunk(pairs, 2) {
		header.Set(pair[0], pair[1])
	}

	return header
}

func limitHeader(limit, remaining, reset, date string) http.Header {
	return headerOf("X-RateLimit-Limit", limit, "X-RateLimit-Remaining", remaining, "X-RateLimit-Reset", reset, "Date", date)
}

// after is a reset that many seconds after the time, as the header has it.
func after(from time.Time, seconds int64) string {
	return strconv.FormatInt(from.Unix()+seconds, 10)
}

func TestParseRateLimit(t *testing.T) {
	date := serverNow.Format(http.TimeFormat)

	for name, test := range map[string]struct {
		header http.Header
		want   rateLimit
	}{
		"the wait follows the answer's Date, however wrong the local clock is": {
			limitHeader("60", "12", after(serverNow, 42), date),
			rateLimit{limit: 60, remaining: 12, window: serverNow.Unix() + 42, resetIn: 42 * time.Second},
		},
		"nothing left": {
			limitHeader("60", "0", after(serverNow, 42), date),
			rateLimit{limit: 60, remaining: 0, window: serverNow.Unix() + 42, resetIn: 42 * time.Second},
		},
		"white space around the numbers": {
			limitHeader(" 60", "12 ", " "+after(serverNow, 42)+" ", date),
			rateLimit{limit: 60, remaining: 12, window: serverNow.Unix() + 42, resetIn: 42 * time.Second},
		},
		"a reset just an hour away": {
			limitHeader("60", "12", after(serverNow, 3600), date),
			rateLimit{limit: 60, remaining: 12, window: serverNow.Unix() + 3600, resetIn: time.Hour},
		},
		"without a Date, the local clock stands in": {
			limitHeader("60", "12", after(localNow, 42), ""),
			rateLimit{limit: 60, remaining: 12, window: localNow.Unix() + 42, resetIn: 42 * time.Second},
		},
		"with a Date that is none, the local clock stands in": {
			limitHeader("60", "12", after(localNow, 42), "today"),
			rateLimit{limit: 60, remaining: 12, window: localNow.Unix() + 42, resetIn: 42 * time.Second},
		},
		"without a limit, what is left stands in": {
			headerOf("X-RateLimit-Remaining", "12", "X-RateLimit-Reset", after(serverNow, 42), "Date", date),
			rateLimit{limit: 12, remaining: 12, window: serverNow.Unix() + 42, resetIn: 42 * time.Second},
		},
		"a limit below what is left": {
			limitHeader("-1", "12", after(serverNow, 42), date),
			rateLimit{limit: 12, remaining: 12, window: serverNow.Unix() + 42, resetIn: 42 * time.Second},
		},
		"a limit of text": {
			limitHeader("60;w=60", "12", after(serverNow, 42), date),
			rateLimit{limit: 12, remaining: 12, window: serverNow.Unix() + 42, resetIn: 42 * time.Second},
		},
		"a limit of nothing still lets one request find out": {
			limitHeader("0", "0", after(serverNow, 42), date),
			rateLimit{limit: 1, remaining: 0, window: serverNow.Unix() + 42, resetIn: 42 * time.Second},
		},
		"as many left as an integer holds": {
			limitHeader("9223372036854775807", "9223372036854775807", after(serverNow, 42), date),
			rateLimit{limit: math.MaxInt64, remaining: math.MaxInt64, window: serverNow.Unix() + 42, resetIn: 42 * time.Second},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := parseRateLimit(test.header, localNow)
			if !ok || got != test.want {
				t.Errorf("got %+v, %t; want %+v", got, ok, test.want)
			}
		})
	}
}

func TestParseRateLimitRefuses(t *testing.T) {
	date := serverNow.Format(http.TimeFormat)
	reset := after(serverNow, 42)

	for name, header := range map[string]http.Header{
		"no headers":                              {},
		"no remaining":                            headerOf("X-RateLimit-Limit", "60", "X-RateLimit-Reset", reset, "Date", date),
		"no reset":                                headerOf("X-RateLimit-Limit", "60", "X-RateLimit-Remaining", "12", "Date", date),
		"empty headers":                           limitHeader("", "", "", ""),
		"an empty remaining":                      limitHeader("60", "", reset, date),
		"an empty reset":                          limitHeader("60", "12", "", date),
		"a negative remaining":                    limitHeader("60", "-1", reset, date),
		"a remaining of text":                     limitHeader("60", "many", reset, date),
		"a remaining with a fraction":             limitHeader("60", "12.5", reset, date),
		"a remaining that overflows":              limitHeader("60", "9223372036854775808", reset, date),
		"a negative reset":                        limitHeader("60", "12", "-"+reset, date),
		"the lowest reset that there is":          limitHeader("60", "12", strconv.Itoa(math.MinInt64), date),
		"a reset of text":                         limitHeader("60", "12", "soon", date),
		"a reset as a date":                       limitHeader("60", "12", date, date),
		"a reset with a fraction":                 limitHeader("60", "12", reset+".5", date),
		"a reset in milliseconds":                 limitHeader("60", "12", reset+"000", date),
		"a reset in seconds from now":             limitHeader("60", "12", "42", date),
		"a reset now":                             limitHeader("60", "12", after(serverNow, 0), date),
		"a reset in the past":                     limitHeader("60", "12", after(serverNow, -1), date),
		"a reset a second more than an hour away": limitHeader("60", "12", after(serverNow, 3601), date),
		"a reset hours away":                      limitHeader("60", "12", after(serverNow, 5*3600), date),
		"a reset by a clock other than the Date":  limitHeader("60", "12", after(localNow, 42), date),
		"a reset that overflows":                  limitHeader("60", "12", "9223372036854775808", date),
		"a reset that overflows as a wait":        limitHeader("60", "12", strconv.Itoa(math.MaxInt64), date),
		"a wait that overflows to the past":       limitHeader("60", "12", strconv.Itoa(math.MaxInt64), "Mon, 01 Jan 0001 00:00:00 GMT"),
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := parseRateLimit(header, localNow); ok || got != (rateLimit{}) {
				t.Errorf("accepted, as %+v", got)
			}
		})
	}
}

func TestParseRetryAfter(t *testing.T) {
	date := serverNow.Format(http.TimeFormat)
	in := func(wait time.Duration) string { return serverNow.Add(wait).Format(http.TimeFormat) }

	for name, test := range map[string]struct {
		header http.Header
		want   time.Duration // 0 means that nothing was asked for.
	}{
		"seconds":                               {headerOf("Retry-After", "7"), 7 * time.Second},
		"seconds with white space":              {headerOf("Retry-After", " 7 "), 7 * time.Second},
		"a date, from the answer's Date":        {headerOf("Retry-After", in(7*time.Second), "Date", date), 7 * time.Second},
		"a date, from the local clock":          {headerOf("Retry-After", localNow.Truncate(time.Second).Add(7*time.Second).Format(http.TimeFormat)), 7*time.Second - 500},
		"a date in the form of RFC 850":         {headerOf("Retry-After", serverNow.Add(7*time.Second).Format("Monday, 02-Jan-06 15:04:05 GMT"), "Date", date), 7 * time.Second},
		"more than a day in seconds is a day":   {headerOf("Retry-After", "86401"), 24 * time.Hour},
		"seconds that overflow a wait":          {headerOf("Retry-After", strconv.Itoa(math.MaxInt64)), 24 * time.Hour},
		"milliseconds are a day at the most":    {headerOf("Retry-After", "1772342000000"), 24 * time.Hour},
		"more than a day as a date is a day":    {headerOf("Retry-After", in(48*time.Hour), "Date", date), 24 * time.Hour},
		"the last date that there is":           {headerOf("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT", "Date", date), 24 * time.Hour},
		"no header":                             {headerOf(), 0},
		"an empty header":                       {headerOf("Retry-After", ""), 0},
		"0 seconds":                             {headerOf("Retry-After", "0"), 0},
		"negative seconds":                      {headerOf("Retry-After", "-7"), 0},
		"negative seconds that overflow a wait": {headerOf("Retry-After", "-9223372037"), 0},
		"the lowest number but one":             {headerOf("Retry-After", strconv.Itoa(math.MinInt64+1)), 0},
		"seconds that overflow":                 {headerOf("Retry-After", "9223372036854775808"), 0},
		"seconds with a fraction":               {headerOf("Retry-After", "7.5"), 0},
		"a unit":                                {headerOf("Retry-After", "7s"), 0},
		"text":                                  {headerOf("Retry-After", "soon"), 0},
		"a date of another form":                {headerOf("Retry-After", serverNow.Add(time.Minute).Format(time.RFC3339), "Date", date), 0},
		"a date that is now":                    {headerOf("Retry-After", in(0), "Date", date), 0},
		"a date in the past":                    {headerOf("Retry-After", in(-time.Second), "Date", date), 0},
		"the first date that there is":          {headerOf("Retry-After", "Mon, 01 Jan 0001 00:00:00 GMT", "Date", date), 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := parseRetryAfter(test.header, localNow)
			if got != test.want || ok != (test.want > 0) {
				t.Errorf("got %s, %t; want %s", got, ok, test.want)
			}
		})
	}
}
