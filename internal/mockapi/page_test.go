// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestParametersAreParsed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		query string
		want  mockapi.Query
	}{
		"none are the defaults":                {"", mockapi.Query{Limit: 20}},
		"the smallest limit":                   {"?limit=1", mockapi.Query{Limit: 1}},
		"the largest limit":                    {"?limit=100", mockapi.Query{Limit: 100}},
		"the smallest offset":                  {"?offset=0", mockapi.Query{Limit: 20}},
		"an offset past every account":         {"?offset=9223372036854775807", mockapi.Query{Limit: 20, Offset: 1<<63 - 1}},
		"each status: active":                  {"?status=active", mockapi.Query{Limit: 20, Status: "active"}},
		"each status: inactive":                {"?status=inactive", mockapi.Query{Limit: 20, Status: "inactive"}},
		"each status: error":                   {"?status=error", mockapi.Query{Limit: 20, Status: "error"}},
		"all three in any order":               {"?status=error&offset=3&limit=2", mockapi.Query{Limit: 2, Offset: 3, Status: "error"}},
		"an empty query string after the mark": {"?", mockapi.Query{Limit: 20}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got mockapi.Query
			api := mockapi.New(nil)
			api.OnQuery(func(_ int, q *mockapi.Query) { got = *q })
			if rec := get(t, api, "/v1/trunks"+tt.query); rec.Code != http.StatusOK {
				t.Fatalf("status %d, want 200: %s", rec.Code, rec.Body)
			}
			if got != tt.want {
				t.Errorf("query %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestParametersAreRefused(t *testing.T) {
	t.Parallel()
	const (
		limit   = "limit must be between 1 and 100"
		offset  = "offset must be an integer of 0 or more"
		status  = "status must be one of active, inactive, error"
		unknown = `unknown parameter "page": the parameters are limit, offset and status`
		broken  = "the query string is malformed"
	)
	tests := map[string]struct{ query, message string }{
		"a limit of zero":                    {"limit=0", limit},
		"a limit above the range":            {"limit=101", limit},
		"a limit below zero":                 {"limit=-1", limit},
		"a limit with a plus sign":           {"limit=%2B1", limit},
		"a limit with a space":               {"limit=+1", limit},
		"a limit with a fraction":            {"limit=1.0", limit},
		"an empty limit":                     {"limit=", limit},
		"a limit above every integer":        {"limit=18446744073709551617", limit},
		"a limit given twice":                {"limit=1&limit=1", "limit must be given only once"},
		"an offset below zero":               {"offset=-1", offset},
		"an offset with a fraction":          {"offset=0.5", offset},
		"an empty offset":                    {"offset=", offset},
		"an offset above every integer":      {"offset=9223372036854775808", offset},
		"an offset given twice":              {"offset=0&offset=0", "offset must be given only once"},
		"a status that does not exist":       {"status=deleted", status},
		"a status in upper case":             {"status=Active", status},
		"two statuses in one":                {"status=active,error", status},
		"an empty status":                    {"status=", status},
		"a status given twice":               {"status=active&status=active", "status must be given only once"},
		"an unknown parameter":               {"page=2", unknown},
		"a parameter in upper case":          {"Limit=1", `unknown parameter "Limit": the parameters are limit, offset and status`},
		"a good parameter and an unknown":    {"limit=1&page=2", unknown},
		"a semicolon between parameters":     {"limit=1;offset=1", broken},
		"the first of several, by name":      {"status=x&offset=x&limit=x", limit},
		"a parameter with an array's suffix": {"status[]=active", `unknown parameter "status[]": the parameters are limit, offset and status`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := mockapi.New(nil)
			api.OnQuery(func(int, *mockapi.Query) { t.Error("the query was accepted") })
			// Set by hand: no client would send some of these as a URL.
			req := request(t, "/v1/trunks")
			req.URL.RawQuery = tt.query
			rec := record(api, req)
			var got struct {
				Error struct {
					Code    string `json:"code"`
					Message string `json:"message"`
				} `json:"error"`
			}
			if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if rec.Code != http.StatusBadRequest || got.Error.Code != "invalid_parameters" {
				t.Errorf("status %d with code %s, want 400 with invalid_parameters", rec.Code, got.Error.Code)
			}
			if got.Error.Message != tt.message {
				t.Errorf("message %q, want %q", got.Error.Message, tt.message)
			}
		})
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	account := []mockapi.Trunk{
		{ID: "a", Status: "active"},
		{ID: "b", Status: "error"},
		{ID: "c", Status: "active"},
		{ID: "d", Status: "paused"},
		{ID: "e", Status: "active", JSON: `{"id":"e"}`},
	}
	tests := map[string]struct {
		query string
		ids   []string
		total int
	}{
		"all":                                   {"", []string{"a", "b", "c", "d", "e"}, 5},
		"the first page":                        {"?limit=2", []string{"a", "b"}, 5},
		"a page in the middle":                  {"?limit=2&offset=2", []string{"c", "d"}, 5},
		"the last page is shorter":              {"?limit=2&offset=4", []string{"e"}, 5},
		"an offset just past the end":           {"?offset=5", []string{}, 5},
		"an offset far past the end":            {"?offset=9223372036854775807", []string{}, 5},
		"a filter counts what matches":          {"?status=active", []string{"a", "c", "e"}, 3},
		"an offset counts what matches":         {"?status=active&offset=1&limit=1", []string{"c"}, 3},
		"an offset past what matches":           {"?status=active&offset=3", []string{}, 3},
		"a filter that nothing matches":         {"?status=inactive", []string{}, 0},
		"a trunk with its own JSON is filtered": {"?status=active&offset=2", []string{"e"}, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := decode(t, get(t, mockapi.New(account), "/v1/trunks"+tt.query).Body)
			if diff := cmp.Diff(tt.ids, got.ids()); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
			if got.Pagination.Total != tt.total {
				t.Errorf("total %d, want %d", got.Pagination.Total, tt.total)
			}
		})
	}
}

func TestPagePastTheEndIsAnEmptyList(t *testing.T) {
	t.Parallel()
	rec := get(t, mockapi.New(mockapi.ReferenceTrunks()), "/v1/trunks?limit=7&offset=2")
	const want = "{\n\"trunks\": [],\n\"pagination\": {\n\"limit\": 7,\n\"offset\": 2,\n\"total\": 2\n}\n}"
	if rec.Code != http.StatusOK {
		t.Errorf("status %d, want 200", rec.Code)
	}
	if diff := cmp.Diff(want, rec.Body.String()); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

// The four Python examples of the reference page, request by request.

func TestExampleRequest(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		trunks int
		want   []string
	}{
		"the reference account": {2, []string{
			"Found 1 trunks",
			" conn_abc123xyz: Production OpenAI Agent (active)",
		}},
		"an account without trunks": {0, []string{"Found 0 trunks"}},
		"more trunks than a page": {250, append([]string{
			"Found 84 trunks",
			" conn_abc123xyz: Production OpenAI Agent (active)",
		}, generatedLines(4, 58, 3)...)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := serve(t, mockapi.New(mockapi.Trunks(tt.trunks)))
			data := fetch(t, base+"/trunks?limit=20&offset=0&status=active")
			printed := []string{fmt.Sprintf("Found %d trunks", data.Pagination.Total)}
			for _, trunk := range data.Trunks {
				printed = append(printed, fmt.Sprintf(" %s: %s (%s)", trunk.ID, trunk.Name, trunk.Status))
			}
			if diff := cmp.Diff(tt.want, printed); diff != "" {
				t.Errorf("(-want +printed):\n%s", diff)
			}
		})
	}
}

// generatedLines are the lines of generated active trunks, from number first to last.
func generatedLines(first, last, step int) []string {
	var printed []string
	for number := first; number <= last; number += step {
		printed = append(printed, fmt.Sprintf(" conn_%06[1]d: Generated openai Agent %06[1]d (active)", number))
	}
	return printed
}

func TestExamplePagination(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ trunks, requests int }{
		"an account without trunks":  {0, 1},
		"a full page":                {100, 1},
		"one trunk more than a page": {101, 2},
		"two and a half pages":       {250, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := mockapi.New(mockapi.Trunks(tt.trunks))
			base := serve(t, api)
			var all list
			const limit = 100
			for offset := 0; ; offset += limit {
				data := fetch(t, fmt.Sprintf("%s/trunks?limit=%d&offset=%d", base, limit, offset))
				all.Trunks = append(all.Trunks, data.Trunks...)
				if offset+limit >= data.Pagination.Total {
					break
				}
			}
			want := make([]string, 0, tt.trunks)
			for _, trunk := range mockapi.Trunks(tt.trunks) {
				want = append(want, trunk.ID)
			}
			if diff := cmp.Diff(want, all.ids()); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
			if got := len(api.Requests()); got != tt.requests {
				t.Errorf("%d requests, want %d", got, tt.requests)
			}
		})
	}
}

func TestExampleFilterByStatus(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		trunks int
		want   string
	}{
		"none": {2, "0 trunks need attention"},
		"one":  {3, "1 trunks need attention"},
		// There are 83, but the example requests one page.
		"more than a page": {250, "20 trunks need attention"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := serve(t, mockapi.New(mockapi.Trunks(tt.trunks)))
			data := fetch(t, base+"/trunks?status=error")
			if got := fmt.Sprintf("%d trunks need attention", len(data.Trunks)); got != tt.want {
				t.Errorf("printed %q, want %q", got, tt.want)
			}
		})
	}
}

func TestExampleMonitorPerformance(t *testing.T) {
	t.Parallel()
	unhealthy := mockapi.ReferenceTrunks()
	unhealthy[0].Metrics.SuccessRate = 94.9
	unhealthy[1].Metrics.AvgLatencyMS = 301
	atTheLimit := mockapi.ReferenceTrunks()
	atTheLimit[0].Metrics.SuccessRate = 95
	atTheLimit[1].Metrics.AvgLatencyMS = 300
	tests := map[string]struct {
		account []mockapi.Trunk
		want    string
	}{
		"the reference account is healthy":    {mockapi.ReferenceTrunks(), ""},
		"metrics at their limits are healthy": {atTheLimit, ""},
		"metrics past their limits": {
			unhealthy,
			"ALERT: Production OpenAI Agent — success=94.9%, latency=187ms\n" +
				"ALERT: Staging ElevenLabs Agent — success=95.2%, latency=301ms\n",
		},
		"a generated account, on its first page": {
			mockapi.Trunks(250), "ALERT: Generated elevenlabs Agent 000008 — success=64.9%, latency=211ms\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := fetch(t, serve(t, mockapi.New(tt.account))+"/trunks")
			var printed strings.Builder
			for _, trunk := range data.Trunks {
				m := trunk.Metrics
				if m.SuccessRate < 95 || m.AvgLatencyMS > 300 {
					fmt.Fprintf(&printed, "ALERT: %s — success=%s%%, latency=%dms\n",
						trunk.Name, strconv.FormatFloat(m.SuccessRate, 'f', -1, 64), m.AvgLatencyMS)
				}
			}
			if diff := cmp.Diff(tt.want, printed.String()); diff != "" {
				t.Errorf("(-want +printed):\n%s", diff)
			}
		})
	}
}

// fetch is requests.get(url).json() with the key and headers of the examples.
func fetch(t *testing.T, url string) list {
	t.Helper()
	req := request(t, url)
	req.Header.Set("Content-Type", "application/json")
	got := do(t, req)
	if got.err != nil {
		t.Fatal(got.err)
	}
	return decode(t, strings.NewReader(got.body))
}
