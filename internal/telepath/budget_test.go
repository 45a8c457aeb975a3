// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// told is what a server says whose window ends after the wait.
func told(limit, remaining int64, resetIn time.Duration) rateLimit {
	return rateLimit{limit: limit, remaining: remaining, window: time.Now().Add(resetIn).Unix(), resetIn: resetIn}
}

// trial is a test of a budget.
type trial struct {
	*testing.T
	*budget
}

// take acquires a slot that has to be free at once.
func (on trial) take() slot {
	on.Helper()

	start := time.Now()

	taken, err := on.acquire(on.Context(), &stopwatch{})
	if err != nil {
		on.Fatal(err)
	}

	if waited := time.Since(start); waited != 0 {
		on.Fatalf("waited for %s, want not at all", waited)
	}

	return taken
}

// learn makes the budget hear of a rate limit.
func (on trial) learn(heard rateLimit) {
	on.Helper()
	on.take().release(heard, true, time.Now())
}

// waitsFor checks how long it takes to get a slot.
func (on trial) waitsFor(want time.Duration) slot {
	on.Helper()

	start := time.Now()

	taken, err := on.acquire(on.Context(), &stopwatch{})
	if err != nil {
		on.Fatal(err)
	}

	if waited := time.Since(start); waited != want {
		on.Errorf("waited for %s, want %s", waited, want)
	}

	return taken
}

// askers lets many ask at once, and counts those that got a slot, which they keep.
func (on trial) askers(n int) *atomic.Int64 {
	on.Helper()

	var went atomic.Int64

	for range n {
		go func() {
			if _, err := on.acquire(on.Context(), &stopwatch{}); err == nil {
				went.Add(1)
			}
		}()
	}

	synctest.Wait()

	return &went
}

func TestBudget(t *testing.T) {
	for name, test := range map[string]func(on trial){
		"while nothing is known, requests go": func(on trial) {
			if went := on.askers(8).Load(); went != 8 || on.left() != -1 {
				on.Errorf("%d went, and %d are left; want 8 and -1", went, on.left())
			}
		},
		"answers without headers leave nothing known": func(on trial) {
			for range 5 {
				on.take().release(rateLimit{}, false, time.Now())
			}

			if went := on.askers(8).Load(); went != 8 || on.left() != -1 {
				on.Errorf("%d went, and %d are left; want 8 and -1", went, on.left())
			}
		},
		"at zero, a request waits until the reset and no longer": func(on trial) {
			on.learn(told(60, 0, 42*time.Second))
			on.waitsFor(42 * time.Second)
		},
		"of two requests left, eight askers do not make more": func(on trial) {
			on.learn(told(60, 2, 42*time.Second))

			went := on.askers(8)
			if n := went.Load(); n != 2 {
				on.Errorf("%d went, want 2", n)
			}

			time.Sleep(42*time.Second - time.Nanosecond)
			synctest.Wait()

			if n := went.Load(); n != 2 {
				on.Errorf("%d went just before the reset, want 2", n)
			}

			time.Sleep(time.Nanosecond)
			synctest.Wait()

			if n := went.Load(); n != 8 {
				on.Errorf("%d went after the reset, want 8", n)
			}
		},
		"a request that hangs does not hold others up beyond the reset": func(on trial) {
			on.learn(told(60, 1, 42*time.Second))
			on.take()
			on.waitsFor(42 * time.Second)
		},
		"an answer that leaves room wakes who waits": func(on trial) {
			on.learn(told(60, 10, 42*time.Second))

			slots := make([]slot, 8)
			for i := range slots {
				slots[i] = on.take()
			}

			// All were counted, and the last answer comes first.
			slots[7].release(told(60, 2, 42*time.Second), true, time.Now())

			went := on.askers(1)
			if went.Load() != 0 {
				on.Fatal("a request went, though all that was left was under way")
			}

			for i, taken := range slots[:7] {
				taken.release(told(60, int64(9-i), 42*time.Second), true, time.Now())
			}

			synctest.Wait()

			if went.Load() != 1 {
				on.Error("nobody woke who waited")
			}
		},
		"an answer that was overtaken raises nothing": func(on trial) {
			on.learn(told(60, 5, 42*time.Second))

			first, second := on.take(), on.take()
			second.release(told(60, 0, 42*time.Second), true, time.Now())
			first.release(told(60, 4, 42*time.Second), true, time.Now())
			on.waitsFor(42 * time.Second)
		},
		"an answer of the window before is not believed of this one": func(on trial) {
			before := told(60, 50, time.Second)
			on.learn(before)

			late := on.take()

			time.Sleep(2 * time.Second)
			on.learn(told(60, 0, 42*time.Second))
			late.release(before, true, time.Now())
			on.waitsFor(42 * time.Second)
		},
		"an answer of the window before spends nothing of the next": func(on trial) {
			before := told(2, 1, time.Second)
			on.learn(before)

			late := on.take()

			time.Sleep(time.Second)
			on.take()
			late.release(rateLimit{limit: 2, window: before.window, resetIn: time.Second}, true, time.Now())
			on.take()
		},
		"a new window has what the limit says, less what is under way": func(on trial) {
			on.learn(told(3, 1, time.Second))
			on.take()
			time.Sleep(time.Second)

			if went := on.askers(8).Load(); went != 2 {
				on.Errorf("%d went, want 2", went)
			}
		},
		"a new window has spent those lost in the last, which may have come late": func(on trial) {
			on.learn(told(3, 2, time.Second))
			on.take().release(rateLimit{}, false, time.Now())
			time.Sleep(time.Second)

			if went := on.askers(8).Load(); went != 2 {
				on.Errorf("%d went, want 2", went)
			}
		},
		"a new window that is heard of early is believed": func(on trial) {
			on.learn(told(60, 1, 42*time.Second))
			on.take().release(told(60, 59, 90*time.Second), true, time.Now())
			on.take()
		},
		"the earliest of the resets that were told is waited for": func(on trial) {
			window := told(60, 5, 42*time.Second)
			on.learn(window)

			first, second := on.take(), on.take()
			window.remaining, window.resetIn = 0, 40*time.Second
			first.release(window, true, time.Now())

			window.resetIn = 45 * time.Second
			second.release(window, true, time.Now())
			on.waitsFor(40 * time.Second)
		},
		"a request that failed without an answer is spent": func(on trial) {
			on.learn(told(60, 2, 42*time.Second))
			on.take().release(rateLimit{}, false, time.Now())
			on.take().release(rateLimit{}, false, time.Now())
			on.waitsFor(42 * time.Second)
		},
		"a request that failed is spent though an answer does not know of it": func(on trial) {
			on.learn(told(60, 5, 42*time.Second))

			answered, failed := on.take(), on.take()
			failed.release(rateLimit{}, false, time.Now())
			answered.release(told(60, 4, 42*time.Second), true, time.Now())

			if left := on.left(); left != 3 {
				on.Errorf("%d are left, want 3", left)
			}
		},
		"a request that failed is not spent twice": func(on trial) {
			on.learn(told(60, 5, 42*time.Second))
			on.take().release(rateLimit{}, false, time.Now())
			on.take().release(told(60, 3, 42*time.Second), true, time.Now())

			if left := on.left(); left != 3 {
				on.Errorf("%d are left, want 3", left)
			}
		},
		"where nobody knows the end of the window, one at a time finds out": func(on trial) {
			on.learn(told(1, 0, time.Second))
			time.Sleep(time.Second)

			for range 5 {
				scout := on.take()

				ctx, cancel := context.WithTimeoutCause(on.Context(), time.Second, errGaveUp)
				if _, err := on.acquire(ctx, &stopwatch{}); !errors.Is(err, errGaveUp) {
					on.Errorf("got %v, want %v", err, errGaveUp)
				}

				cancel()
				scout.release(rateLimit{}, false, time.Now())
			}
		},
		"a block holds all back, whatever answers say": func(on trial) {
			late := on.take()
			on.block(time.Now().Add(7 * time.Second))
			late.release(told(60, 59, 42*time.Second), true, time.Now())

			went := on.askers(8)

			time.Sleep(7*time.Second - time.Nanosecond)
			synctest.Wait()

			if n := went.Load(); n != 0 {
				on.Errorf("%d went during the block", n)
			}

			time.Sleep(time.Nanosecond)
			synctest.Wait()

			if n := went.Load(); n != 8 {
				on.Errorf("%d went after the block, want 8", n)
			}
		},
		"a block in the past is none": func(on trial) {
			on.block(time.Now())
			on.take()
		},
		"a shorter block does not end a longer one": func(on trial) {
			on.block(time.Now().Add(7 * time.Second))
			on.block(time.Now().Add(time.Second))
			on.waitsFor(7 * time.Second)
		},
		"a block that grows is waited for to its end": func(on trial) {
			on.block(time.Now().Add(7 * time.Second))
			time.AfterFunc(time.Second, func() { on.block(time.Now().Add(9 * time.Second)) })
			on.waitsFor(10 * time.Second)
		},
		"behind a block, the reset is waited for as well": func(on trial) {
			on.learn(told(60, 0, 42*time.Second))
			on.block(time.Now().Add(7 * time.Second))
			on.waitsFor(42 * time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				// Whoever still waits when the test is over ends with its context.
				test(trial{t, newBudget()})
			})
		})
	}
}

var errGaveUp = errors.New("gave up")

func TestBudgetEndsWithTheContext(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(on trial)
		timeout time.Duration
		cause   error
		want    []error
		wantIn  time.Duration
		says    string
	}{
		"a wait for the reset that is too long is not begun": {
			prepare: func(on trial) { on.learn(told(60, 0, 42*time.Second)) },
			timeout: 41 * time.Second, cause: errGaveUp, want: []error{ErrRateLimitWait},
			says: "resets in 42s, at 2000-01-01T00:00:42Z",
		},
		"a wait for a block that is too long is not begun": {
			prepare: func(on trial) { on.block(time.Now().Add(time.Hour)) },
			timeout: time.Minute, cause: errGaveUp, want: []error{ErrRateLimitWait},
			says: "resets in 1h0m0s, at 2000-01-01T01:00:00Z",
		},
		"a wait that an answer may end is worth a try": {
			prepare: func(on trial) {
				on.learn(told(60, 1, 42*time.Second))
				on.take()
			},
			timeout: 7 * time.Second, cause: errGaveUp, want: []error{errGaveUp}, wantIn: 7 * time.Second,
		},
		"a deadline without a cause is the end of the read": {
			prepare: func(on trial) {
				on.learn(told(60, 1, 42*time.Second))
				on.take()
			},
			timeout: 7 * time.Second, want: []error{ErrReadTimeout, context.DeadlineExceeded}, wantIn: 7 * time.Second,
		},
		"a context that has ended takes nothing": {
			prepare: func(trial) {},
			cause:   errGaveUp, want: []error{errGaveUp},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBudget()
				test.prepare(trial{t, b})

				before := b.inFlight
				start := time.Now()

				ctx, cancel := context.WithTimeoutCause(t.Context(), test.timeout, test.cause)
				defer cancel()

				_, err := b.acquire(ctx, &stopwatch{})
				if err == nil {
					t.Fatal("no error")
				}

				for _, want := range test.want {
					if !errors.Is(err, want) {
						t.Errorf("got %v, want %v", err, want)
					}
				}

				says(t, err, test.says)

				if took := time.Since(start); took != test.wantIn {
					t.Errorf("took %s, want %s", took, test.wantIn)
				}

				if b.inFlight != before {
					t.Errorf("%d requests are under way, want %d as before", b.inFlight, before)
				}
			})
		})
	}
}

func TestBudgetWaitIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget()
		trial{t, b}.learn(told(60, 0, 42*time.Second))

		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(7*time.Second, func() { cancel(errGaveUp) })

		start := time.Now()

		_, err := b.acquire(ctx, &stopwatch{})
		if took := time.Since(start); took != 7*time.Second || !errors.Is(err, errGaveUp) {
			t.Errorf("got %v after %s, want %v after 7s", err, took, errGaveUp)
		}
	})
}

// fixedWindows counts requests like the server of an API: so many in a window, and the next
// window begins on the dot or with the next request.
type fixedWindows struct {
	limit  int64
	length time.Duration
	lazy   bool

	mu     sync.Mutex
	start  time.Time
	used   int64
	scouts int64 // How many of them were sent to find out.
	worst  int64 // The most that a window had, other than scouts.
}

// count counts a request that arrives now, and gives what a server says in its answer, which
// is the end of the window in seconds, rounded up, less a Date that is rounded down.
func (s *fixedWindows) count(scout bool) rateLimit {
	s.mu.Lock()
	defer s.mu.Unlock()

	now := time.Now()

	switch {
	case s.start.IsZero(), s.lazy && now.Sub(s.start) >= s.length:
		s.start, s.used, s.scouts = now, 0, 0
	case now.Sub(s.start) >= s.length:
		s.start, s.used, s.scouts = s.start.Add(now.Sub(s.start).Truncate(s.length)), 0, 0
	}

	s.used++
	if scout {
		s.scouts++
	}

	s.worst = max(s.worst, s.used-s.scouts)

	end := s.start.Add(s.length)

	window := end.Unix()
	if end.Nanosecond() > 0 {
		window++
	}

	return rateLimit{
		limit:     s.limit,
		remaining: max(s.limit-s.used, 0),
		window:    window,
		resetIn:   time.Duration(window-now.Unix()) * time.Second,
	}
}

// TestBudgetAtRandom lets readers ask at random, with answers that are late, overtake each
// other or never come. The limit must hold, as far as it can be known, and everybody must get through: a wait that
// nothing ends would be a deadlock, which the bubble finds.
func TestBudgetAtRandom(t *testing.T) {
	for seed := range uint64(300) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // It has to be repeatable.
			server := &fixedWindows{
				limit:  1 + random.Int64N(20),
				length: time.Duration(1+random.IntN(60))*time.Second + time.Duration(random.Int64N(2))*time.Duration(random.Int64N(int64(time.Second))),
				lazy:   random.IntN(2) == 0,
			}
			slowest := 1 + random.Int64N(int64(10*time.Second))
			losses := random.IntN(4) // In ten.

			time.Sleep(time.Duration(random.Int64N(int64(time.Second))))

			b := newBudget()
			first := trial{t, b}.take()
			first.release(server.count(false), true, time.Now())

			var readers sync.WaitGroup

			for range 1 + random.IntN(12) {
				mine := rand.New(rand.NewPCG(random.Uint64(), 0)) //nolint:gosec // It has to be repeatable.
				pause := func() { time.Sleep(time.Duration(mine.Int64N(slowest))) }

				readers.Go(func() {
					for range 10 {
						taken, err := b.acquire(t.Context(), &stopwatch{})
						if err != nil {
							t.Error(err)
							return
						}

						// Where every answer was lost, one request has to go and find out.
						scout := b.left() == 0

						pause()

						lost := mine.IntN(10) < losses
						if lost && mine.IntN(2) == 0 {
							// It never arrived.
							taken.release(rateLimit{}, false, time.Now())
							continue
						}

						heard := server.count(scout)

						pause()
						taken.release(heard, !lost, time.Now())
					}
				})
			}

			readers.Wait()

			if server.worst > server.limit {
				t.Errorf("seed %d: the server got %d requests in a window, and its limit is %d", seed, server.worst, server.limit)
			}

			if b.inFlight != 0 {
				t.Errorf("seed %d: %d requests are still under way", seed, b.inFlight)
			}
		})
	}
}
