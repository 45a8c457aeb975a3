// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestUserAgent(t *testing.T) {
	for name, test := range map[string]struct{ extra, want string }{
		"nothing to append":            {"", "terraform-provider-telepath/1.2.3 terraform/1.11.4"},
		"something to append":          {"acme-ci/7 (nightly)", "terraform-provider-telepath/1.2.3 terraform/1.11.4 acme-ci/7 (nightly)"},
		"white space around":           {" acme-ci/7\n", "terraform-provider-telepath/1.2.3 terraform/1.11.4 acme-ci/7"},
		"a header of somebody's own":   {"acme\r\nX-Evil: 1", "terraform-provider-telepath/1.2.3 terraform/1.11.4 acme  X-Evil: 1"},
		"nothing but white space":      {" \t", "terraform-provider-telepath/1.2.3 terraform/1.11.4"},
		"a control character, no more": {"\x07", "terraform-provider-telepath/1.2.3 terraform/1.11.4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TF_APPEND_USER_AGENT", test.extra)

			if got := userAgent("1.2.3", "1.11.4"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestAccUserAgent(t *testing.T) {
	api := mockapi.New(nil)
	t.Setenv("TF_APPEND_USER_AGENT", "acme-ci/7")

	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providerFactories,
		Steps: []resource.TestStep{{
			Config: withProvider(startAPI(t, api), `data "telepath_trunks" "all" {}`),
		}},
	})

	requests := api.Requests()
	if len(requests) == 0 {
		t.Fatal("no request came")
	}

	got := requests[0].Header.Get("User-Agent")
	if !strings.HasPrefix(got, "terraform-provider-telepath/test terraform/1.") || !strings.HasSuffix(got, " acme-ci/7") {
		t.Errorf("User-Agent is %q", got)
	}
}

// The version that is set at link time is the one that the API hears of.
func TestAccLinkedVersion(t *testing.T) {
	api := mockapi.New(nil)
	tf := newTerraform(t, envAPIKey+"="+testKey, envBaseURL+"="+startAPI(t, api))
	tf.write(t, "main.tf", required+`data "telepath_trunks" "all" {}`)
	tf.must(t, "apply", "-auto-approve", "-input=false")

	requests := api.Requests()
	if len(requests) == 0 {
		t.Fatal("no request came")
	}

	if got := requests[0].Header.Get("User-Agent"); !strings.HasPrefix(got, "terraform-provider-telepath/9.8.7 terraform/") {
		t.Errorf("User-Agent is %q", got)
	}
}
