// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

const testKey = "sk_live_0123456789abcdef"

// testFolder contains the programs that all tests share.
var testFolder string

// TestMain clears variables with which the developer configures a real account or Terraform, and
// chooses the Terraform that runs.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "telepath-test")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir) //nolint:errcheck // A temporary folder.

		testFolder = dir

		if err := writeOverrides(); err != nil {
			panic(err)
		}

		for _, variable := range os.Environ() {
			name, _, _ := strings.Cut(variable, "=")
			if strings.HasPrefix(name, "TF_CLI_ARGS") || name == "TF_REATTACH_PROVIDERS" || name == "TF_WORKSPACE" || name == "TF_DATA_DIR" {
				if err := os.Unsetenv(name); err != nil {
					panic(err)
				}
			}
		}

		for name, value := range map[string]string{
			"TF_CLI_CONFIG_FILE":        os.DevNull,
			"TF_ACC_PROVIDER_NAMESPACE": "telepathvoice",
			"CHECKPOINT_DISABLE":        "1",
			envAPIKey:                   "",
			envBaseURL:                  "",
			"TF_APPEND_USER_AGENT":      "",
		} {
			if err := os.Setenv(name, value); err != nil {
				panic(err)
			}
		}

		if err := chooseTerraform(); err != nil {
			fmt.Fprintln(os.Stderr, err)

			return 1
		}

		return m.Run()
	}())
}

// providerFactories serve the provider from the test process to the real Terraform.
var providerFactories = map[string]func() (tfprotov6.ProviderServer, error){
	"telepath": providerserver.NewProtocol6WithError(New(context.Background(), "test")()),
}

const repository = "../.."

func readFile(t *testing.T, path string) string {
	t.Helper()

	content, err := os.ReadFile(path) //nolint:gosec // A file of the repository or of the test.
	if err != nil {
		t.Fatal(err)
	}

	return string(content)
}

// startAPI serves the API over loopback until the test ends, and returns its base URL.
func startAPI(t *testing.T, api http.Handler) string {
	t.Helper()

	server := httptest.NewServer(api)
	// Close alone would wait for requests that hang.
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})

	return server.URL + "/v1"
}

const required = `
terraform {
  required_providers {
    telepath = {
      source = "telepathvoice/telepath"
    }
  }
}
`

// withProvider configures the provider for the API at the base URL.
func withProvider(baseURL, configuration string) string {
	return required + fmt.Sprintf(`
provider "telepath" {
  api_key  = %q
  base_url = %q
}
`, testKey, baseURL) + configuration
}

// failsWith applies the configuration with the real Terraform and checks that the error contains
// the texts in this order.
func failsWith(t *testing.T, api http.Handler, configuration string, texts ...string) {
	t.Helper()

	tf := newTerraform(t, api)
	tf.configure(t, configuration)
	tf.fails(t, "apply -auto-approve", texts...)
}

func wantNoRequest(t *testing.T, api *mockapi.API) {
	t.Helper()

	if requests := api.Requests(); len(requests) > 0 {
		t.Errorf("%d requests were sent, the first is %s %s", len(requests), requests[0].Method, requests[0].Path)
	}
}
