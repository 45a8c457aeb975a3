// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import "slices"

// Trunks gives a copy of the account as it is now.
func (a *API) Trunks() []Trunk {
	return slices.Clone(a.account())
}

// Update changes the account: change gets a copy that it may modify, and what it
// returns becomes the account. Other updates wait meanwhile, requests do not: they
// see the account either before or after. change must not call Update itself.
func (a *API) Update(change func(trunks []Trunk) []Trunk) {
	a.updating.Lock()
	defer a.updating.Unlock()

	// The copy of the result keeps a caller that holds on to it from changing the
	// account under the requests that read it without a lock.
	trunks := slices.Clone(change(a.Trunks()))

	a.mu.Lock()
	defer a.mu.Unlock()
	a.trunks = trunks
}

// account gives the account itself, which is replaced but never modified.
func (a *API) account() []Trunk {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.trunks
}
