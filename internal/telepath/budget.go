// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrRateLimitWait says that the API takes no more requests before a time that is too far
// away: waiting for it could not end before the deadline of the read.
var ErrRateLimitWait = errors.New("the API's rate limit leaves no request before the deadline of the read")

// budget is how many requests may be sent, as far as the answers have told. All requests of
// a client share it. It counts those under way, which the server may not have counted yet: of
// two requests left, eight pages at once must not make ten.
type budget struct {
	mu sync.Mutex
	// last is what was heard last; window 0 means nothing.
	last rateLimit
	// resetAt is when the window of last ends, by the local clock.
	resetAt time.Time
	// blockedUntil is the end of a wait that the server asked for by status 429.
	blockedUntil time.Time
	// inFlight is the number of requests that were sent and not answered yet.
	inFlight int64
	// changed is closed, and replaced, when there may be room.
	changed chan struct{}
}

func newBudget() *budget {
	return &budget{changed: make(chan struct{})}
}

// acquire waits until a request may be sent. The caller must then call release, once. The
// wait ends with the context, and does not begin if it could not end before its deadline:
// then, the error is an [ErrRateLimitWait] that says when the limit resets.
func (b *budget) acquire(ctx context.Context, waits *stopwatch) error {
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}

		until, changed, ok := b.tryAcquire()
		if ok {
			return nil
		}

		if deadline, ok := ctx.Deadline(); ok && until.After(deadline) {
			return fmt.Errorf("%w: it resets in %s, at %s", ErrRateLimitWait,
				time.Until(until).Round(time.Second), until.UTC().Format(time.RFC3339))
		}

		if err := waits.wait(ctx, until, changed); err != nil {
			return err
		}
	}
}

// tryAcquire takes a request from the budget, or tells until when it has none, which is no
// time at all if that depends on requests under way, and what is closed if this changes.
func (b *budget) tryAcquire() (until time.Time, changed <-chan struct{}, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()

	now := time.Now()
	if now.Before(b.blockedUntil) {
		return b.blockedUntil, b.changed, false
	}

	if b.last.window != 0 && !b.resetAt.IsZero() && !now.Before(b.resetAt) {
		// A new window, of which nothing is known yet but its size.
		b.last.remaining = b.last.limit
		b.resetAt = time.Time{}
	}

	// Without an end of the window to wait for, one request has to go and find it out.
	nobodyKnows := b.last.window == 0 || b.resetAt.IsZero() && b.inFlight == 0

	switch {
	case nobodyKnows, b.last.remaining > b.inFlight:
		b.inFlight++
		return time.Time{}, nil, true
	case b.last.remaining > 0:
		// What is left is spoken for; an answer may tell of more.
		return time.Time{}, b.changed, false
	}

	return b.resetAt, b.changed, false
}

// release ends a request that acquire let go. It takes what the answer said of the budget;
// ok is false if there was no answer, or it said nothing.
func (b *budget) release(heard rateLimit, ok bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()

	b.inFlight--

	resetAt := now.Add(heard.resetIn)

	switch {
	case !ok:
		// The server may have counted it all the same.
		b.last.remaining = max(b.last.remaining-1, 0)
	case heard.window > b.last.window:
		b.last, b.resetAt = heard, resetAt
	case heard.window == b.last.window && !b.resetAt.IsZero():
		// Answers overtake each other: the lowest is the newest. And each one's reset is late by
		// the way that it came and by parts of a second: the earliest is the nearest to the truth.
		b.last.remaining = min(b.last.remaining, heard.remaining)
		if resetAt.Before(b.resetAt) {
			b.resetAt = resetAt
		}
	}

	b.wake()
}

// block lets no request go before the time. It is what a 429 asks for, whatever the headers
// of other answers say.
func (b *budget) block(until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()

	if until.After(b.blockedUntil) {
		b.blockedUntil = until
	}
}

// left is how many requests the budget has, not counting those under way; -1 if nobody
// knows.
func (b *budget) left() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()

	if b.last.window == 0 {
		return -1
	}

	return b.last.remaining
}

func (b *budget) wake() {
	close(b.changed)
	b.changed = make(chan struct{})
}
