// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestAccountIsNotChangedThrough(t *testing.T) {
	t.Parallel()
	tests := map[string]func(api *mockapi.API, given []mockapi.Trunk){
		"the trunks given to New":    func(_ *mockapi.API, given []mockapi.Trunk) { given[0].ID = "changed" },
		"the trunks from Trunks":     func(api *mockapi.API, _ []mockapi.Trunk) { api.Trunks()[0].ID = "changed" },
		"the page given to a hook":   changeThroughPage,
		"the trunks given to Update": changeThroughUpdateArgument,
		"the trunks given by Update": changeThroughUpdateResult,
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := mockapi.ReferenceTrunks()
			api := mockapi.New(given)
			change(api, given)
			ask(t, api, "/v1/trunks")
			if got := api.Trunks(); !slices.Equal(got, mockapi.ReferenceTrunks()) {
				t.Errorf("the account is now %+v", got)
			}
		})
	}
}

func changeThroughPage(api *mockapi.API, _ []mockapi.Trunk) {
	api.OnPage(func(_ int, p *mockapi.Page) { p.Trunks[0].ID = "changed" })
}

func changeThroughUpdateArgument(api *mockapi.API, _ []mockapi.Trunk) {
	api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk {
		trunks[0].ID = "changed"
		return mockapi.ReferenceTrunks()
	})
}

func changeThroughUpdateResult(api *mockapi.API, given []mockapi.Trunk) {
	api.Update(func([]mockapi.Trunk) []mockapi.Trunk { return given })
	given[0].ID = "changed"
}

func TestUpdateMayLookAtTheAccount(t *testing.T) {
	t.Parallel()
	api := mockapi.New(mockapi.Trunks(3))
	api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk {
		if got := len(api.Trunks()); got != 3 {
			t.Errorf("%d trunks during the update, want 3", got)
		}
		return trunks[:1]
	})
	if got := len(api.Trunks()); got != 1 {
		t.Errorf("%d trunks after the update, want 1", got)
	}
}

func TestUpdatesLoseNothingWhenTheyMeet(t *testing.T) {
	t.Parallel()
	api := mockapi.New(nil)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk {
				return append(trunks, mockapi.Trunk{ID: strconv.Itoa(i)})
			})
		})
		wg.Go(func() { ask(t, api, "/v1/trunks?status=active") })
	}
	wg.Wait()
	if got := len(api.Trunks()); got != 50 {
		t.Errorf("%d trunks, want 50", got)
	}
}
