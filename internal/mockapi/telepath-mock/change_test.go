// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestChangeShiftsTheList(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		trunks string
		pages  [][]string // The ids of each listing in turn.
	}{
		"the oldest goes and a new one comes": {"3", [][]string{
			{"conn_abc123xyz", "conn_def456uvw", "conn_000003"},
			{"conn_def456uvw", "conn_000003", "conn_000004"},
			{"conn_000003", "conn_000004", "conn_000005"},
		}},
		"a single trunk is replaced": {"1", [][]string{{"conn_abc123xyz"}, {"conn_000002"}, {"conn_000003"}}},
		"an empty account gets one":  {"0", [][]string{{}, {"conn_000001"}, {"conn_000002"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t, "-change", "-trunks", tt.trunks)
			for _, want := range tt.pages {
				_, body, err := c.get(t, "/trunks", "sk_a")
				if err != nil {
					t.Fatal(err)
				}
				if got := ids(t, body); !slices.Equal(got, want) {
					t.Errorf("ids %v, want %v", got, want)
				}
			}
		})
	}
}

func ids(t *testing.T, body string) []string {
	t.Helper()
	var page struct {
		Trunks []struct {
			ID string `json:"id"`
		} `json:"trunks"`
	}
	if err := json.Unmarshal([]byte(body), &page); err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, trunk := range page.Trunks {
		got = append(got, trunk.ID)
	}
	return got
}
