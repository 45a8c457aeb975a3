// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
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

// after returns the header of a reset a number of seconds after a time.
func after(from time.Time, seconds int64) string {
	return strconv.FormatInt(from.Unix()+seconds, 10)
}

func TestParseRateLimit(t *testing.T) {
	date := serverNow.Format(http.TimeFormat)
	reset := after(serverNow, 42)

	// parsed is the expected result for a reset after 42 s.
	parsed := func(limit, remaining int64) rateLimit {
		return rateLimit{limit: limit, remaining: remaining, window: serverNow.Unix() + 42, resetIn: 42 * time.Second}
	}
	byLocalClock := rateLimit{limit: 60, remaining: 12, window: localNow.Unix() + 42, resetIn: 42 * time.Second}

	for name, test := range map[string]struct {
		header http.Header
		want   rateLimit // Empty means not ok.
	}{
		"the reset is compared with the Date": {limitHeader("60", "12", reset, date), parsed(60, 12)},
		"0 remaining":                         {limitHeader("60", "0", reset, date), parsed(60, 0)},
		"whitespace around the numbers":       {limitHeader(" 60", "12 ", " "+reset+" ", date), parsed(60, 12)},
		"a reset in one hour": {
			limitHeader("60", "12", after(serverNow, 3600), date),
			rateLimit{limit: 60, remaining: 12, window: serverNow.Unix() + 3600, resetIn: time.Hour},
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
		"a negative remaining":           {limitHeader("60", "-1", reset, date), rateLimit{}},
		"a remaining of text":            {limitHeader("60", "many", reset, date), rateLimit{}},
		"a negative reset":               {limitHeader("60", "12", "-62135596758", "Mon, 01 Jan 0001 00:00:00 GMT"), rateLimit{}},
		"the lowest reset":               {limitHeader("60", "12", strconv.Itoa(math.MinInt64), date), rateLimit{}},
		"a reset of text":                {limitHeader("60", "12", "soon", date), rateLimit{}},
		"a reset in milliseconds":        {limitHeader("60", "12", reset+"000", date), rateLimit{}},
		"a reset in seconds from now":    {limitHeader("60", "12", "42", date), rateLimit{}},
		"a reset now":                    {limitHeader("60", "12", after(serverNow, 0), date), rateLimit{}},
		"a reset in the past":            {limitHeader("60", "12", after(serverNow, -1), date), rateLimit{}},
		"a reset in more than an hour":   {limitHeader("60", "12", after(serverNow, 3601), date), rateLimit{}},
		"the highest reset":              {limitHeader("60", "12", strconv.Itoa(math.MaxInt64), date), rateLimit{}},
		"a reset that overflows the gap": {limitHeader("60", "12", strconv.Itoa(math.MaxInt64), "Mon, 01 Jan 0001 00:00:00 GMT"), rateLimit{}},
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
		"seconds that overflow a Duration":      {headerOf("Retry-After", strconv.Itoa(math.MaxInt64)), 24 * time.Hour},
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

// limiterTest is a limiter and its test.
type limiterTest struct {
	*testing.T
	*limiter
}

// window returns a response whose window ends after a time.
func window(limit, remaining int64, resetIn time.Duration) *response {
	now := time.Now()

	return &response{status: http.StatusOK, header: limitHeader(
		strconv.FormatInt(limit, 10), strconv.FormatInt(remaining, 10), after(now, int64(resetIn/time.Second)), now.Format(http.TimeFormat),
	)}
}

// tooMany returns a response with status 429.
func tooMany(headers ...string) *response {
	return &response{status: http.StatusTooManyRequests, header: headerOf(headers...)}
}

// acquireNow acquires a permit that must be available.
func (l limiterTest) acquireNow() {
	l.Helper()

	if waited := l.acquireAfter(); waited != 0 {
		l.Fatalf("waited %s, want 0", waited)
	}
}

// acquireAfter acquires a permit, and returns how long that took.
func (l limiterTest) acquireAfter() time.Duration {
	l.Helper()

	start := time.Now()

	if err := l.acquire(l.Context(), &waits{}, 0); err != nil {
		l.Fatal(err)
	}

	return time.Since(start)
}

// wantWait acquires a permit, and checks that this takes a time and the jitter.
func (l limiterTest) wantWait(want time.Duration) {
	l.Helper()

	if waited := l.acquireAfter(); waited < want || waited >= want+resetJitter {
		l.Errorf("waited %s, want %s and less than %s of jitter", waited, want, resetJitter)
	}
}

// end ends a request in flight with a response, nil for none.
func (l limiterTest) end(resp *response) { l.observe(resp, 0, time.Now()) }

// request acquires a permit, and ends the request with a response.
func (l limiterTest) request(resp *response) {
	l.Helper()
	l.acquireNow()
	l.end(resp)
}

// requesters acquire n permits concurrently, for requests that never end. The function that is
// returned checks how many have a permit.
func (l limiterTest) requesters(n int) (wantAdmitted func(int)) {
	l.Helper()

	var admitted atomic.Int64

	for range n {
		go func() {
			if err := l.acquire(l.Context(), &waits{}, 0); err == nil {
				admitted.Add(1)
			}
		}()
	}

	return func(want int) {
		l.Helper()
		synctest.Wait()

		if got := admitted.Load(); got != int64(want) {
			l.Errorf("%d requests admitted, want %d", got, want)
		}
	}
}

// wantBudget checks the budget, -1 if it is unknown.
func (l limiterTest) wantBudget(want int64) {
	l.Helper()

	if got := l.budget(); got != want {
		l.Errorf("a budget of %d, want %d", got, want)
	}
}

func TestLimiter(t *testing.T) {
	for name, test := range map[string]func(l limiterTest){
		"requests are admitted before the first response": func(l limiterTest) {
			l.requesters(8)(8)
			l.wantBudget(-1)
		},
		"requests are admitted after responses without headers": func(l limiterTest) {
			for range 5 {
				l.request(&response{})
			}

			l.requesters(8)(8)
			l.wantBudget(-1)
		},
		"with 0 remaining, a request waits until the reset": func(l limiterTest) {
			l.request(window(60, 0, 42*time.Second))
			l.wantWait(42 * time.Second)
		},
		"with 2 remaining, 2 of 8 concurrent requests are admitted before the reset": func(l limiterTest) {
			l.request(window(60, 2, 42*time.Second))

			wantAdmitted := l.requesters(8)
			wantAdmitted(2)
			time.Sleep(42*time.Second - time.Nanosecond)
			wantAdmitted(2)
			time.Sleep(resetJitter)
			wantAdmitted(8)
		},
		"a request without a response delays others until the reset only": func(l limiterTest) {
			l.request(window(60, 1, 42*time.Second))
			l.acquireNow()
			l.wantWait(42 * time.Second)
		},
		"a response with remaining requests wakes waiters": func(l limiterTest) {
			l.request(window(60, 10, 42*time.Second))

			for range 8 {
				l.acquireNow()
			}

			// All requests were counted, and the last response arrives first.
			l.end(window(60, 2, 42*time.Second))

			wantAdmitted := l.requesters(1)
			wantAdmitted(0)

			for i := range 7 {
				l.end(window(60, int64(9-i), 42*time.Second))
			}

			wantAdmitted(1)
		},
		"an overtaken response does not raise the budget": func(l limiterTest) {
			l.request(window(60, 5, 42*time.Second))
			l.acquireNow()
			l.acquireNow()
			l.end(window(60, 0, 42*time.Second))
			l.end(window(60, 4, 42*time.Second))
			l.wantWait(42 * time.Second)
		},
		"a late response of the previous window does not raise the budget": func(l limiterTest) {
			late := window(60, 50, time.Second)
			l.request(late)
			l.acquireNow()
			time.Sleep(2 * time.Second)
			l.request(window(60, 0, 42*time.Second))
			l.end(late)
			l.wantWait(42 * time.Second)
		},
		"a late response of the previous window does not lower the budget": func(l limiterTest) {
			late := window(2, 0, time.Second)
			l.request(window(2, 1, time.Second))
			l.acquireNow()
			time.Sleep(time.Second)
			l.acquireNow()
			l.end(late)
			l.acquireNow()
		},
		"the budget of a new window is the limit without requests in flight": func(l limiterTest) {
			l.request(window(3, 1, time.Second))
			l.acquireNow()
			time.Sleep(time.Second)
			l.requesters(8)(2)
		},
		"a window may start early": func(l limiterTest) {
			l.request(window(60, 1, 42*time.Second))
			l.request(window(60, 59, 90*time.Second))
			l.acquireNow()
		},
		"the earliest reset of a window is used": func(l limiterTest) {
			l.request(window(60, 5, 42*time.Second))
			l.acquireNow()
			l.acquireNow()

			early, late := window(60, 0, 42*time.Second), window(60, 0, 42*time.Second)
			early.header.Set("Date", time.Now().Add(2*time.Second).Format(http.TimeFormat))
			late.header.Set("Date", time.Now().Add(-3*time.Second).Format(http.TimeFormat))
			l.end(early)
			l.end(late)
			l.wantWait(40 * time.Second)
		},
		"a request without a response lowers the budget": func(l limiterTest) {
			l.request(window(60, 2, 42*time.Second))
			l.request(nil)
			l.request(nil)
			l.wantWait(42 * time.Second)
		},
		"a request without a response is counted once": func(l limiterTest) {
			l.request(window(60, 5, 42*time.Second))
			l.request(nil)
			l.request(window(60, 3, 42*time.Second))
			l.wantBudget(3)
		},
		"after the reset, one request at a time is admitted until a response has headers": func(l limiterTest) {
			l.request(window(2, 0, time.Second))
			time.Sleep(time.Second)
			l.request(nil)

			for range 5 {
				l.acquireNow()

				ctx, cancel := context.WithTimeoutCause(l.Context(), time.Second, errGaveUp)
				if err := l.acquire(ctx, &waits{}, 0); !errors.Is(err, errGaveUp) {
					l.Errorf("got %v, want %v", err, errGaveUp)
				}

				cancel()
				l.end(nil)
			}

			l.wantBudget(0)
		},
		"a wait ends when its context is cancelled": func(l limiterTest) {
			l.request(window(60, 0, 42*time.Second))

			ctx, cancel := context.WithCancelCause(l.Context())

			time.AfterFunc(7*time.Second, func() { cancel(errGaveUp) })

			start := time.Now()

			err := l.acquire(ctx, &waits{}, 0)
			if took := time.Since(start); took != 7*time.Second || !errors.Is(err, errGaveUp) {
				l.Errorf("got %v after %s, want %v after 7s", err, took, errGaveUp)
			}
		},
		"a 429 blocks all requests, also after a response with remaining requests": func(l limiterTest) {
			l.acquireNow()
			l.request(tooMany("Retry-After", "7"))
			l.end(window(60, 59, 42*time.Second))

			wantAdmitted := l.requesters(8)

			time.Sleep(7*time.Second - time.Nanosecond)
			wantAdmitted(0)
			time.Sleep(resetJitter)
			wantAdmitted(8)
		},
		"a 429 without headers blocks waiters for the backoff": func(l limiterTest) {
			l.request(window(60, 1, 42*time.Second))
			l.acquireNow()

			wantAdmitted := l.requesters(8)
			wantAdmitted(0)
			l.observe(tooMany(), 3*time.Second, time.Now())
			wantAdmitted(0)
			l.wantWait(42 * time.Second)
		},
		"a shorter block does not end a longer one": func(l limiterTest) {
			l.acquireNow()
			l.acquireNow()
			l.end(tooMany("Retry-After", "7"))
			l.end(tooMany("Retry-After", "1"))
			l.wantWait(7 * time.Second)
		},
		"a wait for a block includes its extension": func(l limiterTest) {
			l.acquireNow()
			l.acquireNow()
			l.end(tooMany("Retry-After", "7"))
			time.AfterFunc(time.Second, func() { l.end(tooMany("Retry-After", "9")) })
			l.wantWait(10 * time.Second)
		},
		"the Retry-After of a 429 is used instead of the reset": func(l limiterTest) {
			l.acquireNow()
			l.request(window(60, 0, 42*time.Second))
			l.end(tooMany("Retry-After", "7"))
			l.wantWait(7 * time.Second)
		},
	} {
		// Waiters that remain end with the context of the test.
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(limiterTest{t, newLimiter()}) })
		})
	}
}

// The first response after the reset does not wake requests that wait for their jitter.
func TestLimiterSpreadsRequestsAfterReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limiterTest{t, newLimiter()}
		l.request(window(60, 0, 42*time.Second))

		var (
			mu    sync.Mutex
			times []time.Time
			group sync.WaitGroup
		)

		for range 8 {
			group.Go(func() {
				l.acquireAfter()
				mu.Lock()

				times = append(times, time.Now())
				mu.Unlock()

				time.Sleep(50 * time.Millisecond)
				l.end(window(60, 59, time.Minute))
			})
		}

		group.Wait()

		if distinct := slices.CompactFunc(times, time.Time.Equal); len(distinct) < 7 {
			t.Errorf("8 requests were sent at %d different times: %v", len(distinct), distinct)
		}
	})
}

var errGaveUp = errors.New("gave up")

func TestLimiterEndsWithTheContext(t *testing.T) {
	untilReset := func(l limiterTest) { l.request(window(60, 0, 42*time.Second)) }
	inFlight := func(l limiterTest) {
		l.request(window(60, 1, 42*time.Second))
		l.acquireNow()
	}

	for name, test := range map[string]struct {
		prepare func(l limiterTest)
		timeout time.Duration
		cause   error
		want    error // Nil is success, or a RateLimitError with the text.
		text    string
		took    time.Duration
	}{
		"a wait for the reset beyond the deadline does not start": {
			untilReset, 41 * time.Second, errGaveUp, nil, "the API's rate limit resets in 42s, at 2000-01-01T00:00:42Z", 0,
		},
		"a wait for a block beyond the deadline does not start": {
			func(l limiterTest) { l.request(tooMany("Retry-After", "3600")) },
			time.Minute, errGaveUp, nil, "the API's rate limit resets in 1h0m0s, at 2000-01-01T01:00:00Z", 0,
		},
		"the jitter does not exceed the deadline":            {untilReset, 42*time.Second + 2*time.Nanosecond, errGaveUp, nil, "", 42 * time.Second},
		"a wait that a response may end starts":              {inFlight, 7 * time.Second, errGaveUp, errGaveUp, "", 7 * time.Second},
		"a deadline without a cause is that of the read":     {inFlight, 7 * time.Second, nil, ErrReadTimeout, "", 7 * time.Second},
		"no permit is acquired after the end of the context": {func(limiterTest) {}, 0, errGaveUp, errGaveUp, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := limiterTest{t, newLimiter()}
				test.prepare(l)

				before := l.inFlight
				start := time.Now()

				ctx, cancel := context.WithTimeoutCause(t.Context(), test.timeout, test.cause)
				defer cancel()

				err := l.acquire(ctx, &waits{}, 0)

				if took := time.Since(start).Truncate(time.Millisecond); took != test.took {
					t.Errorf("took %s, want %s", took, test.took)
				}

				var limitErr *RateLimitError

				switch {
				case test.text != "":
					wantText(t, err, test.text)

					if !errors.As(err, &limitErr) {
						t.Errorf("got a %T, want a %T", err, limitErr)
					}
				case !errors.Is(err, test.want):
					t.Errorf("got %v, want %v", err, test.want)
				}

				l.budget() // The limiter is not locked.

				if err != nil && l.inFlight != before {
					t.Errorf("%d requests in flight, want %d as before", l.inFlight, before)
				}
			})
		})
	}
}

func TestLimiterChecksTheDeadline(t *testing.T) {
	for name, test := range map[string]struct {
		prepare  func(l limiterTest)
		requests int64
		want     time.Duration // The earliest deadline that is enough. 0 means any.
	}{
		"no response yet":                   {func(limiterTest) {}, 1000, 0},
		"enough remaining":                  {func(l limiterTest) { l.request(window(60, 10, 42*time.Second)) }, 10, 0},
		"one request after the reset":       {func(l limiterTest) { l.request(window(60, 10, 42*time.Second)) }, 11, 42 * time.Second},
		"a whole window after the reset":    {func(l limiterTest) { l.request(window(60, 0, 42*time.Second)) }, 60, 42 * time.Second},
		"one request in the next window":    {func(l limiterTest) { l.request(window(60, 0, 42*time.Second)) }, 61, 84 * time.Second},
		"requests in flight count":          {func(l limiterTest) { l.request(window(60, 2, 42*time.Second)); l.acquireNow() }, 2, 42 * time.Second},
		"an unknown limit":                  {func(l limiterTest) { l.request(window(0, 3, time.Minute)) }, 1000, 0},
		"after the end of a window":         {func(l limiterTest) { l.request(window(60, 0, time.Second)); time.Sleep(time.Second) }, 1000, 0},
		"ten requests at three in a minute": {func(l limiterTest) { l.request(window(3, 2, time.Minute)) }, 10, 3 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := limiterTest{t, newLimiter()}
				test.prepare(l)

				for timeout, fails := range map[time.Duration]bool{test.want: false, test.want - 1: test.want > 0} {
					ctx, cancel := context.WithTimeout(t.Context(), timeout)
					err := l.checkDeadline(ctx, test.requests, 0)

					cancel()

					if (err != nil) != fails {
						t.Errorf("with a deadline in %s, got %v", timeout, err)
					}
				}
			})
		})
	}
}

func TestRateLimitErrorNamesATimeout(t *testing.T) {
	threePerMinute := func(l limiterTest) { l.request(window(3, 0, time.Minute)) }

	for name, test := range map[string]struct {
		prepare  func(l limiterTest)
		reset    time.Duration
		requests int64
		want     time.Duration // 0 means that the error names none.
	}{
		"no response yet":                    {func(limiterTest) {}, 0, 3, 0},
		"an unknown limit":                   {func(l limiterTest) { l.request(window(0, 3, time.Minute)) }, 0, 3, 0},
		"an unknown number of requests":      {threePerMinute, 0, 0, 0},
		"one request":                        {threePerMinute, 0, 1, 80 * time.Second},
		"the requests of one window":         {threePerMinute, 0, 3, 80 * time.Second},
		"one request in the second window":   {threePerMinute, 0, 4, 140 * time.Second},
		"the largest limit":                  {func(l limiterTest) { l.request(window(math.MaxInt64, 0, time.Minute)) }, 0, 4, 80 * time.Second},
		"a window is assumed to be a minute": {func(l limiterTest) { l.request(window(3, 0, 10*time.Second)) }, 0, 3, 80 * time.Second},
		"a Retry-After of 10 minutes":        {threePerMinute, 10 * time.Minute, 4, 680 * time.Second},
		"a window was longer than a minute": {func(l limiterTest) {
			l.request(window(3, 1, 98*time.Second))
			time.Sleep(90 * time.Second)
			l.request(window(3, 0, 8*time.Second))
		}, 0, 3, 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := limiterTest{t, newLimiter()}
				test.prepare(l)

				reset := time.Now().Add(test.reset)
				if err := l.newError(reset, test.requests); err.ReadTimeout != test.want || err.Reset != reset {
					t.Errorf("got %+v, want a timeout of %s", err, test.want)
				}
			})
		})
	}
}

func TestWaits(t *testing.T) {
	type wait struct{ from, to time.Duration }

	const s = time.Second

	for name, test := range map[string]struct {
		waits []wait
		want  time.Duration
	}{
		"no wait":                              {nil, 0},
		"one wait":                             {[]wait{{1 * s, 5 * s}}, 4 * s},
		"concurrent waits are counted once":    {[]wait{{1 * s, 5 * s}, {1 * s, 5 * s}, {1 * s, 5 * s}}, 4 * s},
		"the overlap of waits is counted once": {[]wait{{1 * s, 5 * s}, {3 * s, 9 * s}}, 8 * s},
		"sequential waits are added":           {[]wait{{1 * s, 3 * s}, {5 * s, 9 * s}}, 6 * s},
		"a wait without a duration":            {[]wait{{1 * s, 1 * s}}, 0 * s},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var (
					waited  waits
					waiting sync.WaitGroup
				)

				for _, each := range test.waits {
					waiting.Go(func() {
						time.Sleep(each.from)

						changed := make(chan struct{})

						time.AfterFunc(each.to-each.from, func() { close(changed) })

						waited.wait(t.Context(), rateLimitWait{changed: changed})
					})
				}

				waiting.Wait()

				if waited.total != test.want {
					t.Errorf("got %s, want %s", waited.total, test.want)
				}
			})
		})
	}
}

func TestListingWaited(t *testing.T) {
	for name, test := range map[string]struct {
		trunks, limit int
		want          time.Duration
		logged        int // A wait of several pages is logged once.
	}{
		"11 requests, 11 a minute": {1000, 11, 0, 0},
		"11 requests, 10 a minute": {1000, 10, time.Minute, 1},
		"11 requests, 3 a minute":  {1000, 3, 3 * time.Minute, 3},
		"3 requests, 1 a minute":   {250, 1, 2 * time.Minute, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(mockapi.Trunks(test.trunks))
				api.SetRateLimit(test.limit, time.Minute)

				var output bytes.Buffer

				got, err := newInProcessClient(t, api, Config{}).List(tflogtest.RootLogger(t.Context(), &output), "")
				if err != nil {
					t.Fatal(err)
				}

				// The reset and the Date are in full seconds, and each window adds jitter.
				if off := got.Waited - test.want; off < 0 || off > 5*time.Second || test.want == 0 && off != 0 {
					t.Errorf("waited for %s, want about %s", got.Waited, test.want)
				}

				if logged := strings.Count(output.String(), "Waiting for the rate limit"); logged != test.logged {
					t.Errorf("%d waits were logged, want %d:\n%s", logged, test.logged, output.String())
				}
			})
		})
	}
}

// fixedWindows is a server with a rate limit of fixed windows. If it is lazy, a window starts with the
// first request after the previous one.
type fixedWindows struct {
	limit  int64
	length time.Duration
	lazy   bool

	mu    sync.Mutex
	start time.Time
	used  int64
	lost  int64 // Requests whose response was lost.
	worst int64 // The largest excess of a window over its limit and the lost requests.
}

// count counts a request. Its response has the reset rounded up, and the Date rounded down.
func (s *fixedWindows) count() *response {
	s.mu.Lock()
	defer s.mu.Unlock()

	now := time.Now()

	switch {
	case s.start.IsZero(), s.lazy && now.Sub(s.start) >= s.length:
		s.start, s.used = now, 0
	case now.Sub(s.start) >= s.length:
		s.start, s.used = s.start.Add(now.Sub(s.start).Truncate(s.length)), 0
	}

	s.used++
	s.worst = max(s.worst, s.used-s.limit-s.lost)

	end := s.start.Add(s.length)

	reset := end.Unix()
	if end.Nanosecond() > 0 {
		reset++
	}

	return &response{header: limitHeader(
		strconv.FormatInt(s.limit, 10), strconv.FormatInt(max(s.limit-s.used, 0), 10), strconv.FormatInt(reset, 10), now.Format(http.TimeFormat),
	)}
}

// lose counts a response that is lost: the limiter cannot know in which window its request was.
func (s *fixedWindows) lose() {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.lost++
}

// Random responses are late, overtake each other or are lost. The limit holds except for lost responses,
// and each request is admitted: synctest reports an endless wait as a deadlock.
func TestLimiterRandom(t *testing.T) {
	for seed := range uint64(300) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // It must be repeatable.
			server := &fixedWindows{
				limit:  1 + random.Int64N(20),
				length: time.Duration(1+random.IntN(60))*time.Second + time.Duration(random.Int64N(2))*time.Duration(random.Int64N(int64(time.Second))),
				lazy:   random.IntN(2) == 0,
			}
			slowest := 1 + random.Int64N(int64(10*time.Second))
			losses := max(0, random.IntN(8)-4) // In ten responses.

			time.Sleep(time.Duration(random.Int64N(int64(time.Second))))

			l := newLimiter()
			limiterTest{t, l}.request(server.count())

			var requesters sync.WaitGroup

			for range 1 + random.IntN(12) {
				mine := rand.New(rand.NewPCG(random.Uint64(), 0)) //nolint:gosec // It must be repeatable.
				delay := func() { time.Sleep(time.Duration(mine.Int64N(slowest))) }

				requesters.Go(func() {
					for range 10 {
						if err := l.acquire(t.Context(), &waits{}, 0); err != nil {
							t.Error(err)

							return
						}

						delay()

						lost := mine.IntN(10) < losses
						if lost && mine.IntN(2) == 0 {
							// The request did not arrive.
							l.observe(nil, 0, time.Now())

							continue
						}

						if lost {
							server.lose()
						}

						resp := server.count()

						delay()

						if lost {
							resp = nil
						}

						l.observe(resp, 0, time.Now())
					}
				})
			}

			requesters.Wait()

			if server.worst > 0 {
				t.Errorf("seed %d: %d requests above the limit of %d in a window", seed, server.worst, server.limit)
			}

			if l.inFlight != 0 {
				t.Errorf("seed %d: %d requests are still in flight", seed, l.inFlight)
			}
		})
	}
}

func TestRateLimitOfConcurrentListings(t *testing.T) {
	// list returns the largest timeout that an error names.
	list := func(t *testing.T, timeout time.Duration) (named time.Duration) {
		t.Helper()

		api := mockapi.New(mockapi.Trunks(1000))
		api.SetRateLimit(3, time.Minute)

		client := newInProcessClient(t, api, Config{})
		ctx := readContext(t, timeout)

		var (
			group sync.WaitGroup
			errs  [2]error
		)

		for i, status := range []string{"", StatusActive} {
			group.Go(func() { _, errs[i] = client.List(ctx, status) })
		}

		group.Wait()

		for _, err := range errs {
			var limitErr *RateLimitError
			if errors.As(err, &limitErr) {
				named = max(named, limitErr.ReadTimeout)
			} else if err != nil {
				t.Error(err)
			}
		}

		return named
	}

	synctest.Test(t, func(t *testing.T) {
		named := list(t, 100*time.Second)
		if named == 0 {
			t.Fatal("no error names a timeout")
		}

		if longer := list(t, named); longer != 0 {
			t.Errorf("with a timeout of %s, an error names %s", named, longer)
		}
	})
}

func TestRateLimitErrorOf429(t *testing.T) {
	for name, test := range map[string]struct {
		fault   mockapi.Fault
		timeout time.Duration
		text    string
		want    time.Duration // The timeout that the error names.
	}{
		"Retry-After": {
			mockapi.WithHeader("Retry-After", "600", mockapi.Status(http.StatusTooManyRequests)),
			5 * time.Minute, "the API's rate limit resets in 10m0s", 620 * time.Second,
		},
		"no headers, while other pages wait": {mockapi.Empty(http.StatusTooManyRequests), 20 * time.Second, "the API's rate limit resets in", 80 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(mockapi.Trunks(1000))
				api.Fail(1, nil)
				api.Fail(-1, test.fault)

				_, err := newInProcessClient(t, api, Config{}).List(readContext(t, test.timeout), "")
				wantText(t, err, test.text)

				var limitErr *RateLimitError
				if !errors.As(err, &limitErr) || limitErr.ReadTimeout != test.want {
					t.Errorf("got %+v, want a timeout of %s", limitErr, test.want)
				}
			})
		})
	}
}

// 198 trunks take 2 requests, and 199 take 3: pages overlap.
func TestRateLimitOfTheLastPage(t *testing.T) {
	for trunks, requests := range map[int]int{198: 2, 199: 1} {
		t.Run(strconv.Itoa(trunks), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(mockapi.Trunks(trunks))
				api.SetRateLimit(2, time.Minute)

				_, err := newInProcessClient(t, api, Config{}).List(readContext(t, 10*time.Second), "")

				var limitErr *RateLimitError
				if errors.As(err, &limitErr) != (requests == 1) {
					t.Errorf("got %v", err)
				}

				wantRequests(t, api, requests)
			})
		})
	}
}

// 1,000 trunks take 11 requests, here 3 a minute. A read that cannot finish fails after its first
// page, and names a timeout that is enough.
func TestRateLimitOfAWholeListing(t *testing.T) {
	const named = 270 * time.Second

	for _, test := range []struct {
		timeout  time.Duration
		used     int // Requests before the read.
		succeeds bool
	}{
		{30 * time.Second, 0, false},
		{170 * time.Second, 0, false},
		{200 * time.Second, 0, true},
		{named, 0, true},
		{named, 3, true}, // The window has no requests left.
	} {
		t.Run(fmt.Sprintf("%s after %d requests", test.timeout, test.used), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(mockapi.Trunks(1000))
				api.SetRateLimit(3, time.Minute)

				client := newInProcessClient(t, api, Config{})
				for range test.used {
					_, _ = fetchFirstPage(t.Context(), client)
				}

				start := time.Now()
				_, err := client.List(readContext(t, test.timeout), "")
				took := time.Since(start)

				if test.succeeds {
					if err != nil {
						t.Errorf("%v after %s", err, took)
					}

					return
				}

				wantText(t, err, "the API's rate limit resets in 1m1s", "the list needs up to 4m30s")

				var limitErr *RateLimitError
				if !errors.As(err, &limitErr) || limitErr.ReadTimeout != named || took > time.Second {
					t.Errorf("got %+v after %s, want a timeout of %s at once", limitErr, took, named)
				}
			})
		})
	}
}
