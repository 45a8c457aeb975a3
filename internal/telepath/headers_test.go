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

// localNow is the time of the local clock, and serverNow the Date of the response.
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

func TestParseAge(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "-7": 0, "soon": 0, "7.5": 0,
		"7": 7 * time.Second, "86400": 24 * time.Hour, "5 , 0": 5 * time.Second, ", 5": 0,
		strconv.FormatInt(math.MaxInt64, 10): math.MaxInt32 * time.Second, strconv.FormatInt(math.MaxInt64, 10) + "0": math.MaxInt32 * time.Second,
	} {
		if got := parseAge(headerOf("Age", value)); got != want {
			t.Errorf("%q: got %s, want %s", value, got, want)
		}
	}
}

// after returns the header of a reset a number of seconds after a time.
func after(from time.Time, seconds int64) string {
	return strconv.FormatInt(from.Unix()+seconds, 10)
}

func TestParseRateLimit(t *testing.T) {
	date := serverNow.Format(http.TimeFormat)
	reset := after(serverNow, 42)

	// parsed is the expected result for a reset after 42 s.
	parsed := func(limit, remaining int64) rateLimit {
		return rateLimit{limit: limit, remaining: remaining, end: serverNow.Unix() + 42, resetIn: 42 * time.Second}
	}
	byLocalClock := rateLimit{limit: 60, remaining: 12, end: localNow.Unix() + 42, resetIn: 42 * time.Second}

	for name, test := range map[string]struct {
		header http.Header
		want   rateLimit // Empty means not ok.
	}{
		"the reset is compared with the Date": {limitHeader("60", "12", reset, date), parsed(60, 12)},
		"0 remaining":                         {limitHeader("60", "0", reset, date), parsed(60, 0)},
		"whitespace around the numbers":       {limitHeader(" 60", "12 ", " "+reset+" ", date), parsed(60, 12)},
		"a reset in one day": {
			limitHeader("60", "12", after(serverNow, 86400), date),
			rateLimit{limit: 60, remaining: 12, end: serverNow.Unix() + 86400, resetIn: 24 * time.Hour},
		},
		"no Date: the local clock is used":         {limitHeader("60", "12", after(localNow, 42), ""), byLocalClock},
		"an invalid Date: the local clock is used": {limitHeader("60", "12", after(localNow, 42), "today"), byLocalClock},
		"no limit":                             {limitHeader("", "12", reset, date), parsed(0, 12)},
		"a limit below the remaining requests": {limitHeader("11", "12", reset, date), parsed(0, 12)},
		"a limit of 0":                         {limitHeader("0", "0", reset, date), parsed(0, 0)},
		"the largest limit": {
			limitHeader("9223372036854775807", "9223372036854775807", reset, date), parsed(math.MaxInt64, math.MaxInt64),
		},

		"no headers":                     {http.Header{}, rateLimit{}},
		"no remaining":                   {limitHeader("60", "", reset, date), rateLimit{}},
		"no reset":                       {limitHeader("60", "12", "", date), rateLimit{}},
		"no reset in 1969":               {limitHeader("60", "12", "", "Wed, 31 Dec 1969 23:00:00 GMT"), rateLimit{}},
		"a negative remaining":           {limitHeader("60", "-1", reset, date), rateLimit{}},
		"a remaining of text":            {limitHeader("60", "many", reset, date), rateLimit{}},
		"a negative reset":               {limitHeader("60", "12", "-62135596758", "Mon, 01 Jan 0001 00:00:00 GMT"), rateLimit{}},
		"the lowest reset":               {limitHeader("60", "12", strconv.FormatInt(math.MinInt64, 10), date), rateLimit{}},
		"a reset of text":                {limitHeader("60", "12", "soon", date), rateLimit{}},
		"a reset in milliseconds":        {limitHeader("60", "12", reset+"000", date), rateLimit{}},
		"a reset in seconds from now":    {limitHeader("60", "12", "42", date), rateLimit{}},
		"a reset now":                    {limitHeader("60", "12", after(serverNow, 0), date), rateLimit{}},
		"a reset in the past":            {limitHeader("60", "12", after(serverNow, -1), date), rateLimit{}},
		"a reset in more than a day":     {limitHeader("60", "12", after(serverNow, 86401), date), rateLimit{}},
		"the highest reset":              {limitHeader("60", "12", strconv.FormatInt(math.MaxInt64, 10), date), rateLimit{}},
		"a reset that overflows the gap": {limitHeader("60", "12", strconv.FormatInt(math.MaxInt64, 10), "Mon, 01 Jan 0001 00:00:00 GMT"), rateLimit{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := parseRateLimit(test.header, localNow)
			if ok != (test.want != rateLimit{}) || got != test.want {
				t.Errorf("got %+v, %t; want %+v", got, ok, test.want)
			}
		})
	}
}

func TestParseRetryAfter(t *testing.T) {
	date := serverNow.Format(http.TimeFormat)
	in := func(wait time.Duration) string { return serverNow.Add(wait).Format(http.TimeFormat) }

	for name, test := range map[string]struct {
		header http.Header
		want   time.Duration // 0 means not ok.
	}{
		"seconds":                               {headerOf("Retry-After", "7"), 7 * time.Second},
		"seconds with whitespace":               {headerOf("Retry-After", " 7 "), 7 * time.Second},
		"a date, from the Date of the response": {headerOf("Retry-After", in(7*time.Second), "Date", date), 7 * time.Second},
		"a date, from the local clock":          {headerOf("Retry-After", localNow.Truncate(time.Second).Add(7*time.Second).Format(http.TimeFormat)), 7*time.Second - 500},
		"seconds of more than a day":            {headerOf("Retry-After", "86401"), 24 * time.Hour},
		"seconds that overflow a Duration":      {headerOf("Retry-After", strconv.FormatInt(math.MaxInt64, 10)), 24 * time.Hour},
		"a date after more than a day":          {headerOf("Retry-After", in(48*time.Hour), "Date", date), 24 * time.Hour},
		"the last date":                         {headerOf("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT", "Date", date), 24 * time.Hour},
		"no header":                             {headerOf(), 0},
		"0 seconds":                             {headerOf("Retry-After", "0"), 0},
		"negative seconds":                      {headerOf("Retry-After", "-7"), 0},
		"negative seconds that overflow":        {headerOf("Retry-After", "-9223372037"), 0},
		"text":                                  {headerOf("Retry-After", "soon"), 0},
		"a date that is now":                    {headerOf("Retry-After", in(0), "Date", date), 0},
		"a date in the past":                    {headerOf("Retry-After", in(-time.Second), "Date", date), 0},
		"the first date":                        {headerOf("Retry-After", "Mon, 01 Jan 0001 00:00:00 GMT", "Date", date), 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := parseRetryAfter(test.header, localNow)
			if got != test.want || ok != (test.want > 0) {
				t.Errorf("got %s, %t; want %s", got, ok, test.want)
			}
		})
	}
}
