// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	// encoding/json accepts keys in another case, duplicate keys and invalid UTF-8: a list could be
	// wrong without an error. When go.mod requires Go 1.27, encoding/json/v2 can replace this module,
	// which is its mirror.
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxTotal is the largest accepted total. A list of that many ordinary trunks fits into one gRPC
// message to Terraform.
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

// jsonError distinguishes a body that is not JSON, JSON that was cut off, invalid JSON, and JSON of
// another structure: they differ in what to do next. It says what is wrong, where, and what stands
// there, without the terms of package json.
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
		place := describePlace(key, body, semanticErr.JSONPointer, semanticErr.ByteOffset)

		return fmt.Errorf("%w: it has %s %s", ErrUnexpectedResponse, typeMistake(body, semanticErr), place)
	case errors.As(err, &syntaxErr):
		place := describePlace(key, body, syntaxErr.JSONPointer, syntaxErr.ByteOffset)

		return fmt.Errorf("%w: it has %s %s", ErrInvalidJSON, syntaxMistake(key, body, syntaxErr), place)
	}

	return fmt.Errorf("%w: %w", ErrUnexpectedResponse, err)
}

func typeMistake(body []byte, err *json.SemanticError) string {
	kind := jsontext.Value(body[err.ByteOffset:]).Kind()

	switch {
	case kind == jsontext.KindNumber && err.Err != nil:
		return "a number that does not fit into 64 bits"
	case kind == jsontext.KindBeginObject:
		return "an unexpected object"
	case kind == jsontext.KindBeginArray:
		return "an unexpected array"
	case kind == jsontext.KindTrue, kind == jsontext.KindFalse:
		return "an unexpected boolean"
	}

	return "an unexpected " + kind.String()
}

func syntaxMistake(key Key, body []byte, err *jsontext.SyntacticError) string {
	// The package exports no error for the other mistakes.
	r, size := utf8.DecodeRune(body[err.ByteOffset:])

	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return fmt.Sprintf("the key %q twice", cleanText(key, err.JSONPointer.LastToken()))
	case r == utf8.RuneError && size == 1:
		return "a byte that is not UTF-8"
	case r == '\\':
		return "an escape sequence that is not a character"
	}

	return "an unexpected character"
}

// describePlace describes a place in a body: its JSON pointer (RFC 6901), its byte, and the text
// around it.
func describePlace(key Key, body []byte, pointer jsontext.Pointer, offset int64) string {
	const around = 20

	// A secret is not found in a part of it, so the search covers more than the text.
	text := redacted
	if near := textAround(body, int(offset), maxSecret); !strings.Contains(clean(key, string(near)), redacted) {
		text = strconv.Quote(string(textAround(body, int(offset), around)))
		text = strings.ReplaceAll(text[1:len(text)-1], `\"`, `"`)
	}

	place := fmt.Sprintf("byte %d, near `%s`", offset, text)
	if pointer != "" {
		// Without the escapes of a pointer, which could hide a secret.
		place = cleanText(key, "/"+strings.Join(slices.Collect(pointer.Tokens()), "/")) + ", " + place
	}

	return "at " + place
}

// textAround returns up to size bytes of a body on each side of an offset, without a part of a character
// at its ends.
func textAround(body []byte, offset, size int) []byte {
	start, end := max(offset-size, 0), min(offset+size, len(body))

	for start < offset && !utf8.RuneStart(body[start]) {
		start++
	}

	for end > offset && end < len(body) && !utf8.RuneStart(body[end]) {
		end--
	}

	return body[start:end]
}
