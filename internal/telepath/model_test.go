// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var (
	modelListings = flag.Uint64("model.listings", 2000, "how many listings TestModel reads")
	modelSeed     = flag.Uint64("model.seed", 1, "the first seed of TestModel")
)

// TestModel lists accounts of random hostile servers. Within the assumptions of [lister.listPages],
// a list has every trunk that existed throughout the listing, none twice, and none that never existed.
func TestModel(t *testing.T) {
	var lists, failed, requests uint64

	for n := range *modelListings {
		seed := *modelSeed + n

		synctest.Test(t, func(t *testing.T) {
			server := newHostileServer(seed)

			statuses := []string{server.filter}
			if server.filter == "" && seed%2 == 0 {
				statuses = []string{"", StatusActive, StatusInactive} // Each trunk has one of the two.
			}

			parts, errs := listTogether(t, newInProcessClient(t, server, Config{MaxRetries: 2}), statuses...)
			err := errors.Join(errs...)
			requests += uint64(server.requests) //nolint:gosec // It is not negative.

			var failure *Error

			switch {
			case err == nil:
				lists++

				for _, list := range [][]Trunk{parts[0], slices.Concat(parts[1:]...)}[:min(2, len(parts))] {
					if problem := server.check(list); problem != "" {
						t.Errorf("seed %d (%s): %s", seed, server, problem)
					}
				}
			case errors.Is(err, ErrListChanged), errors.Is(err, ErrUnexpectedResponse), errors.As(err, &failure):
				failed++
			default:
				t.Errorf("seed %d (%s): an undocumented error: %v", seed, server, err)
			}
		})
	}

	t.Logf("seeds %d to %d: %d requests, %d lists and %d errors", *modelSeed, *modelSeed+*modelListings-1, requests, lists, failed)

	if lists < *modelListings/4 {
		t.Errorf("only %d of %d listings were complete", lists, *modelListings)
	}
}

// modelTrunk is a trunk of the hostile server.
type modelTrunk struct {
	ID      string `json:"id"`
	Status  string `json:"status"`
	created int
	// throughout reports that the trunk has matched the filter in every snapshot so far.
	throughout bool
}

// hostileServer is an API whose account, page size and total change between requests.
type hostileServer struct {
	random *rand.Rand
	// filter is the status that is listed, empty for all.
	filter string
	// changes and failures are how many requests in 100 see a change or fail.
	changes, failures int
	// newestFirst reverses the order. ties is how many trunks are created in the same instant, and
	// ordered randomly in each response. It excludes changes, because the order must be stable.
	newestFirst bool
	ties        int
	// caps are the page sizes that the server alternates between.
	caps []int
	// lagRequests and lagChanges are by how many requests, or changes, the total lags behind.
	lagRequests, lagChanges int

	mu       sync.Mutex
	trunks   []modelTrunk
	existed  map[string]bool
	totals   []int // By request.
	changed  []int // By change.
	requests int
	clock    int
}

func newHostileServer(seed uint64) *hostileServer {
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // It must be repeatable.
	pick := func(values ...int) int { return values[random.IntN(len(values))] }

	s := &hostileServer{
		random:      random,
		filter:      []string{"", "", StatusActive}[random.IntN(3)],
		changes:     pick(0, 1, 5, 20, 60),
		failures:    pick(0, 10),
		newestFirst: random.IntN(3) == 0,
		ties:        pick(1, 1, 1, 3, 300),
		caps:        [][]int{{100}, {100}, {100, 50}, {50}, {10, 11}, {3}, {2, 3}, {100, 2, 1}}[random.IntN(8)],
		lagRequests: pick(0, 0, 1, 3),
		lagChanges:  pick(0, 0, 1, 2),
		existed:     map[string]bool{},
	}

	if s.ties > 1 {
		s.changes = 0
	}

	// Sizes near the end of a page, where a total that lags may hide a trunk.
	size := s.caps[0]
	n := max(0, 1+pick(0, 1, 2, 3)*(size-1)+pick(-2, -1, 0, 1, 2, 3))

	for range n {
		s.insert(len(s.trunks))
	}

	// Totals may lag from the start.
	s.changed = append(s.changed, max(0, n-pick(0, 1, 2)), s.count())

	return s
}

func (s *hostileServer) String() string {
	return fmt.Sprintf("filter %q, changes %d%%, failures %d%%, newest first %t, ties %d, caps %v, total lags by %d requests and %d changes",
		s.filter, s.changes, s.failures, s.newestFirst, s.ties, s.caps, s.lagRequests, s.lagChanges)
}

// insert adds a trunk at a place in the order of creation.
func (s *hostileServer) insert(at int) {
	s.clock++

	trunk := modelTrunk{ID: "conn_" + strconv.Itoa(s.clock), Status: StatusActive, created: s.clock / s.ties, throughout: s.requests == 0}
	if s.random.IntN(4) == 0 {
		trunk.Status = StatusInactive
	}

	s.trunks = slices.Insert(s.trunks, at, trunk)
	s.mark()
}

// change adds a trunk at the end or anywhere, deletes one, or changes the status of one.
func (s *hostileServer) change() {
	switch n := len(s.trunks); {
	case n == 0 || s.random.IntN(3) == 0:
		s.insert(n)
	case s.random.IntN(6) == 0:
		s.insert(s.random.IntN(n))
	case s.random.IntN(2) == 0:
		at := s.random.IntN(n)
		s.trunks = slices.Delete(s.trunks, at, at+1)
	default:
		trunk := &s.trunks[s.random.IntN(n)]
		trunk.Status = map[string]string{StatusActive: StatusInactive, StatusInactive: StatusActive}[trunk.Status]
	}

	s.mark()
	s.changed = append(s.changed, s.count())
}

// mark updates which trunks exist, and which have throughout.
func (s *hostileServer) mark() {
	for i := range s.trunks {
		trunk := &s.trunks[i]
		if s.matches(*trunk) {
			s.existed[trunk.ID] = true
		} else {
			trunk.throughout = false
		}
	}
}

func (s *hostileServer) matches(trunk modelTrunk) bool {
	return s.filter == "" || trunk.Status == s.filter
}

func (s *hostileServer) count() int {
	n := 0

	for _, trunk := range s.trunks {
		if s.matches(trunk) {
			n++
		}
	}

	return n
}

// total is the total of a response, which may lag.
func (s *hostileServer) total() int {
	s.totals = append(s.totals, s.count())

	if s.lagChanges > 0 {
		return s.changed[max(0, len(s.changed)-1-s.lagChanges)]
	}

	return s.totals[max(0, len(s.totals)-1-s.lagRequests)]
}

// ServeHTTP implements [http.Handler].
func (s *hostileServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	delay := time.Duration(s.random.IntN(10)) * time.Millisecond
	s.mu.Unlock()

	time.Sleep(delay) // Concurrent requests arrive in any order.

	s.mu.Lock()
	defer s.mu.Unlock()

	s.requests++

	for s.random.IntN(100) < s.changes {
		s.change()
	}

	if s.random.IntN(100) < s.failures {
		w.WriteHeader([]int{http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusTooManyRequests}[s.random.IntN(3)])

		return
	}

	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	limit = min(limit, s.caps[s.random.IntN(len(s.caps))])

	matching := slices.DeleteFunc(slices.Clone(s.trunks), func(trunk modelTrunk) bool { return !s.matches(trunk) })
	s.random.Shuffle(len(matching), func(i, j int) {
		if matching[i].created == matching[j].created {
			matching[i], matching[j] = matching[j], matching[i]
		}
	})

	if s.newestFirst {
		slices.Reverse(matching)
	}

	from := min(offset, len(matching))
	body, _ := json.Marshal(map[string]any{
		"trunks":     matching[from:min(from+limit, len(matching))],
		"pagination": map[string]int{"limit": limit, "offset": offset, "total": s.total()},
	})
	_, _ = w.Write(body)
}

// check returns the problem of a list, or nothing.
func (s *hostileServer) check(trunks []Trunk) string {
	s.mu.Lock()
	defer s.mu.Unlock()

	listed := map[string]bool{}

	for _, trunk := range trunks {
		switch {
		case listed[trunk.ID]:
			return trunk.ID + " is in the list twice"
		case !s.existed[trunk.ID]:
			return trunk.ID + " is in the list, and never existed"
		}

		listed[trunk.ID] = true
	}

	for _, trunk := range s.trunks {
		if trunk.throughout && !listed[trunk.ID] {
			return trunk.ID + " existed throughout, and is not in the list"
		}
	}

	return ""
}
