// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

const readTrunks = "data \"telepath_trunks\" \"all\" {}\n"

// Terraform also configures a provider from which it reads nothing. Only a read needs the key.
func TestAccWithoutKey(t *testing.T) {
	t.Parallel()

	const noTrunks = "data \"telepath_trunks\" \"all\" {\n  count = 0\n}\n"

	type row struct {
		configuration string
		commands      []string
		env           string
	}

	tests := map[string]row{
		"a data source with count = 0":                         {noTrunks, []string{"plan", "apply -auto-approve", "destroy -auto-approve"}, ""},
		"a module with count = 0":                              {"module \"trunks\" {\n  source = \"./trunks\"\n  count  = 0\n}\n", []string{"get", "plan"}, ""},
		"an empty key and count = 0":                           {"provider \"telepath\" {\n  api_key = \"\"\n}\n" + noTrunks, []string{"plan"}, ""},
		"an unknown key and count = 0":                         {"resource \"terraform_data\" \"key\" {}\nprovider \"telepath\" {\n  api_key = terraform_data.key.id\n}\n" + noTrunks, []string{"plan"}, ""},
		"an invalid base URL in the environment and count = 0": {noTrunks, []string{"validate", "plan"}, envBaseURL + "=nonsense"},
		"commands without a plan":                              {readTrunks, []string{"validate", "graph", "providers schema -json", "console"}, ""},
	}

	// OpenTofu can also disable a data source.
	if name, _ := terraformVersion(); strings.HasPrefix(name, "OpenTofu ") {
		tests["a data source with enabled = false"] = row{"data \"telepath_trunks\" \"all\" {\n  lifecycle {\n    enabled = false\n  }\n}\n", []string{"plan"}, ""}
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			switch {
			case strings.Contains(test.configuration, "terraform_data"):
				needsTerraform(t, "1.4", "", "terraform_data")
			case strings.Contains(test.configuration, "enabled"):
				needsTerraform(t, "", "1.11", "enabled")
			}

			api := mockapi.New(nil)
			tf := newTerraform(t, api, envAPIKey+"=", test.env)
			tf.configure(t, test.configuration)
			tf.write(t, "trunks/main.tf", required+readTrunks)

			for _, command := range test.commands {
				tf.must(t, strings.Fields(command)...)
			}

			wantNoRequest(t, api)
		})
	}
}

// Another provider configuration has a key.
func TestAccWithoutKeyAlias(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.ReferenceTrunks())
	tf := newTerraform(t, api, envAPIKey+"=")
	tf.configure(t, fmt.Sprintf(`
provider "telepath" {
  api_key = %q
}
provider "telepath" {
  alias = "off"
}
provider "telepath" {
  alias = "unused"
}
data "telepath_trunks" "all" {}
data "telepath_trunks" "off" {
  provider = telepath.off
  count    = 0
}
output "ids" {
  value = data.telepath_trunks.all.ids
}
`, testKey))
	tf.applyTwice(t)

	if ids := output[[]string](t, tf, "ids"); len(ids) != 2 {
		t.Errorf("the IDs are %v", ids)
	}
}

func TestAccWithoutKeyDestroy(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.ReferenceTrunks())
	tf := newTerraform(t, api)
	tf.configure(t, readTrunks)
	tf.apply(t)
	api.Reset()

	tf.env = append(tf.env, envAPIKey+"=")
	tf.must(t, "destroy", "-auto-approve", "-refresh=false")
	wantNoRequest(t, api)

	if state := tf.must(t, "state", "list"); state != "" {
		t.Errorf("the state still has %s", state)
	}
}

func TestAccWithoutKeyOverridden(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.7", "1.8", "override_data")

	api := mockapi.New(nil)
	tf := newTerraform(t, api, envAPIKey+"=")
	tf.configure(t, readTrunks+"output \"ids\" {\n  value = data.telepath_trunks.all.ids\n}\n")
	tf.write(t, "main.tftest.hcl", `
run "plan" {
  command = plan
  override_data {
    target = data.telepath_trunks.all
    values = {
      ids    = ["conn_1"]
      trunks = []
    }
  }
  assert {
    condition     = output.ids == tolist(["conn_1"])
    error_message = "The IDs are not those of the override."
  }
}
`)
	tf.must(t, "test")
	wantNoRequest(t, api)
}

// A read without a key is one error, at the data source. TestAccGuideMonitorTrunkHealthOptional has
// a check.
func TestAccWithoutKeyRead(t *testing.T) {
	t.Parallel()

	for name, configuration := range map[string]string{
		"without a provider block": readTrunks,
		"with a provider block":    "provider \"telepath\" {}\n" + readTrunks,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(nil)
			tf := newTerraform(t, api, envAPIKey+"=")
			tf.configure(t, configuration)

			stderr := tf.fails(t, "plan", "Error: Missing Telepath API key", "with data.telepath_trunks.all,", "set TELEPATH_API_KEY to it")
			if strings.Count(stderr, "Error: ") != 1 {
				t.Errorf("there is more than one error:\n%s", stderr)
			}

			wantNoRequest(t, api)
		})
	}
}

// A resource of the same run creates the key or the address. depends_on defers the read to the
// apply.
func TestAccKeyOfTheSameRun(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.4", "", "terraform_data")

	for name, arguments := range map[string]string{
		"api_key":  "api_key  = terraform_data.made.output.key\n  base_url = %[2]q",
		"base_url": "api_key  = %[1]q\n  base_url = terraform_data.made.output.url",
		"both":     "api_key  = terraform_data.made.output.key\n  base_url = terraform_data.made.output.url",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.ReferenceTrunks())
			api.SetKey(testKey)

			tf := newTerraform(t, nil)
			tf.configure(t, fmt.Sprintf(`
resource "terraform_data" "made" {
  input = { key = %[1]q, url = %[2]q }
}
provider "telepath" {
  `+arguments+`
}
data "telepath_trunks" "all" {
  depends_on = [terraform_data.made]
}
output "ids" {
  value = data.telepath_trunks.all.ids
}
`, testKey, startAPI(t, api)))
			tf.must(t, "plan")
			wantNoRequest(t, api)
			tf.applyTwice(t)

			if ids := output[[]string](t, tf, "ids"); len(ids) != 2 {
				t.Errorf("the IDs are %v", ids)
			}

			tf.must(t, "destroy", "-auto-approve")
		})
	}
}
