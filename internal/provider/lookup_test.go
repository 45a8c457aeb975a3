// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// by is a lookup by an attribute.
func by(attribute, value string) lookup {
	for _, key := range lookupKeys {
		if key.attribute == attribute {
			return lookup{key: key, value: value}
		}
	}

	panic("no such attribute: " + attribute)
}

func named(names ...string) []telepath.Trunk {
	var trunks []telepath.Trunk
	for i, name := range names {
		trunks = append(trunks, telepath.Trunk{ID: fmt.Sprintf("conn_%d", i), Name: new(name), SIPUsername: new(fmt.Sprintf("agent-%d", i))})
	}

	return trunks
}

// wantLookupError checks that the lookup fails at its argument, and returns the error's detail.
func wantLookupError(t *testing.T, l lookup, trunks []telepath.Trunk, summary string) string {
	t.Helper()

	_, diagnostic := l.find(trunks)

	at, ok := diagnostic.(diag.DiagnosticWithPath)
	if !ok || at.Summary() != summary || !at.Path().Equal(path.Root(l.key.attribute)) {
		t.Fatalf("the diagnostic is %+v", diagnostic)
	}

	return at.Detail()
}

func TestLookupFinds(t *testing.T) {
	trunks := append(named("Production", "production", " Production", "Zoe\u0308"), telepath.Trunk{ID: "conn_bare"})

	for name, test := range map[string]struct {
		lookup lookup
		want   string
	}{
		"by id":                             {by("id", "conn_1"), "conn_1"},
		"by id, a trunk with nothing else":  {by("id", "conn_bare"), "conn_bare"},
		"by name, in the same case":         {by("name", "production"), "conn_1"},
		"by name, with the same whitespace": {by("name", " Production"), "conn_2"},
		"by name, in another Unicode form":  {by("name", "Zo\u00eb"), "conn_3"},
		"by sip_username":                   {by("sip_username", "agent-2"), "conn_2"},
	} {
		t.Run(name, func(t *testing.T) {
			trunk, notFound := test.lookup.find(trunks)
			if notFound != nil {
				t.Fatal(notFound.Detail())
			}

			if trunk.ID != test.want {
				t.Errorf("found %s, want %s", trunk.ID, test.want)
			}
		})
	}
}

func TestLookupWithoutMatch(t *testing.T) {
	for name, test := range map[string]struct {
		lookup lookup
		trunks []telepath.Trunk
		want   []string
		not    []string
	}{
		"nothing close": {
			by("name", "Prod"), named("Staging"),
			[]string{`No trunk has the name "Prod". 1 trunk was searched.`, "Set name to the exact value of an existing trunk"}, []string{"Close"},
		},
		"the three closest, in order of distance": {
			by("name", "Production"), named("Producti", "Productxxx", "Producton", "EU Production", "Staging", "Productioh"),
			[]string{"6 trunks were searched. Close matches:", `name "Producton", id "conn_2"`, `name "Productioh", id "conn_5"`, `name "Producti", id "conn_0"`},
			[]string{"Productxxx", "Staging"},
		},
		"the beginning of two names, before other close matches": {
			by("name", "prod"), named("prad", "Production EU", "Staging", "Production US", "PROD"),
			[]string{`"PROD"`, `"Production EU"`, `"Production US"`}, []string{"Staging"},
		},
		"the beginning of three names": {
			by("name", "Prod"), named("Production EU", "Production US", "Production AU"), nil, []string{"Close"},
		},
		"a name in another case": {
			by("name", "production"), named("Productian", "Production"),
			[]string{`name "Production", id "conn_1" (differs in case)`, `"Productian"`}, nil,
		},
		"a name with surrounding whitespace": {
			by("name", "Production"), named("Production\t"),
			[]string{`name "Production\t", id "conn_0" (differs in surrounding whitespace)`}, nil,
		},
		"a name in another case with surrounding whitespace": {
			by("name", "PRODUCTION "), named("Production"),
			[]string{`"Production", id "conn_0" (differs in case and surrounding whitespace)`}, nil,
		},
		"by id": {
			by("id", "conn_9"), named("A"),
			[]string{`No trunk has the id "conn_9"`, `- id "conn_0"`}, []string{"differs"},
		},
		"by sip_username, which no trunk has": {
			by("sip_username", "agent"), []telepath.Trunk{{ID: "conn_bare"}},
			[]string{`No trunk has the sip_username "agent". 1 trunk was searched.`}, []string{"Close", "no trunks"},
		},
		"a sip_username instead of an id": {
			by("id", "agent-0"), named("A", "B"),
			[]string{`No trunk has the id "agent-0"`, `The trunk with the id "conn_0" has this sip_username. Set sip_username instead of id.`}, nil,
		},
		"an empty account": {
			by("id", "conn_9"), nil,
			[]string{"0 trunks were searched", "The account has no trunks."}, []string{"Close"},
		},
		"a hyphen that is another character": {
			by("sip_username", "agent-0"), []telepath.Trunk{{ID: "conn_a", SIPUsername: new("agent\u20110")}},
			[]string{"id \"conn_a\" (contains U+2011)"}, nil,
		},
		"a letter outside ASCII in another case": {
			by("name", "\u00fcber"), named("\u00dcber"), []string{`id "conn_0" (differs in case)`}, []string{"contains", "lacks"},
		},
		"a letter that is another character in the lookup": {
			by("name", "\u0410gent"), named("Agent"),
			[]string{`name "Agent", id "conn_0" (lacks U+0410)`}, nil,
		},
		"a name of 10 kB": {
			by("name", strings.Repeat("x", 10_000)), named(strings.Repeat("x", 10_001)),
			[]string{`"` + strings.Repeat("x", 100) + `"…`}, []string{strings.Repeat("x", 101)},
		},
		"a name with control characters": {
			by("name", "Agent 0001"), named("\x1b[\u202eAgent 0001"),
			[]string{`"\x1b[\u202eAgent 0001"`}, []string{"\x1b", "\u202e"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			detail := wantLookupError(t, test.lookup, test.trunks, "Trunk not found")
			wantInOrder(t, detail, test.want)

			for _, text := range test.not {
				if strings.Contains(detail, text) {
					t.Errorf("the error contains %q: %s", text, detail)
				}
			}
		})
	}
}

// A close match changes at most a third of the characters.
func TestLookupSuggestsOnlyCloseMatches(t *testing.T) {
	for _, test := range []struct {
		wanted, name string
		close        bool
	}{
		{"Production", "Prodction", true},
		{"Production", "EU Production", true},
		{"Production", "EU1 Production", false},
		{"Production", "Production of an agent", true},
		{"Production", "Staging", false},
		{"agent-prod-01", "agent-prod-02", true},
		{"agent-prod-01", "agent-staging-01", false},
		{"conn_abc123xyz", "conn_def456uvw", false},
		{"abc", "abd", true},
		{"ab", "ac", false},
		{"", "A", false},
		{"A", "a", true},
		{"A", " A ", true},
	} {
		if got := len(by("name", test.wanted).suggestions(named(test.name))) > 0; got != test.close {
			t.Errorf("%q is suggested for %q: %t, want %t", test.name, test.wanted, got, test.close)
		}
	}
}

func TestLookupWithSeveralMatches(t *testing.T) {
	trunks := named("A", "B", "A", "B")
	trunks[2].SIPUsername = nil
	trunks[3].SIPUsername = trunks[0].SIPUsername

	for name, test := range map[string]struct {
		lookup lookup
		trunks []telepath.Trunk
		want   []string
	}{
		"by name": {
			by("name", "A"), trunks,
			[]string{`2 trunks have the name "A"`, "Set id or sip_username instead of name", `id "conn_0", sip_username "agent-0"`, `id "conn_2", no sip_username`},
		},
		"by sip_username": {by("sip_username", "agent-0"), trunks, []string{"Set id instead of sip_username"}},
		"more than ten": {
			by("name", "A"), named(strings.Split(strings.Repeat("A", 13), "")...),
			[]string{"13 trunks", `"conn_0"`, `"conn_9"`, "and 3 more"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			detail := wantLookupError(t, test.lookup, test.trunks, "Several trunks found")
			wantInOrder(t, detail, test.want)

			if strings.Contains(detail, "conn_10") {
				t.Errorf("more than ten are listed: %s", detail)
			}
		})
	}
}
