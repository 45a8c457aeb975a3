// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestUserAgent(t *testing.T) {
	for name, test := range map[string]struct{ extra, want string }{
		"nothing to append":        {"", "terraform-provider-telepath/1.2.3 terraform/1.11.4"},
		"something to append":      {"acme-ci/7 (nightly)", "terraform-provider-telepath/1.2.3 terraform/1.11.4 acme-ci/7 (nightly)"},
		"surrounding whitespace":   {" acme-ci/7\n", "terraform-provider-telepath/1.2.3 terraform/1.11.4 acme-ci/7"},
		"an injected header":       {"acme\r\nX-Evil: 1", "terraform-provider-telepath/1.2.3 terraform/1.11.4 acme  X-Evil: 1"},
		"only whitespace":          {" \t", "terraform-provider-telepath/1.2.3 terraform/1.11.4"},
		"only a control character": {"\x07", "terraform-provider-telepath/1.2.3 terraform/1.11.4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TF_APPEND_USER_AGENT", test.extra)

			if got := userAgent("1.2.3", "1.11.4"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// The version that is set at link time and TF_APPEND_USER_AGENT reach the API.
func TestAccUserAgent(t *testing.T) {
	t.Parallel()

	api := mockapi.New(nil)
	tf := newTerraform(t, api, "TF_APPEND_USER_AGENT=acme-ci/7")
	tf.configure(t, `data "telepath_trunks" "all" {}`)
	tf.must(t, "plan")

	requests := api.Requests()
	if len(requests) == 0 {
		t.Fatal("no request arrived")
	}

	got := requests[0].Header.Get("User-Agent")
	if !strings.HasPrefix(got, "terraform-provider-telepath/9.8.7 terraform/") || !strings.HasSuffix(got, " acme-ci/7") {
		t.Errorf("User-Agent is %q", got)
	}
}
