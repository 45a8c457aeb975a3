// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// readBodies configures one data source, named after its position, for each body that an API
// responds with.
func readBodies(t *testing.T, faults []mockapi.Fault) *terraform {
	t.Helper()

	var configuration strings.Builder

	for i, fault := range faults {
		api := mockapi.New(nil)
		api.Fail(-1, fault)
		fmt.Fprintf(&configuration, `
provider "telepath" {
  alias       = "r%[1]d"
  api_key     = %[2]q
  base_url    = %[3]q
  max_retries = 0
}
data "telepath_trunks" "r%[1]d" {
  provider = telepath.r%[1]d
}
`, i, testKey, startAPI(t, api))
	}

	tf := newTerraform(t, nil)
	tf.configure(t, configuration.String())

	return tf
}

// The list has what the response says, and nothing else. The client's tests cover more bodies.
func TestAccResponseLists(t *testing.T) {
	t.Parallel()

	bodies := []struct {
		body string
		want []string
	}{
		{`{"trunks":[{"id":"conn_a","ID":"42","name":"n"}],"pagination":{"total":1}}`, []string{"conn_a"}},
		{`{"trunks":[{"id":"a"},{"id":"b"}],"pagination":{"limit":100,"total":2,"Total":0},"Trunks":[]}`, []string{"a", "b"}},
		{"\ufeff" + `{"trunks":[{"id":"a"}],"pagination":{"total":1}}`, []string{"a"}},
		{`{"trunks":null,"pagination":{"limit":100,"offset":0,"total":0}}`, []string{}},
	}

	var (
		faults  []mockapi.Fault
		outputs strings.Builder
	)

	for i, test := range bodies {
		faults = append(faults, mockapi.Body(http.StatusOK, "application/json", test.body))

		fmt.Fprintf(&outputs, "output \"r%[1]d\" { value = data.telepath_trunks.r%[1]d.ids }\n", i)
	}

	tf := readBodies(t, faults)
	tf.write(t, "outputs.tf", outputs.String())
	tf.apply(t)

	for i, test := range bodies {
		if diff := cmp.Diff(test.want, output[[]string](t, tf, fmt.Sprintf("r%d", i))); diff != "" {
			t.Errorf("%s: %s", test.body, diff)
		}
	}
}

func TestAccResponseErrors(t *testing.T) {
	t.Parallel()

	page := func(body string) mockapi.Fault { return mockapi.Body(http.StatusOK, "application/json", body) }
	refusal := func(body string) mockapi.Fault {
		return mockapi.Body(http.StatusForbidden, "application/json", body)
	}

	const altered = "proxy or cache between this machine and 127.0.0.1"

	tests := []struct {
		fault mockapi.Fault
		texts []string
	}{
		{
			page(`{"trunks":[{"id":"a"},{"id":"b"}],"trunks":[],"pagination":{"total":2,"total":0}}`),
			[]string{"Unexpected response from the Telepath API", `it has the key "trunks" twice at /trunks, byte 34`, altered},
		},
		{
			page(`{"trunks":[{"id":"a","name":"Caf` + "\xe9" + `"}],"pagination":{"total":1}}`),
			[]string{"Unexpected response from the Telepath API", "a byte that is not UTF-8 at /trunks/0/name, byte 32", altered},
		},
		{
			page(`{"trunks":[],"pagination":{"total":0}}<!-- cached -->`),
			[]string{"Unexpected response from the Telepath API", "an unexpected character at byte 38", "<!-- cached -->", altered},
		},
		{
			page(`{"trunks":[{"id":7}],"pagination":{"total":1}}`),
			[]string{"Unexpected response from the Telepath API", "an unexpected number at /trunks/0/id, byte 17", "newest version of the provider"},
		},
		{
			page(`{"error":{"code":"unauthorized","message":"Invalid or expired API key"}}`),
			[]string{"Unexpected response from the Telepath API", "200 OK: unauthorized: Invalid or expired API key", "the error above"},
		},
		{
			refusal(`{"error":{"code":403,"message":"Key lacks scope trunks:read"}}`),
			[]string{"Telepath API access denied", "403 Forbidden: Key lacks scope trunks:read (request ID", "check that the key may read trunks"},
		},
		{
			refusal(`{"type":"about:blank","title":"Forbidden","detail":"Blocked by policy"}`),
			[]string{"Telepath API access denied", "403 Forbidden: Blocked by policy (request ID", "check that the key may read trunks"},
		},
		{
			mockapi.WithHeader("Content-Encoding", "gzip", page(`{"trunks":[],"pagination":{"total":0}}`)),
			[]string{"Unexpected response from the Telepath API", "the gzip encoding of the response is damaged", altered},
		},
	}

	var faults []mockapi.Fault
	for _, test := range tests {
		faults = append(faults, test.fault)
	}

	tf := readBodies(t, faults)
	stdout, _, _ := tf.run(t, "plan", "-json")
	found := map[string]string{}

	for line := range strings.Lines(stdout) {
		var message struct {
			Diagnostic struct{ Summary, Detail, Address string }
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Fatal(err)
		}

		found[message.Diagnostic.Address] += message.Diagnostic.Summary + "\n" + message.Diagnostic.Detail
	}

	for i, test := range tests {
		wantInOrder(t, found[fmt.Sprintf("data.telepath_trunks.r%d", i)], test.texts)
	}
}
