// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// Where the key comes from, seen by the key that arrives.
func TestAccKey(t *testing.T) {
	for name, test := range map[string]struct{ argument, environment, want string }{
		"from the argument":                         {`"sk_live_argument"`, "", "sk_live_argument"},
		"from the environment":                      {"null", "sk_live_environment", "sk_live_environment"},
		"the argument wins":                         {`"sk_live_argument"`, "sk_live_environment", "sk_live_argument"},
		"an empty argument counts as not set":       {`""`, "sk_live_environment", "sk_live_environment"},
		"so does an argument of white space":        {`" \n"`, "sk_live_environment", "sk_live_environment"},
		"a newline at the argument's end is cut":    {`"sk_live_argument\n"`, "", "sk_live_argument"},
		"a newline at the environment's end is cut": {"null", "sk_live_environment\n", "sk_live_environment"},
	} {
		t.Run(name, func(t *testing.T) {
			api := mockapi.New(mockapi.ReferenceTrunks())
			t.Setenv(envAPIKey, test.environment)
			t.Setenv(envBaseURL, startAPI(t, api))

			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: providerFactories,
				Steps: []resource.TestStep{{
					Config: required + fmt.Sprintf(`
provider "telepath" { api_key = %s }
data "telepath_trunks" "all" {}
`, test.argument),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(allTrunks, tfjsonpath.New("ids"), knownvalue.ListSizeExact(2)),
					},
				}},
			})

			for _, request := range api.Requests() {
				if got, want := request.Header.Get("Authorization"), "Bearer "+test.want; got != want {
					t.Errorf("Authorization is %q, want %q", got, want)
				}
			}
		})
	}
}

// Which of two servers is asked.
func TestAccBaseURL(t *testing.T) {
	argument, environment := mockapi.New(mockapi.Trunks(3)), mockapi.New(mockapi.Trunks(5))
	argumentURL, environmentURL := startAPI(t, argument), startAPI(t, environment)

	for name, test := range map[string]struct {
		argument, environment string
		want                  int
	}{
		"from the argument":                   {argumentURL, "", 3},
		"with a slash at its end":             {argumentURL + "/", "", 3},
		"from the environment":                {"", environmentURL, 5},
		"with a slash at its end there":       {"", environmentURL + "/", 5},
		"the argument wins":                   {argumentURL, environmentURL, 3},
		"even if the environment's is no URL": {argumentURL, "not a URL", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(envBaseURL, test.environment)

			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: providerFactories,
				Steps: []resource.TestStep{{
					Config: withProvider(test.argument, `data "telepath_trunks" "all" {}`),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(allTrunks, tfjsonpath.New("ids"), knownvalue.ListSizeExact(test.want)),
					},
				}},
			})
		})
	}
}

// Empty strings count as not set, null is not set: the defaults are what remains.
func TestResolveSettingsDefaults(t *testing.T) {
	for name, model := range map[string]providerModel{
		"null": {},
		"empty": {
			BaseURL:        types.StringValue(""),
			RequestTimeout: types.StringValue(""),
		},
	} {
		t.Run(name, func(t *testing.T) {
			model.APIKey = types.StringValue(testKey)

			got, diags := resolveSettings(model)
			if diags.HasError() {
				t.Fatal(diags)
			}

			if got.baseURL.String() != "https://api.telepathvoice.com/v1" {
				t.Errorf("the base URL is %s", got.baseURL)
			}

			if got.maxRetries != 4 {
				t.Errorf("max_retries is %d", got.maxRetries)
			}

			if got.requestTimeout != 30*time.Second {
				t.Errorf("request_timeout is %s", got.requestTimeout)
			}
		})
	}
}

func TestAccSettingsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		arguments string
		want      []string
	}{
		"base_url without a scheme":      {`base_url = "api.telepathvoice.com/v1"`, []string{"Invalid Telepath base URL", "base_url =", "does not begin with https://"}},
		"base_url with plain http":       {`base_url = "http://api.telepathvoice.com/v1"`, []string{"Invalid Telepath base URL", "base_url =", "plain http"}},
		"base_url with a query":          {`base_url = "https://api.telepathvoice.com/v1?a=b"`, []string{"Invalid Telepath base URL", "base_url =", "query"}},
		"base_url with a user":           {`base_url = "https://me@api.telepathvoice.com/v1"`, []string{"Invalid Telepath base URL", "base_url =", "user"}},
		"max_retries below 0":            {`max_retries = -1`, []string{"Invalid number of retries", "max_retries =", "-1 is not between 0 and 10"}},
		"max_retries above 10":           {`max_retries = 11`, []string{"Invalid number of retries", "max_retries =", "11 is not between 0 and 10"}},
		"max_retries with a fraction":    {`max_retries = 1.5`, []string{"Invalid number of retries", "max_retries =", "1.5 is not a whole number"}},
		"max_retries beyond measure":     {`max_retries = 1e400`, []string{"Invalid number of retries", "max_retries =", "1e+400 is not a whole number"}},
		"request_timeout without a unit": {`request_timeout = "30"`, []string{"Invalid duration", "request_timeout =", "a number with a unit"}},
		"request_timeout of 0":           {`request_timeout = "0s"`, []string{"Invalid duration", "request_timeout =", "greater than 0"}},
		"request_timeout below 0":        {`request_timeout = "-1s"`, []string{"Invalid duration", "request_timeout =", "greater than 0"}},
		"a key with a newline inside":    {`api_key = "sk_live_a\nb"`, []string{"Invalid Telepath API key", "api_key", "Copy it again"}},
	} {
		t.Run(name, func(t *testing.T) {
			failsWith(t, required+fmt.Sprintf(`
provider "telepath" {
  %s
}
data "telepath_trunks" "all" {}
`, test.arguments), test.want...)
		})
	}
}

func TestAccEnvironmentRefused(t *testing.T) {
	for name, test := range map[string]struct {
		key, baseURL string
		want         []string
	}{
		"no key anywhere":             {"", "", []string{"Missing Telepath API key", "api_key", envAPIKey, "Settings → API Keys"}},
		"a key of white space":        {" \n", "", []string{"Missing Telepath API key"}},
		"a key with a newline inside": {"sk_live_a\nb", "", []string{"Invalid Telepath API key", envAPIKey}},
		"a base URL without a scheme": {testKey, "api.telepathvoice.com/v1", []string{"Invalid Telepath base URL", envBaseURL}},
		"plain http":                  {testKey, "http://api.telepathvoice.com/v1", []string{"Invalid Telepath base URL", envBaseURL, "plain http"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(envAPIKey, test.key)
			t.Setenv(envBaseURL, test.baseURL)
			failsWith(t, required+`data "telepath_trunks" "all" {}`, test.want...)
		})
	}
}

// An argument that another resource makes is unknown while planning. It is not missing, and
// the environment must not stand in for it.
func TestAccUnknownArguments(t *testing.T) {
	api := mockapi.New(mockapi.ReferenceTrunks())
	t.Setenv(envAPIKey, testKey)
	t.Setenv(envBaseURL, startAPI(t, api))

	for argument, value := range map[string]string{
		"api_key":         "terraform_data.made.id",
		"base_url":        `"https://${terraform_data.made.id}"`,
		"max_retries":     "length(terraform_data.made.id)",
		"request_timeout": `"${terraform_data.made.id}s"`,
	} {
		t.Run(argument, func(t *testing.T) {
			failsWith(t, required+fmt.Sprintf(`
resource "terraform_data" "made" {}
provider "telepath" {
  %s = %s
}
data "telepath_trunks" "all" {}
`, argument, value), "Error: Unknown "+argument, argument, "only knows after it has applied it", "-target")
		})
	}

	wantNoRequest(t, api)
}

// Terraform allows deferral only in builds that are not for release, so the test speaks its
// protocol itself.
func TestUnknownArgumentsDefer(t *testing.T) {
	server := providerserver.NewProtocol6(New(t.Context(), "test")())()
	ctx := t.Context()

	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}

	configure, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{
		ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: true},
		Config: dynamic(t, schemas.Provider.ValueType(), map[string]tftypes.Value{
			"api_key": tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
		}),
	})
	if err != nil || len(configure.Diagnostics) > 0 {
		t.Fatal(err, configure.Diagnostics)
	}

	read, err := server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{
		TypeName:           "telepath_trunks",
		ClientCapabilities: &tfprotov6.ReadDataSourceClientCapabilities{DeferralAllowed: true},
		Config:             dynamic(t, schemas.DataSourceSchemas["telepath_trunks"].ValueType(), nil),
	})
	if err != nil || len(read.Diagnostics) > 0 {
		t.Fatal(err, read.Diagnostics)
	}

	if read.Deferred == nil || read.Deferred.Reason != tfprotov6.DeferredReasonProviderConfigUnknown {
		t.Errorf("deferred is %+v", read.Deferred)
	}
}

// dynamic is an object in Terraform's protocol; what is not given is null.
func dynamic(tb testing.TB, objectType tftypes.Type, given map[string]tftypes.Value) *tfprotov6.DynamicValue {
	tb.Helper()

	object, ok := objectType.(tftypes.Object)
	if !ok {
		tb.Fatalf("%s is not an object", objectType)
	}

	values := map[string]tftypes.Value{}

	for name, attributeType := range object.AttributeTypes {
		values[name] = tftypes.NewValue(attributeType, nil)
		if value, ok := given[name]; ok {
			values[name] = value
		}
	}

	value, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
	if err != nil {
		tb.Fatal(err)
	}

	return &value
}
