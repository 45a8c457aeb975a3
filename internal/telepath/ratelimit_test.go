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
)

// limiterTest is a limiter and its test.
type limiterTest struct {
	t       *testing.T
	limiter *limiter
}

// window returns a response whose window ends after a time.
func window(limit, remaining int64, resetIn time.Duration) response {
	now := time.Now()

	return response{status: http.StatusOK, header: limitHeader(
		strconv.FormatInt(limit, 10), strconv.FormatInt(remaining, 10), after(now, int64(resetIn/time.Second)), now.Format(http.TimeFormat),
	)}
}

// tooMany returns a response with status 429.
func tooMany(headers ...string) response {
	return response{status: http.StatusTooManyRequests, header: headerOf(headers...)}
}

// acquireNow acquires a permit that must be available.
func (l limiterTest) acquireNow() {
	l.t.Helper()

	if waited := l.acquireAfter(); waited != 0 {
		l.t.Fatalf("waited %s, want 0", waited)
	}
}

// acquireAfter acquires a permit, and returns how long that took.
func (l limiterTest) acquireAfter() time.Duration {
	l.t.Helper()

	start := time.Now()

	if err := l.limiter.acquire(l.t.Context(), &waits{}); err != nil {
		l.t.Fatal(err)
	}

	return time.Since(start)
}

// wantWait acquires a permit, and checks that this takes a time and the jitter.
func (l limiterTest) wantWait(want time.Duration) {
	l.t.Helper()

	if waited := l.acquireAfter(); waited < want || waited >= want+resetJitter {
		l.t.Errorf("waited %s, want %s and less than %s of jitter", waited, want, resetJitter)
	}
}

// end ends a request in flight with a response, empty for none.
func (l limiterTest) end(resp response) { l.limiter.observe(resp, 0, time.Now()) }

// request acquires a permit, and ends the request with a response.
func (l limiterTest) request(resp response) {
	l.t.Helper()
	l.acquireNow()
	l.end(resp)
}

// requesters acquire n permits concurrently, for requests that never end. The function that is
// returned checks how many have a permit.
func (l limiterTest) requesters(n int) (wantAdmitted func(int)) {
	l.t.Helper()

	var admitted atomic.Int64

	for range n {
		go func() {
			if err := l.limiter.acquire(l.t.Context(), &waits{}); err == nil {
				admitted.Add(1)
			}
		}()
	}

	return func(want int) {
		l.t.Helper()
		synctest.Wait()

		if got := admitted.Load(); got != int64(want) {
			l.t.Errorf("%d requests admitted, want %d", got, want)
		}
	}
}

// wantBudget checks the budget, -1 if it is unknown.
func (l limiterTest) wantBudget(want int64) {
	l.t.Helper()

	if got := l.limiter.budget(); got != want {
		l.t.Errorf("a budget of %d, want %d", got, want)
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
				l.request(response{})
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
		"a request waits for a response with remaining requests": func(l limiterTest) {
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

			time.Sleep(2 * inFlightPoll)
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
			l.request(response{})
			l.request(response{})
			l.wantWait(42 * time.Second)
		},
		"a request without a response is counted once": func(l limiterTest) {
			l.request(window(60, 5, 42*time.Second))
			l.request(response{})
			l.request(window(60, 3, 42*time.Second))
			l.wantBudget(3)
		},
		"after the reset, one request at a time is admitted until a response has headers": func(l limiterTest) {
			l.request(window(2, 0, time.Second))
			time.Sleep(time.Second)
			l.request(response{})

			for range 5 {
				l.acquireNow()

				ctx, cancel := context.WithTimeoutCause(l.t.Context(), time.Second, errGaveUp)
				if err := l.limiter.acquire(ctx, &waits{}); !errors.Is(err, errGaveUp) {
					l.t.Errorf("got %v, want %v", err, errGaveUp)
				}

				cancel()
				l.end(response{})
			}

			l.wantBudget(0)
		},
		"a wait ends when its context is cancelled": func(l limiterTest) {
			l.request(window(60, 0, 42*time.Second))

			ctx, cancel := context.WithCancelCause(l.t.Context())

			time.AfterFunc(7*time.Second, func() { cancel(errGaveUp) })

			start := time.Now()

			err := l.limiter.acquire(ctx, &waits{})
			if took := time.Since(start); took != 7*time.Second || !errors.Is(err, errGaveUp) {
				l.t.Errorf("got %v after %s, want %v after 7s", err, took, errGaveUp)
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
			l.limiter.observe(tooMany(), 3*time.Second, time.Now())
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
			synctest.Test(t, func(t *testing.T) { test(limiterTest{t, new(limiter)}) })
		})
	}
}

// The first response after the reset does not wake requests that wait for their jitter.
func TestLimiterSpreadsRequestsAfterReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limiterTest{t, new(limiter)}
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
			untilReset, 41 * time.Second, errGaveUp, nil, "the rate limit resets in 42s, at 2000-01-01T00:00:42Z", 0,
		},
		"a wait for a block beyond the deadline does not start": {
			func(l limiterTest) { l.request(tooMany("Retry-After", "3600")) },
			time.Minute, errGaveUp, nil, "the rate limit resets in 1h0m0s, at 2000-01-01T01:00:00Z", 0,
		},
		"the jitter does not exceed the deadline":            {untilReset, 42*time.Second + 2*time.Nanosecond, errGaveUp, nil, "", 42 * time.Second},
		"a wait that a response may end starts":              {inFlight, 7 * time.Second, errGaveUp, errGaveUp, "", 7 * time.Second},
		"a deadline without a cause is that of the read":     {inFlight, 7 * time.Second, nil, ErrReadTimeout, "", 7 * time.Second},
		"no permit is acquired after the end of the context": {func(limiterTest) {}, 0, errGaveUp, errGaveUp, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := limiterTest{t, new(limiter)}
				test.prepare(l)

				before := l.limiter.inFlight
				start := time.Now()

				ctx, cancel := context.WithTimeoutCause(t.Context(), test.timeout, test.cause)
				defer cancel()

				err := l.limiter.acquire(ctx, &waits{})

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

				l.limiter.budget() // The limiter is not locked.

				if err != nil && l.limiter.inFlight != before {
					t.Errorf("%d requests in flight, want %d as before", l.limiter.inFlight, before)
				}
			})
		})
	}
}

func TestLimiterChecksTheDeadline(t *testing.T) {
	respond := func(limit, remaining int64, resetIn time.Duration) func(l limiterTest) {
		return func(l limiterTest) { l.request(window(limit, remaining, resetIn)) }
	}

	for name, test := range map[string]struct {
		prepare  func(l limiterTest)
		requests int64         // Of the listing, which has sent one.
		want     time.Duration // The earliest deadline that is enough. 0 means any.
		names    time.Duration // The timeout that the error names, 0 for none.
	}{
		"no response yet":                        {func(limiterTest) {}, 1000, 0, 0},
		"enough remaining":                       {respond(60, 10, 42*time.Second), 11, 0, 0},
		"one request after the reset":            {respond(60, 10, 42*time.Second), 12, 42 * time.Second, 2 * time.Minute},
		"a whole window after the reset":         {respond(60, 0, 42*time.Second), 61, 42 * time.Second, 3 * time.Minute},
		"one request in the next window":         {respond(60, 0, 42*time.Second), 62, 102 * time.Second, 3 * time.Minute},
		"requests in flight count":               {func(l limiterTest) { respond(60, 2, 42*time.Second)(l); l.acquireNow() }, 3, 42 * time.Second, 2 * time.Minute},
		"an unknown limit":                       {respond(0, 3, time.Minute), 1000, 0, 0},
		"the largest limit":                      {respond(math.MaxInt64, 0, time.Minute), 1000, time.Minute, 2 * time.Minute},
		"after the end of a window":              {func(l limiterTest) { respond(60, 0, time.Second)(l); time.Sleep(time.Second) }, 1000, 0, 0},
		"eleven requests at three in a minute":   {respond(3, 2, time.Minute), 11, 3 * time.Minute, 5 * time.Minute},
		"26 requests at one in a minute":         {respond(1, 0, time.Minute), 26, 25 * time.Minute, 28 * time.Minute},
		"a window that is rounded to 61 s":       {respond(3, 2, 61*time.Second), 11, 181 * time.Second, 5 * time.Minute},
		"a window of unknown length, above 61 s": {respond(3, 2, 62*time.Second), 11, 182 * time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := limiterTest{t, new(limiter)}
				test.prepare(l)

				for timeout, fails := range map[time.Duration]bool{test.want: false, test.want - 1: test.want > 0} {
					ctx, cancel := context.WithTimeout(t.Context(), timeout)
					err := l.limiter.checkDeadline(ctx, test.requests)

					cancel()

					if (err != nil) != fails {
						t.Errorf("with a deadline in %s, got %v", timeout, err)
					}

					var limitErr *RateLimitError
					if errors.As(err, &limitErr) && limitErr.ReadTimeout != test.names {
						t.Errorf("got %+v, want a timeout of %s", limitErr, test.names)
					}
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
func (s *fixedWindows) count() response {
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

	return response{header: limitHeader(
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

			l := new(limiter)
			limiterTest{t, l}.request(server.count())

			var requesters sync.WaitGroup

			for range 1 + random.IntN(12) {
				mine := rand.New(rand.NewPCG(random.Uint64(), 0)) //nolint:gosec // It must be repeatable.
				delay := func() { time.Sleep(time.Duration(mine.Int64N(slowest))) }

				requesters.Go(func() {
					for range 10 {
						if err := l.acquire(t.Context(), &waits{}); err != nil {
							t.Error(err)

							return
						}

						delay()

						lost := mine.IntN(10) < losses
						if lost && mine.IntN(2) == 0 {
							// The request did not arrive.
							l.observe(response{}, 0, time.Now())

							continue
						}

						if lost {
							server.lose()
						}

						resp := server.count()

						delay()

						if lost {
							resp = response{}
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
