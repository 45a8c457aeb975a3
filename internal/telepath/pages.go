// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/text/unicode/norm"
)

const (
	// maxLimit is the largest page size of the API (reference page, Query Parameters).
	maxLimit = 100
	// maxParallel is how many pages of one listing are read concurrently.
	maxParallel = 8
)

// shiftError reports a difference between pages that shows that the list changed between them.
type shiftError struct {
	// kind is the error if the next listings find the same.
	kind   error
	reason string
}

func (e *shiftError) Error() string { return e.reason }

// shifted returns a [shiftError] whose reason is cleaned later, so it must not be quoted before.
func shifted(format string, args ...any) error {
	return &shiftError{kind: ErrListChanged, reason: fmt.Sprintf(format, args...)}
}

// listPages reads every page once, the first one alone and the others concurrently, and proves
// that no trunk is missing.
//
// The API has offsets only: when a trunk on a page that was read is deleted, all behind it move up
// by one, and the first trunk of the next page is never read. Therefore pages overlap by one
// trunk, the seam: each page starts with the last trunk of the page before. If it does not, the
// list moved between the two requests. If every seam holds, every trunk that existed throughout
// the listing is in it, because it lay between the same two seams all the time.
//
// The proof rests on three assumptions: each page is one contiguous snapshot of the list; the
// order of the trunks that remain is stable; an ID does not reappear at another place. It cannot
// detect a server that serves all pages from one stale replica, nor one that caps the first page
// without reporting that limit while its total lags behind.
//
// The end of the list has no seam. A last page that is not full is the end; a full one is followed
// by a page that must contain its last trunk and nothing else, because a total that lags behind
// may end where a page does.
func (l *lister) listPages(ctx context.Context) (*Listing, error) {
	first, err := l.fetchPage(ctx, pageQuery{l.status, 0, maxLimit})
	if err != nil {
		return nil, err
	}

	size, total := len(first.trunks), first.total
	// A server may use a lower limit than the requested one, so only a possible limit above the number of
	// trunks shows that no page follows. No page can overlap with a single trunk, so a single trunk without
	// a limit is accepted as the whole list.
	limit := first.limit
	isEnd := size == 0 || limit == nil && size == 1 || limit != nil && *limit > Integer(size) && *limit <= maxLimit

	switch {
	case size > total, size == 0 && total > 0:
		return nil, shifted("the first page has %d trunks, and the total is %d", size, total)
	case size == total && isEnd:
		return join(first, nil)
	case size == 1:
		// Pages must overlap by one trunk.
		return nil, &shiftError{ErrUnexpectedResponse, fmt.Sprintf("the first page has 1 trunk, and the total is %d, but at least 2 trunks per page are needed to detect a changed list", total)}
	}

	// A server may return fewer trunks per page than requested. The second page starts at size-1,
	// and the last one at total-1 or before.
	pages := 1 + int64((total-1)/(size-1))
	if err := l.client.limiter.checkDeadline(ctx, pages); err != nil {
		return nil, err
	}

	others, err := l.listOtherPages(ctx, size, total)
	if err != nil {
		return nil, err
	}

	return join(first, others)
}

// checkPage checks that a page is the requested one. A cache that ignores the query would serve
// the same page again, or trunks of another status.
func checkPage(key Key, result *page, query pageQuery) error {
	switch {
	case result.offset != nil && *result.offset != Integer(query.offset):
		return fmt.Errorf("%w: its \"pagination.offset\" is %d instead of %d", ErrUnexpectedResponse, *result.offset, query.offset)
	case len(result.trunks) > query.limit:
		return fmt.Errorf("%w: it has %d trunks, and %d were requested", ErrUnexpectedResponse, len(result.trunks), query.limit)
	case query.status == "":
		return nil
	}

	for _, trunk := range result.trunks {
		if trunk.Status != nil && *trunk.Status != query.status {
			return fmt.Errorf("%w: its trunk %q has the status %q instead of %q",
				ErrUnexpectedResponse, cleanText(key, trunk.ID), cleanText(key, *trunk.Status), query.status)
		}
	}

	return nil
}

// listOtherPages reads the pages after the first one, which has shown the size of a page and the
// total. It returns them by offset. Its memory grows with the pages that arrive, not with the total.
func (l *lister) listOtherPages(ctx context.Context, size, total int) (map[int]*page, error) {
	var mu sync.Mutex

	others := map[int]*page{}

	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(maxParallel)

	for offset := size - 1; offset < total && groupCtx.Err() == nil; offset += size - 1 {
		group.Go(func() error {
			next, err := l.fetchPage(groupCtx, pageQuery{l.status, offset, size})

			switch want := min(size, total-offset); {
			case err != nil:
				return err
			case next.total != total:
				return shifted("the total is %d on the first page and %d on the page at offset %d", total, next.total, offset)
			case len(next.trunks) != want:
				return shifted("the page at offset %d has %d trunks instead of %d", offset, len(next.trunks), want)
			case next.limit != nil && *next.limit < Integer(size) && *next.limit == Integer(want):
				// Only the last page has fewer trunks than the first, and must not be cut by a lower limit.
				return shifted("the limit of a page changed from %d to %d", size, *next.limit)
			}

			mu.Lock()
			defer mu.Unlock()

			others[offset] = next

			return nil
		})
	}

	if err := group.Wait(); err != nil {
		return nil, err
	}

	// A context that ended between two pages has failed none of them, and pages are missing.
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w while trunks were being listed", causeOf(ctx))
	}

	return others, nil
}

// join joins the pages at their seams.
func join(first *page, others map[int]*page) (*Listing, error) {
	trunks, age := first.trunks, first.age

	for _, offset := range slices.Sorted(maps.Keys(others)) {
		next := others[offset]
		if last, seam := trunks[len(trunks)-1].ID, next.trunks[0].ID; last != seam {
			return nil, shifted("the page at offset %d starts with \"%s\" instead of \"%s\"", offset, seam, last)
		}

		trunks = append(trunks, next.trunks[1:]...)
		age = max(age, next.age)
	}

	seen := make(map[string]struct{}, len(trunks))
	for _, trunk := range trunks {
		// Terraform normalizes strings to NFC: IDs that differ only in form would be one.
		id := norm.NFC.String(trunk.ID)
		if _, ok := seen[id]; ok {
			return nil, shifted("the list has the trunk \"%s\" twice", trunk.ID)
		}

		seen[id] = struct{}{}
	}

	// Each page was checked against the total. This check is the promise itself, so it comes last.
	if len(trunks) != first.total {
		return nil, shifted("%d trunks were read, and the total is %d", len(trunks), first.total)
	}

	return &Listing{Trunks: trunks, Age: age}, nil
}
