// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestSortTrunks(t *testing.T) {
	// In the expected order; each pair of neighbors shows a rule.
	want := []Trunk{
		{ID: "no-timestamp-a"},
		{ID: "no-timestamp-b"},
		{ID: "without-an-offset-b", CreatedAt: new("2024-01-15T10:30:00")},
		{ID: "without-an-offset-a", CreatedAt: new("2024-01-15T10:30:01")},
		{ID: "z", CreatedAt: new("2023-12-31T23:59:59Z")},
		{ID: "same-second-a", CreatedAt: new("2024-01-15T10:30:00Z")},
		{ID: "same-second-aa-with-an-offset", CreatedAt: new("2024-01-15T10:30:00+00:00")},
		{ID: "same-second-b", CreatedAt: new("2024-01-15T10:30:00Z")},
		{ID: "same-second-c-in-another-zone", CreatedAt: new("2024-01-15T12:30:00+02:00")},
		{ID: "half-a-second-later", CreatedAt: new("2024-01-15T10:30:00.5Z")},
		{ID: "later-in-another-zone", CreatedAt: new("2024-01-15T09:00:00-06:00")},
		{ID: "a", CreatedAt: new("2024-02-10T09:00:00Z")},
	}

	for seed := range uint64(20) {
		got := slices.Clone(want)
		//nolint:gosec // It must be repeatable.
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })

		sortTrunks(got)

		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	}
}

// The age of a list is that of its oldest page.
func TestListAge(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		ages   []string // Of the responses, the last one repeats.
		shifts bool     // The first listing ends with a change.
		want   time.Duration
	}{
		"no cache":                             {[]string{""}, false, 0},
		"a cache that asked the API":           {[]string{"0"}, false, 0},
		"the first page":                       {[]string{"125", "7"}, false, 125 * time.Second},
		"a later page":                         {[]string{"", "7", "125", "30"}, false, 125 * time.Second},
		"a page of a listing that was dropped": {[]string{"125", "125", ""}, true, 0},
	} {
		for protocol, connect := range protocols {
			t.Run(name+" over "+protocol, func(t *testing.T) {
				t.Parallel()

				api := mockapi.New(mockapi.Trunks(450))
				for _, age := range test.ages[:len(test.ages)-1] {
					api.Fail(1, mockapi.WithHeader("Age", age, nil))
				}

				api.Fail(-1, mockapi.WithHeader("Age", test.ages[len(test.ages)-1], nil))
				api.OnPage(func(n int, p *mockapi.Page) {
					if test.shifts && n == 2 {
						p.Total++
					}
				})

				listing, err := connect(t, api, Config{}).List(t.Context(), "")
				if err != nil || listing.Age != test.want {
					t.Errorf("got %v and %v, want an age of %s", listing, err, test.want)
				}
			})
		}
	}
}

func TestListSortsTrunks(t *testing.T) {
	trunks := mockapi.Trunks(250)
	want := mockIDs(trunks)
	slices.Reverse(trunks)

	listing, err := newInProcessClient(t, mockapi.New(trunks), Config{}).List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(want, ids(listing.Trunks)); diff != "" {
		t.Error(diff)
	}
}

// listTogether lists each status in one round. A list is nil if there is an error.
func listTogether(t *testing.T, client *Client, statuses ...string) (lists [][]Trunk, errs []error) {
	t.Helper()

	lists, errs = make([][]Trunk, len(statuses)), make([]error, len(statuses))

	var readers sync.WaitGroup

	for i, status := range statuses {
		readers.Go(func() {
			listing, err := client.List(t.Context(), status)
			if errs[i] = err; err == nil {
				lists[i] = listing.Trunks
			}
		})
	}

	readers.Wait()

	return lists, errs
}

// Reads of different statuses share one list, each with its trunks in the same order.
func TestListStatusesTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		trunks := mockapi.Trunks(250)
		for i := range trunks {
			if trunks[i].Status == StatusError {
				trunks[i].Status = "paused" // An unknown status is in no list with a filter.
			}
		}

		api := mockapi.New(trunks)

		lists, errs := listTogether(t, newInProcessClient(t, api, Config{}), append(Statuses(), "")...)
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}

		for i, status := range append(Statuses(), "") {
			want := slices.DeleteFunc(slices.Clone(trunks), func(trunk mockapi.Trunk) bool { return status != "" && trunk.Status != status })
			if diff := cmp.Diff(mockIDs(want), ids(lists[i])); diff != "" || lists[i] == nil {
				t.Errorf("%q: got %v: %s", status, lists[i], diff)
			}
		}

		wantRequests(t, api, 3)
	})
}

// A trunk without a status may belong to any list with a filter.
func TestListStatusesTogetherWithoutAStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New([]mockapi.Trunk{{JSON: `{"id":"conn_a","status":"active"}`}, {JSON: `{"id":"conn_b"}`}})

		lists, errs := listTogether(t, newInProcessClient(t, api, Config{}), StatusActive, "", StatusError)
		if len(lists[1]) != 2 || errs[1] != nil {
			t.Errorf("got %v and %v, want all trunks", lists[1], errs[1])
		}

		for _, i := range []int{0, 2} {
			if !errors.Is(errs[i], ErrUnexpectedResponse) {
				t.Errorf("got %v, want an error", errs[i])
			}

			wantText(t, errs[i], `the trunk "conn_b" has no "status"`)
		}
	})
}
