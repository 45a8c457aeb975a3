// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// A lookup by each argument has every attribute of the same trunk in telepath_trunks.
func TestAccTrunkEqualsItemOfTrunks(t *testing.T) {
	config := withProvider(startAPI(t, mockapi.New(append(mockapi.ReferenceTrunks(), mockapi.Trunk{JSON: `{"id": "conn_bare"}`}))), `
data "telepath_trunks" "all" {}

data "telepath_trunk" "by_id" { id = "conn_abc123xyz" }
data "telepath_trunk" "by_name" { name = "Staging ElevenLabs Agent" }
data "telepath_trunk" "by_sip_username" { sip_username = "agent-staging-01" }
data "telepath_trunk" "bare" { id = "conn_bare" }
`)

	var checks []statecheck.StateCheck

	// A trunk without creation time comes first.
	for name, index := range map[string]int{"bare": 0, "by_id": 1, "by_name": 2, "by_sip_username": 2} {
		for _, a := range trunkAttributes {
			checks = append(checks, statecheck.CompareValuePairs(
				"data.telepath_trunk."+name, tfjsonpath.New(a.name),
				allTrunks, tfjsonpath.New("trunks").AtSliceIndex(index).AtMapKey(a.name),
				compare.ValuesSame(),
			))
		}
	}

	// The library also checks that a second plan is empty.
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providerFactories,
		Steps:                    []resource.TestStep{{Config: config, ConfigStateChecks: checks}},
	})
}

// A lookup by a value that is known after apply is read during apply.
func TestAccTrunkLookupKnownAfterApply(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.4", "", "terraform_data")

	tf := newTerraform(t, mockapi.New(mockapi.ReferenceTrunks()))
	tf.configure(t, `
resource "terraform_data" "username" { input = "agent-prod-01" }
data "telepath_trunk" "one" { sip_username = terraform_data.username.output }
output "id" { value = data.telepath_trunk.one.id }
`)
	tf.applyTwice(t)

	if id := output[string](t, tf, "id"); id != "conn_abc123xyz" {
		t.Errorf("the id is %q", id)
	}
}

func TestAccTrunkWithoutMatch(t *testing.T) {
	t.Parallel()

	failsWith(t, mockapi.New(mockapi.Trunks(300)), `data "telepath_trunk" "one" { name = "production openai agent" }`,
		"Error: Trunk not found", "name =", `No trunk has the name "production openai agent". 300 trunks were searched. Close matches:`,
		`- name "Production OpenAI Agent", id "conn_abc123xyz" (differs in case)`)
}

// writeNames sets the variable names.
func writeNames(t *testing.T, tf *terraform, names []string) {
	t.Helper()

	variables, err := json.Marshal(map[string]any{"names": names})
	if err != nil {
		t.Fatal(err)
	}

	tf.write(t, "names.auto.tfvars.json", string(variables))
}

// Names that HCL, JSON or a terminal could misinterpret remain unchanged. A lookup refuses the
// first one, which is empty.
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

	tf := newTerraform(t, mockapi.New(trunks))
	tf.configure(t, `
variable "names" { type = list(string) }

data "telepath_trunk" "each" {
  count = length(var.names)
  name  = var.names[count.index]
}

data "telepath_trunks" "all" {}

output "singular" { value = data.telepath_trunk.each[*].name }
output "plural" { value = data.telepath_trunks.all.trunks[*].name }
`)

	writeNames(t, tf, names[1:])
	tf.applyTwice(t)

	for name, want := range map[string][]string{"singular": names[1:], "plural": names} {
		if diff := cmp.Diff(want, output[[]string](t, tf, name)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// withChangingMetrics creates an API whose metrics change with every request.
func withChangingMetrics(trunks []mockapi.Trunk) *mockapi.API {
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

func TestAccPlanIsEmptyWithoutMetrics(t *testing.T) {
	t.Parallel()

	tf := newTerraform(t, withChangingMetrics(mockapi.Trunks(120)))
	tf.configure(t, fmt.Sprintf(wholeTrunks, false))
	tf.applyTwice(t)

	trunks := output[[]map[string]any](t, tf, "trunks")

	for _, trunk := range append(trunks, output[map[string]any](t, tf, "trunk")) {
		if metrics, ok := trunk["metrics"]; !ok || metrics != nil {
			t.Errorf("the metrics of %s are %v, want null", trunk["id"], metrics)
		}
	}

	if len(trunks) != 120 {
		t.Errorf("%d trunks, want 120", len(trunks))
	}
}

func TestAccPlanChangesOnlyMetrics(t *testing.T) {
	t.Parallel()

	tf := newTerraform(t, withChangingMetrics(mockapi.Trunks(120)))
	tf.configure(t, fmt.Sprintf(wholeTrunks, true))
	tf.apply(t)
	tf.must(t, "plan", "-out=plan.out")

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
			t.Errorf("the metrics of trunk %d did not change", i)
		}

		delete(before[i], "metrics")
		delete(after[i], "metrics")

		if diff := cmp.Diff(before[i], after[i]); diff != "" {
			t.Errorf("more than the metrics changed: %s", diff)
		}
	}
}

// Fifty lookups, ten concurrently as Terraform reads, take a few listings of four requests each.
func TestAccFiftyLookups(t *testing.T) {
	api := mockapi.New(mockapi.Trunks(300))
	api.SetLatency(50 * time.Millisecond)

	tf := newTerraform(t, api)
	tf.configure(t, `
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

	writeNames(t, tf, names)
	tf.apply(t)

	if ids := output[[]string](t, tf, "ids"); len(ids) != 50 {
		t.Errorf("%d trunks were found, want 50", len(ids))
	}

	requests := len(api.Requests())
	t.Logf("50 lookups took %d requests", requests)

	if requests > 28 {
		t.Errorf("it took %d requests, want at most 28", requests)
	}
}
