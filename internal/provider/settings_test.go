// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// Each API accepts only its own key, so a response shows where both settings came from.
func TestSettingsSource(t *testing.T) {
	argument, environment := mockapi.New(mockapi.ReferenceTrunks()), mockapi.New(mockapi.ReferenceTrunks())
	argument.SetKey("sk_live_argument")
	environment.SetKey("sk_live_environment")

	environmentURL := startAPI(t, environment)
	arguments := stringArguments(map[string]string{"api_key": " sk_live_argument\n", "base_url": startAPI(t, argument) + "/"})

	for name, test := range map[string]struct {
		arguments    map[string]tftypes.Value
		key, baseURL string
		want         *mockapi.API
	}{
		"the arguments before the environment":   {arguments, "sk_live_environment", environmentURL, argument},
		"the arguments before invalid variables": {arguments, "sk_live_a\nb", "not a URL", argument},
		"the environment":                        {nil, "\tsk_live_environment\n", environmentURL + "/", environment},
	} {
		t.Run(name, func(t *testing.T) {
			test.want.Reset()
			t.Setenv(envAPIKey, test.key)
			t.Setenv(envBaseURL, test.baseURL)

			if diags := readInProcess(t, test.arguments); len(diags) > 0 {
				t.Fatal(diags)
			}

			if len(test.want.Requests()) == 0 {
				t.Error("the request arrived at the wrong server")
			}
		})
	}
}

func TestSettingsDefaults(t *testing.T) {
	for _, environment := range []string{"", " \n"} {
		t.Setenv(envBaseURL, environment)

		got, diags := resolveSettings(providerModel{APIKey: types.StringValue(testKey)})
		if diags.HasError() {
			t.Fatal(diags)
		}

		if got.baseURL.String() != "https://api.telepathvoice.com/v1" {
			t.Errorf("with %s = %q the base URL is %s", envBaseURL, environment, got.baseURL)
		}

		if got.maxRetries != 4 {
			t.Errorf("max_retries is %d", got.maxRetries)
		}

		if got.requestTimeout != 30*time.Second {
			t.Errorf("request_timeout is %s", got.requestTimeout)
		}
	}
}

func TestSettingsMaxRetries(t *testing.T) {
	for _, want := range []int{0, maxMaxRetries} {
		got, diags := resolveSettings(providerModel{
			APIKey:     types.StringValue(testKey),
			MaxRetries: types.NumberValue(big.NewFloat(float64(want))),
		})
		if len(diags) > 0 || got.maxRetries != want {
			t.Errorf("with max_retries = %d it is %d: %v", want, got.maxRetries, diags)
		}
	}
}

// An invalid argument is an error. A default or a variable instead of it could select another
// account.
func TestSettingsRejected(t *testing.T) {
	text := func(value string) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }
	number := func(value float64) tftypes.Value { return tftypes.NewValue(tftypes.Number, value) }
	unknown := func(of tftypes.Type) tftypes.Value { return tftypes.NewValue(of, tftypes.UnknownValue) }

	// An argument that depends on a resource is unknown during planning.
	const useKnown = "known after apply, but trunks are read during planning. Use a value that is known during planning, or first apply the resource that it depends on, with -target. " +
		"To read trunks during apply instead, add that resource to depends_on of this data source."

	for name, test := range map[string]struct {
		argument string
		value    tftypes.Value
		summary  string
		detail   string
	}{
		"an empty key":                   {"api_key", text(""), "Empty Telepath API key", "remove api_key or set it to null"},
		"a blank key":                    {"api_key", text(" \n\t"), "Empty Telepath API key", "remove api_key or set it to null"},
		"a key with a newline inside":    {"api_key", text("sk_live_a\nb"), "Invalid Telepath API key", "Copy it again"},
		"an empty base_url":              {"base_url", text(""), "Invalid Telepath base URL", "it is empty"},
		"a blank base_url":               {"base_url", text(" \n"), "Invalid Telepath base URL", "it is empty"},
		"base_url with plain http":       {"base_url", text("http://api.telepathvoice.com/v1"), "Invalid Telepath base URL", "plain http"},
		"max_retries below 0":            {"max_retries", number(-1), "Invalid number of retries", "-1 is not between 0 and 10"},
		"max_retries above 10":           {"max_retries", number(11), "Invalid number of retries", "11 is not between 0 and 10"},
		"max_retries with a fraction":    {"max_retries", number(1.5), "Invalid number of retries", "1.5 is not a whole number"},
		"max_retries above 63 bits":      {"max_retries", number(1 << 63), "Invalid number of retries", "9.223372037e+18 is not between 0 and 10"},
		"max_retries of 1e30":            {"max_retries", number(1e30), "Invalid number of retries", "1e+30 is not between 0 and 10"},
		"max_retries far below 0":        {"max_retries", number(-1e30), "Invalid number of retries", "-1e+30 is not between 0 and 10"},
		"an empty request_timeout":       {"request_timeout", text(""), "Invalid duration", `"" is not a duration`},
		"request_timeout without a unit": {"request_timeout", text("30"), "Invalid duration", `"30" is not a duration`},
		"request_timeout of 0":           {"request_timeout", text("0s"), "Invalid duration", "greater than 0"},
		"request_timeout below 0":        {"request_timeout", text("-1s"), "Invalid duration", "greater than 0"},
		"an unknown api_key":             {"api_key", unknown(tftypes.String), "Unknown provider argument", useKnown + " Or remove api_key and set the environment variable TELEPATH_API_KEY."},
		"an unknown base_url":            {"base_url", unknown(tftypes.String), "Unknown provider argument", useKnown + " Or remove base_url and set the environment variable TELEPATH_BASE_URL."},
		"an unknown max_retries":         {"max_retries", unknown(tftypes.Number), "Unknown provider argument", useKnown},
		"an unknown request_timeout":     {"request_timeout", unknown(tftypes.String), "Unknown provider argument", useKnown},
	} {
		t.Run(name, func(t *testing.T) {
			api := mockapi.New(mockapi.ReferenceTrunks())

			t.Setenv(envAPIKey, testKey)
			t.Setenv(envBaseURL, startAPI(t, api))

			diags := readInProcess(t, map[string]tftypes.Value{test.argument: test.value})
			wantError(t, diags, test.summary, test.detail, test.argument)
			wantNoRequest(t, api)

			if strings.HasPrefix(test.detail, useKnown) && !strings.HasSuffix(diags[0].Detail, test.detail) {
				t.Errorf("the advice does not end with %q: %s", test.detail, diags[0].Detail)
			}
		})
	}
}

func TestSettingsRejectedFromEnvironment(t *testing.T) {
	for name, test := range map[string]struct{ key, baseURL, summary, detail string }{
		"no key":                      {"", "", "Missing Telepath API key", envAPIKey},
		"a blank key":                 {" \n", "", "Missing Telepath API key", envAPIKey},
		"a key with a newline inside": {"sk_live_a\nb", "", "Invalid Telepath API key", envAPIKey},
		"a base URL without a scheme": {testKey, "api.telepathvoice.com/v1", "Invalid Telepath base URL", envBaseURL},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(envAPIKey, test.key)
			t.Setenv(envBaseURL, test.baseURL)

			wantError(t, readInProcess(t, nil), test.summary, test.detail)
		})
	}
}

// On the real Terraform, an error points to the argument, unless the key may be on its line.
func TestAccSettingsRejected(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		arguments string
		want      []string
	}{
		"base_url with plain http": {`base_url = "http://api.telepathvoice.com/v1"`, []string{"Error: Invalid Telepath base URL", "base_url =", "plain http"}},
		"an empty key":             {`api_key = ""`, []string{"Error: Empty Telepath API key", "with data.telepath_trunks.all", "api_key is empty"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.ReferenceTrunks())
			tf := newTerraform(t, api)
			tf.configure(t, fmt.Sprintf(`
provider "telepath" {
  %s
}
data "telepath_trunks" "all" {}
`, test.arguments))
			tf.fails(t, "plan", test.want...)
			wantNoRequest(t, api)
		})
	}
}

// validate needs no key, sends no request, and points to each mistake.
func TestAccValidate(t *testing.T) {
	t.Parallel()

	api := mockapi.New(nil)
	tf := newTerraform(t, nil, envBaseURL+"="+startAPI(t, api))

	tf.configure(t, "provider \"telepath\" {}\ndata \"telepath_trunks\" \"all\" {\n  status = \"active\"\n}\n")
	tf.must(t, "validate")

	tf.configure(t, "provider \"telepath\" {\n  base_url = \"http://example.com\"\n  max_retries = 11\n  request_timeout = \"soon\"\n}\ndata \"telepath_trunks\" \"all\" {}\n")

	_, stderr, err := tf.run(t, "validate")
	if err == nil {
		t.Error("an invalid configuration is valid")
	}

	for _, line := range []string{"base_url = ", "max_retries = ", "request_timeout = "} {
		if !strings.Contains(stderr, line) {
			t.Errorf("no error points to %q:\n%s", line, stderr)
		}
	}

	wantNoRequest(t, api)
}

func TestAccUnknownArguments(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.4", "", "terraform_data")

	api := mockapi.New(mockapi.ReferenceTrunks())
	tf := newTerraform(t, api)
	tf.configure(t, `
resource "terraform_data" "host" {}
provider "telepath" {
  base_url = "https://${terraform_data.host.id}"
}
data "telepath_trunks" "all" {}
`)
	tf.fails(t, "plan", "Error: Unknown provider argument", "with data.telepath_trunks.all", "known after apply", "depends_on of this data source", "set the environment variable TELEPATH_BASE_URL")
	wantNoRequest(t, api)
}

// Released versions of Terraform do not allow deferral, so this test speaks the protocol.
func TestUnknownArgumentsDefer(t *testing.T) {
	server := providerserver.NewProtocol6(New(t.Context(), "test")())()
	ctx := t.Context()

	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}

	configure, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{
		ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: true},
		Config: dynamicValue(t, schemas.Provider.ValueType(), map[string]tftypes.Value{
			"api_key": tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
		}),
	})
	if err != nil || len(configure.Diagnostics) > 0 {
		t.Fatal(err, configure.Diagnostics)
	}

	read, err := server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{
		TypeName:           "telepath_trunks",
		ClientCapabilities: &tfprotov6.ReadDataSourceClientCapabilities{DeferralAllowed: true},
		Config:             dynamicValue(t, schemas.DataSourceSchemas["telepath_trunks"].ValueType(), nil),
	})
	if err != nil || len(read.Diagnostics) > 0 {
		t.Fatal(err, read.Diagnostics)
	}

	if read.Deferred == nil || read.Deferred.Reason != tfprotov6.DeferredReasonProviderConfigUnknown {
		t.Errorf("deferred is %+v", read.Deferred)
	}
}
