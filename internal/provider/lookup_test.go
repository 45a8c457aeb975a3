// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// by is a lookup by an attribute.
func by(attribute, value string) lookup {
	for _, key := range lookupKeys() {
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

func TestLookupFinds(t *testing.T) {
	trunks := append(named("Production", "production", " Production", "", "Zoe\u0308"), telepath.Trunk{ID: "conn_bare"})

	for name, test := range map[string]struct {
		lookup lookup
		want   string
	}{
		"by id":                             {by("id", "conn_1"), "conn_1"},
		"by id, a trunk with nothing else":  {by("id", "conn_bare"), "conn_bare"},
		"by name, in the same case":         {by("name", "production"), "conn_1"},
		"by name, with the same space":      {by("name", " Production"), "conn_2"},
		"by an empty name":                  {by("name", ""), "conn_3"},
		"by a name in another form of text": {by("name", "Zo\u00eb"), "conn_4"},
		"by sip_username":                   {by("sip_username", "agent-2"), "conn_2"},
	} {
		t.Run(name, func(t *testing.T) {
			trunk, problem := test.lookup.find(trunks)
			if problem != nil {
				t.Fatal(problem.Detail())
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
		"what was looked for and where": {
			by("name", "Prod"), named("Staging"),
			[]string{`No trunk has the name "Prod"; 1 trunk was searched.`, "Set name to that of the trunk that you mean"}, nil,
		},
		"the three closest, the closest first": {
			by("name", "Production"), named("Elsewhere", "Producton", "Staging", "Productions EU", "Productioh"),
			[]string{"5 trunks were searched", `name "Producton", id "conn_1"`, `name "Productioh", id "conn_4"`, `name "Productions EU", id "conn_3"`},
			[]string{"Elsewhere", "Staging"},
		},
		"a name in another case": {
			by("name", "production"), named("Productian", "Production"),
			[]string{`name "Production", id "conn_1", which differs in upper and lower case`, `"Productian"`}, nil,
		},
		"a name with space around it": {
			by("name", "Production"), named("Production\t"),
			[]string{`name "Production\t", id "conn_0", which differs by white space around it`}, nil,
		},
		"a name with another case and space": {
			by("name", "PRODUCTION "), named("Production"),
			[]string{`"Production", id "conn_0", which differs in upper and lower case and by white space around it`}, nil,
		},
		"by id": {
			by("id", "conn_9"), named("A"),
			[]string{`No trunk has the id "conn_9"`, `- id "conn_0"`}, []string{"which differs"},
		},
		"by sip_username, none of which is known": {
			by("sip_username", "agent"), []telepath.Trunk{{ID: "conn_bare"}},
			[]string{`No trunk has the sip_username "agent"; 1 trunk was searched.`}, []string{"closest", "empty"},
		},
		"a sip_username in place of an id": {
			by("id", "agent-0"), named("A", "B"),
			[]string{`No trunk has the id "agent-0"`, `A trunk has it as its sip_username, the one with the id "conn_0": set sip_username in place of id.`}, nil,
		},
		"an empty account": {
			by("id", "conn_9"), nil,
			[]string{"0 trunks were searched", "The account is empty"}, []string{"closest"},
		},
		"a name of 10 kB": {
			by("name", strings.Repeat("x", 10_000)), named(strings.Repeat("x", 10_001)),
			[]string{`"` + strings.Repeat("x", 100) + `"…`}, []string{strings.Repeat("x", 101)},
		},
		"a name that a terminal would obey": {
			by("name", "A"), named("\x1b[2J\u202eA"),
			[]string{`"\x1b[2J\u202eA"`}, []string{"\x1b", "\u202e"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, problem := test.lookup.find(test.trunks)
			if problem == nil {
				t.Fatal("found one")
			}

			wantInOrder(t, problem.Detail(), test.want)

			for _, text := range test.not {
				if strings.Contains(problem.Detail(), text) {
					t.Errorf("the error speaks of %q: %s", text, problem.Detail())
				}
			}
		})
	}
}

func TestLookupWithSeveralMatches(t *testing.T) {
	trunks := named("A", "B", "A")
	trunks[2].SIPUsername = nil

	_, problem := by("name", "A").find(trunks)
	if problem == nil {
		t.Fatal("found one")
	}

	wantInOrder(t, problem.Detail(), []string{`2 trunks have the name "A"`, "Look up by the id or the sip_username", `id "conn_0", sip_username "agent-0"`, `id "conn_2", without a sip_username`})

	_, problem = by("name", "A").find(named(strings.Split(strings.Repeat("A", 13), "")...))
	if problem == nil {
		t.Fatal("found one")
	}

	wantInOrder(t, problem.Detail(), []string{"13 trunks", `"conn_0"`, `"conn_9"`, "and 3 more"})

	trunks[2].SIPUsername = trunks[0].SIPUsername

	_, bySIPUsername := by("sip_username", "agent-0").find(trunks)
	if bySIPUsername == nil {
		t.Fatal("found one")
	}

	wantInOrder(t, bySIPUsername.Detail(), []string{"Look up by the id of one of these"})

	if strings.Contains(problem.Detail(), "conn_10") {
		t.Errorf("more than ten are named: %s", problem.Detail())
	}
}

// wantInOrder wants each of the parts in the text, one behind the other.
func wantInOrder(t *testing.T, text string, parts []string) {
	t.Helper()

	rest := text
	for _, part := range parts {
		_, after, ok := strings.Cut(rest, part)
		if !ok {
			t.Errorf("it does not speak of %q, in its place: %s", part, text)
			return
		}

		rest = after
	}
}
