// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"strings"
	"unicode"
)

// maxText is how many characters of foreign text an error shows.
const maxText = 300

// cleanText makes text of the server fit to be shown on a terminal and in a log: on one
// line, without the key, without control characters (a terminal would obey them) and
// invisible ones that reorder text, and at most maxText characters long.
func cleanText(key Key, text string) string {
	// The key goes first and, in case that control characters stood inside it, once more
	// after them; the cut comes last, so that it cannot leave half a key.
	text = strings.ToValidUTF8(key.mask(text), "")
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}

		return r
	}, text)
	text = strings.Join(strings.Fields(key.mask(text)), " ")

	if runes := []rune(text); len(runes) > maxText {
		return string(runes[:maxText-1]) + "…"
	}

	return text
}
