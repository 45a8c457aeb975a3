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

// Key is an API key. However it is printed, be it as a field that nobody sees of a struct
// that somebody prints, it does not show what it is: the value is out of the reach of
// reflection, in a function.
type Key struct{ value func() string }

// hidden stands where the key would stand.
const hidden = "(API key hidden)"

// ParseKey reads an API key and trims the white space around it, which a file or a shell
// often leaves behind. The key is empty if nothing remains; see [Key.IsEmpty].
//
// A key with white space, control characters or anything else inside that a header cannot
// carry is an error, which does not show the key.
func ParseKey(raw string) (Key, error) {
	key := strings.TrimSpace(raw)
	for i := range len(key) {
		// Visible ASCII is what a bearer token may be made of (RFC 6750, section 2.1).
		if key[i] <= ' ' || key[i] > '~' {
			return Key{}, errors.New("the API key has a control character, white space or a character other than ASCII inside")
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

// IsEmpty tells whether there is no key.
func (k Key) IsEmpty() bool { return k.value == nil }

// String implements [fmt.Stringer] without the key.
func (k Key) String() string { return hidden }

// GoString implements [fmt.GoStringer] without the key.
func (k Key) GoString() string { return hidden }

// reveal returns the key, to be sent and for nothing else. It is empty if there is none.
func (k Key) reveal() string {
	if k.value == nil {
		return ""
	}

	return k.value()
}

// mask replaces the key wherever it stands in text that came from elsewhere.
func (k Key) mask(text string) string {
	if k.IsEmpty() {
		return text
	}

	// All at once, so that what was put in for one form is not looked at for the next.
	var pairs []string
	for _, form := range k.forms() {
		pairs = append(pairs, form, hidden)
	}

	return strings.NewReplacer(pairs...).Replace(text)
}

// forms is the key as it may stand in text: as it is, in quotes, with what a URL escapes, and
// with what JSON does. For most keys they are all the same.
func (k Key) forms() []string {
	key := k.value()
	quoted := strconv.Quote(key)
	forms := []string{key, quoted[1 : len(quoted)-1], url.QueryEscape(key), url.PathEscape(key)}

	if encoded, err := json.Marshal(key); err == nil {
		forms = append(forms, string(encoded[1:len(encoded)-1]))
	}

	return forms
}
