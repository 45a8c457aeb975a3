// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
	"golang.org/x/sync/errgroup"
)

const (
	// maxLimit is how many trunks the API gives at a time at the most (reference page, Query
	// Parameters).
	maxLimit = 100
	// maxParallel is how many pages of one listing are read at the same time.
	maxParallel = 8
	// maxListings is how often a list is read, if it changes each time while it is read.
	maxListings = 3
	// changePause is the pause before a list that changed is read again. Whoever changes an
	// account by script needs a moment as well.
	changePause = 500 * time.Millisecond
)

// ErrListChanged says that the list changed each time that it was read, so that no reading
// of it was complete.
var ErrListChanged = errors.New("the list of trunks kept changing while it was read")

// listing is one reading of all trunks with a status, with everything that belongs to it.
type listing struct {
	client *Client
	// status is empty for all trunks.
	status string
	// waits is how long it waited for the rate limit.
	waits stopwatch
}

// read reads every page. A list that changed in between is read again.
func (l *listing) read(ctx context.Context) ([]Trunk, error) {
	for n := 1; ; n++ {
		trunks, err := l.pages(ctx)

		var shift *shiftError

		switch {
		case !errors.As(err, &shift):
			return trunks, err
		case n == maxListings:
			return nil, fmt.Errorf("%w, %d times; the last time, %s", ErrListChanged, n, cleanText(l.client.key, shift.what))
		}

		tflog.Info(ctx, "The list of trunks changed while it was read, reading it again", map[string]any{
			"what": cleanText(l.client.key, shift.what),
		})

		if err := sleep(ctx, changePause); err != nil {
			return nil, fmt.Errorf("%w: %s; then %w", ErrListChanged, cleanText(l.client.key, shift.what), err)
		}
	}
}

// shiftError says how a page showed that the list had changed since another page was read.
type shiftError struct{ what string }

func (e *shiftError) Error() string { return e.what }

func shifted(format string, args ...any) error {
	return &shiftError{what: fmt.Sprintf(format, args...)}
}

// pages reads every page once, the first one alone and the others at the same time, and
// makes sure that no trunk was missed.
//
// What makes this hard is that the API knows offsets alone: when a trunk is deleted from a
// page that was read, all behind it move up by one, and the first of the next page is never
// seen. So pages overlap by one trunk: each begins with the one that ended the page before.
// If it does not, the list has moved between the two. If it does, nothing that was there all
// the time can have slipped through: the order is stable, so what lay between the trunks at
// two neighbouring seams lies there still, whenever the page between them was read.
func (l *listing) pages(ctx context.Context) ([]Trunk, error) {
	first, err := l.page(ctx, l.pageQuery(0, maxLimit))
	if err != nil {
		return nil, err
	}

	size, total := len(first.trunks), int(first.total)

	switch {
	case size > total:
		return nil, shifted("the first page has %d trunks, and the total is %d", size, total)
	case size < total && size < 2:
		// No page can overlap with this one and go on behind it.
		return nil, shifted("the first page has %d trunks, and the total is %d", size, total)
	case size < total && size > maxLimit:
		return nil, fmt.Errorf("%w: %d trunks came, and %d were asked for", ErrUnexpectedAnswer, size, maxLimit)
	}

	others, err := l.otherPages(ctx, size, total)
	if err != nil {
		return nil, err
	}

	trunks, err := join(first, others)
	if err != nil {
		return nil, err
	}

	// The pages have been held against the total one by one. That all of them together are the
	// total is the promise itself, so it is looked at once more, and last.
	if len(trunks) != total {
		return nil, shifted("%d trunks came, and the total is %d", len(trunks), total)
	}

	return trunks, nil
}

// otherPages reads the pages behind the first, which has told their size (a server may give
// less than it is asked for) and the total. What it returns grows with what arrives, and not
// with what a total claims.
func (l *listing) otherPages(ctx context.Context, size, total int) ([]pageAt, error) {
	var (
		mu     sync.Mutex
		others []pageAt
	)

	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(maxParallel)

	for covered := size; covered < total && groupCtx.Err() == nil; covered += size - 1 {
		offset := covered - 1

		group.Go(func() error {
			next, err := l.page(groupCtx, l.pageQuery(offset, size))
			if err != nil {
				return err
			}

			if next.total != int64(total) {
				return shifted("the total was %d on the first page and %d on the one at offset %d", total, next.total, offset)
			}

			if want := min(size, total-offset); len(next.trunks) != want {
				return shifted("the page at offset %d has %d trunks in place of %d", offset, len(next.trunks), want)
			}

			mu.Lock()
			defer mu.Unlock()

			others = append(others, pageAt{offset, next})

			return nil
		})
	}

	if err := group.Wait(); err != nil {
		return nil, err
	}

	// The end of the context between two pages is the error of none, and pages are missing.
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w while pages were being read", causeOf(ctx))
	}

	slices.SortFunc(others, func(a, b pageAt) int { return a.offset - b.offset })

	return others, nil
}

type pageAt struct {
	offset int
	page   *page
}

// join puts the pages together at their seams.
func join(first *page, others []pageAt) ([]Trunk, error) {
	trunks := first.trunks

	for _, next := range others {
		if last, again := trunks[len(trunks)-1].ID, next.page.trunks[0].ID; last != again {
			return nil, shifted("the page at offset %d begins with %q in place of %q", next.offset, again, last)
		}

		trunks = append(trunks, next.page.trunks[1:]...)
	}

	seen := make(map[string]struct{}, len(trunks))
	for _, trunk := range trunks {
		if _, again := seen[trunk.ID]; again {
			return nil, shifted("%q is in it twice", trunk.ID)
		}

		seen[trunk.ID] = struct{}{}
	}

	return trunks, nil
}

// pageQuery asks for limit trunks beginning at offset.
func (l *listing) pageQuery(offset, limit int) url.Values {
	query := url.Values{
		"limit":  {strconv.Itoa(limit)},
		"offset": {strconv.Itoa(offset)},
	}
	if l.status != "" {
		query.Set("status", l.status)
	}

	return query
}
