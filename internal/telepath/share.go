// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// gatherTime is for how long no more readers have to come before a listing begins. Terraform
	// starts ten reads at a time, within a millisecond or two of each other, and the next ten
	// when those have ended; on a busy machine they trickle in.
	gatherTime = 10 * time.Millisecond
	// maxGatherTime is for how long a listing waits for more readers if they keep coming.
	maxGatherTime = 10 * gatherTime
)

// sharing lets many readers have one listing: to look fifty trunks up, an account need not be
// listed fifty times.
//
// A reader never joins a listing that has begun. That may have passed the place of a trunk
// which was made since, perhaps by the very run that the reader belongs to. The reader waits
// for the next one, with all others who come meanwhile. So what each of them gets is as fresh
// as if it had listed alone.
type sharing struct {
	list func(ctx context.Context, status string) (*Listing, error)

	mu sync.Mutex
	// next has, by status, the round that readers join; nil while one is being read and nobody
	// waits. There is an entry just as long as a goroutine serves this status.
	next map[string]*round
}

// round is the readers of one listing.
type round struct {
	// ctx is the listing's. It has the values of the first reader's context, so that it logs
	// where that one logs, and ends when the last reader has left.
	ctx    context.Context
	cancel context.CancelCauseFunc
	// readers is how many still want the listing.
	readers int
	// lastCame is when the last of them came.
	lastCame time.Time
	// deadline is the latest of the readers'; it is of no meaning if one of them has none.
	deadline time.Time
	endless  bool
	// begun tells that the listing is being read.
	begun bool

	// done is closed when there is a listing, or an error.
	done    chan struct{}
	listing *Listing
	err     error
}

func newSharing(list func(ctx context.Context, status string) (*Listing, error)) *sharing {
	return &sharing{list: list, next: map[string]*round{}}
}

// read returns a listing that began after the call, or its error. It ends with the context at
// once, and the other readers of the listing do not notice.
func (s *sharing) read(ctx context.Context, status string) (*Listing, error) {
	joined := s.join(ctx, status)

	select {
	case <-joined.done:
	case <-ctx.Done():
		cause := context.Cause(ctx)
		if ends := s.leave(joined, status, cause); !ends {
			return nil, fmt.Errorf("%w while trunks were being listed", cause)
		}

		// The listing knows better what it was at, and is about to say it.
		<-joined.done
	}

	return joined.listing, joined.err
}

// join adds a reader to the next round, and begins to serve rounds if nobody does.
func (s *sharing) join(ctx context.Context, status string) *round {
	s.mu.Lock()
	defer s.mu.Unlock()

	joined, served := s.next[status]
	if joined == nil {
		joined = &round{done: make(chan struct{})}
		joined.ctx, joined.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
		s.next[status] = joined
	}

	joined.readers++
	joined.lastCame = time.Now()

	deadline, ok := ctx.Deadline()
	joined.endless = joined.endless || !ok

	if deadline.After(joined.deadline) {
		joined.deadline = deadline
	}

	if !served {
		go s.serve(status) //nolint:contextcheck // It serves other readers as well: each round has a context.
	}

	return joined
}

// serve reads one listing after another for as long as readers wait.
func (s *sharing) serve(status string) {
	for waiting := true; waiting; {
		s.gather(status)

		current := s.begin(status)
		if current == nil {
			return
		}

		ctx, cancel := current.ctx, context.CancelFunc(func() {})
		if !current.endless {
			ctx, cancel = context.WithDeadlineCause(ctx, current.deadline, ErrReadTimeout)
		}

		current.listing, current.err = s.list(ctx, status)

		cancel()
		current.cancel(nil)

		waiting = s.end(status)

		close(current.done)
	}
}

// gather waits until the readers of the next round have come.
func (s *sharing) gather(status string) {
	start := time.Now()

	for quietSince := start; ; {
		until := quietSince.Add(gatherTime)
		if end := start.Add(maxGatherTime); until.After(end) {
			until = end
		}

		time.Sleep(time.Until(until))

		last := s.lastCame(status)
		if !last.After(quietSince) || !until.Before(start.Add(maxGatherTime)) {
			return
		}

		quietSince = last
	}
}

// lastCame is when the last reader joined the next round.
func (s *sharing) lastCame(status string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.next[status] == nil {
		return time.Time{}
	}

	return s.next[status].lastCame
}

// begin closes the next round to further readers. It is nil, and the status served no more, if
// all of them have left.
func (s *sharing) begin(status string) *round {
	s.mu.Lock()
	defer s.mu.Unlock()

	current := s.next[status]
	if current == nil {
		delete(s.next, status)
		return nil
	}

	current.begun = true
	s.next[status] = nil

	return current
}

// end tells whether readers wait for a further round. If not, the status is served no more.
func (s *sharing) end(status string) (waiting bool) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.next[status] != nil {
		return true
	}

	delete(s.next, status)

	return false
}

// leave takes a reader whose context has ended out of a round. It tells whether the listing
// has begun and ends as well, because this was its last reader, or because its own deadline
// has come.
func (s *sharing) leave(left *round, status string, cause error) (ends bool) {
	s.mu.Lock()
	defer s.mu.Unlock()

	left.readers--

	if left.readers == 0 {
		left.cancel(cause)

		if s.next[status] == left {
			s.next[status] = nil
		}

		return left.begun
	}

	return left.begun && !left.endless && !left.deadline.After(time.Now())
}
