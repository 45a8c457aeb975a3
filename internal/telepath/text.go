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
)

const (
	// maxText is how many characters of text from the server an error displays.
	maxText = 300
	// maxCleaned is how many bytes of text are cleaned, so that a hostile body takes no time.
	maxCleaned = 64 << 10
	// maxSecret is how many bytes a secret may have, in any encoding, to be found.
	maxSecret = 16 << 10
)

// cleanText makes text from the server safe for a terminal and a log: one line, without the key,
// without control characters and invisible characters that reorder text, at most maxText long.
func cleanText(key Key, text string) string {
	if len(text) <= maxCleaned {
		return truncate(clean(key, text), maxText)
	}

	// redact does not find a secret that is cut off, so the end is left out.
	cleaned := clean(key, text[:maxCleaned])

	return truncate(strings.ToValidUTF8(cleaned[:max(len(cleaned)-maxSecret, 0)], "")+"…", maxText)
}

// clean is cleanText without a limit.
func clean(key Key, text string) string {
	// Redacted before cleaning, because a proxy password may contain characters that cleaning removes.
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}

		return r
	}, strings.ToValidUTF8(key.redact(text), ""))

	// Redacted again, because the key may have had control characters inside, and before truncating,
	// because half a key would not be found.
	return strings.Join(strings.Fields(key.redact(text)), " ")
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
	body = bytes.TrimSpace(body)
	text := cleanText(key, string(body))

	switch title := htmlTitle.FindSubmatch(body[:min(len(body), maxCleaned)]); {
	case text == "":
		return "it is empty"
	case title != nil:
		return fmt.Sprintf("it is an HTML page with the title %q", cleanText(key, html.UnescapeString(string(title[1]))))
	case strings.HasPrefix(text, "<"):
		return "it is an HTML page"
	}

	return fmt.Sprintf("it begins with %q", truncate(text, 100))
}
