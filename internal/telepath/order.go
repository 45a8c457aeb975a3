// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"cmp"
	"slices"
	"time"
)

// sortTrunks puts trunks in the order of [Client.List]. The API lists by creation date as
// well, but says nothing of trunks that were created in the same second, and the order of a
// list in Terraform must not depend on chance.
//
// A trunk without a timestamp that can be read comes first, so that a new one still comes
// last.
func sortTrunks(trunks []Trunk) {
	type keyed struct {
		created time.Time
		raw     string
		trunk   Trunk
	}

	// Reading a timestamp costs more than comparing, so each is read once.
	list := make([]keyed, len(trunks))
	for i, trunk := range trunks {
		list[i].trunk = trunk

		if trunk.CreatedAt != nil {
			created, err := time.Parse(time.RFC3339, *trunk.CreatedAt)
			if err != nil {
				list[i].raw = *trunk.CreatedAt
			}

			list[i].created = created
		}
	}

	slices.SortFunc(list, func(a, b keyed) int {
		return cmp.Or(
			a.created.Compare(b.created),
			cmp.Compare(a.raw, b.raw),
			cmp.Compare(a.trunk.ID, b.trunk.ID),
		)
	})

	for i := range list {
		trunks[i] = list[i].trunk
	}
}
