// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"golang.org/x/text/unicode/norm"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

const (
	// maxSuggestions limits the close matches that an error suggests.
	maxSuggestions = 3
	// maxBeginnings limits the values that begin with the wanted one and are suggested. More of
	// them would say little.
	maxBeginnings = 2
	// maxMatches limits the trunks that an error lists.
	maxMatches = 10
	// maxShown limits the characters of a value that an error shows and that suggestions compare.
	maxShown = 100
	// maxLookAlikes limits the characters that a note names.
	maxLookAlikes = 3
)

// lookupKey is an attribute by which a trunk can be looked up.
type lookupKey struct {
	attribute string
	// of returns the attribute of a trunk, or nil if the API omitted it.
	of func(telepath.Trunk) *string
}

// lookupKeys are the lookup arguments. Exactly one of them is set.
var lookupKeys = []lookupKey{
	{"id", func(trunk telepath.Trunk) *string { return &trunk.ID }},
	{"name", func(trunk telepath.Trunk) *string { return trunk.Name }},
	{"sip_username", func(trunk telepath.Trunk) *string { return trunk.SIPUsername }},
}

// lookup is an attribute and the value to match.
type lookup struct {
	key   lookupKey
	value string
}

// matches compares NFC forms, because Terraform normalizes every string to NFC: a configuration
// can't contain another form.
func (l lookup) matches(trunk telepath.Trunk) bool {
	value := l.key.of(trunk)

	return value != nil && norm.NFC.String(*value) == l.value
}

// find returns the one trunk that matches, or an error.
func (l lookup) find(trunks []telepath.Trunk) (telepath.Trunk, diag.Diagnostic) {
	var matches []telepath.Trunk

	for _, trunk := range trunks {
		if l.matches(trunk) {
			matches = append(matches, trunk)
		}
	}

	switch len(matches) {
	case 0:
		return telepath.Trunk{}, l.noMatch(trunks)
	case 1:
		return matches[0], nil
	}

	return telepath.Trunk{}, l.severalMatches(matches)
}

func (l lookup) noMatch(trunks []telepath.Trunk) diag.Diagnostic {
	var text strings.Builder

	fmt.Fprintf(&text, "No trunk has the %s %s. %s searched.", l.key.attribute, quote(l.value), count(len(trunks), "was", "were"))

	if suggestions := l.suggestions(trunks); len(suggestions) > 0 {
		text.WriteString(" Close matches:\n")

		for _, s := range suggestions {
			value := *l.key.of(s.trunk)
			fmt.Fprintf(&text, "\n  - %s%s%s%s", l.describe(s.trunk), s.note, lookAlikes("contains", value, l.value), lookAlikes("lacks", l.value, value))
		}
	}

	fmt.Fprintf(&text, "\n\n%s", l.nextStep(trunks))

	return summaryTrunkNotFound.newErrorAt(path.Root(l.key.attribute), text.String())
}

// nextStep says what to do if no trunk matches.
func (l lookup) nextStep(trunks []telepath.Trunk) string {
	if len(trunks) == 0 {
		return "The account has no trunks. Check that the API key belongs to the intended account."
	}

	for _, key := range lookupKeys {
		other := lookup{key: key, value: l.value}
		if found := slices.IndexFunc(trunks, other.matches); found >= 0 {
			return fmt.Sprintf("The trunk with the id %s has this %s. Set %s instead of %s.", quote(trunks[found].ID), key.attribute, key.attribute, l.key.attribute)
		}
	}

	return fmt.Sprintf("Set %s to the exact value of an existing trunk, or check that the API key belongs to the intended account.", l.key.attribute)
}

func (l lookup) severalMatches(matches []telepath.Trunk) diag.Diagnostic {
	var text strings.Builder

	instead := "id or sip_username"
	if l.key.attribute == "sip_username" {
		instead = "id"
	}

	fmt.Fprintf(&text, "%s the %s %s, but a lookup must match exactly one. Set %s instead of %s, to look up one of these trunks:\n",
		count(len(matches), "has", "have"), l.key.attribute, quote(l.value), instead, l.key.attribute)

	for i, match := range matches {
		if i == maxMatches {
			fmt.Fprintf(&text, "\n  - and %d more", len(matches)-maxMatches)

			break
		}

		fmt.Fprintf(&text, "\n  - id %s, ", quote(match.ID))

		if match.SIPUsername == nil {
			text.WriteString("no sip_username")
		} else {
			fmt.Fprintf(&text, "sip_username %s", quote(*match.SIPUsername))
		}
	}

	return summarySeveralTrunksFound.newErrorAt(path.Root(l.key.attribute), text.String())
}

// suggestion is a trunk whose value is close to the one that was looked up.
type suggestion struct {
	trunk telepath.Trunk
	// distance orders suggestions, the closest first.
	distance int
	// note names a difference that is hard to see.
	note string
}

// suggestions returns the closest trunks. A trunk is close if its value differs only by case or
// surrounding whitespace, if at most a third of the characters must change, or if its value is
// one of at most maxBeginnings that begin with the wanted one.
func (l lookup) suggestions(trunks []telepath.Trunk) []suggestion {
	var found []suggestion

	wanted := strings.TrimSpace(l.value)
	limit := len([]rune(cut(wanted))) / 3
	beginnings := 0
	begins := func(value string) bool {
		return wanted != "" && !strings.EqualFold(value, wanted) && strings.HasPrefix(strings.ToLower(value), strings.ToLower(wanted))
	}

	for _, trunk := range trunks {
		if value := l.key.of(trunk); value != nil && begins(strings.TrimSpace(*value)) {
			beginnings++
		}
	}

	for _, trunk := range trunks {
		value := l.key.of(trunk)
		if value == nil {
			continue
		}

		trimmed := strings.TrimSpace(*value)

		switch {
		case trimmed == wanted:
			found = append(found, suggestion{trunk, 0, " (differs in surrounding whitespace)"})
		case strings.EqualFold(*value, l.value):
			found = append(found, suggestion{trunk, 0, " (differs in case)"})
		case strings.EqualFold(trimmed, wanted):
			found = append(found, suggestion{trunk, 0, " (differs in case and surrounding whitespace)"})
		case beginnings <= maxBeginnings && begins(trimmed):
			found = append(found, suggestion{trunk, 1, ""})
		default:
			distance := levenshtein.Distance(strings.ToLower(cut(trimmed)), strings.ToLower(cut(wanted)), nil)
			if distance <= limit {
				found = append(found, suggestion{trunk, 1 + distance, ""})
			}
		}
	}

	slices.SortStableFunc(found, func(a, b suggestion) int { return a.distance - b.distance })

	return found[:min(len(found), maxSuggestions)]
}

// lookAlikes notes the characters outside ASCII that a value has and another lacks: some look like others.
func lookAlikes(verb, value, other string) string {
	var codes []string

	for _, r := range cut(value) {
		if r > unicode.MaxASCII && !strings.ContainsRune(strings.ToLower(other), unicode.ToLower(r)) {
			codes = append(codes, fmt.Sprintf("%U", r))
		}
	}

	if codes == nil {
		return ""
	}

	return fmt.Sprintf(" (%s %s)", verb, strings.Join(slices.Compact(codes[:min(len(codes), maxLookAlikes)]), ", "))
}

// describe names a trunk by the lookup's attribute and its ID.
func (l lookup) describe(trunk telepath.Trunk) string {
	if l.key.attribute == "id" {
		return fmt.Sprintf("id %s", quote(trunk.ID))
	}

	return fmt.Sprintf("%s %s, id %s", l.key.attribute, quote(*l.key.of(trunk)), quote(trunk.ID))
}

func count(trunks int, one, many string) string {
	if trunks == 1 {
		return "1 trunk " + one
	}

	return fmt.Sprintf("%d trunks %s", trunks, many)
}

// quote escapes control characters, so that a name can't manipulate the terminal.
func quote(value string) string {
	if short := cut(value); short != value {
		return fmt.Sprintf("%q…", short)
	}

	return fmt.Sprintf("%q", value)
}

// cut returns the first characters of a value.
func cut(value string) string {
	if runes := []rune(value); len(runes) > maxShown {
		return string(runes[:maxShown])
	}

	return value
}
