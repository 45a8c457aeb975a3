// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
)

const (
	defaultLimit = 20
	maxLimit     = 100
)

// Query is what a request asks for: the reference page, Query Parameters.
type Query struct {
	// Limit is the most trunks to return. A hook may set any value; zero or less
	// returns none.
	Limit int
	// Offset is the number of trunks to skip. A hook may set any value; below zero
	// skips none.
	Offset int
	// Status is the status to filter by; empty means all.
	Status string
}

// parseQuery reads a raw query string. Its error is the message for the client.
func parseQuery(raw string) (Query, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return Query{}, errors.New("the query string is malformed")
	}
	q := Query{Limit: defaultLimit}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if err := q.set(name, values[name]); err != nil {
			return Query{}, err
		}
	}
	return q, nil
}

// set takes over one parameter with all the values that it was given.
func (q *Query) set(name string, values []string) error {
	value := values[0]
	switch name {
	case "limit":
		limit, ok := natural(value)
		if !ok || limit < 1 || limit > maxLimit {
			return fmt.Errorf("limit must be between 1 and %d", maxLimit)
		}
		q.Limit = limit
	case "offset":
		offset, ok := natural(value)
		if !ok {
			return errors.New("offset must be an integer of 0 or more")
		}
		q.Offset = offset
	case "status":
		if !slices.Contains(statuses[:], value) {
			return errors.New("status must be one of active, inactive, error")
		}
		q.Status = value
	default:
		return fmt.Errorf("unknown parameter %q: the parameters are limit, offset and status", name)
	}
	if len(values) > 1 {
		return fmt.Errorf("%s must be given only once", name)
	}
	return nil
}

// natural reads digits alone: a sign, even a plus, is not a number that the
// reference page shows.
func natural(text string) (int, bool) {
	// One bit less than an int has, so that it fits into one.
	n, err := strconv.ParseUint(text, 10, strconv.IntSize-1)
	if err != nil {
		return 0, false
	}
	return int(n), true
}
