// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxTotal is the largest account that is believed. What says more is not an account.
const maxTotal = 1_000_000

// page is one answer of GET /trunks.
type page struct {
	trunks []Trunk
	// offset is where the server says that the page begins, nil if it does not say.
	offset *Integer
	// total is how many trunks match, on all pages.
	total int64
}

// parsePage reads an answer, whole: if a single trunk in it is not as documented, the page
// is an error, since a list without that trunk would not be complete. Nothing is assumed of
// what is missing either, for an answer without trunks or without a total could be anything.
func parsePage(body []byte) (*page, error) {
	var answer struct {
		Trunks     *[]Trunk `json:"trunks"`
		Pagination *struct {
			Offset *Integer `json:"offset"`
			Total  *Integer `json:"total"`
		} `json:"pagination"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, explainJSON(body, err)
	}

	switch {
	case answer.Trunks == nil:
		return nil, fmt.Errorf("%w: it has no \"trunks\"", ErrUnexpectedAnswer)
	case answer.Pagination == nil || answer.Pagination.Total == nil:
		return nil, fmt.Errorf("%w: it has no \"pagination.total\"", ErrUnexpectedAnswer)
	case *answer.Pagination.Total < 0, *answer.Pagination.Total > maxTotal:
		return nil, fmt.Errorf("%w: its \"pagination.total\" is %d", ErrUnexpectedAnswer, *answer.Pagination.Total)
	}

	for i := range *answer.Trunks {
		if (*answer.Trunks)[i].ID == "" {
			return nil, fmt.Errorf("%w: trunk %d on the page has no \"id\"", ErrUnexpectedAnswer, i+1)
		}
	}

	return &page{
		trunks: *answer.Trunks,
		offset: answer.Pagination.Offset,
		total:  int64(*answer.Pagination.Total),
	}, nil
}

// explainJSON tells an answer that is no JSON from one that was cut off and from one of
// another shape, for what to do about them differs.
func explainJSON(body []byte, err error) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return fmt.Errorf("%w: it is empty", ErrNotJSON)
	}

	// A decoder, other than json.Unmarshal, has an error of its own for JSON that stops short.
	var value json.RawMessage
	if errors.Is(json.NewDecoder(bytes.NewReader(body)).Decode(&value), io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: its JSON has no end", ErrTruncated)
	}

	var (
		syntaxErr *json.SyntaxError
		typeErr   *json.UnmarshalTypeError
	)

	switch {
	case errors.As(err, &syntaxErr):
		return fmt.Errorf("%w: %w", ErrNotJSON, err)
	case errors.As(err, &typeErr) && typeErr.Field != "":
		return fmt.Errorf("%w: its %q is of type %s", ErrUnexpectedAnswer, typeErr.Field, typeErr.Value)
	case errors.As(err, &typeErr):
		return fmt.Errorf("%w: it is of type %s", ErrUnexpectedAnswer, typeErr.Value)
	}

	return fmt.Errorf("%w: %w", ErrUnexpectedAnswer, err)
}
