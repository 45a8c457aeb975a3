// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"cmp"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// apiError is the API's error envelope. Two forms are documented, which differ in the case of the
// code and in an optional status; the HTTP status is always there and is used instead.
type apiError struct {
	Code, Message string
}

func (e *apiError) Error() string { return e.Code + ": " + e.Message }

// parseErrorEnvelope returns the error in a body, empty if the body is something else: HTML,
// nothing, other JSON.
func parseErrorEnvelope(body []byte) apiError {
	var members map[string]any

	// Only the text of an error matters, and what precedes a mistake is kept.
	_ = json.Unmarshal(body, &members, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

	inner, outer := errorOf(members["error"]), errorOf(members)

	return apiError{cmp.Or(inner.Code, outer.Code), cmp.Or(inner.Message, outer.Message)}
}

// errorOf returns the error in a JSON value. An object has a code and a message, as documented, or a
// detail and a title (problem details, RFC 9457). Any other value is a code.
func errorOf(value any) apiError {
	members, ok := value.(map[string]any)
	if !ok {
		return apiError{Code: textOf(value)}
	}

	return apiError{textOf(members["code"]), cmp.Or(textOf(members["message"]), textOf(members["detail"]), textOf(members["title"]))}
}

// textOf returns the text of a string or a number, empty for any other JSON.
func textOf(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	}

	return ""
}
