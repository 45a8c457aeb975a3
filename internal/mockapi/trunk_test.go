// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	_ "embed"
	"math"
	"net/http"
	"reflect"
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

func TestResponsesAreThoseOfTheReferencePage(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		target, key string
		status      int
		want        string
	}{
		"the example request gets the example response": {
			"/v1/trunks?limit=20&offset=0", "Bearer " + mockapi.ExampleKey, http.StatusOK, referenceTrunks,
		},
		"no parameters get the same as the defaults": {
			"/v1/trunks", "Bearer " + mockapi.ExampleKey, http.StatusOK, referenceTrunks,
		},
		"no key gets the example of 401": {
			"/v1/trunks", "", http.StatusUnauthorized, referenceUnauthorized,
		},
		"a limit above the range gets the example of 400": {
			"/v1/trunks?limit=101", "Bearer " + mockapi.ExampleKey, http.StatusBadRequest, referenceInvalid,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := serve(t, mockapi.New(mockapi.ReferenceTrunks()))
			req := request(t, base[:len(base)-len("/v1")]+tt.target)
			req.Header.Del("Authorization")
			if tt.key != "" {
				req.Header.Set("Authorization", tt.key)
			}
			got := do(t, req)
			if got.status != tt.status {
				t.Errorf("status %d, want %d", got.status, tt.status)
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

func TestTrunkIsSentAs(t *testing.T) {
	t.Parallel()
	const after = "],\n\"pagination\": {\n\"limit\": 20,\n\"offset\": 0,\n\"total\": 1\n}\n}"
	tests := map[string]struct {
		trunk mockapi.Trunk
		want  string
	}{
		"empty fields are sent empty": {
			mockapi.Trunk{ID: "conn_1"},
			"{\n\"trunks\": [\n{\n\"id\": \"conn_1\",\n\"name\": \"\",\n\"status\": \"\",\n\"ai_provider\": \"\",\n" +
				"\"sip_username\": \"\",\n\"created_at\": \"\",\n\"updated_at\": \"\",\n\"metrics\": {\n" +
				"\"calls_today\": 0,\n\"success_rate\": 0,\n\"avg_latency_ms\": 0\n}\n}\n" + after,
		},
		"HTML characters are not escaped": {
			mockapi.Trunk{JSON: `{"name":"<A & B>"}`},
			"{\n\"trunks\": [\n{\n\"name\": \"<A & B>\"\n}\n" + after,
		},
		"JSON replaces all fields and keeps how numbers are written": {
			mockapi.Trunk{ID: "conn_1", JSON: `{"id":null,"metrics":{"avg_latency_ms":187.0}}`},
			"{\n\"trunks\": [\n{\n\"id\": null,\n\"metrics\": {\n\"avg_latency_ms\": 187.0\n}\n}\n" + after,
		},
		"JSON of another type is sent": {
			mockapi.Trunk{ID: "conn_1", JSON: `null`},
			"{\n\"trunks\": [\nnull\n" + after,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := get(t, mockapi.New([]mockapi.Trunk{tt.trunk}), "/v1/trunks")
			if rec.Code != http.StatusOK {
				t.Errorf("status %d, want 200", rec.Code)
			}
			if diff := cmp.Diff(tt.want, rec.Body.String()); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTrunkThatIsNotJSONIsAServerError(t *testing.T) {
	t.Parallel()
	for _, trunk := range []mockapi.Trunk{{JSON: `{"id":`}, {Metrics: mockapi.Metrics{SuccessRate: math.NaN()}}} {
		rec := get(t, mockapi.New([]mockapi.Trunk{trunk}), "/v1/trunks")
		if rec.Code != http.StatusInternalServerError || !strings.Contains(rec.Body.String(), `"code": "internal_error"`) {
			t.Errorf("status %d with %s, want 500", rec.Code, rec.Body)
		}
	}
}

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

func TestGeneratedTrunkContinuesTrunks(t *testing.T) {
	t.Parallel()
	trunks := mockapi.Trunks(100)
	for number := 3; number <= len(trunks); number++ {
		if trunks[number-1] != mockapi.GeneratedTrunk(number) {
			t.Fatalf("trunk %d: %+v in Trunks, GeneratedTrunk returns %+v", number, trunks[number-1], mockapi.GeneratedTrunk(number))
		}
	}
}

// TestTrunksHaveAllFields fails if a field was added to Trunk but not to the generator
// or to the reference trunks.
func TestTrunksHaveAllFields(t *testing.T) {
	t.Parallel()
	for name, trunk := range map[string]mockapi.Trunk{
		"the first reference trunk": mockapi.ReferenceTrunks()[0],
		"a generated trunk":         mockapi.GeneratedTrunk(3),
	} {
		for _, field := range zeroFields(reflect.ValueOf(trunk)) {
			t.Errorf("%s lacks %s", name, field)
		}
	}
}

// zeroFields returns the names of the fields that are sent and have their zero value.
func zeroFields(v reflect.Value) []string {
	var names []string
	for field, value := range v.Fields() {
		switch {
		case field.Tag.Get("json") == "-":
		case field.Type.Kind() == reflect.Struct:
			names = append(names, zeroFields(value)...)
		case value.IsZero():
			names = append(names, field.Name)
		}
	}
	return names
}

func TestTrunksAreAConsistentAccount(t *testing.T) {
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
			t.Fatalf("trunk %d: id %s is a duplicate", i, trunk.ID)
		case names[trunk.SIPUsername]:
			t.Fatalf("trunk %d: SIP username %s is a duplicate", i, trunk.SIPUsername)
		case !created.After(before):
			t.Fatalf("trunk %d: created_at %s is not after the one before", i, trunk.CreatedAt)
		case updated.Before(created):
			t.Fatalf("trunk %d: updated_at %s is before created_at %s", i, trunk.UpdatedAt, trunk.CreatedAt)
		case trunk.Status != statuses[i%3] || trunk.AIProvider != providers[i%3]:
			t.Fatalf("trunk %d: status %s and provider %s are out of turn", i, trunk.Status, trunk.AIProvider)
		case m.SuccessRate < 0 || m.SuccessRate > 100 || m.SuccessRate != rounded:
			t.Fatalf("trunk %d: success rate %v is not a percentage with one decimal", i, m.SuccessRate)
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

// TestLargestAccount checks the end of the largest account that the command serves.
func TestLargestAccount(t *testing.T) {
	t.Parallel()
	previous, last := mockapi.GeneratedTrunk(999_999), mockapi.GeneratedTrunk(1_000_000)
	if last.ID != "conn_1000000" {
		t.Errorf("id %s, want conn_1000000", last.ID)
	}
	if !parseTime(t, last.CreatedAt).After(parseTime(t, previous.CreatedAt)) {
		t.Errorf("created_at %s is not after %s", last.CreatedAt, previous.CreatedAt)
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
