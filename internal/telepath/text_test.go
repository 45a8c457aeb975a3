// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCleanText(t *testing.T) {
	key := newKey("sk_live_abc123")

	for name, test := range map[string]struct{ text, want string }{
		"plain text stays":                    {"limit must be between 1 and 100", "limit must be between 1 and 100"},
		"letters of any language stay":        {"Schlüssel 鍵 ключ", "Schlüssel 鍵 ключ"},
		"terminal escapes go":                 {"\x1b[31mred\x1b[0m\a", "[31mred[0m"},
		"C1 control characters go":            {"a\u009b31mb", "a31mb"},
		"lines become one":                    {" a\r\n\tb\u2028c ", "a b c"},
		"marks that reorder text go":          {"a\u202eb\u2066c\u200fd", "abcd"},
		"invisible characters go":             {"a\u200bb\ufeffc", "abc"},
		"bytes that are no text go":           {"a\xff\xfeb", "ab"},
		"the key is hidden":                   {"key sk_live_abc123 is invalid", "key (API key hidden) is invalid"},
		"the key is hidden wherever it is":    {"sk_live_abc123sk_live_abc123", "(API key hidden)(API key hidden)"},
		"the key with control characters too": {"sk_live_\x00abc123", "(API key hidden)"},
		"the key with bad bytes too":          {"sk_live_\xffabc123", "(API key hidden)"},
		"nothing":                             {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := cleanText(key, test.text); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestCleanTextCuts(t *testing.T) {
	key := newKey("sk_live_abc123")

	for name, text := range map[string]string{
		"ASCII":                            strings.Repeat("x", 301),
		"characters of three bytes":        strings.Repeat("鍵", 301),
		"a megabyte":                       strings.Repeat("x", 1<<20),
		"a key where the cut would fall":   strings.Repeat("x", 295) + "sk_live_abc123" + strings.Repeat("x", 100),
		"a key behind control characters":  strings.Repeat("\x00", 5000) + strings.Repeat("x", 295) + "sk_live_abc123",
		"a key split by control character": strings.Repeat("x", 295) + "sk_l\x00ive_abc123",
	} {
		t.Run(name, func(t *testing.T) {
			got := cleanText(key, text)
			if n := utf8.RuneCountInString(got); n != 300 {
				t.Errorf("%d characters remain, want 300", n)
			}

			if !strings.HasSuffix(got, "…") {
				t.Errorf("the cut does not show: %q", got[len(got)-20:])
			}

			if strings.Contains(got, "sk_l") {
				t.Errorf("a part of the key shows: %q", got)
			}
		})
	}

	if text := strings.Repeat("鍵", 300); cleanText(key, text) != text {
		t.Error("a text of just 300 characters was cut")
	}
}
