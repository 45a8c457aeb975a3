// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"cmp"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// apiError is the API's error envelope. Two forms are documented, which differ in the case of the
// code and in an optional status; the HTTP status is always there and is used instead.
type apiError struct {
	Code, Message string
}

func (e *apiError) Error() string { return e.Code + ": " + e.Message }

// errorMembers are what an error may consist of, of any type: code and message in the documented
// envelope, detail and title in problem details (RFC 9457).
type errorMembers struct {
	Code    looseText `json:"code"`
	Message looseText `json:"message"`
	Detail  looseText `json:"detail"`
	Title   looseText `json:"title"`
}

func (m errorMembers) error() apiError {
	return apiError{string(m.Code), string(cmp.Or(m.Message, m.Detail, m.Title))}
}

// looseText is text, the digits of a number, or empty for any other JSON.
type looseText string

// UnmarshalJSONFrom implements [json.UnmarshalerFrom].
func (t *looseText) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()

	if kind := value.Kind(); kind == jsontext.KindString {
		text, _ := jsontext.AppendUnquote(nil, value)
		*t = looseText(text)
	} else if kind == jsontext.KindNumber {
		*t = looseText(value)
	}

	return err
}

// lenient accepts an error of which only the text matters.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// parseErrorEnvelope returns the error in a body, empty if the body is something else: HTML,
// nothing, other JSON. A member of another type does not affect the others.
func parseErrorEnvelope(body []byte) apiError {
	var parsed struct {
		errorMembers

		Error jsontext.Value `json:"error"`
	}

	// What precedes a mistake is kept.
	_ = json.Unmarshal(body, &parsed, lenient)

	inner, outer := parseErrorMember(parsed.Error), parsed.error()

	return apiError{cmp.Or(inner.Code, outer.Code), cmp.Or(inner.Message, outer.Message)}
}

// parseErrorMember returns the error in the member "error", an object or a code.
func parseErrorMember(member jsontext.Value) apiError {
	if member.Kind() != jsontext.KindBeginObject {
		var code looseText

		_ = json.Unmarshal(member, &code, lenient)

		return apiError{Code: string(code)}
	}

	var members errorMembers

	_ = json.Unmarshal(member, &members, lenient)

	return members.error()
}
