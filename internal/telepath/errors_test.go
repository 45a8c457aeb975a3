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
		"the key is redacted":                 {"key sk_live_abc123 is invalid", "key (redacted) is invalid"},
		"the key is redacted wherever it is":  {"sk_live_abc123sk_live_abc123", "(redacted)(redacted)"},
		"the key with control characters too": {"sk_live_\x00abc123", "(redacted)"},
		"the key with bad bytes too":          {"sk_live_\xffabc123", "(redacted)"},
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
func TestParseErrorEnvelope(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want apiError // Empty is not ok.
	}{
		"the reference page's":       {`{"error":{"code":"unauthorized","message":"Invalid or expired API key","status":401}}`, apiError{"unauthorized", "Invalid or expired API key"}},
		"the other documented shape": {`{"error":{"code":"INVALID_API_KEY","message":"The API key provided is invalid"}}`, apiError{"INVALID_API_KEY", "The API key provided is invalid"}},
		"a code alone":               {`{"error":{"code":"unauthorized"}}`, apiError{"unauthorized", ""}},
		"a message alone":            {`{"error":{"message":"no"}}`, apiError{"", "no"}},
		"a status of another type":   {`{"error":{"code":"unauthorized","status":"401"}}`, apiError{"unauthorized", ""}},
		"nothing":                    {"", apiError{}},
		"HTML":                       {"<html>", apiError{}},
		"null":                       {"null", apiError{}},
		"no error":                   {`{"message":"Forbidden"}`, apiError{}},
		"an empty error":             {`{"error":{}}`, apiError{}},
		"an error that is text":      {`{"error":"unauthorized"}`, apiError{}},
		"a code that is a number":    {`{"error":{"code":401}}`, apiError{}},
		"a body that was cut":        {`{"error":{"code":"unauthorized"`, apiError{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := parseErrorEnvelope([]byte(test.body))
			if got != test.want || ok != (got != apiError{}) {
				t.Errorf("got %+v, %t; want %+v", got, ok, test.want)
			}
		})
	}
}

func TestDescribeText(t *testing.T) {
	for name, test := range map[string]struct{ body, want string }{
		"nothing":                 {"", "it is empty"},
		"whitespace":              {" \r\n", "it is empty"},
		"a title":                 {"<html><head><title>Sign in</title>", `it is an HTML page with the title "Sign in"`},
		"a title with attributes": {"<TITLE lang=en>\n Sign\n in &amp; out </TITLE>", `it is an HTML page with the title "Sign in & out"`},
		"a title with the key":    {"<title>" + testKey + "</title>", `it is an HTML page with the title "` + redacted + `"`},
		"a title with escapes":    {"<title>&#27;[31mred&#x202e;</title>", `it is an HTML page with the title "[31mred"`},
		"an empty title":          {"<title></title>", `it is an HTML page with the title ""`},
		"a page without a title":  {"<html><body>Sign in", "it is an HTML page"},
		"a title without an end":  {"<title>Sign in", "it is an HTML page"},
		"text":                    {"upstream connect error", `it begins with "upstream connect error"`},
		"a long text":             {strings.Repeat("x", 101), `it begins with "` + strings.Repeat("x", 99) + `…"`},
		"a key behind 64 KiB":     {strings.Repeat(" ", 64<<10-10) + testKey, `it begins with "` + redacted + `"`},
		"a text with the key":     {strings.Repeat("x", 95) + testKey, `it begins with "` + strings.Repeat("x", 95) + `(red…"`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := describeText(newKey(testKey), []byte(test.body)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
