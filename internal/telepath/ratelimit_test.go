// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
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
		"the wait follows the Date of the response, however wrong the local clock is": {
			limitHeader("60", "12", after(serverNow, 42), date),
			rateLimit{limit: 60, remaining: 12, window: serverNow.Unix() + 42, resetIn: 42 * time.Second},
		},
		"nothing left": {
			limitHeader("60", "0", after(serverNow, 42), date),
			rateLimit{limit: 60, remaining: 0, window: serverNow.Unix() + 42, resetIn: 42 * time.Second},
		},
		"whitespace around the numbers": {
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
		"a missing limit is unknown": {
			headerOf("X-RateLimit-Remaining", "12", "X-RateLimit-Reset", after(serverNow, 42), "Date", date),
			rateLimit{remaining: 12, window: serverNow.Unix() + 42, resetIn: 42 * time.Second},
		},
		"a limit below the remaining requests is unknown": {
			limitHeader("-1", "12", after(serverNow, 42), date),
			rateLimit{remaining: 12, window: serverNow.Unix() + 42, resetIn: 42 * time.Second},
		},
		"a limit that is not a number is unknown": {
			limitHeader("60;w=60", "12", after(serverNow, 42), date),
			rateLimit{remaining: 12, window: serverNow.Unix() + 42, resetIn: 42 * time.Second},
		},
		"a limit of 0 is unknown": {
			limitHeader("0", "0", after(serverNow, 42), date),
			rateLimit{window: serverNow.Unix() + 42, resetIn: 42 * time.Second},
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
		"seconds with whitespace":               {headerOf("Retry-After", " 7 "), 7 * time.Second},
		"a date, from the Date of the response": {headerOf("Retry-After", in(7*time.Second), "Date", date), 7 * time.Second},
		"a date, from the local clock":          {headerOf("Retry-After", localNow.Truncate(time.Second).Add(7*time.Second).Format(http.TimeFormat)), 7*time.Second - 500},
		"a date in the form of RFC 850":         {headerOf("Retry-After", serverNow.Add(7*time.Second).Format("Monday, 02-Jan-06 15:04:05 GMT"), "Date", date), 7 * time.Second},
		"more than a day in seconds is a day":   {headerOf("Retry-After", "86401"), 24 * time.Hour},
		"seconds that overflow a wait":          {headerOf("Retry-After", strconv.Itoa(math.MaxInt64)), 24 * time.Hour},
		"milliseconds are at most a day":        {headerOf("Retry-After", "1772342000000"), 24 * time.Hour},
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

// trial is a test of a limiter.
type trial struct {
	*testing.T
	*limiter
}

// window is the response of a server whose window ends after a time.
func window(limit, remaining int64, resetIn time.Duration) *response {
	now := time.Now()

	return &response{status: http.StatusOK, header: limitHeader(
		strconv.FormatInt(limit, 10), strconv.FormatInt(remaining, 10), after(now, int64(resetIn/time.Second)), now.Format(http.TimeFormat),
	)}
}

// tooMany is a response with status 429.
func tooMany(pairs ...string) *response {
	return &response{status: http.StatusTooManyRequests, header: headerOf(pairs...)}
}

// acquireNow acquires a permit that must be free.
func (on trial) acquireNow() {
	on.Helper()

	if waited := on.acquireAfter(); waited != 0 {
		on.Fatalf("waited %s, want 0", waited)
	}
}

// acquireAfter acquires a permit and returns how long that took.
func (on trial) acquireAfter() time.Duration {
	on.Helper()

	start := time.Now()
	if err := on.acquire(on.Context(), &waits{}, 0); err != nil {
		on.Fatal(err)
	}

	return time.Since(start)
}

// waitsFor checks how long it takes to acquire a permit, but for the jitter.
func (on trial) waitsFor(want time.Duration) {
	on.Helper()

	if waited := on.acquireAfter(); waited < want || waited >= want+resetJitter {
		on.Errorf("waited %s, want %s and less than %s of jitter", waited, want, resetJitter)
	}
}

// end ends a request in flight with a response, nil for none.
func (on trial) end(resp *response) { on.observe(resp, 0, time.Now()) }

// learn sends a request and ends it with a response.
func (on trial) learn(resp *response) {
	on.Helper()
	on.acquireNow()
	on.end(resp)
}

// requesters acquire permits concurrently, and never end their requests. It returns how many have
// a permit.
func (on trial) requesters(n int) *atomic.Int64 {
	on.Helper()

	var admitted atomic.Int64

	for range n {
		go func() {
			if err := on.acquire(on.Context(), &waits{}, 0); err == nil {
				admitted.Add(1)
			}
		}()
	}

	synctest.Wait()

	return &admitted
}

func TestLimiter(t *testing.T) {
	for name, test := range map[string]func(on trial){
		"while nothing is known, requests are admitted": func(on trial) {
			if n := on.requesters(8).Load(); n != 8 || on.budget() != -1 {
				on.Errorf("%d admitted with a budget of %d, want 8 and -1", n, on.budget())
			}
		},
		"responses without headers leave nothing known": func(on trial) {
			for range 5 {
				on.learn(&response{})
			}

			if n := on.requesters(8).Load(); n != 8 || on.budget() != -1 {
				on.Errorf("%d admitted with a budget of %d, want 8 and -1", n, on.budget())
			}
		},
		"at zero, a request waits until the reset": func(on trial) {
			on.learn(window(60, 0, 42*time.Second))
			on.waitsFor(42 * time.Second)
		},
		"of two requests left, eight requesters do not make more": func(on trial) {
			on.learn(window(60, 2, 42*time.Second))

			admitted := on.requesters(8)
			if n := admitted.Load(); n != 2 {
				on.Errorf("%d admitted, want 2", n)
			}

			time.Sleep(42*time.Second - time.Nanosecond)
			synctest.Wait()

			if n := admitted.Load(); n != 2 {
				on.Errorf("%d admitted just before the reset, want 2", n)
			}

			time.Sleep(resetJitter)
			synctest.Wait()

			if n := admitted.Load(); n != 8 {
				on.Errorf("%d admitted after the reset, want 8", n)
			}
		},
		"a request that hangs does not delay others beyond the reset": func(on trial) {
			on.learn(window(60, 1, 42*time.Second))
			on.acquireNow()
			on.waitsFor(42 * time.Second)
		},
		"a response that leaves room wakes waiters": func(on trial) {
			on.learn(window(60, 10, 42*time.Second))

			for range 8 {
				on.acquireNow()
			}

			// All were counted, and the last response arrives first.
			on.end(window(60, 2, 42*time.Second))

			admitted := on.requesters(1)
			if admitted.Load() != 0 {
				on.Fatal("a request was admitted, though the rest of the budget was in flight")
			}

			for i := range 7 {
				on.end(window(60, int64(9-i), 42*time.Second))
			}

			synctest.Wait()

			if admitted.Load() != 1 {
				on.Error("the waiter did not wake up")
			}
		},
		"a response that was overtaken raises nothing": func(on trial) {
			on.learn(window(60, 5, 42*time.Second))
			on.acquireNow()
			on.acquireNow()
			on.end(window(60, 0, 42*time.Second))
			on.end(window(60, 4, 42*time.Second))
			on.waitsFor(42 * time.Second)
		},
		"a late response of the last window does not raise this one": func(on trial) {
			late := window(60, 50, time.Second)
			on.learn(late)
			on.acquireNow()
			time.Sleep(2 * time.Second)
			on.learn(window(60, 0, 42*time.Second))
			on.end(late)
			on.waitsFor(42 * time.Second)
		},
		"a late response of the last window spends nothing of this one": func(on trial) {
			late := window(2, 0, time.Second)
			on.learn(window(2, 1, time.Second))
			on.acquireNow()
			time.Sleep(time.Second)
			on.acquireNow()
			on.end(late)
			on.acquireNow()
		},
		"a new window has the limit, less what is in flight": func(on trial) {
			on.learn(window(3, 1, time.Second))
			on.acquireNow()
			time.Sleep(time.Second)

			if n := on.requesters(8).Load(); n != 2 {
				on.Errorf("%d admitted, want 2", n)
			}
		},
		"a new window that starts early is believed": func(on trial) {
			on.learn(window(60, 1, 42*time.Second))
			on.learn(window(60, 59, 90*time.Second))
			on.acquireNow()
		},
		"the earliest reset of a window counts": func(on trial) {
			on.learn(window(60, 5, 42*time.Second))
			on.acquireNow()
			on.acquireNow()

			early, late := window(60, 0, 42*time.Second), window(60, 0, 42*time.Second)
			early.header.Set("Date", time.Now().Add(2*time.Second).Format(http.TimeFormat))
			late.header.Set("Date", time.Now().Add(-3*time.Second).Format(http.TimeFormat))
			on.end(early)
			on.end(late)
			on.waitsFor(40 * time.Second)
		},
		"a request without a response is spent": func(on trial) {
			on.learn(window(60, 2, 42*time.Second))
			on.learn(nil)
			on.learn(nil)
			on.waitsFor(42 * time.Second)
		},
		"a request without a response is not spent twice": func(on trial) {
			on.learn(window(60, 5, 42*time.Second))
			on.learn(nil)
			on.learn(window(60, 3, 42*time.Second))

			if left := on.budget(); left != 3 {
				on.Errorf("%d left, want 3", left)
			}
		},
		"without a reset, one request at a time finds it out": func(on trial) {
			on.learn(window(1, 0, time.Second))
			time.Sleep(time.Second)

			for range 5 {
				on.acquireNow()

				ctx, cancel := context.WithTimeoutCause(on.Context(), time.Second, errGaveUp)
				if err := on.acquire(ctx, &waits{}, 0); !errors.Is(err, errGaveUp) {
					on.Errorf("got %v, want %v", err, errGaveUp)
				}

				cancel()
				on.end(nil)
			}
		},
		"a 429 blocks all requests, whatever other responses say": func(on trial) {
			on.acquireNow()
			on.learn(tooMany("Retry-After", "7"))
			on.end(window(60, 59, 42*time.Second))

			admitted := on.requesters(8)

			time.Sleep(7*time.Second - time.Nanosecond)
			synctest.Wait()

			if n := admitted.Load(); n != 0 {
				on.Errorf("%d admitted while blocked", n)
			}

			time.Sleep(resetJitter)
			synctest.Wait()

			if n := admitted.Load(); n != 8 {
				on.Errorf("%d admitted after the block, want 8", n)
			}
		},
		"a 429 without a hint blocks for the backoff before it wakes waiters": func(on trial) {
			on.learn(window(60, 1, 42*time.Second))
			on.acquireNow()

			admitted := on.requesters(8)
			on.observe(tooMany(), 3*time.Second, time.Now())
			synctest.Wait()

			if n := admitted.Load(); n != 0 {
				on.Errorf("%d admitted while blocked", n)
			}

			on.waitsFor(42 * time.Second)
		},
		"a shorter block does not end a longer one": func(on trial) {
			on.acquireNow()
			on.acquireNow()
			on.end(tooMany("Retry-After", "7"))
			on.end(tooMany("Retry-After", "1"))
			on.waitsFor(7 * time.Second)
		},
		"a block that grows is waited for to its end": func(on trial) {
			on.acquireNow()
			on.acquireNow()
			on.end(tooMany("Retry-After", "7"))
			time.AfterFunc(time.Second, func() { on.end(tooMany("Retry-After", "9")) })
			on.waitsFor(10 * time.Second)
		},
		"the Retry-After of a 429 counts instead of the reset": func(on trial) {
			on.acquireNow()
			on.learn(window(60, 0, 42*time.Second))
			on.end(tooMany("Retry-After", "7"))
			on.waitsFor(7 * time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				// Waiters that remain end with the context of the test.
				test(trial{t, newLimiter()})
			})
		})
	}
}

// Requests that wait for one reset do not leave in one instant, also when the first response arrives
// while others wait for their share of the jitter.
func TestLimiterSpreadsRequestsAfterReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		on := trial{t, newLimiter()}
		on.learn(window(60, 0, 42*time.Second))

		var (
			mu    sync.Mutex
			times []time.Time
			group sync.WaitGroup
		)

		for range 8 {
			group.Go(func() {
				on.acquireAfter()
				mu.Lock()
				times = append(times, time.Now())
				mu.Unlock()

				time.Sleep(50 * time.Millisecond)
				on.end(window(60, 59, time.Minute))
			})
		}

		group.Wait()

		if distinct := slices.CompactFunc(times, time.Time.Equal); len(distinct) < 7 {
			t.Errorf("8 requests left at %d different times: %v", len(distinct), distinct)
		}
	})
}

var errGaveUp = errors.New("gave up")

func TestLimiterEndsWithTheContext(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(on trial)
		timeout time.Duration
		cause   error
		want    error // Nil is a RateLimitError.
		success bool
		wantIn  time.Duration
		says    string
	}{
		"a wait for the reset that is too long is not started": {
			prepare: func(on trial) { on.learn(window(60, 0, 42*time.Second)) },
			timeout: 41 * time.Second, cause: errGaveUp,
			says: "the next request in 42s, at 2000-01-01T00:00:42Z",
		},
		"a wait for a block that is too long is not started": {
			prepare: func(on trial) { on.learn(tooMany("Retry-After", "3600")) },
			timeout: time.Minute, cause: errGaveUp,
			says: "the next request in 1h0m0s, at 2000-01-01T01:00:00Z",
		},
		"a wait until just before the deadline succeeds, jitter or not": {
			prepare: func(on trial) { on.learn(window(60, 0, 42*time.Second)) },
			timeout: 42*time.Second + 2*time.Nanosecond, cause: errGaveUp,
			success: true, wantIn: 42 * time.Second,
		},
		"a wait that a response may end is worth a try": {
			prepare: func(on trial) {
				on.learn(window(60, 1, 42*time.Second))
				on.acquireNow()
			},
			timeout: 7 * time.Second, cause: errGaveUp, want: errGaveUp, wantIn: 7 * time.Second,
		},
		"a deadline without a cause is that of the read": {
			prepare: func(on trial) {
				on.learn(window(60, 1, 42*time.Second))
				on.acquireNow()
			},
			timeout: 7 * time.Second, want: ErrReadTimeout, wantIn: 7 * time.Second,
		},
		"a context that has ended acquires nothing": {
			prepare: func(trial) {},
			cause:   errGaveUp, want: errGaveUp,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLimiter()
				test.prepare(trial{t, l})

				before := l.inFlight
				start := time.Now()

				ctx, cancel := context.WithTimeoutCause(t.Context(), test.timeout, test.cause)
				defer cancel()

				err := l.acquire(ctx, &waits{}, 0)

				if took := time.Since(start).Truncate(time.Millisecond); took != test.wantIn {
					t.Errorf("took %s, want %s", took, test.wantIn)
				}

				var limitErr *RateLimitError

				switch {
				case test.success:
					if err != nil {
						t.Error(err)
					}

					return
				case test.want == nil && !errors.As(err, &limitErr), test.want != nil && !errors.Is(err, test.want):
					t.Fatalf("got %v", err)
				}

				wantText(t, err, test.says)

				if l.inFlight != before {
					t.Errorf("%d requests in flight, want %d as before", l.inFlight, before)
				}
			})
		})
	}
}

func TestLimiterWaitIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter()
		trial{t, l}.learn(window(60, 0, 42*time.Second))

		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(7*time.Second, func() { cancel(errGaveUp) })

		start := time.Now()

		err := l.acquire(ctx, &waits{}, 0)
		if took := time.Since(start); took != 7*time.Second || !errors.Is(err, errGaveUp) {
			t.Errorf("got %v after %s, want %v after 7s", err, took, errGaveUp)
		}
	})
}

func TestLimiterForecast(t *testing.T) {
	for name, test := range map[string]struct {
		prepare  func(on trial)
		requests int64
		want     time.Duration
	}{
		"nothing known":                     {func(trial) {}, 1000, 0},
		"enough left":                       {func(on trial) { on.learn(window(60, 10, 42*time.Second)) }, 10, 0},
		"one request after the reset":       {func(on trial) { on.learn(window(60, 10, 42*time.Second)) }, 11, 42 * time.Second},
		"a whole window after the reset":    {func(on trial) { on.learn(window(60, 0, 42*time.Second)) }, 60, 42 * time.Second},
		"one request in the window after":   {func(on trial) { on.learn(window(60, 0, 42*time.Second)) }, 61, 84 * time.Second},
		"requests in flight count":          {func(on trial) { on.learn(window(60, 2, 42*time.Second)); on.acquireNow() }, 2, 42 * time.Second},
		"an unknown limit":                  {func(on trial) { on.learn(window(0, 3, time.Minute)) }, 1000, 0},
		"a window has ended":                {func(on trial) { on.learn(window(60, 0, time.Second)); time.Sleep(time.Second) }, 1000, 0},
		"ten requests at three in a minute": {func(on trial) { on.learn(window(3, 2, time.Minute)) }, 10, 3 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				on := trial{t, newLimiter()}
				test.prepare(on)

				var got time.Duration
				if _, last := on.forecast(test.requests); !last.IsZero() {
					got = time.Until(last)
				}

				if got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
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
		"no wait":                             {nil, 0},
		"one wait":                            {[]wait{{1 * s, 5 * s}}, 4 * s},
		"concurrent waits count once":         {[]wait{{1 * s, 5 * s}, {1 * s, 5 * s}, {1 * s, 5 * s}}, 4 * s},
		"waits that overlap count once":       {[]wait{{1 * s, 5 * s}, {3 * s, 9 * s}}, 8 * s},
		"waits one after the other add up":    {[]wait{{1 * s, 3 * s}, {5 * s, 9 * s}}, 6 * s},
		"a wait that ends at once is no time": {[]wait{{1 * s, 1 * s}}, 0 * s},
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

						if err := waited.wait(t.Context(), rateLimitWait{changed: changed}); err != nil {
							t.Error(err)
						}
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
	}{
		// 1,000 trunks are 11 pages, for they overlap.
		"enough for all pages is no wait":      {1000, 11, 0},
		"one page too many waits for a window": {1000, 10, time.Minute},
		"two windows":                          {1000, 5, 2 * time.Minute},
		"a request a minute":                   {250, 1, 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(mockapi.Trunks(test.trunks))
				api.SetRateLimit(test.limit, time.Minute)

				got, err := newInProcessClient(t, api, Config{}).List(t.Context(), "")
				if err != nil {
					t.Fatal(err)
				}

				// The reset and the Date are in full seconds, and each window adds jitter.
				if off := got.Waited - test.want; off < 0 || off > 5*time.Second || test.want == 0 && off != 0 {
					t.Errorf("waited for %s, want about %s", got.Waited, test.want)
				}
			})
		})
	}
}

// fixedWindows is the rate limit of a server: a number of requests in a window, and the next window
// starts when that ends, or with the next request.
type fixedWindows struct {
	limit  int64
	length time.Duration
	lazy   bool

	mu    sync.Mutex
	start time.Time
	used  int64
	lost  int64 // Requests in this window and the last whose response was lost.
	worst int64 // The largest excess of a window over its limit and those requests.
}

// count counts a request that arrives now, and returns the response: the end of the window in
// seconds, rounded up, and a Date, rounded down.
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

// lose loses a response. The limiter cannot know whether the server counted the request, and in
// which window.
func (s *fixedWindows) lose() {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.lost++
}

// TestLimiterAtRandom sends requests at random, with responses that are late, overtake each other
// or get lost. The limit must hold, but for lost responses, and every request must be admitted: a
// wait that nothing ends is a deadlock, which the bubble reports.
func TestLimiterAtRandom(t *testing.T) {
	for seed := range uint64(300) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // It must be repeatable.
			server := &fixedWindows{
				limit:  1 + random.Int64N(20),
				length: time.Duration(1+random.IntN(60))*time.Second + time.Duration(random.Int64N(2))*time.Duration(random.Int64N(int64(time.Second))),
				lazy:   random.IntN(2) == 0,
			}
			slowest := 1 + random.Int64N(int64(10*time.Second))
			losses := max(0, random.IntN(8)-4) // In ten; none in more than half of the seeds.

			time.Sleep(time.Duration(random.Int64N(int64(time.Second))))

			l := newLimiter()
			trial{t, l}.learn(server.count())

			var requesters sync.WaitGroup

			for range 1 + random.IntN(12) {
				mine := rand.New(rand.NewPCG(random.Uint64(), 0)) //nolint:gosec // It must be repeatable.
				pause := func() { time.Sleep(time.Duration(mine.Int64N(slowest))) }

				requesters.Go(func() {
					for range 10 {
						if err := l.acquire(t.Context(), &waits{}, 0); err != nil {
							t.Error(err)
							return
						}

						pause()

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

						pause()

						if lost {
							resp = nil
						}

						l.observe(resp, 0, time.Now())
					}
				})
			}

			requesters.Wait()

			if server.worst > 0 {
				t.Errorf("seed %d: the server got %d requests too many in a window, with a limit of %d", seed, server.worst, server.limit)
			}

			if l.inFlight != 0 {
				t.Errorf("seed %d: %d requests are still in flight", seed, l.inFlight)
			}
		})
	}
}
