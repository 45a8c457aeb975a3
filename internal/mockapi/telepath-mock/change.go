// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import "github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"

// changeBetweenRequests makes the list shift while it is read: before each request
// after the first, the oldest trunk goes and a new one comes.
func changeBetweenRequests(api *mockapi.API) {
	newest := len(api.Trunks())
	api.OnQuery(func(n int, _ *mockapi.Query) {
		if n == 1 {
			return
		}
		api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk {
			newest++
			return append(trunks[min(1, len(trunks)):], mockapi.GeneratedTrunk(newest))
		})
	})
}
