// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestTrunksStartWithTheReference(t *testing.T) {
	t.Parallel()
	reference := mockapi.ReferenceTrunks()
	tests := map[string]struct {
		n     int
		first []mockapi.Trunk
	}{
		"a negative number makes none": {-1, nil},
		"zero makes none":              {0, nil},
		"one is the first":             {1, reference[:1]},
		"two are both":                 {2, reference},
		"three are both and another":   {3, reference},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mockapi.Trunks(tt.n)
			if len(got) != max(tt.n, 0) {
				t.Fatalf("%d trunks, want %d", len(got), tt.n)
			}
			if !slices.Equal(got[:len(tt.first)], tt.first) {
				t.Errorf("starts with %+v, want %+v", got[:len(tt.first)], tt.first)
			}
		})
	}
}

func TestTrunksAreTheSameEveryTime(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(mockapi.Trunks(500), mockapi.Trunks(1000)[:500]); diff != "" {
		t.Errorf("(-shorter +longer):\n%s", diff)
	}
}

func TestGeneratedTrunkContinuesTrunks(t *testing.T) {
	t.Parallel()
	trunks := mockapi.Trunks(100)
	for number := 3; number <= len(trunks); number++ {
		if diff := cmp.Diff(trunks[number-1], mockapi.GeneratedTrunk(number)); diff != "" {
			t.Fatalf("trunk %d (-Trunks +GeneratedTrunk):\n%s", number, diff)
		}
	}
	if diff := cmp.Diff(mockapi.GeneratedTrunk(1), mockapi.GeneratedTrunk(-7)); diff != "" {
		t.Errorf("a number below 1 is not taken as 1 (-want +got):\n%s", diff)
	}
}

func TestTrunksKeepTheRulesOfAnAccount(t *testing.T) {
	t.Parallel()
	statuses := []string{"active", "inactive", "error"}
	providers := []string{"openai", "elevenlabs", "custom"}
	trunks := mockapi.Trunks(50_000)
	ids := make(map[string]bool, len(trunks))
	names := make(map[string]bool, len(trunks))
	var before time.Time
	alerts := 0
	for i := range trunks {
		trunk := &trunks[i]
		created, updated := parseTime(t, trunk.CreatedAt), parseTime(t, trunk.UpdatedAt)
		m := trunk.Metrics
		rounded := math.Round(m.SuccessRate*10) / 10
		switch {
		case ids[trunk.ID]:
			t.Fatalf("trunk %d: id %s is there twice", i, trunk.ID)
		case names[trunk.SIPUsername]:
			t.Fatalf("trunk %d: SIP username %s is there twice", i, trunk.SIPUsername)
		case !created.After(before):
			t.Fatalf("trunk %d: created_at %s is not after the one before", i, trunk.CreatedAt)
		case updated.Before(created):
			t.Fatalf("trunk %d: updated_at %s is before created_at %s", i, trunk.UpdatedAt, trunk.CreatedAt)
		case trunk.Status != statuses[i%3] || trunk.AIProvider != providers[i%3]:
			t.Fatalf("trunk %d: status %s and provider %s are out of turn", i, trunk.Status, trunk.AIProvider)
		case m.SuccessRate < 0 || m.SuccessRate > 100 || m.SuccessRate != rounded:
			t.Fatalf("trunk %d: success rate %v is no percentage with one decimal", i, m.SuccessRate)
		case m.CallsToday < 0 || m.AvgLatencyMS <= 0:
			t.Fatalf("trunk %d: metrics %+v", i, m)
		}
		if m.SuccessRate < 95 || m.AvgLatencyMS > 300 {
			alerts++
		}
		ids[trunk.ID], names[trunk.SIPUsername], before = true, true, created
	}
	if want := len(trunks) / 25; alerts != want {
		t.Errorf("%d trunks are unhealthy, want %d", alerts, want)
	}
}

// TestTrunksOfAMillion looks at the far end of the largest account that a client accepts.
func TestTrunksOfAMillion(t *testing.T) {
	t.Parallel()
	before, last := mockapi.GeneratedTrunk(999_999), mockapi.GeneratedTrunk(1_000_000)
	if last.ID != "conn_1000000" {
		t.Errorf("id %s, want conn_1000000", last.ID)
	}
	if !parseTime(t, last.CreatedAt).After(parseTime(t, before.CreatedAt)) {
		t.Errorf("created_at %s is not after %s", last.CreatedAt, before.CreatedAt)
	}
	if parseTime(t, last.UpdatedAt).Before(parseTime(t, last.CreatedAt)) {
		t.Errorf("updated_at %s is before created_at %s", last.UpdatedAt, last.CreatedAt)
	}
}

func parseTime(t *testing.T, text string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
