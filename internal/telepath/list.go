// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// Listing is a complete list of trunks. Several readers may hold the same one: it must not be
// modified.
type Listing struct {
	// Trunks has each trunk once, ordered by when it was created and then by id, so that a new
	// trunk comes last. No trunks are an empty slice, not nil.
	Trunks []Trunk
	// Waited is how long reading them waited for the API's rate limit.
	Waited time.Duration
}

// List reads the trunks of the account with this status, one of [Statuses], or all of them
// if it is empty.
//
// Readers that come at the same time share a listing; each gets one that began after its
// call. If there is an error, there is no list: one that is not complete is worth nothing. The
// error is an [*Error] if a request failed, or [ErrListChanged]. A deadline of the context
// should have [ErrReadTimeout] as its cause.
func (c *Client) List(ctx context.Context, status string) (*Listing, error) {
	return c.sharing.read(ctx, status)
}

// listAlone reads a listing for [sharing].
func (c *Client) listAlone(ctx context.Context, status string) (*Listing, error) {
	ctx = c.maskLog(ctx)
	reading := &listing{client: c, status: status}

	trunks, err := reading.read(ctx)
	if err != nil {
		return nil, err
	}

	sortTrunks(trunks)

	return &Listing{Trunks: trunks, Waited: reading.waits.elapsed()}, nil
}

// maskLog masks the key in whatever is logged with the context, should it ever be in there.
//
// Each goroutine needs a context of its own from here: masking, the log writes to the fields
// that the context has, without a lock.
func (c *Client) maskLog(ctx context.Context) context.Context {
	ctx = tflog.MaskAllFieldValuesStrings(ctx, c.key.reveal())

	return tflog.MaskMessageStrings(ctx, c.key.reveal())
}
