// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// gatherTime is the time from the first reader of a listing to its start. Terraform reads ten data
// sources at a time. On a busy machine, fifty lookups took 9 or 10 listings with 10 ms, and 5 to 7 with 50 ms.
const gatherTime = 50 * time.Millisecond

// coalescer coalesces concurrent calls into one listing. Fifty lookups do not list the account fifty
// times. A trunk that changes its status is in exactly one of the lists that are read together.
//
// Unlike singleflight, a call never joins a listing in flight, which may have passed the position
// of a trunk that was created since, perhaps by the same run of Terraform. It waits for the next
// one, so that its result is as fresh as if it had listed alone.
type coalescer struct {
	listAll func(ctx context.Context, status string) (*Listing, error)

	mu sync.Mutex
	// latest is the latest round, nil if that has finished.
	latest *round
}

// round is a listing and its readers.
type round struct {
	// previous is the round before, nil without one, or when that has finished.
	previous *round
	// ctx is that of the listing. It has the values of the first reader's context, for the log, and
	// ends when the last reader has left.
	ctx    context.Context
	cancel context.CancelCauseFunc
	// status is what all readers want, empty for all trunks, also if readers want different statuses.
	status string
	// closed reports that no more readers may join.
	closed bool
	// readers is how many readers have not left.
	readers int
	// deadline is the latest deadline of the readers.
	deadline time.Time

	// done is closed when listing and err are set.
	done    chan struct{}
	listing *Listing
	err     error
}

// list returns a listing that started after the call, or its error. The listing has the trunks with the
// status or all trunks, see [Listing.status]. When the context ends, it returns without affecting the
// other readers.
func (c *coalescer) list(ctx context.Context, status string) (*Listing, error) {
	r := c.join(ctx, status)

	select {
	case <-r.done:
	case <-ctx.Done():
		cause := causeOf(ctx)
		if stops := c.leave(r, cause); !stops {
			return nil, fmt.Errorf("%w while trunks were being listed", cause)
		}

		// The error of the listing is more specific, and about to come.
		<-r.done
	}

	return r.listing, r.err
}

// join adds a reader to the latest round, or to a new one if that is closed.
func (c *coalescer) join(ctx context.Context, status string) *round {
	c.mu.Lock()
	defer c.mu.Unlock()

	deadline, ok := ctx.Deadline()
	if !ok { // As in tests.
		deadline = time.Now().AddDate(1, 0, 0)
	}

	r := c.latest
	if r == nil || r.closed {
		r = &round{previous: r, status: status, done: make(chan struct{})}
		r.ctx, r.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
		c.latest = r

		go c.run(r) //nolint:contextcheck // A round has a context of its own.
	}

	r.readers++

	if r.status != status {
		r.status = ""
	}

	if deadline.After(r.deadline) {
		r.deadline = deadline
	}

	return r
}

// run waits for the round before, gathers readers, and lists for them.
func (c *coalescer) run(r *round) {
	if r.previous != nil {
		<-r.previous.done
		r.previous = nil // Its listing may be large.
	}

	_ = sleep(r.ctx, gatherTime) // A listing without readers ends at once.

	c.mu.Lock()
	r.closed = true
	c.mu.Unlock()

	ctx, cancel := context.WithDeadlineCause(r.ctx, r.deadline, ErrReadTimeout)
	defer cancel()

	r.listing, r.err = c.listAll(ctx, r.status)

	c.mu.Lock()
	defer c.mu.Unlock()

	if c.latest == r {
		c.latest = nil
	}

	close(r.done)
}

// leave removes a reader whose context has ended. It reports whether the listing has started and
// stops as well: this was its last reader, or its own deadline has passed.
func (c *coalescer) leave(r *round, cause error) (stops bool) {
	c.mu.Lock()
	defer c.mu.Unlock()

	started := r.closed
	r.readers--

	if r.readers == 0 {
		r.closed = true
		r.cancel(cause)

		return started
	}

	return started && !r.deadline.After(time.Now())
}
