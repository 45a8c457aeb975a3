// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

const oneTrunk = "data.telepath_trunk.one"

func TestAccTrunkEveryField(t *testing.T) {
	for argument, value := range map[string]string{
		"id":           "conn_def456uvw",
		"name":         "Staging ElevenLabs Agent",
		"sip_username": "agent-staging-01",
	} {
		t.Run("by "+argument, func(t *testing.T) {
			api := mockapi.New(mockapi.Trunks(120))
			config := withProvider(startAPI(t, api), fmt.Sprintf(`data "telepath_trunk" "one" { %s = %q }`, argument, value))

			var checks []statecheck.StateCheck

			for attribute, check := range map[string]knownvalue.Check{
				"id":              knownvalue.StringExact("conn_def456uvw"),
				"name":            knownvalue.StringExact("Staging ElevenLabs Agent"),
				"status":          knownvalue.StringExact("inactive"),
				"ai_provider":     knownvalue.StringExact("elevenlabs"),
				"sip_username":    knownvalue.StringExact("agent-staging-01"),
				"created_at":      knownvalue.StringExact("2024-02-10T09:00:00Z"),
				"updated_at":      knownvalue.StringExact("2024-02-28T11:45:00Z"),
				"include_metrics": knownvalue.Null(),
				"timeouts":        knownvalue.Null(),
				"metrics": knownvalue.ObjectExact(map[string]knownvalue.Check{
					"calls_today":    knownvalue.Int64Exact(0),
					"success_rate":   knownvalue.Float64Exact(95.2),
					"avg_latency_ms": knownvalue.Int64Exact(210),
				}),
			} {
				checks = append(checks, statecheck.ExpectKnownValue(oneTrunk, tfjsonpath.New(attribute), check))
			}

			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: providerFactories,
				Steps: []resource.TestStep{
					{Config: config, ConfigStateChecks: checks},
					changesNothing(config),
				},
			})
		})
	}
}

// The singular and the plural say the same of a trunk, in every attribute that there is.
func TestAccTrunkIsAsAmongTrunks(t *testing.T) {
	for name, arguments := range map[string]string{
		"with metrics":    "",
		"without metrics": "include_metrics = false",
	} {
		t.Run(name, func(t *testing.T) {
			var checks []statecheck.StateCheck
			for _, attribute := range slices.Sorted(maps.Keys(schemaOf(trunkAttributes))) {
				checks = append(checks, statecheck.CompareValuePairs(
					oneTrunk, tfjsonpath.New(attribute),
					allTrunks, tfjsonpath.New("trunks").AtSliceIndex(1).AtMapKey(attribute),
					compare.ValuesSame(),
				))
			}

			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: providerFactories,
				Steps: []resource.TestStep{{
					Config: withProvider(startAPI(t, mockapi.New(mockapi.ReferenceTrunks())), fmt.Sprintf(`
data "telepath_trunks" "all" {
  %[1]s
}
data "telepath_trunk" "one" {
  sip_username = "agent-staging-01"
  %[1]s
}
`, arguments)),
					ConfigStateChecks: checks,
				}},
			})
		})
	}
}

func TestAccTrunkWithOddFields(t *testing.T) {
	null := []statecheck.StateCheck{}
	for _, attribute := range []string{"name", "status", "ai_provider", "sip_username", "created_at", "updated_at", "metrics"} {
		null = append(null, statecheck.ExpectKnownValue(oneTrunk, tfjsonpath.New(attribute), knownvalue.Null()))
	}

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providerFactories,
		Steps: []resource.TestStep{{
			Config:            withProvider(startAPI(t, mockapi.New([]mockapi.Trunk{{JSON: `{"id": "conn_bare"}`}})), `data "telepath_trunk" "one" { id = "conn_bare" }`),
			ConfigStateChecks: null,
		}},
	})
}

// A lookup by something that is made in the same run waits for it.
func TestAccTrunkByUnknown(t *testing.T) {
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providerFactories,
		Steps: []resource.TestStep{{
			Config: withProvider(startAPI(t, mockapi.New(mockapi.ReferenceTrunks())), `
resource "terraform_data" "made" { input = "agent-prod-01" }
data "telepath_trunk" "one" { sip_username = terraform_data.made.output }
`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(oneTrunk, tfjsonpath.New("id"), knownvalue.StringExact("conn_abc123xyz")),
			},
		}},
	})
}

func TestAccTrunkRefusesArguments(t *testing.T) {
	for name, arguments := range map[string]string{
		"none":               "",
		"none but null":      "id = null",
		"two":                "id = \"conn_abc123xyz\"\nname = \"A\"",
		"all":                "id = \"conn_abc123xyz\"\nname = \"A\"\nsip_username = \"a\"",
		"one and an unknown": "id = \"conn_abc123xyz\"\nname = terraform_data.made.output",
	} {
		t.Run(name, func(t *testing.T) {
			api := mockapi.New(mockapi.ReferenceTrunks())

			failsWith(t, withProvider(startAPI(t, api), fmt.Sprintf(`
resource "terraform_data" "made" { input = "A" }
data "telepath_trunk" "one" {
  %s
}
`, arguments)), "attribute", "[id,name,sip_username]")
			wantNoRequest(t, api)
		})
	}
}

func TestAccTrunkRefusesEmpty(t *testing.T) {
	for _, argument := range []string{"id", "sip_username"} {
		t.Run(argument, func(t *testing.T) {
			api := mockapi.New(mockapi.ReferenceTrunks())

			failsWith(t, withProvider(startAPI(t, api), fmt.Sprintf(`data "telepath_trunk" "one" { %s = "" }`, argument)),
				"Error: Invalid Attribute Value Length", "Attribute "+argument+" string length must be at least 1")
			wantNoRequest(t, api)
		})
	}
}

func TestAccTrunkWithoutMatch(t *testing.T) {
	failsWith(t, withProvider(startAPI(t, mockapi.New(mockapi.Trunks(300))), `data "telepath_trunk" "one" { name = "production openai agent" }`),
		"Error: No such trunk", "name =", `No trunk has the name "production openai agent"; 300 trunks were searched. The closest:`,
		`- name "Production OpenAI Agent", id "conn_abc123xyz", which differs in upper and lower case`)
}

func TestAccTrunkWithSeveralMatches(t *testing.T) {
	trunks := mockapi.Trunks(300)
	for i := range trunks {
		trunks[i].Name = "Agent"
	}

	failsWith(t, withProvider(startAPI(t, mockapi.New(trunks)), `data "telepath_trunk" "one" { name = "Agent" }`),
		"Error: Several such trunks", "name =", `300 trunks have the name "Agent"`, "Look up by the id or the sip_username",
		`- id "conn_abc123xyz", sip_username "agent-prod-01"`, "and 290 more")
}

// Names that HCL, JSON, a terminal or a careless program could trip over come out as they
// went in.
func TestAccTrunkHostileNames(t *testing.T) {
	t.Parallel()

	names := []string{
		"", " ", "\n", "\t tabs and spaces \t", "two\nlines\r\n", `"quotes" 'and' back\slashes`,
		"${var.nothing}", "%{ if true }yes%{ endif }", "$${doubled} %%{doubled}", "{{ .Template }}", "<script>&amp;</script>",
		"\u202eright to left\u200f", "zero\u200bwidth\ufeff", "\x1b[31mred\x1b[0m\x07", "\x01\x7f", "📞🤖👩\u200d💻", "鍵ключ مفتاح",
		"null", "true", "1e3", "../../etc/passwd", "--help", strings.Repeat("long ", 2_000),
	}

	var trunks []mockapi.Trunk
	for i, name := range names {
		trunks = append(trunks, mockapi.Trunk{ID: fmt.Sprintf("conn_%02d", i), Name: name})
	}

	tf := newTerraform(t, envAPIKey+"="+testKey, envBaseURL+"="+startAPI(t, mockapi.New(trunks)))
	tf.write(t, "main.tf", required+`
variable "names" { type = list(string) }

data "telepath_trunk" "each" {
  count = length(var.names)
  name  = var.names[count.index]
}

data "telepath_trunks" "all" {}

output "singular" { value = data.telepath_trunk.each[*].name }
output "plural" { value = data.telepath_trunks.all.trunks[*].name }
`)

	variables, err := json.Marshal(map[string]any{"names": names})
	if err != nil {
		t.Fatal(err)
	}

	tf.write(t, "names.auto.tfvars.json", string(variables))
	tf.must(t, "apply", "-auto-approve", "-input=false")
	tf.must(t, "plan", "-input=false", "-detailed-exitcode")

	for _, output := range []string{"singular", "plural"} {
		var got []string
		if err := json.Unmarshal([]byte(tf.must(t, "output", "-json", output)), &got); err != nil {
			t.Fatal(err)
		}

		if diff := cmp.Diff(names, got); diff != "" {
			t.Errorf("%s: %s", output, diff)
		}
	}
}

// restless makes an API whose metrics change between every two requests.
func restless(trunks []mockapi.Trunk) *mockapi.API {
	api := mockapi.New(trunks)
	api.OnPage(func(n int, p *mockapi.Page) {
		for i := range p.Trunks {
			p.Trunks[i].Metrics = mockapi.Metrics{CallsToday: int64(n), SuccessRate: float64(n), AvgLatencyMS: int64(n)}
		}
	})

	return api
}

const wholeTrunks = `
data "telepath_trunks" "all" {
  include_metrics = %[1]t
}
data "telepath_trunk" "one" {
  id              = "conn_abc123xyz"
  include_metrics = %[1]t
}
output "trunks" { value = data.telepath_trunks.all.trunks }
output "trunk" { value = data.telepath_trunk.one }
`

func TestAccWithoutMetricsNothingChanges(t *testing.T) {
	config := withProvider(startAPI(t, restless(mockapi.Trunks(120))), fmt.Sprintf(wholeTrunks, false))

	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providerFactories,
		Steps: []resource.TestStep{
			{
				Config: config,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(oneTrunk, tfjsonpath.New("metrics"), knownvalue.Null()),
					statecheck.ExpectKnownValue(allTrunks, tfjsonpath.New("trunks").AtSliceIndex(119).AtMapKey("metrics"), knownvalue.Null()),
				},
			},
			changesNothing(config),
		},
	})
}

func TestAccWithMetricsOnlyTheyChange(t *testing.T) {
	t.Parallel()

	tf := newTerraform(t, envAPIKey+"="+testKey, envBaseURL+"="+startAPI(t, restless(mockapi.Trunks(120))))
	tf.write(t, "main.tf", required+fmt.Sprintf(wholeTrunks, true))
	tf.must(t, "apply", "-auto-approve", "-input=false")
	tf.must(t, "plan", "-input=false", "-out=plan.out")

	type trunk map[string]any

	var plan struct {
		OutputChanges struct {
			Trunks struct{ Before, After []trunk }
			Trunk  struct{ Before, After trunk }
		} `json:"output_changes"`
	}
	if err := json.Unmarshal([]byte(tf.must(t, "show", "-json", "plan.out")), &plan); err != nil {
		t.Fatal(err)
	}

	changes := plan.OutputChanges
	before := slices.Concat(changes.Trunks.Before, []trunk{changes.Trunk.Before})
	after := slices.Concat(changes.Trunks.After, []trunk{changes.Trunk.After})

	if len(before) != 121 || len(after) != 121 {
		t.Fatalf("%d trunks before and %d after", len(before), len(after))
	}

	for i := range before {
		if cmp.Equal(before[i]["metrics"], after[i]["metrics"]) {
			t.Errorf("the metrics of trunk %d did not change, so this test shows nothing", i)
		}

		delete(before[i], "metrics")
		delete(after[i], "metrics")

		if diff := cmp.Diff(before[i], after[i]); diff != "" {
			t.Errorf("more than the metrics changed: %s", diff)
		}
	}
}

// Fifty lookups, ten at a time as Terraform reads, cost a few listings of four requests each.
func TestAccFiftyLookups(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.Trunks(300))
	api.SetLatency(50 * time.Millisecond)

	tf := newTerraform(t, envAPIKey+"="+testKey, envBaseURL+"="+startAPI(t, api))
	tf.write(t, "main.tf", required+`
variable "names" { type = set(string) }

data "telepath_trunk" "each" {
  for_each = var.names
  name     = each.key
}

output "ids" { value = [for trunk in data.telepath_trunk.each : trunk.id] }
`)

	var names []string
	for _, trunk := range api.Trunks()[100:150] {
		names = append(names, trunk.Name)
	}

	variables, err := json.Marshal(map[string]any{"names": names})
	if err != nil {
		t.Fatal(err)
	}

	tf.write(t, "names.auto.tfvars.json", string(variables))
	tf.must(t, "apply", "-auto-approve", "-input=false")

	var ids []string
	if err := json.Unmarshal([]byte(tf.must(t, "output", "-json", "ids")), &ids); err != nil {
		t.Fatal(err)
	}

	if len(ids) != 50 {
		t.Errorf("%d trunks were found, want 50", len(ids))
	}

	requests := len(api.Requests())
	t.Logf("50 lookups took %d requests", requests)

	if requests > 28 {
		t.Errorf("it took %d requests, want at most 28", requests)
	}
}
