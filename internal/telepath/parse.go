// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	// encoding/json accepts keys in another case, duplicate keys and invalid UTF-8: a list could be
	// wrong without an error. When go.mod requires Go 1.27, encoding/json/v2 can replace this module,
	// which is its mirror.
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxTotal is the largest accepted total. A list of that many trunks fits into one gRPC message.
const maxTotal = 500_000

// parsePage parses a page as a whole: one undocumented trunk makes the page an error, because a
// list without that trunk would not be complete. Keys must be exact and unique, and text must be
// UTF-8; additional members are ignored.
func parsePage(key Key, body []byte) (*page, error) {
	var parsed struct {
		Trunks     *[]Trunk `json:"trunks"`
		Pagination *struct {
			Limit  *Integer `json:"limit"`
			Offset *Integer `json:"offset"`
			Total  *Integer `json:"total"`
		} `json:"pagination"`
		Error any `json:"error"`
	}

	// The pointer becomes nil for null, and the slice it points to is only nil if the key is missing.
	parsed.Trunks = new([]Trunk)

	if err := json.Unmarshal(body, &parsed); err != nil {
		return nil, jsonError(key, body, err)
	}

	hasTrunks := parsed.Trunks == nil || *parsed.Trunks != nil
	hasTotal := parsed.Pagination != nil && parsed.Pagination.Total != nil

	var reported apiError

	// Beside trunks, "error": 0 means no error. Any other code or text is one, because a server that
	// failed may send an empty list with it.
	if !hasTrunks {
		reported = parseErrorEnvelope(body)
	} else if parsed.Error != 0.0 {
		reported = errorOf(parsed.Error)
	}

	switch {
	case reported != apiError{}:
		return nil, fmt.Errorf("%w: %w", ErrUnexpectedResponse, &reported)
	case !hasTrunks:
		return nil, fmt.Errorf("%w: it has no \"trunks\"", ErrUnexpectedResponse)
	case !hasTotal:
		return nil, fmt.Errorf("%w: it has no \"pagination.total\"", ErrUnexpectedResponse)
	}

	result := &page{limit: parsed.Pagination.Limit, offset: parsed.Pagination.Offset}

	switch total := *parsed.Pagination.Total; {
	case total < 0:
		return nil, fmt.Errorf("%w: its \"pagination.total\" is %d", ErrUnexpectedResponse, total)
	case total > maxTotal:
		return nil, fmt.Errorf("%w: its \"pagination.total\" is %d, and at most %d is supported", ErrUnexpectedResponse, total, maxTotal)
	case parsed.Trunks != nil:
		result.total, result.trunks = int(total), *parsed.Trunks
	case total > 0:
		return nil, fmt.Errorf("%w: its \"trunks\" is null, and its \"pagination.total\" is %d", ErrUnexpectedResponse, total)
	}

	for i, trunk := range result.trunks {
		if trunk.ID == "" {
			return nil, fmt.Errorf("%w: trunk %d on the page has no \"id\"", ErrUnexpectedResponse, i+1)
		}
	}

	return result, nil
}

// isJSON reports whether a body is JSON, perhaps cut off or with a mistake. A text such as "404 page
// not found" begins with a JSON value too.
func isJSON(body []byte) bool {
	value := jsontext.Value(body)

	return value.Kind() == jsontext.KindBeginObject || value.Kind() == jsontext.KindBeginArray || value.IsValid()
}

// jsonError distinguishes a body that is not JSON, JSON that was cut off, and JSON that is invalid or of
// another structure. It quotes nothing of JSON but its keys.
func jsonError(key Key, body []byte, err error) error {
	var (
		syntaxErr   *jsontext.SyntacticError
		semanticErr *json.SemanticError
	)

	switch {
	case !isJSON(body):
		return fmt.Errorf("%w: %s", ErrNotJSON, describeText(key, body))
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: its JSON ends early", ErrTruncated)
	case errors.As(err, &semanticErr):
		return mistakeAt(key, semanticErr.JSONPointer, semanticErr.ByteOffset, cmp.Or(semanticErr.Err, errors.New("a value of another type")))
	case errors.As(err, &syntaxErr):
		return mistakeAt(key, syntaxErr.JSONPointer, syntaxErr.ByteOffset, syntaxErr.Err)
	}

	return fmt.Errorf("%w: %w", ErrUnexpectedResponse, err)
}

// mistakeAt is the error of a mistake at a JSON pointer (RFC 6901) and a byte.
func mistakeAt(key Key, pointer jsontext.Pointer, offset int64, mistake error) error {
	place := fmt.Sprintf("byte %d", offset)
	if pointer != "" {
		// Without the escapes of a pointer, which could hide the API key.
		place = cleanText(key, "/"+strings.Join(slices.Collect(pointer.Tokens()), "/")) + ", " + place
	}

	// The library quotes an invalid escape sequence, between backticks or in quotes.
	reason, _, _ := strings.Cut(strings.ReplaceAll(mistake.Error(), ` "`, " `"), " `")

	return fmt.Errorf("%w: %s at %s", ErrUnexpectedResponse, reason, place)
}
