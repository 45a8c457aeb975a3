// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is how many characters of text from the server an error displays, and maxBegin how many bytes of
// a body that is not JSON.
const maxText, maxBegin = 300, 100

// cleanText makes text from the server safe for a terminal and a log: one line, without
// control characters and invisible characters that reorder text, without the key, at most maxText long.
//
// It redacts after cleaning, because the key may have had control characters inside, and before truncating.
func cleanText(key Key, text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}

		return r
	}, text)

	return truncate(key.redact(strings.Join(strings.Fields(text), " ")), maxText)
}

// truncate returns at most limit characters of text.
func truncate(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}

	return text
}

var htmlTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// describeText describes a body that does not begin as JSON, or an error that has no message.
func describeText(key Key, body []byte) string {
	text := cleanText(key, string(body))

	switch title := htmlTitle.FindSubmatch(body); {
	case text == "":
		return "it is empty"
	case title != nil:
		return fmt.Sprintf("it is an HTML page with the title %q", cleanText(key, html.UnescapeString(cleanText(key, string(title[1])))))
	case strings.HasPrefix(text, "<"):
		return "it is an HTML page"
	}

	if strings.Contains(text, redacted) {
		return fmt.Sprintf("it begins with %q", truncate(text, maxBegin))
	}

	// Without cleaning, because a control character or another encoding may be what is wrong.
	body = bytes.TrimSpace(body)

	return fmt.Sprintf("it begins with %q", body[:min(len(body), maxBegin)])
}
