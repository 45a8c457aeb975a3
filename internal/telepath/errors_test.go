// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"strings"
	"testing"
)

func TestCleanText(t *testing.T) {
	const secret = "sk_live_abc123"

	// A password of a proxy may have any characters.
	key := newKey(secret).with("tab\tand\u00adhyphen")
	xs := strings.Repeat("x", 295)

	for name, test := range map[string]struct{ text, want string }{
		"plain text":                       {"limit must be between 1 and 100", "limit must be between 1 and 100"},
		"letters of any language":          {"Schlüssel 鍵 ключ", "Schlüssel 鍵 ключ"},
		"terminal escapes":                 {"\x1b[31mred\x1b[0m\a", "[31mred[0m"},
		"C1 control characters":            {"a\u009b31mb", "a31mb"},
		"several lines":                    {" a\r\n\tb\u2028c ", "a b c"},
		"marks that reorder text":          {"a\u202eb\u2066c\u200fd", "abcd"},
		"invisible characters":             {"a\u200bb\ufeffc", "abc"},
		"invalid UTF-8":                    {"a\xff\xfeb", "ab"},
		"the key":                          {"key " + secret + " is invalid", "key (redacted) is invalid"},
		"the key twice":                    {secret + secret, "(redacted)(redacted)"},
		"the key with control characters":  {"sk_live_\x00abc123", "(redacted)"},
		"the key with invalid UTF-8":       {"sk_live_\xffabc123", "(redacted)"},
		"a password":                       {"no tab\tand\u00adhyphen here", "no (redacted) here"},
		"300 characters":                   {strings.Repeat("鍵", 300), strings.Repeat("鍵", 300)},
		"301 characters":                   {strings.Repeat("鍵", 301), strings.Repeat("鍵", 299) + "…"},
		"a megabyte":                       {strings.Repeat("x", 1<<20), strings.Repeat("x", 299) + "…"},
		"the key at the limit":             {xs + secret + xs, xs + "(red…"},
		"the key after control characters": {strings.Repeat("\x00", 5000) + xs + secret, xs + "(red…"},
		"the key split, at the limit":      {xs + "sk_l\x00ive_abc123", xs + "(red…"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := cleanText(key, test.text); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestParseErrorEnvelope(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want apiError // Empty means that there is none.
	}{
		"with a status":            {`{"error":{"code":"unauthorized","message":"Invalid or expired API key","status":401}}`, apiError{"unauthorized", "Invalid or expired API key"}},
		"without a status":         {`{"error":{"code":"INVALID_API_KEY","message":"The API key provided is invalid"}}`, apiError{"INVALID_API_KEY", "The API key provided is invalid"}},
		"only a code":              {`{"error":{"code":"unauthorized"}}`, apiError{"unauthorized", ""}},
		"only a message":           {`{"error":{"message":"no"}}`, apiError{"", "no"}},
		"a status of another type": {`{"error":{"code":"unauthorized","status":"401"}}`, apiError{"unauthorized", ""}},
		"empty":                    {"", apiError{}},
		"HTML":                     {"<html>", apiError{}},
		"null":                     {"null", apiError{}},
		"no error":                 {`{"message":"Forbidden"}`, apiError{}},
		"an empty error":           {`{"error":{}}`, apiError{}},
		"an error that is text":    {`{"error":"unauthorized"}`, apiError{}},
		"a code that is a number":  {`{"error":{"code":401}}`, apiError{}},
		"a body that is cut off":   {`{"error":{"code":"unauthorized"`, apiError{}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := parseErrorEnvelope([]byte(test.body)); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}
