// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// recorder is a coalescer's listAll that records when each listing starts.
type recorder struct {
	// takes are the durations of the listings; the last one repeats. Nil means a second.
	takes []time.Duration
	// failure is the error of the first listing.
	failure error

	mu     sync.Mutex
	starts []time.Time
}

// list returns a listing with as many trunks as the number of the listing, counted from 1, and
// the status as their ID.
func (r *recorder) list(ctx context.Context, status string) (*Listing, error) {
	if ctx.Err() != nil {
		return nil, errors.Join(errListingCancelled, context.Cause(ctx)) // Like the client, without a request.
	}

	r.mu.Lock()
	r.starts = append(r.starts, time.Now())
	n := len(r.starts)
	r.mu.Unlock()

	duration := time.Second
	if len(r.takes) > 0 {
		duration = r.takes[min(n, len(r.takes))-1]
	}

	select {
	case <-time.After(duration):
	case <-ctx.Done():
		return nil, errors.Join(errListingCancelled, context.Cause(ctx))
	}

	if n == 1 && r.failure != nil {
		return nil, r.failure
	}

	return &Listing{Trunks: slices.Repeat([]Trunk{{ID: status}}, n)}, nil
}

var errListingCancelled = errors.New("the listing was cancelled")

func TestCoalesce(t *testing.T) {
	const (
		s  = time.Second
		ms = time.Millisecond
		g  = gatherTime
	)

	type reader struct {
		starts time.Duration
		// timeout and cancelled are counted from the start of the reader. 0 means none.
		timeout, cancelled time.Duration
		status             string // That the reader wants.
		listing            int    // 0 means an error.
		listed             string // The status that the listing has, empty for all.
		errs               []error
	}

	timedOut, gaveUp := []error{ErrReadTimeout}, []error{errListingCancelled, errGaveUp}

	for name, test := range map[string]struct {
		readers []reader
		starts  []time.Duration // Of the listings.
		takes   []time.Duration // Of the recorder. Nil means a second for each listing.
		failure error           // Of the recorder.
	}{
		"concurrent readers share a listing": {
			readers: slices.Repeat([]reader{{listing: 1}}, 10), starts: []time.Duration{g},
		},
		"readers that start during a listing share the next one": {
			readers: []reader{{listing: 1}, {listing: 1}, {starts: g + ms, listing: 2}, {starts: g + ms, listing: 2}, {starts: s, listing: 2}},
			starts:  []time.Duration{g, s + 2*g},
		},
		"a reader that starts after a listing shares the next one while it gathers": {
			readers: []reader{{listing: 1}, {starts: g + ms, listing: 2}, {starts: s + g*3/2, listing: 2}},
			starts:  []time.Duration{g, s + 2*g},
		},
		"no reader delays the listing": {
			readers: []reader{{listing: 1}, {starts: g * 6 / 5, listing: 2}}, starts: []time.Duration{g, s + 2*g},
		},
		"a reader that times out does not affect an earlier one": {
			readers: []reader{{listing: 1}, {starts: ms, timeout: s / 2, errs: timedOut}}, starts: []time.Duration{g},
		},
		"a reader that times out does not affect a later one": {
			readers: []reader{{timeout: s / 2, errs: timedOut}, {starts: ms, listing: 1}}, starts: []time.Duration{g},
		},
		"the last reader cancels the listing": {
			readers: []reader{{cancelled: s, errs: gaveUp}, {starts: s + ms, listing: 2}},
			starts:  []time.Duration{g, s + ms + g}, takes: []time.Duration{time.Hour, 0},
		},
		"a listing without readers does not start": {
			readers: []reader{{timeout: ms, errs: timedOut}, {timeout: ms, errs: timedOut}, {starts: 2 * ms, listing: 1}},
			starts:  []time.Duration{2*ms + g},
		},
		"a reader that times out during the listing before its own does not wait for either": {
			readers: []reader{
				{listing: 1}, {starts: g + ms, timeout: ms, errs: timedOut}, {starts: g + ms, timeout: ms, errs: timedOut},
				{starts: g + 3*ms, listing: 2},
			},
			starts: []time.Duration{g, s + 2*g},
		},
		"the deadline ends when the listing starts": {
			readers: []reader{{timeout: g, errs: timedOut}},
		},
		"readers with one deadline get the error of the listing": {
			readers: slices.Repeat([]reader{{timeout: s, errs: []error{errListingCancelled, ErrReadTimeout}}}, 5),
			starts:  []time.Duration{g}, takes: []time.Duration{time.Hour},
		},
		"the deadline of a listing is the latest of its readers": {
			readers: []reader{{timeout: s, errs: timedOut}, {timeout: 20 * s, listing: 1}, {timeout: 5 * s, errs: timedOut}},
			starts:  []time.Duration{g}, takes: []time.Duration{10 * s},
		},
		"an error reaches the readers of its listing": {
			readers: []reader{{errs: []error{ErrListChanged}}, {errs: []error{ErrListChanged}}, {starts: s / 2, listing: 2}},
			starts:  []time.Duration{g, s + 2*g}, failure: ErrListChanged,
		},
		"readers that want one status share a listing of it": {
			readers: slices.Repeat([]reader{{status: StatusActive, listing: 1, listed: StatusActive}}, 3), starts: []time.Duration{g},
		},
		"readers that want different statuses share a listing of all trunks": {
			readers: []reader{{status: StatusActive, listing: 1}, {status: StatusError, listing: 1}, {status: StatusActive, listing: 1}},
			starts:  []time.Duration{g},
		},
		"a reader that wants all trunks shares with one that wants a status": {
			readers: []reader{{listing: 1}, {starts: ms, status: StatusActive, listing: 1}}, starts: []time.Duration{g},
		},
		"a reader that wants another status waits for the listing in flight": {
			readers: []reader{{status: StatusActive, listing: 1, listed: StatusActive}, {starts: g + ms, status: StatusError, listing: 2, listed: StatusError}},
			starts:  []time.Duration{g, s + 2*g},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &recorder{takes: test.takes, failure: test.failure}
				c := &coalescer{listAll: r.list}
				start := time.Now()

				var group sync.WaitGroup

				for n, reader := range test.readers {
					group.Go(func() {
						time.Sleep(reader.starts)

						ctx, cancel := context.WithCancelCause(t.Context())
						defer cancel(nil)

						if reader.cancelled > 0 {
							time.AfterFunc(reader.cancelled, func() { cancel(errGaveUp) })
						}

						if reader.timeout > 0 {
							var stop context.CancelFunc

							ctx, stop = context.WithTimeoutCause(ctx, reader.timeout, ErrReadTimeout)
							defer stop()
						}

						listing, err := c.list(ctx, reader.status)

						if reader.listing == 0 {
							for _, want := range reader.errs {
								if !errors.Is(err, want) {
									t.Errorf("reader %d got %v, want %v", n, err, want)
								}
							}
						} else if err != nil || listing.Trunks[0].ID != reader.listed || len(listing.Trunks) != reader.listing {
							t.Errorf("reader %d got %v and %v, want listing %d", n, listing, err, reader.listing)
						}

						if took, want := time.Since(start)-reader.starts, reader.timeout+reader.cancelled; err != nil && want > 0 && took != want {
							t.Errorf("reader %d got an error after %s, want %s", n, took, want)
						}
					})
				}

				group.Wait()

				var starts []time.Duration
				for _, at := range r.starts {
					starts = append(starts, at.Sub(start))
				}

				if diff := cmp.Diff(test.starts, starts); diff != "" {
					t.Errorf("the listings started at other times: %s", diff)
				}
			})
		})
	}
}
