// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

const allTrunks = "data.telepath_trunks.all"

func TestAccTrunksEveryField(t *testing.T) {
	api := mockapi.New(mockapi.ReferenceTrunks())
	config := withProvider(startAPI(t, api), `data "telepath_trunks" "all" {}`)

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providerFactories,
		Steps: []resource.TestStep{
			{
				Config: config,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(allTrunks, tfjsonpath.New("status"), knownvalue.Null()),
					statecheck.ExpectKnownValue(allTrunks, tfjsonpath.New("ids"), knownvalue.ListExact([]knownvalue.Check{
						knownvalue.StringExact("conn_abc123xyz"),
						knownvalue.StringExact("conn_def456uvw"),
					})),
					statecheck.ExpectKnownValue(allTrunks, tfjsonpath.New("trunks"), knownvalue.ListExact([]knownvalue.Check{
						knownvalue.ObjectExact(map[string]knownvalue.Check{
							"id":           knownvalue.StringExact("conn_abc123xyz"),
							"name":         knownvalue.StringExact("Production OpenAI Agent"),
							"status":       knownvalue.StringExact("active"),
							"ai_provider":  knownvalue.StringExact("openai"),
							"sip_username": knownvalue.StringExact("agent-prod-01"),
							"created_at":   knownvalue.StringExact("2024-01-15T10:30:00Z"),
							"updated_at":   knownvalue.StringExact("2024-03-01T14:22:00Z"),
							"metrics": knownvalue.ObjectExact(map[string]knownvalue.Check{
								"calls_today":    knownvalue.Int64Exact(142),
								"success_rate":   knownvalue.Float64Exact(98.6),
								"avg_latency_ms": knownvalue.Int64Exact(187),
							}),
						}),
						knownvalue.ObjectExact(map[string]knownvalue.Check{
							"id":           knownvalue.StringExact("conn_def456uvw"),
							"name":         knownvalue.StringExact("Staging ElevenLabs Agent"),
							"status":       knownvalue.StringExact("inactive"),
							"ai_provider":  knownvalue.StringExact("elevenlabs"),
							"sip_username": knownvalue.StringExact("agent-staging-01"),
							"created_at":   knownvalue.StringExact("2024-02-10T09:00:00Z"),
							"updated_at":   knownvalue.StringExact("2024-02-28T11:45:00Z"),
							"metrics": knownvalue.ObjectExact(map[string]knownvalue.Check{
								"calls_today":    knownvalue.Int64Exact(0),
								"success_rate":   knownvalue.Float64Exact(95.2),
								"avg_latency_ms": knownvalue.Int64Exact(210),
							}),
						}),
					})),
				},
			},
			changesNothing(config),
		},
	})
}

// Several pages arrive in order. The tests of the client cover other sizes.
func TestAccTrunksOfSeveralPages(t *testing.T) {
	for _, n := range []int{0, 250} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			trunks := mockapi.Trunks(n)

			ids := make([]knownvalue.Check, n)
			objects := make([]knownvalue.Check, n)

			for i, trunk := range trunks {
				ids[i] = knownvalue.StringExact(trunk.ID)
				objects[i] = knownvalue.ObjectPartial(map[string]knownvalue.Check{
					"id":           knownvalue.StringExact(trunk.ID),
					"sip_username": knownvalue.StringExact(trunk.SIPUsername),
				})
			}

			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: providerFactories,
				Steps: []resource.TestStep{{
					Config: withProvider(startAPI(t, mockapi.New(trunks)), `data "telepath_trunks" "all" {}`),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(allTrunks, tfjsonpath.New("ids"), knownvalue.ListExact(ids)),
						statecheck.ExpectKnownValue(allTrunks, tfjsonpath.New("trunks"), knownvalue.ListExact(objects)),
					},
				}},
			})
		})
	}
}

func TestAccTrunksByStatus(t *testing.T) {
	trunks := mockapi.Trunks(250)
	api := mockapi.New(trunks)

	var ids []knownvalue.Check

	for _, trunk := range trunks {
		if trunk.Status == "inactive" {
			ids = append(ids, knownvalue.StringExact(trunk.ID))
		}
	}

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providerFactories,
		Steps: []resource.TestStep{{
			Config: withProvider(startAPI(t, api), `data "telepath_trunks" "all" { status = "inactive" }`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(allTrunks, tfjsonpath.New("status"), knownvalue.StringExact("inactive")),
				statecheck.ExpectKnownValue(allTrunks, tfjsonpath.New("ids"), knownvalue.ListExact(ids)),
				statecheck.ExpectKnownValue(allTrunks, tfjsonpath.New("trunks"), knownvalue.ListSizeExact(len(ids))),
			},
		}},
	})

	// The API filters. A filter in the provider would list every trunk.
	for _, request := range api.Requests() {
		if got := request.Query.Get("status"); got != "inactive" {
			t.Errorf("a request has the status %q, want inactive", got)
		}
	}
}

// An undocumented status is rejected before any request, also if it is known after apply.
func TestAccTrunksRejectsStatus(t *testing.T) {
	needsTerraform(t, "1.4", "", "terraform_data")
	t.Parallel()

	for name, status := range map[string]string{
		"during planning": `"Active"`,
		"during apply":    "terraform_data.status.output",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.ReferenceTrunks())

			failsWith(t, withProvider(startAPI(t, api), fmt.Sprintf(`
resource "terraform_data" "status" { input = "paused" }
data "telepath_trunks" "all" { status = %s }
`, status)), "Error: Invalid Attribute Value Match", "with data.telepath_trunks.all", "status =", `Attribute status value must be one of: ["active" "inactive" "error"]`)
			wantNoRequest(t, api)
		})
	}
}

func TestAccTrunksIDsForEach(t *testing.T) {
	needsTerraform(t, "1.4", "", "terraform_data")

	trunks := mockapi.Trunks(120)
	carriers := map[string]knownvalue.Check{}

	for _, trunk := range trunks {
		if trunk.Status == "active" {
			carriers[trunk.ID] = knownvalue.StringExact(trunk.ID)
		}
	}

	baseURL := startAPI(t, mockapi.New(trunks))
	config := withProvider(baseURL, `
data "telepath_trunks" "all" { status = "active" }

resource "terraform_data" "carrier" {
  for_each = toset(data.telepath_trunks.all.ids)
  input    = each.key
}

output "carriers" {
  value = { for id, carrier in terraform_data.carrier : id => carrier.output }
}
`)

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providerFactories,
		Steps: []resource.TestStep{
			{
				Config: config,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("carriers", knownvalue.MapExact(carriers)),
				},
			},
			changesNothing(config),
			// The test library cannot clean up after for_each itself.
			{Config: withProvider(baseURL, "")},
		},
	})
}

func TestAccTrunksOddFields(t *testing.T) {
	api := mockapi.New([]mockapi.Trunk{
		{JSON: `{"id": "conn_missing"}`},
		{JSON: `{"id": "conn_null", "name": null, "status": null, "ai_provider": null, "sip_username": null, "created_at": null, "updated_at": null, "metrics": null}`},
		{JSON: `{"id": "conn_odd", "name": "", "status": "paused", "ai_provider": "gemini", "created_at": "2024-01-01T00:00:00Z", "metrics": {"calls_today": 12.0, "avg_latency_ms": 186.5}, "undocumented": 1}`},
	})

	// object has these attributes, and null for every other one.
	object := func(set map[string]knownvalue.Check) knownvalue.Check {
		checks := map[string]knownvalue.Check{}
		for _, a := range trunkAttributes {
			checks[a.name] = knownvalue.Null()
		}

		maps.Copy(checks, set)

		return knownvalue.ObjectExact(checks)
	}

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providerFactories,
		Steps: []resource.TestStep{{
			Config: withProvider(startAPI(t, api), `data "telepath_trunks" "all" {}`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(allTrunks, tfjsonpath.New("trunks"), knownvalue.ListExact([]knownvalue.Check{
					object(map[string]knownvalue.Check{"id": knownvalue.StringExact("conn_missing")}),
					object(map[string]knownvalue.Check{"id": knownvalue.StringExact("conn_null")}),
					object(map[string]knownvalue.Check{
						"id":          knownvalue.StringExact("conn_odd"),
						"name":        knownvalue.StringExact(""),
						"status":      knownvalue.StringExact("paused"),
						"ai_provider": knownvalue.StringExact("gemini"),
						"created_at":  knownvalue.StringExact("2024-01-01T00:00:00Z"),
						"metrics": knownvalue.ObjectExact(map[string]knownvalue.Check{
							"calls_today": knownvalue.Int64Exact(12), "success_rate": knownvalue.Null(), "avg_latency_ms": knownvalue.Int64Exact(187),
						}),
					}),
				})),
			},
		}},
	})
}
