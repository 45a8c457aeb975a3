// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"errors"
	"html"
	"regexp"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// Key is an API key. It is redacted wherever Go prints it, for example in a crash or as an
// unexported field of a struct: fmt prints the address of a function, not what it returns.
type Key struct {
	// secrets returns the key, and further secrets to redact, which are not sent. Nil for no key.
	secrets func() []string
}

// redacted replaces the key and other secrets.
const redacted = "(redacted)"

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
			return Key{}, errors.New("it contains whitespace, a control character or a non-ASCII character")
		}
	}

	return newKey(key), nil
}

func newKey(value string) Key {
	if value == "" {
		return Key{}
	}

	return Key{secrets: func() []string { return []string{value} }}
}

// IsEmpty reports whether there is no key.
func (k Key) IsEmpty() bool { return k.secrets == nil }

// String implements [fmt.Stringer] without the key.
func (k Key) String() string { return redacted }

// GoString implements [fmt.GoStringer] without the key.
func (k Key) GoString() string { return redacted }

// reveal returns the key, to send or to redact it. Empty if there is none.
func (k Key) reveal() string {
	if k.IsEmpty() {
		return ""
	}

	return k.secrets()[0]
}

// with returns the key with further secrets to redact: the credentials of a proxy.
func (k Key) with(secrets ...string) Key {
	all := append([]string{k.reveal()}, secrets...)

	return Key{secrets: func() []string { return all }}
}

// redact replaces the key and the other secrets in text. If text contains an encoded secret, redact
// replaces the whole text, because the position of the secret is unknown. There must be a key.
func (k Key) redact(text string) string {
	for _, secret := range k.secrets() {
		text = strings.ReplaceAll(text, secret, redacted)
	}

	for _, decoded := range []string{
		html.UnescapeString(text),
		unescapeURL(text),
		unescapeURL(strings.ReplaceAll(text, "+", " ")),
		unescapeString(text),
	} {
		for _, secret := range k.secrets() {
			if decoded != text && strings.Contains(decoded, secret) {
				return redacted
			}
		}
	}

	return text
}

var (
	percentEscape = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	stringEscape  = regexp.MustCompile(`\\(u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|["\\/])`)
)

// unescapeURL decodes the percent escapes of text, also between invalid ones.
func unescapeURL(text string) string {
	return percentEscape.ReplaceAllStringFunc(text, func(escape string) string { return unescapeByte(escape[1:]) })
}

// unescapeString decodes the escapes of strings in JSON and Go.
func unescapeString(text string) string {
	return stringEscape.ReplaceAllStringFunc(text, func(escape string) string {
		switch escape[1] {
		case 'u':
			code, _ := strconv.ParseUint(escape[2:], 16, 16)

			return string(rune(code))
		case 'x':
			return unescapeByte(escape[2:])
		}

		return escape[1:]
	})
}

// unescapeByte decodes two hexadecimal digits.
func unescapeByte(digits string) string {
	code, _ := strconv.ParseUint(digits, 16, 8)

	return string([]byte{byte(code)})
}

// redactLog redacts the key in each message and field that is logged with the context.
//
// Each goroutine needs a context of its own from here: tflog writes to the fields of a context
// without a lock when it redacts them.
func (c *Client) redactLog(ctx context.Context) context.Context {
	ctx = tflog.MaskAllFieldValuesStrings(ctx, c.config.Key.reveal())

	return tflog.MaskMessageStrings(ctx, c.config.Key.reveal())
}
