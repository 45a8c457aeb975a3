// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// timeouts.read reaches the client, whose tests have the other cases.
func TestAccReadTimeout(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		setUp   func(api *mockapi.API)
		timeout string
		want    []string
	}{
		"the API does not respond": {
			func(api *mockapi.API) { api.Fail(-1, mockapi.Hang()) },
			"1s",
			[]string{"Error: Reading trunks took too long", "increase timeouts.read (currently 1s)"},
		},
		"the rate limit resets too late": {
			func(api *mockapi.API) { api.SetRateLimit(1, 10*time.Minute) },
			"59s",
			[]string{"Error: Telepath API rate limit reached", "timeouts.read", "59s"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.Trunks(250))
			test.setUp(api)

			failsWith(t, api, fmt.Sprintf("data \"telepath_trunks\" \"all\" {\n  timeouts = { read = %q }\n}\n", test.timeout), test.want...)
		})
	}
}

func TestAccReadTimeoutRejected(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.ReferenceTrunks())

	failsWith(t, api, `
data "telepath_trunk" "one" {
  id       = "conn_abc123xyz"
  timeouts = { read = "0s" }
}
`, "Error: Invalid duration", "with data.telepath_trunk.one", `"0s"`)
	wantNoRequest(t, api)
}

// Retries and waits within timeouts.read end in a complete list.
func TestAccReadRecovers(t *testing.T) {
	t.Parallel()

	for name, setUp := range map[string]func(api *mockapi.API){
		"from temporary errors": func(api *mockapi.API) {
			api.Fail(1, mockapi.Status(503))
			api.Fail(1, nil)
			api.Fail(1, mockapi.CutBody())
		},
		"from an exhausted rate limit": func(api *mockapi.API) { api.SetRateLimit(2, time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.Trunks(250))
			setUp(api)

			tf := newTerraform(t, api)
			tf.configure(t, `
data "telepath_trunks" "all" {}
output "trunks" { value = length(data.telepath_trunks.all.ids) }
`)

			if plan := tf.must(t, "plan"); !strings.Contains(plan, "+ trunks = 250\n") {
				t.Errorf("the plan does not have 250 trunks:\n%s", plan)
			}
		})
	}
}

func TestReadWarnsOfLongWait(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		longWait time.Duration
		want     int
	}{
		"above the limit": {time.Nanosecond, 1},
		"below the limit": {time.Minute, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.Trunks(250))
			api.SetRateLimit(2, time.Second)

			_, diags := readTrunksInProcess(t, &telepathProvider{stopped: t.Context(), version: "test", longWait: test.longWait},
				stringArguments(map[string]string{"api_key": testKey, "base_url": startAPI(t, api)}), nil)

			if len(diags) != test.want {
				t.Fatalf("%d diagnostics, want %d: %v", len(diags), test.want, diags)
			}

			for _, got := range diags {
				if got.Severity != tfprotov6.DiagnosticSeverityWarning || got.Summary != "Waited for the Telepath API's rate limit" || !strings.Contains(got.Detail, "one telepath_trunks") {
					t.Errorf("the diagnostic is %+v", got)
				}
			}
		})
	}

	if configured, ok := New(t.Context(), "test")().(*telepathProvider); !ok || configured.longWait != 10*time.Second {
		t.Error("a released provider does not warn of waits above 10 s")
	}
}

// Each data source that shares a listing warns.
func TestAccReadWarnsOfACache(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.ReferenceTrunks())
	api.Fail(-1, mockapi.WithHeader("Age", "125", nil))

	tf := newTerraform(t, api)
	tf.configure(t, `
data "telepath_trunks" "all" {}
data "telepath_trunk" "one" { id = "conn_abc123xyz" }
output "trunks" { value = length(data.telepath_trunks.all.ids) }
`)

	plan := tf.must(t, "plan")
	for _, want := range []string{"Warning: List of trunks came from a cache", "2m5s old", "(and one more similar warning elsewhere)", "+ trunks = 2\n"} {
		if !strings.Contains(plan, want) {
			t.Errorf("the plan does not contain %q:\n%s", want, plan)
		}
	}
}

// Without timeouts.read, a read may take five minutes. A reset in six is too late.
func TestReadTimeoutDefault(t *testing.T) {
	api := mockapi.New(mockapi.Trunks(250))
	api.SetRateLimit(1, 6*time.Minute)

	diags := readInProcess(t, stringArguments(map[string]string{"api_key": testKey, "base_url": startAPI(t, api)}))
	if len(diags) != 1 || diags[0].Summary != "Telepath API rate limit reached" || !strings.Contains(diags[0].Detail, "5m") {
		t.Errorf("the diagnostics are %v", diags)
	}
}
