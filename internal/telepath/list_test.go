// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestSortTrunks(t *testing.T) {
	// In the expected order; each pair of neighbors shows a rule.
	want := []Trunk{
		{ID: "no-timestamp-a"},
		{ID: "no-timestamp-b"},
		{ID: "not-a-timestamp-b", CreatedAt: new("2024")},
		{ID: "not-a-timestamp-a", CreatedAt: new("yesterday")},
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
