// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"errors"
	"html"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// Key is an API key. It is redacted wherever Go prints it, for example in a crash or as an
// unexported field of a struct: fmt prints the address of a function, not what it returns.
type Key struct {
	// reveal returns the key, to send or to redact it. Nil for no key.
	reveal func() string
}

// redacted replaces the key.
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

	if key == "" {
		return Key{}, nil
	}

	return Key{func() string { return key }}, nil
}

// IsEmpty reports whether there is no key.
func (k Key) IsEmpty() bool { return k.reveal == nil }

// String implements [fmt.Stringer] without the key.
func (k Key) String() string { return redacted }

// GoString implements [fmt.GoStringer] without the key.
func (k Key) GoString() string { return redacted }

// redact replaces the key in text: as it is, and as Go writes it into URLs, HTML, JSON and strings.
func (k Key) redact(text string) string {
	key := k.reveal()
	// As encoding/json writes it. Without HTML, JSON escapes visible ASCII as Go does.
	inHTML, _ := json.Marshal(key, jsontext.EscapeForHTML(true))

	var pairs []string
	for _, form := range []string{
		key, url.QueryEscape(key), url.PathEscape(key), html.EscapeString(key), unquoted(string(inHTML)), unquoted(strconv.Quote(key)),
	} {
		pairs = append(pairs, form, redacted)
	}

	return strings.NewReplacer(pairs...).Replace(text)
}

func unquoted(text string) string { return text[1 : len(text)-1] }

// redactLog redacts the key in each message and field that is logged with the context.
//
// Each goroutine needs a context of its own from here: tflog writes to the fields of a context
// without a lock when it redacts them.
func (c *Client) redactLog(ctx context.Context) context.Context {
	ctx = tflog.MaskAllFieldValuesStrings(ctx, c.config.Key.reveal())

	return tflog.MaskMessageStrings(ctx, c.config.Key.reveal())
}
