// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestTrunkIsSentAs(t *testing.T) {
	t.Parallel()
	const after = "],\n\"pagination\": {\n\"limit\": 20,\n\"offset\": 0,\n\"total\": 1\n}\n}"
	tests := map[string]struct {
		trunk  mockapi.Trunk
		status int
		want   string
	}{
		"empty fields are sent empty": {
			mockapi.Trunk{ID: "conn_1"}, http.StatusOK,
			"{\n\"trunks\": [\n{\n\"id\": \"conn_1\",\n\"name\": \"\",\n\"status\": \"\",\n\"ai_provider\": \"\",\n" +
				"\"sip_username\": \"\",\n\"created_at\": \"\",\n\"updated_at\": \"\",\n\"metrics\": {\n" +
				"\"calls_today\": 0,\n\"success_rate\": 0,\n\"avg_latency_ms\": 0\n}\n}\n" + after,
		},
		"characters special to HTML are not escaped": {
			mockapi.Trunk{JSON: `{"name":"<A & B>"}`}, http.StatusOK,
			"{\n\"trunks\": [\n{\n\"name\": \"<A & B>\"\n}\n" + after,
		},
		"own JSON replaces the fields and keeps how numbers are written": {
			mockapi.Trunk{ID: "conn_1", JSON: `{"id":null,"metrics":{"avg_latency_ms":187.0}}`}, http.StatusOK,
			"{\n\"trunks\": [\n{\n\"id\": null,\n\"metrics\": {\n\"avg_latency_ms\": 187.0\n}\n}\n" + after,
		},
		"own JSON that is not an object is sent": {
			mockapi.Trunk{ID: "conn_1", JSON: `null`}, http.StatusOK,
			"{\n\"trunks\": [\nnull\n" + after,
		},
		"own JSON that is broken is sent broken": {
			mockapi.Trunk{ID: "conn_1", JSON: `{"id":`}, http.StatusOK,
			`{"trunks":[{"id":],"pagination":{"limit":20,"offset":0,"total":1}}`,
		},
		"a rate that JSON cannot hold is a server error that names the trunk": {
			mockapi.Trunk{ID: "conn_1", Metrics: mockapi.Metrics{SuccessRate: math.NaN()}},
			http.StatusInternalServerError,
			"{\n\"error\": {\n\"code\": \"internal_error\",\n\"message\": \"trunk \\\"conn_1\\\": " +
				"encoding JSON: json: unsupported value: NaN\",\n\"status\": 500\n}\n}",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := ask(t, mockapi.New([]mockapi.Trunk{tt.trunk}), "/v1/trunks")
			if rec.Code != tt.status {
				t.Errorf("status %d, want %d", rec.Code, tt.status)
			}
			if diff := cmp.Diff(tt.want, rec.Body.String()); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTrunkFieldsAreNotEscapedForHTML(t *testing.T) {
	t.Parallel()
	rec := ask(t, mockapi.New([]mockapi.Trunk{{Name: "<A & B> — ü"}}), "/v1/trunks")
	if want := "\"name\": \"<A & B> — ü\",\n"; !strings.Contains(rec.Body.String(), want) {
		t.Errorf("the body lacks %q:\n%s", want, rec.Body)
	}
}
