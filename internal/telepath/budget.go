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
	// lost is the number of requests, ever, that ended without telling of the budget.
	lost int64
	// lostBefore is what lost was before last's window.
	lostBefore int64
	// changed is closed, and replaced, when there may be room.
	changed chan struct{}
}

func newBudget() *budget {
	return &budget{changed: make(chan struct{})}
}

// slot is the leave to send one request.
type slot struct {
	budget *budget
	// lost is the budget's count of lost requests when this one was let go.
	lost int64
}

// shortage says when to ask the budget again.
type shortage struct {
	// until is when there will be room at the latest; no time at all if nobody knows.
	until time.Time
	// maybeSooner tells that an answer under way may make room earlier.
	maybeSooner bool
	// changed is closed when there may be room.
	changed <-chan struct{}
}

// acquire waits until a request may be sent. The caller must then release the slot, once.
// The wait ends with the context, and does not begin if it could not end before its deadline:
// then, the error is an [ErrRateLimitWait] that says when the limit resets.
func (b *budget) acquire(ctx context.Context, waits *stopwatch) (slot, error) {
	for {
		if ctx.Err() != nil {
			return slot{}, causeOf(ctx)
		}

		taken, short, ok := b.tryAcquire()
		if ok {
			return taken, nil
		}

		if !short.maybeSooner {
			if deadline, ok := ctx.Deadline(); ok && short.until.After(deadline) {
				return slot{}, fmt.Errorf("%w: it resets in %s, at %s", ErrRateLimitWait,
					time.Until(short.until).Round(time.Second), short.until.UTC().Format(time.RFC3339))
			}
		}

		if err := waits.wait(ctx, short); err != nil {
			return slot{}, err
		}
	}
}

// tryAcquire takes a request from the budget, or tells when to ask again.
func (b *budget) tryAcquire() (taken slot, short shortage, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()

	now := time.Now()
	if now.Before(b.blockedUntil) {
		return slot{}, shortage{until: b.blockedUntil, changed: b.changed}, false
	}

	if b.last.window != 0 && !b.resetAt.IsZero() && !now.Before(b.resetAt) {
		// A new window, of which nothing is known yet but its size. It began a little earlier, as
		// the answer that told of it took its time, and may have counted some that were lost.
		b.last.remaining = max(b.last.limit-(b.lost-b.lostBefore), 0)
		b.resetAt = time.Time{}
	}

	// Without an end of the window to wait for, one request has to go and find it out.
	nobodyKnows := b.last.window == 0 || b.resetAt.IsZero() && b.inFlight == 0

	if nobodyKnows || b.last.remaining > b.inFlight {
		b.inFlight++
		return slot{b, b.lost}, shortage{}, true
	}

	// What is left may be spoken for, and then an answer may tell of more.
	return slot{}, shortage{until: b.resetAt, maybeSooner: b.last.remaining > 0, changed: b.changed}, false
}

// release ends a request that acquire let go. It takes what the answer said of the budget;
// ok is false if there was no answer, or it said nothing.
func (s slot) release(heard rateLimit, ok bool, now time.Time) {
	b := s.budget

	b.mu.Lock()
	defer b.mu.Unlock()

	b.inFlight--

	resetAt := now.Add(heard.resetIn)
	// Those lost since this one was sent may have been counted after it.
	heard.remaining = max(heard.remaining-(b.lost-s.lost), 0)

	switch {
	case !ok:
		// The server may have counted it all the same.
		b.lost++
		b.last.remaining = max(b.last.remaining-1, 0)
	case heard.window > b.last.window:
		b.last, b.resetAt, b.lostBefore = heard, resetAt, s.lost
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
