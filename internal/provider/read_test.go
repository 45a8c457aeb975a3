// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// timeouts.read ends the read, whatever it is at, and says what it was at.
func TestAccReadTimeout(t *testing.T) {
	for name, test := range map[string]struct {
		setUp func(api *mockapi.API)
		want  []string
	}{
		"while the API does not answer": {
			func(api *mockapi.API) { api.Fail(-1, mockapi.Hang()) },
			[]string{"Error: Reading trunks took too long", "GET /v1/trunks?limit=100&offset=0: the time for the read was over", "It may take 1s in all", "timeouts.read"},
		},
		"while an answer drips": {
			func(api *mockapi.API) { api.Fail(-1, mockapi.Drip(50*time.Millisecond)) },
			[]string{"Error: Reading trunks took too long", "the time for the read was over"},
		},
		"while a later page hangs": {
			func(api *mockapi.API) {
				api.Fail(1, nil)
				api.Fail(-1, mockapi.HangInBody())
			},
			[]string{"Error: Reading trunks took too long", "the time for the read was over"},
		},
		"before the next attempt": {
			func(api *mockapi.API) { api.Fail(-1, mockapi.WithHeader("Retry-After", "60", mockapi.Status(503))) },
			[]string{"Error: Reading trunks took too long", "503 Service Unavailable", "the time for the read was over", "what went wrong"},
		},
		"before the rate limit resets": {
			func(api *mockapi.API) { api.SetRateLimit(1, 10*time.Minute) },
			[]string{"Error: Telepath API rate limit reached", "it resets in", "when the limit has reset", "timeouts.read, which is 1s"},
		},
		"before the time that a 429 asks to wait": {
			func(api *mockapi.API) { api.Fail(-1, mockapi.WithHeader("Retry-After", "60", mockapi.Status(429))) },
			[]string{"Error: Telepath API rate limit reached", "429 Too Many Requests", "it resets in"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			api := mockapi.New(mockapi.Trunks(250))
			test.setUp(api)

			failsWith(t, withRetries(startAPI(t, api), 4, `
data "telepath_trunks" "all" {
  timeouts = { read = "1s" }
}
`), test.want...)
		})
	}
}

func TestAccReadTimeoutRefused(t *testing.T) {
	for name, value := range map[string]string{
		"without a unit": "5",
		"a word":         "soon",
		"empty":          "",
		"0":              "0s",
		"below 0":        "-5m",
	} {
		t.Run(name, func(t *testing.T) {
			api := mockapi.New(mockapi.ReferenceTrunks())

			failsWith(t, withProvider(startAPI(t, api), fmt.Sprintf(`
data "telepath_trunk" "one" {
  id       = "conn_abc123xyz"
  timeouts = { read = %q }
}
`, value)), "Error: Invalid", "with data.telepath_trunk.one")
			wantNoRequest(t, api)
		})
	}
}

// A wait for the rate limit that the deadline allows is a list in the end.
func TestAccReadWaitsForRateLimit(t *testing.T) {
	api := mockapi.New(mockapi.Trunks(250))
	api.SetRateLimit(2, time.Second)

	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providerFactories,
		Steps: []resource.TestStep{{
			Config: withRetries(startAPI(t, api), 4, `data "telepath_trunks" "all" {}`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(allTrunks, tfjsonpath.New("ids"), knownvalue.ListSizeExact(250)),
			},
		}},
	})
}

// The warning about a long wait reaches the user.
func TestAccReadWarnsOfWait(t *testing.T) {
	longWait = 100 * time.Millisecond
	t.Cleanup(func() { longWait = 10 * time.Second })

	api := mockapi.New(mockapi.Trunks(250))
	api.SetRateLimit(2, time.Second)

	server, request := configured(t, startAPI(t, api), New(t.Context(), "test")())

	resp, err := server.ReadDataSource(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}

	if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Severity != tfprotov6.DiagnosticSeverityWarning ||
		resp.Diagnostics[0].Summary != "Waited for the Telepath API's rate limit" {
		t.Errorf("the diagnostics are %+v", resp.Diagnostics)
	}
}

// A read may take five minutes when nothing else is said: a reset in six is too late.
func TestAccReadTimeoutDefault(t *testing.T) {
	api := mockapi.New(mockapi.Trunks(250))
	api.SetRateLimit(1, 6*time.Minute)

	failsWith(t, withProvider(startAPI(t, api), `data "telepath_trunks" "all" {}`),
		"Error: Telepath API rate limit reached", "it resets in", "timeouts.read, which is 5m0s")
}

// Faults that pass are not seen.
func TestAccReadRetries(t *testing.T) {
	api := mockapi.New(mockapi.Trunks(250))
	api.Fail(1, mockapi.Status(503))
	api.Fail(1, nil)
	api.Fail(1, mockapi.CutBody())

	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providerFactories,
		Steps: []resource.TestStep{{
			Config: withRetries(startAPI(t, api), 4, `data "telepath_trunks" "all" {}`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(allTrunks, tfjsonpath.New("ids"), knownvalue.ListSizeExact(250)),
			},
		}},
	})
}

func TestAccReadSaysHowOftenItTried(t *testing.T) {
	api := mockapi.New(mockapi.Trunks(250))
	api.Fail(-1, mockapi.Status(500))

	failsWith(t, withRetries(startAPI(t, api), 1, `data "telepath_trunks" "all" {}`),
		"Error: Telepath API failed", "500 Internal Server Error", "2 attempts")
}

func TestWaitWarning(t *testing.T) {
	if diags := waitWarning(10 * time.Second); len(diags) > 0 {
		t.Errorf("a wait of 10 s is worth a warning: %v", diags)
	}

	diags := waitWarning(72*time.Second + 300*time.Millisecond)
	if diags.WarningsCount() != 1 || diags.HasError() {
		t.Fatalf("a wait of 72 s gives %v", diags)
	}

	if !strings.Contains(diags[0].Detail(), "1m12s") {
		t.Errorf("the warning does not say how long it was: %s", diags[0].Detail())
	}
}
