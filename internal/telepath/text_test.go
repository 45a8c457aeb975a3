// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"strings"
	"testing"
)

func TestCleanText(t *testing.T) {
	const secret = "sk_live_abc123"

	key := mustParseKey(secret)
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
		"the key with a replacement":       {"sk_live_\ufffdabc123", "(redacted)"},
		"the key with invalid UTF-8":       {"sk_live_\xffabc123", "(redacted)"},
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

func TestDescribeText(t *testing.T) {
	for name, test := range map[string]struct{ body, want string }{
		"empty":                   {"", "it is empty"},
		"whitespace":              {" \r\n", "it is empty"},
		"a title":                 {"<html><head><title>Sign in</title>", `it is an HTML page with the title "Sign in"`},
		"a title with attributes": {"<TITLE lang=en>\n Sign\n in &amp; out </TITLE>", `it is an HTML page with the title "Sign in & out"`},
		"a title with the key":    {"<title>" + testKey + "</title>", `it is an HTML page with the title "` + redacted + `"`},
		"a title with escapes":    {"<title>&#27;[31mred&#x202e;</title>", `it is an HTML page with the title "[31mred"`},
		"an empty title":          {"<title></title>", `it is an HTML page with the title ""`},
		"a page without a title":  {"<html><body>Sign in", "it is an HTML page"},
		"a title that is cut off": {"<title>Sign in", "it is an HTML page"},
		"text":                    {"upstream connect error", `it begins with "upstream connect error"`},
		"JSON in UTF-16":          {"\xff\xfe{\x00\"\x00t\x00", `it begins with "\xff\xfe{\x00\"\x00t\x00"`},
		"text after whitespace":   {strings.Repeat("\n", 200) + "upstream", `it begins with "upstream"`},
		"a control character":     {"\x00{}", `it begins with "\x00{}"`},
		"the key in UTF-16":       {"\xff\xfe" + strings.Join(strings.Split(testKey, ""), "\x00"), `it begins with "` + redacted + `"`},
		"a long text":             {strings.Repeat("x", 101), `it begins with "` + strings.Repeat("x", 100) + `"`},
		"a key behind 64 KiB":     {strings.Repeat(" ", 64<<10-10) + testKey, `it begins with "` + redacted + `"`},
		"a text with the key":     {strings.Repeat("x", 95) + testKey, `it begins with "` + strings.Repeat("x", 95) + `(red…"`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := describeText(mustParseKey(testKey), []byte(test.body)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
