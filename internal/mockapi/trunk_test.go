// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	_ "embed"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// The reference page's Example Response and Error Responses, byte for byte.
var (
	//go:embed reference_trunks.json
	referenceTrunks string
	//go:embed testdata/unauthorized.json
	referenceUnauthorized string
	//go:embed testdata/invalid_parameters.json
	referenceInvalid string
)

func TestReferencePageExamples(t *testing.T) {
	t.Parallel()

	const key = "Bearer " + mockapi.ExampleKey

	tests := map[string]struct {
		query, auth string
		status      int
		want        string
	}{
		"response":            {"?limit=20&offset=0", key, http.StatusOK, referenceTrunks},
		"default parameters":  {"", key, http.StatusOK, referenceTrunks},
		"unauthorized":        {"", "", http.StatusUnauthorized, referenceUnauthorized},
		"parameters rejected": {"?limit=101", key, http.StatusBadRequest, referenceInvalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := request(t, serve(t, mockapi.New(mockapi.ReferenceTrunks()))+"/trunks"+tt.query)
			req.Header.Set("Authorization", tt.auth)

			got := do(req)
			if got.err != nil || got.status != tt.status {
				t.Errorf("status %d (%v), want %d", got.status, got.err, tt.status)
			}

			if diff := cmp.Diff(tt.want, got.body); diff != "" {
				t.Errorf("body differs from the reference page (-want +got):\n%s", diff)
			}

			if got := got.header.Get("Content-Type"); got != "application/json" {
				t.Errorf("Content-Type %q, want application/json", got)
			}
		})
	}
}

func TestTrunkJSON(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		trunk mockapi.Trunk
		want  string
	}{
		"HTML is not escaped": {mockapi.Trunk{JSON: `{"name":"<A & B>"}`}, "{\n\"name\": \"<A & B>\"\n}"},
		"JSON replaces all fields and keeps the form of numbers": {
			mockapi.Trunk{ID: "conn_1", JSON: `{"id":null,"metrics":{"avg_latency_ms":187.0}}`},
			"{\n\"id\": null,\n\"metrics\": {\n\"avg_latency_ms\": 187.0\n}\n}",
		},
		"JSON of another type": {mockapi.Trunk{ID: "conn_1", JSON: `null`}, "null"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := get(t, mockapi.New([]mockapi.Trunk{tt.trunk}), "/v1/trunks")

			want := "{\n\"trunks\": [\n" + tt.want + "\n],\n\"pagination\": {\n\"limit\": 20,\n\"offset\": 0,\n\"total\": 1\n}\n}"
			if diff := cmp.Diff(want, rec.Body.String()); rec.Code != http.StatusOK || diff != "" {
				t.Errorf("status %d, body (-want +got):\n%s", rec.Code, diff)
			}
		})
	}
}

func TestEmptyFieldsAreSent(t *testing.T) {
	t.Parallel()

	names := func(trunk mockapi.Trunk) []string {
		return regexp.MustCompile(`"\w+": `).FindAllString(get(t, mockapi.New([]mockapi.Trunk{trunk}), "/v1/trunks").Body.String(), -1)
	}
	if diff := cmp.Diff(names(mockapi.GeneratedTrunk(3)), names(mockapi.Trunk{})); diff != "" {
		t.Errorf("fields of a full trunk (-) and of an empty one (+): %s", diff)
	}
}

func TestNoTrunksAreAnEmptyArray(t *testing.T) {
	t.Parallel()

	const want = "{\n\"trunks\": [],\n\"pagination\": {\n\"limit\": 7,\n\"offset\": 2,\n\"total\": 2\n}\n}"

	rec := get(t, mockapi.New(mockapi.ReferenceTrunks()), "/v1/trunks?limit=7&offset=2")
	if diff := cmp.Diff(want, rec.Body.String()); rec.Code != http.StatusOK || diff != "" {
		t.Errorf("status %d, body (-want +got):\n%s", rec.Code, diff)
	}
}

func TestInvalidTrunkJSONIsAServerError(t *testing.T) {
	t.Parallel()

	for _, trunk := range []mockapi.Trunk{{JSON: `{"id":`}, {Metrics: mockapi.Metrics{SuccessRate: math.NaN()}}} {
		rec := get(t, mockapi.New([]mockapi.Trunk{trunk}), "/v1/trunks")
		if rec.Code != http.StatusInternalServerError || !strings.Contains(rec.Body.String(), `"code": "internal_error"`) {
			t.Errorf("status %d with %s, want 500", rec.Code, rec.Body)
		}
	}
}

func TestTrunksStartWithTheReferenceTrunks(t *testing.T) {
	t.Parallel()

	want := append(mockapi.ReferenceTrunks(), mockapi.GeneratedTrunk(3), mockapi.GeneratedTrunk(4))
	for n := -1; n <= len(want); n++ {
		if got := mockapi.Trunks(n); !slices.Equal(got, want[:max(n, 0)]) {
			t.Errorf("%d trunks are %+v", n, got)
		}
	}
}

func TestGeneratedTrunk(t *testing.T) {
	t.Parallel()

	want := mockapi.Trunk{
		ID: "conn_000008", Name: "Generated elevenlabs Agent 000008", Status: "inactive", AIProvider: "elevenlabs",
		SIPUsername: "agent-000008", CreatedAt: "2024-02-10T09:06:00Z", UpdatedAt: "2024-02-10T16:06:00Z",
		Metrics: mockapi.Metrics{CallsToday: 259, SuccessRate: 64.9, AvgLatencyMS: 211},
	}
	if diff := cmp.Diff(want, mockapi.GeneratedTrunk(8)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// A field that was added to Trunk, but not to the generator, is empty.
	body := get(t, mockapi.New([]mockapi.Trunk{mockapi.GeneratedTrunk(3)}), "/v1/trunks").Body.String()

	trunk, _, _ := strings.Cut(body, "pagination")
	if empty := regexp.MustCompile(`".*": (""|0|false|null|\[\]|\{\}),?\n`).FindString(trunk); empty != "" {
		t.Errorf("empty field %s", empty)
	}
}

func TestGeneratedTrunksAreConsistent(t *testing.T) {
	t.Parallel()

	statuses := []string{"active", "inactive", "error"}
	providers := []string{"openai", "elevenlabs", "custom"}
	trunks := mockapi.Trunks(50_000)
	seen := make(map[string]bool, 2*len(trunks))

	var before time.Time

	alerts := 0

	for i := range trunks {
		trunk := &trunks[i]
		created, updated := parseTime(t, trunk.CreatedAt), parseTime(t, trunk.UpdatedAt)

		m := trunk.Metrics
		switch {
		case seen[trunk.ID] || seen[trunk.SIPUsername]:
			t.Fatalf("trunk %d: ID %s or SIP username %s is a duplicate", i, trunk.ID, trunk.SIPUsername)
		case !created.After(before) || updated.Before(created):
			t.Fatalf("trunk %d: created_at %s must be after %s and not after updated_at %s", i, created, before, updated)
		case trunk.Status != statuses[i%3] || trunk.AIProvider != providers[i%3]:
			t.Fatalf("trunk %d: status %s and provider %s are out of turn", i, trunk.Status, trunk.AIProvider)
		case m.SuccessRate < 0 || m.SuccessRate > 100 || m.SuccessRate != math.Round(m.SuccessRate*10)/10:
			t.Fatalf("trunk %d: success rate %v is not a percentage with one decimal", i, m.SuccessRate)
		case m.CallsToday < 0 || m.AvgLatencyMS <= 0:
			t.Fatalf("trunk %d: metrics %+v", i, m)
		}

		if m.SuccessRate < 95 || m.AvgLatencyMS > 300 {
			alerts++
		}

		seen[trunk.ID], seen[trunk.SIPUsername], before = true, true, created
	}

	if want := len(trunks) / 25; alerts != want {
		t.Errorf("%d trunks are unhealthy, want %d", alerts, want)
	}
}

// The command serves at most this account.
func TestLargestAccount(t *testing.T) {
	t.Parallel()

	previous, last := mockapi.GeneratedTrunk(999_999), mockapi.GeneratedTrunk(1_000_000)

	created, updated := parseTime(t, last.CreatedAt), parseTime(t, last.UpdatedAt)
	if last.ID != "conn_1000000" || !created.After(parseTime(t, previous.CreatedAt)) || updated.Before(created) {
		t.Errorf("trunk %+v after %+v", last, previous)
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
