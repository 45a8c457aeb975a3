// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"golang.org/x/text/unicode/norm"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

const (
	// maxCandidates is how many close trunks an error names when there is no match.
	maxCandidates = 3
	// maxMatches is how many trunks an error names when several match.
	maxMatches = 10
	// maxShown is how many characters of a value an error shows, and how many are compared when
	// close ones are looked for: somebody's name of 10 kB is none that was mistyped.
	maxShown = 100
)

// lookupKey is an attribute by which a trunk can be looked up.
type lookupKey struct {
	attribute string
	// of is the attribute's value for a trunk, nil if the API left it out.
	of func(telepath.Trunk) *string
}

// lookupKeys are the attributes of which exactly one is set.
func lookupKeys() []lookupKey {
	return []lookupKey{
		{"id", func(trunk telepath.Trunk) *string { return &trunk.ID }},
		{"name", func(trunk telepath.Trunk) *string { return trunk.Name }},
		{"sip_username", func(trunk telepath.Trunk) *string { return trunk.SIPUsername }},
	}
}

// lookup is what a trunk is looked up by.
type lookup struct {
	key   lookupKey
	value string
}

// matches tells whether it is this trunk that is looked for.
//
// A match is exact. But Terraform normalizes each string to Unicode's form NFC, so nobody could
// write a name that the API has in another form, and what looks the same is the same.
func (l lookup) matches(trunk telepath.Trunk) bool {
	value := l.key.of(trunk)
	return value != nil && norm.NFC.String(*value) == l.value
}

// find returns the one trunk that matches, or what to tell the user.
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

	fmt.Fprintf(&text, "No trunk has the %s %s; %s searched.", l.key.attribute, quote(l.value), count(len(trunks), "was", "were"))

	if candidates := l.closest(trunks); len(candidates) > 0 {
		text.WriteString(" The closest:\n")

		for _, candidate := range candidates {
			fmt.Fprintf(&text, "\n  - %s%s", describe(candidate.trunk, l.key), candidate.differs)
		}
	}

	fmt.Fprintf(&text, "\n\n%s", l.nextStep(trunks))

	return diag.NewAttributeErrorDiagnostic(path.Root(l.key.attribute), "No such trunk", text.String())
}

// nextStep says what to do when there is no match.
func (l lookup) nextStep(trunks []telepath.Trunk) string {
	if len(trunks) == 0 {
		return "The account is empty: see whether the API key is of the account that you mean."
	}

	for _, key := range lookupKeys() {
		other := lookup{key: key, value: l.value}
		if found := slices.IndexFunc(trunks, other.matches); found >= 0 {
			return fmt.Sprintf("A trunk has it as its %s, the one with the id %s: set %s in place of %s.", key.attribute, quote(trunks[found].ID), key.attribute, l.key.attribute)
		}
	}

	return fmt.Sprintf("Set %s to that of the trunk that you mean, or see whether the API key is of the account that it is in.", l.key.attribute)
}

func (l lookup) severalMatches(matches []telepath.Trunk) diag.Diagnostic {
	var text strings.Builder

	by := "id or the sip_username"
	if l.key.attribute == "sip_username" {
		by = "id"
	}

	fmt.Fprintf(&text, "%s the %s %s, so it does not say which. Look up by the %s of one of these:\n", count(len(matches), "has", "have"), l.key.attribute, quote(l.value), by)

	for i, match := range matches {
		if i == maxMatches {
			fmt.Fprintf(&text, "\n  - and %d more", len(matches)-maxMatches)
			break
		}

		fmt.Fprintf(&text, "\n  - id %s, %s", quote(match.ID), sipUsername(match))
	}

	return diag.NewAttributeErrorDiagnostic(path.Root(l.key.attribute), "Several such trunks", text.String())
}

// candidate is a trunk that may be meant.
type candidate struct {
	trunk telepath.Trunk
	// distance is how many characters would have to be changed, roughly.
	distance int
	// differs says how its value differs, if that is not seen easily.
	differs string
}

// closest returns the trunks whose values are the most like the one that was looked for, the
// closest first.
func (l lookup) closest(trunks []telepath.Trunk) []candidate {
	var candidates []candidate

	for _, trunk := range trunks {
		value := l.key.of(trunk)
		if value == nil {
			continue
		}

		found := candidate{trunk: trunk}

		switch {
		case strings.TrimSpace(*value) == strings.TrimSpace(l.value):
			found.differs = ", which differs by white space around it"
		case strings.EqualFold(*value, l.value):
			found.differs = ", which differs in upper and lower case"
		case strings.EqualFold(strings.TrimSpace(*value), strings.TrimSpace(l.value)):
			found.differs = ", which differs in upper and lower case and by white space around it"
		default:
			found.distance = 1 + levenshtein.Distance(strings.ToLower(cut(*value)), strings.ToLower(cut(l.value)), nil)
		}

		candidates = append(candidates, found)
	}

	slices.SortStableFunc(candidates, func(a, b candidate) int { return a.distance - b.distance })

	return candidates[:min(len(candidates), maxCandidates)]
}

// describe names a trunk by the attribute that it was looked up by, and its id.
func describe(trunk telepath.Trunk, key lookupKey) string {
	if key.attribute == "id" {
		return fmt.Sprintf("id %s", quote(trunk.ID))
	}

	return fmt.Sprintf("%s %s, id %s", key.attribute, quote(*key.of(trunk)), quote(trunk.ID))
}

func sipUsername(trunk telepath.Trunk) string {
	if trunk.SIPUsername == nil {
		return "without a sip_username"
	}

	return "sip_username " + quote(*trunk.SIPUsername)
}

func count(trunks int, one, many string) string {
	if trunks == 1 {
		return "1 trunk " + one
	}

	return fmt.Sprintf("%d trunks %s", trunks, many)
}

// quote shows a value such that whatever is odd about it can be seen, and does nothing to the
// terminal.
func quote(value string) string {
	if short := cut(value); short != value {
		return fmt.Sprintf("%q…", short)
	}

	return fmt.Sprintf("%q", value)
}

// cut is the first characters of a value.
func cut(value string) string {
	if runes := []rune(value); len(runes) > maxShown {
		return string(runes[:maxShown])
	}

	return value
}
