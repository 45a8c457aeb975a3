// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"errors"
	"flag"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

var (
	soakListings = flag.Int("soak.listings", 5, "how many listings TestSoak reads")
	soakSeed     = flag.Uint64("soak.seed", 1, "the seed of TestSoak")
)

const (
	soakTrunks  = 1000
	soakReaders = 24
	// One request in soakFaults meets a fault. Before one in soakChanges, the account changes for all
	// listings in flight, up to one per reader.
	soakFaults  = 10
	soakChanges = 600
)

// TestSoak lists an account that fails and changes all the time. A listing is complete, or an error.
func TestSoak(t *testing.T) {
	ignore := goleak.IgnoreCurrent()
	account := newChangingAccount(*soakSeed)
	start := time.Now()

	var lists, failed, changed atomic.Int64

	t.Run("listings", func(t *testing.T) {
		baseURL := mustParseBaseURL(t, newServer(t, account).URL)

		var (
			readers sync.WaitGroup
			started atomic.Int64
		)

		for range soakReaders {
			// Readers of one client would share listings.
			client := newTestClient(t, Config{BaseURL: baseURL, RequestTimeout: time.Second, MaxRetries: 4})

			readers.Go(func() {
				for started.Add(1) <= int64(*soakListings) {
					from := time.Now()
					got, err := client.List(t.Context(), "")

					var failure *Error

					switch {
					case err == nil:
						lists.Add(1)

						if problem := account.check(got.Trunks, from, time.Now()); problem != "" {
							t.Errorf("seed %d: %s", *soakSeed, problem)
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

	if err := goleak.Find(ignore); err != nil {
		t.Error(err)
	}

	t.Logf("seed %d, %s: %d listings in %d requests, of which %d met a fault; the account changed %d times; %d lists, %d failed, %d kept changing",
		*soakSeed, time.Since(start).Round(time.Millisecond), *soakListings, account.requests, account.faults, account.changes, lists.Load(), failed.Load(), changed.Load())

	if n := lists.Load() + failed.Load() + changed.Load(); n != int64(*soakListings) {
		t.Errorf("%d listings ended, want %d", n, *soakListings)
	}

	if lists.Load() == 0 {
		t.Error("no listing was complete")
	}
}

// lifetime is when a trunk existed: certainly from created to deleting, and possibly from creating
// to deleted.
type lifetime struct{ creating, created, deleting, deleted time.Time }

// changingAccount is the API with random faults and changes. It records when each trunk existed.
type changingAccount struct {
	api *mockapi.API

	mu        sync.Mutex
	random    *rand.Rand
	lifetimes map[string]lifetime
	created   int

	requests, faults, changes int
}

func newChangingAccount(seed uint64) *changingAccount {
	account := &changingAccount{
		api:       mockapi.New(mockapi.Trunks(soakTrunks)),
		random:    rand.New(rand.NewPCG(seed, 0)), //nolint:gosec // It must be repeatable.
		lifetimes: map[string]lifetime{},
		created:   soakTrunks,
	}
	// A 429 without Retry-After waits for the reset, which is at most 2 s away.
	account.api.SetRateLimit(1_000_000, time.Second)

	for _, trunk := range account.api.Trunks() {
		account.lifetimes[trunk.ID] = lifetime{}
	}

	return account
}

func (a *changingAccount) randomFault() mockapi.Fault {
	if a.random.IntN(100) == 0 {
		return mockapi.Empty(http.StatusOK) // It is rare because it is not retried.
	}

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
	}

	return faults[a.random.IntN(len(faults))]
}

// ServeHTTP implements [http.Handler].
func (a *changingAccount) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.requests++

	if a.random.IntN(soakFaults) == 0 {
		a.faults++
		a.api.Fail(1, a.randomFault())
	}

	if a.random.IntN(soakChanges) == 0 {
		a.changes++
		a.change()
	}
	a.mu.Unlock()

	a.api.ServeHTTP(w, r)
}

// change adds a trunk at the end, or deletes one anywhere.
func (a *changingAccount) change() {
	before := time.Now()

	var added, deleted string

	a.api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk {
		if a.random.IntN(2) == 0 {
			a.created++
			trunk := mockapi.GeneratedTrunk(a.created)
			added = trunk.ID

			return append(trunks, trunk)
		}

		n := a.random.IntN(len(trunks))
		deleted = trunks[n].ID

		return slices.Delete(trunks, n, n+1)
	})

	if added != "" {
		a.lifetimes[added] = lifetime{creating: before, created: time.Now()}

		return
	}

	life := a.lifetimes[deleted]
	life.deleting, life.deleted = before, time.Now()
	a.lifetimes[deleted] = life
}

// check returns the problem of a list that was read in a period, or nothing.
func (a *changingAccount) check(trunks []Trunk, from, to time.Time) string {
	a.mu.Lock()
	defer a.mu.Unlock()

	listed := make(map[string]bool, len(trunks))

	for _, trunk := range trunks {
		if listed[trunk.ID] {
			return trunk.ID + " is in the list twice"
		}

		listed[trunk.ID] = true

		life, known := a.lifetimes[trunk.ID]
		if !known || life.creating.After(to) || !life.deleted.IsZero() && life.deleted.Before(from) {
			return trunk.ID + " is in the list, and did not exist"
		}
	}

	for id, life := range a.lifetimes {
		if !listed[id] && life.created.Before(from) && (life.deleting.IsZero() || life.deleting.After(to)) {
			return id + " existed throughout, and is not in the list"
		}
	}

	return ""
}
