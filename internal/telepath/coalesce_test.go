// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// recorder lists nothing, in a given time, and remembers when.
type recorder struct {
	takes time.Duration
	err   func(n int) error

	mu       sync.Mutex
	began    []time.Time
	statuses []string
}

func (r *recorder) list(ctx context.Context, status string) (*Listing, error) {
	r.mu.Lock()
	r.began = append(r.began, time.Now())
	r.statuses = append(r.statuses, status)
	n := len(r.began)
	r.mu.Unlock()

	select {
	case <-time.After(r.takes):
	case <-ctx.Done():
		return nil, errors.Join(errListingCancelled, context.Cause(ctx))
	}

	if r.err != nil {
		if err := r.err(n); err != nil {
			return nil, err
		}
	}

	return &Listing{Trunks: make([]Trunk, n)}, nil
}

func (r *recorder) beganAt(n int) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()

	return r.began[n-1]
}

// listed is which listing it is, counted from 1.
func listed(listing *Listing) int { return len(listing.Trunks) }

var errListingCancelled = errors.New("the listing was cancelled")

// readers starts n readers and returns, when all have ended, which listing each got, 0 for an
// error.
func readers(ctx context.Context, s *coalescer, n int) []int {
	got := make([]int, n)

	var group sync.WaitGroup

	for i := range n {
		group.Go(func() {
			if listing, err := s.list(ctx, ""); err == nil {
				got[i] = listed(listing)
			}
		})
	}

	group.Wait()

	return got
}

func TestCoalesceTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Second}
		start := time.Now()

		if got := readers(t.Context(), newCoalescer(r.list), 10); slices.Max(got) != 1 || slices.Min(got) != 1 {
			t.Errorf("the readers got the listings %v, want all the first", got)
		}

		if got := r.began[0].Sub(start); got != gatherTime {
			t.Errorf("it started after %s, want %s", got, gatherTime)
		}
	})
}

// Ten at a time, as Terraform reads.
func TestCoalesceFiftyLookups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Second}
		s := newCoalescer(r.list)
		permits := make(chan struct{}, 10)

		var group sync.WaitGroup

		for range 50 {
			permits <- struct{}{}

			group.Go(func() {
				if _, err := s.list(t.Context(), ""); err != nil {
					t.Error(err)
				}

				<-permits
			})
		}

		group.Wait()

		if got := len(r.began); got != 5 {
			t.Errorf("it took %d listings, want 5", got)
		}
	})
}

// Readers that trickle in delay the start of a listing, but not without a limit.
func TestCoalesceGathers(t *testing.T) {
	for name, test := range map[string]struct {
		readers int
		every   time.Duration
		starts  time.Duration
	}{
		"one after the other":                 {4, gatherTime * 4 / 5, 3*gatherTime*4/5 + gatherTime},
		"too far apart":                       {4, gatherTime * 6 / 5, gatherTime},
		"one after the other, without an end": {100, gatherTime / 2, maxGatherTime},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &recorder{takes: time.Minute}
				s := newCoalescer(r.list)
				start := time.Now()

				var group sync.WaitGroup

				for range test.readers {
					group.Go(func() { readers(t.Context(), s, 1) })
					time.Sleep(test.every)
				}

				group.Wait()

				if got := r.began[0].Sub(start); got != test.starts {
					t.Errorf("it started after %s, want %s", got, test.starts)
				}
			})
		})
	}
}

// A reader that comes while a listing runs waits for the next one, and shares it with all
// who come as late.
func TestCoalesceNeverJoinsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Second}
		s := newCoalescer(r.list)

		var early, late, later []int

		var group sync.WaitGroup

		group.Go(func() { early = readers(t.Context(), s, 3) })
		group.Go(func() {
			time.Sleep(gatherTime + time.Millisecond) // The listing has just started.

			late = readers(t.Context(), s, 3)
		})
		group.Go(func() {
			time.Sleep(time.Second) // It is about to end.

			later = readers(t.Context(), s, 3)
		})
		group.Wait()

		late = append(late, later...)

		if slices.Max(early) != 1 {
			t.Errorf("early readers got the listings %v", early)
		}

		if slices.Min(late) != 2 || slices.Max(late) != 2 {
			t.Errorf("late readers got the listings %v, want all the second", late)
		}
	})
}

// A lookup that starts during a listing sees a trunk that was created since that listing started.
func TestCoalesceLateReaderSeesNewTrunk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New(mockapi.Trunks(250))
		client := newInProcessClient(t, api, Config{})
		made := newTrunk(1, inTheEnd)

		var once sync.Once

		running := make(chan struct{})

		// The last page of the first listing is cut, and on its way.
		api.OnPage(func(_ int, p *mockapi.Page) {
			if p.Offset == 198 {
				once.Do(func() {
					close(running)
					time.Sleep(time.Second)
				})
			}
		})

		var group sync.WaitGroup

		group.Go(func() {
			if _, err := client.List(t.Context(), ""); err != nil {
				t.Error(err)
			}
		})

		<-running
		api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk { return append(trunks, made) })

		listing, err := client.List(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}

		if !slices.Contains(ids(listing.Trunks), made.ID) {
			t.Error("the reader that came after the trunk was made does not see it")
		}

		group.Wait()
	})
}

func TestCoalesceReaderThatGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Second}
		s := newCoalescer(r.list)

		ctx, cancel := context.WithTimeoutCause(t.Context(), 500*time.Millisecond, ErrReadTimeout)
		defer cancel()

		var group sync.WaitGroup

		group.Go(func() {
			start := time.Now()

			if _, err := s.list(ctx, ""); !errors.Is(err, ErrReadTimeout) {
				t.Errorf("the error is %v", err)
			}

			if got := time.Since(start); got != 500*time.Millisecond {
				t.Errorf("it gave up after %s", got)
			}
		})
		group.Go(func() {
			if got := readers(t.Context(), s, 2); slices.Min(got) != 1 {
				t.Errorf("the others got the listings %v, want the first", got)
			}
		})
		group.Wait()
	})
}

// No reader is left: the listing in flight is cancelled, and its own error is returned.
func TestCoalesceLastReaderThatGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Hour}
		s := newCoalescer(r.list)
		cause := errors.New("interrupted")

		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })

		start := time.Now()

		if _, err := s.list(ctx, ""); !errors.Is(err, errListingCancelled) || !errors.Is(err, cause) {
			t.Errorf("the error is %v", err)
		}

		if got := time.Since(start); got != time.Second {
			t.Errorf("it took %s", got)
		}

		r.takes = 0
		if got := readers(t.Context(), s, 2); slices.Min(got) != 2 {
			t.Errorf("readers that come later got the listings %v, want the second", got)
		}
	})
}

func TestCoalesceAllGiveUpBeforeItBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		s := newCoalescer(r.list)

		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Millisecond, ErrReadTimeout)
		defer cancel()

		if got := readers(ctx, s, 3); slices.Max(got) != 0 {
			t.Errorf("readers without time got the listings %v", got)
		}

		// One comes while the round that everybody left would still be gathering.
		if got := readers(t.Context(), s, 1); got[0] != 1 {
			t.Errorf("the reader got the listing %v, want the first", got)
		}

		if got := len(r.began); got != 1 {
			t.Errorf("%d listings began, want 1", got)
		}
	})
}

// Readers that share a deadline get the error of the listing, which is more specific.
func TestCoalesceDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Hour}
		s := newCoalescer(r.list)

		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, ErrReadTimeout)
		defer cancel()

		var group sync.WaitGroup

		for range 5 {
			group.Go(func() {
				if _, err := s.list(ctx, ""); !errors.Is(err, errListingCancelled) || !errors.Is(err, ErrReadTimeout) {
					t.Errorf("the error is %v", err)
				}
			})
		}

		group.Wait()
	})
}

// The listing has the latest deadline of its readers.
func TestCoalesceLatestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: 10 * time.Second}
		s := newCoalescer(r.list)

		var group sync.WaitGroup

		for seconds, want := range map[int]int{1: 0, 20: 1, 5: 0} {
			group.Go(func() {
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Duration(seconds)*time.Second, ErrReadTimeout)
				defer cancel()

				if got := readers(ctx, s, 1); got[0] != want {
					t.Errorf("the reader with %d seconds got listing %d, want %d", seconds, got[0], want)
				}
			})
		}

		group.Wait()
	})
}

func TestCoalesceErrorReachesItsReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Second, err: func(n int) error {
			if n == 1 {
				return ErrListChanged
			}

			return nil
		}}
		s := newCoalescer(r.list)

		var group sync.WaitGroup

		for range 3 {
			group.Go(func() {
				if _, err := s.list(t.Context(), ""); !errors.Is(err, ErrListChanged) {
					t.Errorf("a reader of the first listing got the error %v", err)
				}
			})
			group.Go(func() {
				time.Sleep(500 * time.Millisecond)

				if _, err := s.list(t.Context(), ""); err != nil {
					t.Errorf("a reader of the second listing got the error %v", err)
				}
			})
		}

		group.Wait()
	})
}

func TestCoalesceKeepsFiltersApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Second}
		s := newCoalescer(r.list)
		start := time.Now()

		var group sync.WaitGroup

		for _, status := range []string{"", StatusActive, StatusError, StatusActive} {
			group.Go(func() {
				if _, err := s.list(t.Context(), status); err != nil {
					t.Error(err)
				}
			})
		}

		group.Wait()

		slices.Sort(r.statuses)

		if want := []string{"", StatusActive, StatusError}; !slices.Equal(r.statuses, want) {
			t.Errorf("it listed %q, want %q", r.statuses, want)
		}

		// They do not wait for each other either.
		if got := time.Since(start); got != time.Second+gatherTime {
			t.Errorf("it took %s", got)
		}
	})
}

// Whatever readers come and go, each that stays gets a listing that began after it came, and
// nothing is left behind.
func TestCoalesceAtRandom(t *testing.T) {
	for seed := range uint64(50) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // It must be repeatable.
			r := &recorder{takes: 50 * time.Millisecond}
			s := newCoalescer(r.list)

			var group sync.WaitGroup

			for range 200 {
				comes := time.Duration(random.IntN(1000)) * time.Millisecond
				stays := time.Duration(1+random.IntN(300)) * time.Millisecond

				group.Go(func() {
					time.Sleep(comes)

					ctx, cancel := context.WithTimeoutCause(t.Context(), stays, ErrReadTimeout)
					defer cancel()

					came := time.Now()
					listing, err := s.list(ctx, "")

					switch {
					case err != nil && !errors.Is(err, ErrReadTimeout):
						t.Errorf("seed %d: %v", seed, err)
					case err != nil && time.Since(came) != stays:
						t.Errorf("seed %d: a reader that stays for %s gave up after %s", seed, stays, time.Since(came))
					case err == nil && r.beganAt(listed(listing)).Before(came):
						t.Errorf("seed %d: a reader got a listing that began before it came", seed)
					}
				})
			}

			group.Wait()
			time.Sleep(gatherTime)
			synctest.Wait()

			if len(s.latest) != 0 {
				t.Errorf("seed %d: a round has not finished", seed)
			}
		})
	}
}
