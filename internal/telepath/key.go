// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// Key is an API key. It is redacted however it is printed, also as an unexported field of a
// struct: fmt cannot look into a function.
type Key struct{ value func() string }

// redacted replaces the key.
const redacted = "(API key redacted)"

// ParseKey parses an API key and trims the whitespace around it, which a file or a shell often
// adds. The key is empty if nothing remains, see [Key.IsEmpty].
//
// Whitespace, a control character or a character other than ASCII inside the key is an error, which
// does not show the key.
func ParseKey(raw string) (Key, error) {
	key := strings.TrimSpace(raw)
	for i := range len(key) {
		// A bearer token consists of visible ASCII (RFC 6750, section 2.1).
		if key[i] <= ' ' || key[i] > '~' {
			return Key{}, errors.New("the API key contains whitespace, a control character or a character other than ASCII")
		}
	}

	return newKey(key), nil
}

func newKey(value string) Key {
	if value == "" {
		return Key{}
	}

	return Key{value: func() string { return value }}
}

// IsEmpty reports whether there is no key.
func (k Key) IsEmpty() bool { return k.value == nil }

// String implements [fmt.Stringer] without the key.
func (k Key) String() string { return redacted }

// GoString implements [fmt.GoStringer] without the key.
func (k Key) GoString() string { return redacted }

// reveal returns the key, to send or to redact it. Empty if there is none.
func (k Key) reveal() string {
	if k.IsEmpty() {
		return ""
	}

	return k.value()
}

// redact replaces the key wherever it occurs in text.
func (k Key) redact(text string) string {
	if k.IsEmpty() {
		return text
	}

	// One replacer for all forms, so that it does not replace its own replacements.
	var pairs []string
	for _, form := range k.forms() {
		pairs = append(pairs, form, redacted)
	}

	return strings.NewReplacer(pairs...).Replace(text)
}

// forms returns the key as it is, and as Go, URLs and JSON escape it. For most keys they are the
// same.
func (k Key) forms() []string {
	key := k.reveal()
	quoted := strconv.Quote(key)
	forms := []string{key, quoted[1 : len(quoted)-1], url.QueryEscape(key), url.PathEscape(key)}

	if encoded, err := json.Marshal(key); err == nil {
		forms = append(forms, string(encoded[1:len(encoded)-1]))
	}

	return forms
}
