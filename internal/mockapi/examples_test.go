// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// The four Python examples of the reference page, request by request. They fetch as
// requests does: parameters as strings, headers as given, the status not looked at.

func TestExampleRequest(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		trunks int
		want   []string
	}{
		"the account of the page": {2, []string{
			"Found 1 trunks",
			" conn_abc123xyz: Production OpenAI Agent (active)",
		}},
		"an account without trunks": {0, []string{"Found 0 trunks"}},
		"an account with more on the next page": {250, append([]string{
			"Found 84 trunks",
			" conn_abc123xyz: Production OpenAI Agent (active)",
		}, generatedLines(4, 58, 3)...)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := serve(t, mockapi.New(mockapi.Trunks(tt.trunks)))
			data := fetch(t, base+"/trunks?limit=20&offset=0&status=active",
				http.Header{"Content-Type": {"application/json"}})
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
		"an account without trunks":         {0, 1},
		"the account of the page":           {2, 1},
		"a page that is just full":          {100, 1},
		"one trunk more than a page":        {101, 2},
		"two pages that are just full":      {200, 2},
		"two full pages and half of a page": {250, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := mockapi.New(mockapi.Trunks(tt.trunks))
			base := serve(t, api)
			var all list
			const limit = 100
			for offset := 0; ; offset += limit {
				data := fetch(t, fmt.Sprintf("%s/trunks?limit=%d&offset=%d", base, limit, offset), nil)
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
		"the account of the page has none": {2, "0 trunks need attention"},
		"one":                              {3, "1 trunks need attention"},
		// There are 83, but the example does not ask for more than a default page.
		"more than a page": {250, "20 trunks need attention"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := serve(t, mockapi.New(mockapi.Trunks(tt.trunks)))
			data := fetch(t, base+"/trunks?status=error", nil)
			if got := fmt.Sprintf("%d trunks need attention", len(data.Trunks)); got != tt.want {
				t.Errorf("printed %q, want %q", got, tt.want)
			}
		})
	}
}

func TestExampleMonitorPerformance(t *testing.T) {
	t.Parallel()
	weak := mockapi.ReferenceTrunks()
	weak[0].Metrics.SuccessRate = 94.9
	weak[1].Metrics.AvgLatencyMS = 301
	atTheLimit := mockapi.ReferenceTrunks()
	atTheLimit[0].Metrics.SuccessRate = 95
	atTheLimit[1].Metrics.AvgLatencyMS = 300
	tests := map[string]struct {
		account []mockapi.Trunk
		want    string
	}{
		"the account of the page is well":  {mockapi.ReferenceTrunks(), ""},
		"metrics at their limits are well": {atTheLimit, ""},
		"metrics past their limits": {
			weak,
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
			data := fetch(t, serve(t, mockapi.New(tt.account))+"/trunks", nil)
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

// fetch is requests.get(url, headers).json() with the key of the examples.
func fetch(t *testing.T, url string, header http.Header) list {
	t.Helper()
	req := request(t, url)
	for key, values := range header {
		req.Header[key] = values
	}
	got := do(t, req)
	if got.err != nil {
		t.Fatal(got.err)
	}
	return decode(t, strings.NewReader(got.body))
}
