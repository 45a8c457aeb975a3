// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

var (
	soakListings = flag.Int("soak.listings", 5, "how many listings TestSoak reads")
	soakSeed     = flag.Uint64("soak.seed", 1, "of what TestSoak does at random")
)

const (
	soakTrunks  = 1000
	soakReaders = 24
	// One request in so many meets a fault, and before one in so many the account changes. The
	// latter counts for every listing in flight, which are as many as the readers.
	soakFaults  = 10
	soakChanges = 600
)

// TestSoak reads listings from an API that fails and changes all the time. A listing is a
// complete one or an error; anything else is a bug in the client.
func TestSoak(t *testing.T) {
	goroutines, heap := footprint(t)
	ignoreThose := goleak.IgnoreCurrent()

	var lists, failed, changed, wrong atomic.Int64

	account := newChangingAccount(*soakSeed)
	start := time.Now()

	t.Run("listings", func(t *testing.T) {
		baseURL := mustParseBaseURL(t, newServer(t, account).URL)

		var (
			readers sync.WaitGroup
			begun   atomic.Int64
		)

		for range soakReaders {
			// Each has its own client, because readers of one client share listings.
			client := newTestClient(t, Config{BaseURL: baseURL, RequestTimeout: time.Second, MaxRetries: 4})

			readers.Go(func() {
				for begun.Add(1) <= int64(*soakListings) {
					from := time.Now()
					got, err := client.List(t.Context(), "")

					var failure *Error

					switch {
					case err == nil:
						lists.Add(1)

						if fault := account.check(got.Trunks, from, time.Now()); fault != "" {
							wrong.Add(1)
							t.Errorf("seed %d: %s", *soakSeed, fault)
						}
					case errors.Is(err, ErrListChanged):
						changed.Add(1)
					case errors.As(err, &failure):
						failed.Add(1)
					default:
						t.Errorf("seed %d: an undocumented error, a %T: %v", *soakSeed, err, err)
					}
				}
			})
		}

		readers.Wait()
	})

	if err := goleak.Find(ignoreThose); err != nil {
		t.Error(err)
	}

	took := time.Since(start)
	requests, faults, changes := account.figures()
	goroutinesAfter, heapAfter := footprint(t)

	t.Logf("seed %d, %s: %d listings of about %d trunks in %d requests, of which %d met a fault; the account changed %d times",
		*soakSeed, took.Round(time.Millisecond), *soakListings, soakTrunks, requests, faults, changes)
	t.Logf("lists %d, errors %d (requests that failed %d, lists that kept changing %d), wrong lists %d",
		lists.Load(), failed.Load()+changed.Load(), failed.Load(), changed.Load(), wrong.Load())
	t.Logf("goroutines %d before and %d after, heap %d kB before and %d kB after",
		goroutines, goroutinesAfter, heap>>10, heapAfter>>10)

	if n := lists.Load() + failed.Load() + changed.Load(); n != int64(*soakListings) {
		t.Errorf("%d listings ended, want %d", n, *soakListings)
	}

	if lists.Load() == 0 {
		t.Error("not a single listing was complete")
	}
}

// footprint is how many goroutines there are and how many bytes are in use.
func footprint(t *testing.T) (goroutines int, heap uint64) {
	t.Helper()

	// Twice, since a sync.Pool keeps things over one collection.
	runtime.GC()
	runtime.GC()

	var stats runtime.MemStats

	runtime.ReadMemStats(&stats)

	return runtime.NumGoroutine(), stats.HeapAlloc
}

// life is when a trunk was there. It came and went in the course of an update, so it was
// certainly there from made to deleting, and it may have been seen from making to deleted.
type life struct{ making, made, deleting, deleted time.Time }

// changingAccount is the API with faults and changes at random, which remembers what was in
// the account and when.
type changingAccount struct {
	api *mockapi.API

	mu       sync.Mutex
	random   *rand.Rand
	lives    map[string]life
	made     int
	requests int
	faults   int
	changes  int
}

func newChangingAccount(seed uint64) *changingAccount {
	account := &changingAccount{
		api:    mockapi.New(mockapi.Trunks(soakTrunks)),
		random: rand.New(rand.NewPCG(seed, 0)), //nolint:gosec // It must be repeatable.
		lives:  map[string]life{},
		made:   soakTrunks,
	}
	// A 429 without Retry-After waits for the reset, which is never more than 2 s away.
	account.api.SetRateLimit(1_000_000, time.Second)

	for _, trunk := range account.api.Trunks() {
		account.lives[trunk.ID] = life{}
	}

	return account
}

// soakFault is one of the things that a bad network does.
func (a *changingAccount) soakFault() mockapi.Fault {
	faults := []mockapi.Fault{
		mockapi.Status(http.StatusInternalServerError),
		mockapi.Status(http.StatusServiceUnavailable),
		mockapi.HTML(http.StatusBadGateway),
		mockapi.Empty(http.StatusGatewayTimeout),
		mockapi.Status(http.StatusTooManyRequests),
		mockapi.WithHeader("Retry-After", "0", mockapi.Empty(http.StatusTooManyRequests)),
		mockapi.Drop(),
		mockapi.CutBody(),
		mockapi.Hang(),
		mockapi.HangInBody(),
		mockapi.Body(http.StatusOK, "application/json", `{"trunks":[{"id":"conn_abc123xyz"`),
		mockapi.Empty(http.StatusOK),
	}

	n := a.random.IntN(len(faults))
	if n == len(faults)-1 && a.random.IntN(10) != 0 {
		// This one is not retried; too much of it, and no listing ever ends well.
		n = a.random.IntN(len(faults) - 1)
	}

	return faults[n]
}

// ServeHTTP implements [http.Handler].
func (a *changingAccount) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.requests++

	if a.random.IntN(soakFaults) == 0 {
		a.faults++
		a.api.Fail(1, a.soakFault())
	}

	if a.random.IntN(soakChanges) == 0 {
		a.changes++
		a.change()
	}

	if a.requests%1000 == 0 {
		// What the mock remembers of requests is not the client's heap.
		a.api.Reset()
	}
	a.mu.Unlock()

	a.api.ServeHTTP(w, r)
}

// change adds a trunk at the end or deletes one anywhere.
func (a *changingAccount) change() {
	before := time.Now()

	var added, gone string

	a.api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk {
		if a.random.IntN(2) == 0 {
			a.made++
			trunk := mockapi.GeneratedTrunk(a.made)
			added = trunk.ID

			return append(trunks, trunk)
		}

		n := a.random.IntN(len(trunks))
		gone = trunks[n].ID

		return append(trunks[:n], trunks[n+1:]...)
	})

	if added != "" {
		a.lives[added] = life{making: before, made: time.Now()}
		return
	}

	lived := a.lives[gone]
	lived.deleting, lived.deleted = before, time.Now()
	a.lives[gone] = lived
}

// figures are how many requests came, how many of them met a fault, and how often the
// account changed. It forgets everything else.
func (a *changingAccount) figures() (requests, faults, changes int) {
	a.mu.Lock()
	defer a.mu.Unlock()

	a.api, a.lives = nil, nil

	return a.requests, a.faults, a.changes
}

// check says what is wrong with a list that was read in this time; nothing is empty.
func (a *changingAccount) check(trunks []Trunk, from, to time.Time) string {
	a.mu.Lock()
	defer a.mu.Unlock()

	listed := make(map[string]struct{}, len(trunks))

	for _, trunk := range trunks {
		if _, twice := listed[trunk.ID]; twice {
			return fmt.Sprintf("%s is in the list twice", trunk.ID)
		}

		listed[trunk.ID] = struct{}{}

		lived, known := a.lives[trunk.ID]
		if !known || lived.making.After(to) || !lived.deleted.IsZero() && lived.deleted.Before(from) {
			return fmt.Sprintf("%s is in the list, and was not in the account meanwhile", trunk.ID)
		}
	}

	for id, lived := range a.lives {
		if _, ok := listed[id]; !ok && lived.made.Before(from) && (lived.deleting.IsZero() || lived.deleting.After(to)) {
			return fmt.Sprintf("%s is not in the list, and was in the account all the time", id)
		}
	}

	return ""
}
