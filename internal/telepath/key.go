// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"encoding/json"
	"errors"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Key is an API key. It is redacted however it is printed, also as an unexported field of a
// struct: fmt cannot look into a function.
type Key struct {
	value func() string
	// others are further secrets to redact, which are never sent.
	others func() []string
}

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

// with returns the key with further secrets to redact: the credentials of a proxy.
func (k Key) with(secrets ...string) Key {
	k.others = func() []string { return secrets }

	return k
}

// redact replaces the key and the other secrets wherever they occur in text.
func (k Key) redact(text string) string {
	if k.IsEmpty() {
		return text
	}

	// One replacer for all forms, so that it does not replace its own replacements.
	var pairs []string
	for _, form := range forms(k.reveal()) {
		pairs = append(pairs, form, redacted)
	}

	if k.others != nil {
		for _, secret := range k.others() {
			for _, form := range forms(secret) {
				pairs = append(pairs, form, "(redacted)")
			}
		}
	}

	text = strings.NewReplacer(pairs...).Replace(text)

	// In a text that is encoded as a whole, the key cannot be told from its surroundings.
	for _, decoded := range []string{html.UnescapeString(text), unescapeURL(text), unescapeUnicode(text)} {
		if strings.Contains(decoded, k.reveal()) {
			return redacted
		}
	}

	return text
}

// forms returns a secret as it is, and as Go, URLs and JSON escape it. For most keys they are the
// same.
func forms(secret string) []string {
	quoted := strconv.Quote(secret)
	forms := []string{secret, quoted[1 : len(quoted)-1], url.QueryEscape(secret), url.PathEscape(secret)}

	if encoded, err := json.Marshal(secret); err == nil {
		forms = append(forms, string(encoded[1:len(encoded)-1]))
	}

	return forms
}

// unescapeURL decodes the percent escapes of text, also between invalid ones.
func unescapeURL(text string) string {
	return percentEscape.ReplaceAllStringFunc(text, func(escape string) string {
		code, _ := strconv.ParseUint(escape[1:], 16, 8) // Two hexadecimal digits.
		return string([]byte{byte(code)})
	})
}

// unescapeUnicode decodes the escapes of JSON and Go for ASCII.
func unescapeUnicode(text string) string {
	return unicodeEscape.ReplaceAllStringFunc(text, func(escape string) string {
		code, _ := strconv.ParseUint(escape[len(escape)-2:], 16, 8) // Two hexadecimal digits.
		return string([]byte{byte(code)})
	})
}

var (
	percentEscape = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	unicodeEscape = regexp.MustCompile(`\\(u00|x)[0-7][0-9A-Fa-f]`)
)
