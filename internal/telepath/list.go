// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

const (
	// maxListings is how often the trunks are listed if the list changes during each listing.
	maxListings = 3
	// changeDelay is the delay before the next listing. A script may be creating or deleting several
	// trunks.
	changeDelay = 500 * time.Millisecond
)

// Listing is a complete list of trunks. Concurrent readers may share one: do not modify it.
type Listing struct {
	// Trunks has each trunk once, ordered by creation and then by ID, so that a new trunk comes
	// last. Empty, not nil, without trunks.
	Trunks []Trunk
	// Waited is how long the listing waited for resets of the rate limit and after statuses 429, without
	// jitter.
	Waited time.Duration
	// Age is how old the oldest page is. Above 0, it came from a cache (RFC 9111, section 5.1). 0 does
	// not exclude a cache, because not every cache reports an age.
	Age time.Duration

	// status is the one that the API filtered by, empty for all trunks.
	status string
}

// List lists the trunks of the account with a status, one of [Statuses], or all of them if the
// status is empty.
//
// Concurrent calls share a listing that starts after all of them started. If they want different
// statuses, it lists all trunks, and each call returns those with its status: a trunk that changes its
// status between two listings would be in neither.
//
// An error means that there is no list, because a partial one is never returned: it is an [*Error] if a
// request failed, a [*RateLimitError], [ErrListChanged], [ErrUnexpectedResponse] or the cause of
// the context. The context must have a deadline, or a status 429 is retried forever; its cause should be
// [ErrReadTimeout].
func (c *Client) List(ctx context.Context, status string) (*Listing, error) {
	listing, err := c.coalescer.list(ctx, status)
	if err != nil || listing.status == status {
		return listing, err
	}

	filtered := *listing
	filtered.Trunks = []Trunk{}

	for _, trunk := range listing.Trunks {
		switch {
		case trunk.Status == nil:
			return nil, fmt.Errorf("%w: the trunk %q has no \"status\", and may belong to the list with the status %q", ErrUnexpectedResponse, cleanText(c.config.Key, trunk.ID), status)
		case *trunk.Status == status:
			filtered.Trunks = append(filtered.Trunks, trunk)
		}
	}

	return &filtered, nil
}

// list lists the trunks for the readers that [coalescer] has gathered.
func (c *Client) list(ctx context.Context, status string) (*Listing, error) {
	l := &lister{client: c, status: status}

	for n := 1; ; n++ {
		listing, err := l.listPages(ctx)
		if err == nil {
			sortTrunks(listing.Trunks)
			listing.Waited, listing.status = l.waited.total, status

			return listing, nil
		}

		var shift *shiftError
		if !errors.As(err, &shift) {
			return nil, err
		}

		reason := cleanText(c.config.Key, shift.reason)
		if n == maxListings {
			return nil, fmt.Errorf("%w, in each of %d listings: %s", shift.kind, n, reason)
		}

		tflog.Info(ctx, "The list of trunks changed while it was read, listing again", map[string]any{"reason": reason})

		if err := sleep(ctx, changeDelay); err != nil {
			return nil, fmt.Errorf("the list of trunks changed while it was read: %s; then %w", reason, err)
		}
	}
}

// lister lists the trunks with a status for one or several concurrent readers.
type lister struct {
	client *Client
	// status is empty for all trunks.
	status string
	waited waits
}

// sortTrunks sorts trunks in the order of [Listing.Trunks]. The API lists by creation as well, but
// documents no order of trunks that were created in the same second.
//
// A timestamp in another form than RFC 3339 orders as text, which agrees with the time if offset and
// precision are the same. A trunk without a timestamp comes first, so that a new trunk still comes last.
func sortTrunks(trunks []Trunk) {
	slices.SortFunc(trunks, func(a, b Trunk) int {
		aTime, aText := creation(a)
		bTime, bText := creation(b)

		return cmp.Or(aTime.Compare(bTime), cmp.Compare(aText, bText), cmp.Compare(a.ID, b.ID))
	})
}

// creation returns when a trunk was created, as a time if it is in RFC 3339, else as text.
func creation(trunk Trunk) (created time.Time, text string) {
	if trunk.CreatedAt != nil {
		var err error
		if created, err = time.Parse(time.RFC3339, *trunk.CreatedAt); err != nil {
			text = *trunk.CreatedAt
		}
	}

	return created, text
}
