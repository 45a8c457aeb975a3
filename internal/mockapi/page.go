// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import (
	"encoding/json"
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

// Query holds the parameters of a request: the reference page, Query Parameters.
// A Limit or Offset below zero counts as zero. An empty Status means all.
type Query struct {
	Limit  int
	Offset int64
	Status string
}

// Page is one page of a listing: the reference page, Response Fields. Nil Trunks are
// sent as an empty list.
type Page struct {
	Trunks               []Trunk
	Limit, Offset, Total int64
}

// parseQuery parses a raw query string. Parameters are checked in alphabetical order.
func parseQuery(raw string) (Query, *apiError) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return Query{}, invalidParameters("the query string is malformed")
	}

	q := Query{Limit: defaultLimit}

	for _, name := range slices.Sorted(maps.Keys(values)) {
		if len(values[name]) > 1 {
			return Query{}, invalidParameters(name + " must be given only once")
		}

		value := values.Get(name)
		switch name {
		case "limit":
			limit, ok := parseInt(value)
			if !ok || limit < 1 || limit > maxLimit {
				return Query{}, invalidParameters(fmt.Sprintf("limit must be between 1 and %d", maxLimit))
			}

			q.Limit = int(limit)
		case "offset":
			var ok bool
			if q.Offset, ok = parseInt(value); !ok {
				return Query{}, invalidParameters("offset must be an integer of 0 or more")
			}
		case "status":
			if q.Status = value; !slices.Contains(statuses, value) {
				return Query{}, invalidParameters("status must be one of active, inactive, error")
			}
		default:
			return Query{}, invalidParameters(
				fmt.Sprintf("unknown parameter %q: the parameters are limit, offset and status", name))
		}
	}

	return q, nil
}

// parseInt parses digits without a sign, as the reference page shows numbers.
func parseInt(text string) (int64, bool) {
	n, err := strconv.ParseUint(text, 10, 63) // Fits into an int64.

	return int64(n), err == nil
}

// cutPage returns the page of the account that q describes.
func cutPage(trunks []Trunk, q Query) Page {
	page := Page{Limit: int64(q.Limit), Offset: q.Offset}
	for _, trunk := range trunks {
		if q.Status != "" && trunk.Status != q.Status {
			continue
		}

		if page.Total >= page.Offset && len(page.Trunks) < q.Limit {
			page.Trunks = append(page.Trunks, trunk)
		}

		page.Total++
	}

	return page
}

// response returns the page as it is encoded to JSON.
func (p *Page) response() any {
	trunks := []any{}

	for _, trunk := range p.Trunks {
		if trunk.JSON != "" {
			trunks = append(trunks, json.RawMessage(trunk.JSON))
		} else {
			trunks = append(trunks, trunk)
		}
	}

	type pagination struct {
		Limit  int64 `json:"limit"`
		Offset int64 `json:"offset"`
		Total  int64 `json:"total"`
	}

	return struct {
		Trunks     []any      `json:"trunks"`
		Pagination pagination `json:"pagination"`
	}{trunks, pagination{p.Limit, p.Offset, p.Total}}
}
