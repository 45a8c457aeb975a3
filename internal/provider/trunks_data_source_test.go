// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

const allTrunks = "data.telepath_trunks.all"

// Every field of the API's reference page arrives in the state.
func TestAccTrunksEveryField(t *testing.T) {
	var reference struct {
		Trunks []any
	}
	if err := json.Unmarshal([]byte(readFile(t, filepath.Join(repository, "internal/mockapi/reference_trunks.json"))), &reference); err != nil {
		t.Fatal(err)
	}

	// The library also checks that a second plan is empty.
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providerFactories,
		Steps: []resource.TestStep{
			{
				Config: withProvider(startAPI(t, mockapi.New(mockapi.ReferenceTrunks())), `data "telepath_trunks" "all" {}`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(allTrunks, tfjsonpath.New("status"), knownvalue.Null()),
					statecheck.ExpectKnownValue(allTrunks, tfjsonpath.New("ids"), exactly([]any{"conn_abc123xyz", "conn_def456uvw"})),
					statecheck.ExpectKnownValue(allTrunks, tfjsonpath.New("trunks"), exactly(reference.Trunks)),
				},
			},
		},
	})
}

// exactly checks that a value of the state is a value of JSON.
func exactly(value any) knownvalue.Check {
	switch value := value.(type) {
	case string:
		return knownvalue.StringExact(value)
	case float64:
		return knownvalue.Float64Exact(value)
	case []any:
		checks := make([]knownvalue.Check, len(value))
		for i := range value {
			checks[i] = exactly(value[i])
		}

		return knownvalue.ListExact(checks)
	case map[string]any:
		checks := make(map[string]knownvalue.Check, len(value))
		for name := range value {
			checks[name] = exactly(value[name])
		}

		return knownvalue.ObjectExact(checks)
	}

	return knownvalue.Null()
}

// Several pages arrive in order. The tests of the client cover other sizes.
func TestTrunksOfSeveralPages(t *testing.T) {
	for _, n := range []int{0, 250} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			trunks := mockapi.Trunks(n)
			wantValues(t, mockapi.New(trunks), nil, trunks)
		})
	}
}

func TestTrunksByStatus(t *testing.T) {
	trunks := mockapi.Trunks(250)
	api := mockapi.New(trunks)

	wantValues(t, api, stringArguments(map[string]string{"status": "inactive"}),
		slices.DeleteFunc(slices.Clone(trunks), func(trunk mockapi.Trunk) bool { return trunk.Status != "inactive" }))

	// The API filters. A filter in the provider would list every trunk.
	for _, request := range api.Requests() {
		if got := request.Query.Get("status"); got != "inactive" {
			t.Errorf("a request has the status %q, want inactive", got)
		}
	}
}

// wantValues reads telepath_trunks in-process and checks that ids and trunks are lists of these
// trunks in this order.
func wantValues(t *testing.T, api *mockapi.API, query map[string]tftypes.Value, trunks []mockapi.Trunk) {
	t.Helper()

	state, diags := readTrunksInProcess(t, New(t.Context(), "test")(),
		stringArguments(map[string]string{"api_key": testKey, "base_url": startAPI(t, api)}), query)
	if len(diags) > 0 {
		t.Fatal(diags)
	}

	for name, value := range query {
		if !state[name].Equal(value) {
			t.Errorf("%s is %s, want %s", name, state[name], value)
		}
	}

	var ids, objects []tftypes.Value
	if err := errors.Join(state["ids"].As(&ids), state["trunks"].As(&objects)); err != nil {
		t.Fatal(err)
	}

	if state["ids"].IsNull() || state["trunks"].IsNull() || len(ids) != len(trunks) || len(objects) != len(trunks) {
		t.Fatalf("%d ids and %d trunks, want %d", len(ids), len(objects), len(trunks))
	}

	for i, trunk := range trunks {
		var object map[string]tftypes.Value
		if err := objects[i].As(&object); err != nil {
			t.Fatal(err)
		}

		id, sipUsername := tftypes.NewValue(tftypes.String, trunk.ID), tftypes.NewValue(tftypes.String, trunk.SIPUsername)
		if !ids[i].Equal(id) || !object["id"].Equal(id) || !object["sip_username"].Equal(sipUsername) {
			t.Errorf("trunk %d is %s in ids and %s in trunks, want %s", i, ids[i], objects[i], trunk.ID)
		}
	}
}

// An undocumented status is rejected before any request.
func TestAccTrunksRejectsStatus(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.ReferenceTrunks())

	failsWith(t, api, `
data "telepath_trunks" "all" { status = "Active" }
`, "Error: Invalid Attribute Value Match", "with data.telepath_trunks.all", "status =", `Attribute status value must be one of: ["active" "inactive" "error"]`)
	wantNoRequest(t, api)
}

func TestAccTrunksOddFields(t *testing.T) {
	t.Parallel()

	api := mockapi.New([]mockapi.Trunk{
		{JSON: `{"id": "conn_missing"}`},
		{JSON: `{"id": "conn_null", "name": null, "status": null, "ai_provider": null, "sip_username": null, "created_at": null, "updated_at": null, "metrics": null}`},
		{JSON: `{"id": "conn_odd", "name": "", "status": "paused", "ai_provider": "gemini", "created_at": "2024-01-01T00:00:00Z", "metrics": {"calls_today": 12.0, "avg_latency_ms": 186.5}, "undocumented": 1}`},
	})

	// All other attributes are null.
	trunk := func(set map[string]any) map[string]any {
		values := map[string]any{}
		for _, a := range trunkAttributes {
			values[a.name] = nil
		}

		maps.Copy(values, set)

		return values
	}

	want := []map[string]any{
		trunk(map[string]any{"id": "conn_missing"}),
		trunk(map[string]any{"id": "conn_null"}),
		trunk(map[string]any{
			"id": "conn_odd", "name": "", "status": "paused", "ai_provider": "gemini", "created_at": "2024-01-01T00:00:00Z",
			"metrics": map[string]any{"calls_today": 12.0, "success_rate": nil, "avg_latency_ms": 187.0},
		}),
	}

	tf := newTerraform(t, api)
	tf.configure(t, `
data "telepath_trunks" "all" {}
output "trunks" { value = data.telepath_trunks.all.trunks }
`)
	tf.apply(t)

	if diff := cmp.Diff(want, output[[]map[string]any](t, tf, "trunks")); diff != "" {
		t.Error(diff)
	}
}

// A trunk that changes its status between two lists would be in neither, and lose its resource.
func TestAccTrunksOfStatusesReadTogether(t *testing.T) {
	t.Parallel()

	for _, start := range []string{"active", "inactive"} {
		t.Run(start, func(t *testing.T) {
			t.Parallel()

			trunk := mockapi.ReferenceTrunks()[0]
			trunk.Status = start
			api := mockapi.New([]mockapi.Trunk{trunk})
			// The status changes before each request.
			api.OnQuery(func(int, *mockapi.Query) {
				api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk {
					trunks[0].Status = map[string]string{"active": "inactive", "inactive": "active"}[trunks[0].Status]

					return trunks
				})
			})

			tf := newTerraform(t, api)
			tf.configure(t, `
data "telepath_trunks" "active" { status = "active" }
data "telepath_trunks" "inactive" { status = "inactive" }
output "ids" { value = concat(data.telepath_trunks.active.ids, data.telepath_trunks.inactive.ids) }
`)
			applyTogether(t, tf, api, 1)

			if got := output[[]string](t, tf, "ids"); !slices.Equal(got, []string{trunk.ID}) {
				t.Errorf("the lists have the trunks %q, want %s once", got, trunk.ID)
			}
		})
	}
}

// applyTogether applies until the requests show one round. A busy machine may start data sources too late.
func applyTogether(t *testing.T, tf *terraform, api *mockapi.API, requests int) {
	t.Helper()

	for range 20 {
		before := len(api.Requests())

		tf.apply(t)

		if len(api.Requests())-before == requests {
			return
		}
	}

	t.Errorf("20 applies never took %d requests", requests)
}

// Three filters, all trunks and a lookup take the requests of one list.
func TestAccTrunksReadTogetherTakeOneList(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.Trunks(250))

	tf := newTerraform(t, api)
	tf.configure(t, `
data "telepath_trunks" "filtered" {
  for_each = toset(["active", "inactive", "error"])
  status   = each.key
}
data "telepath_trunks" "all" {}
data "telepath_trunk" "first" { id = "conn_abc123xyz" }
output "counts" { value = [for status in ["active", "inactive", "error"] : length(data.telepath_trunks.filtered[status].ids)] }
output "all" { value = length(data.telepath_trunks.all.ids) }
`)
	applyTogether(t, tf, api, 3)

	counts := output[[]int](t, tf, "counts")
	if all := output[int](t, tf, "all"); all != 250 || counts[0]+counts[1]+counts[2] != all {
		t.Errorf("%d trunks, and %v with a filter", all, counts)
	}
}
