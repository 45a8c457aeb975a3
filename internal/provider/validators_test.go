// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// validate needs no key and sends nothing, and says of each mistake where it is.
func TestAccValidate(t *testing.T) {
	api := mockapi.New(nil)
	tf := newTerraform(t, envBaseURL+"="+startAPI(t, api))

	tf.write(t, "main.tf", required+"provider \"telepath\" {}\ndata \"telepath_trunks\" \"all\" {\n  status = \"active\"\n}\n")
	tf.must(t, "validate")

	tf.write(t, "main.tf", required+"provider \"telepath\" {\n  base_url = \"http://example.com\"\n  max_retries = 11\n  request_timeout = \"soon\"\n}\ndata \"telepath_trunks\" \"all\" {}\n")

	_, stderr, err := tf.run(t, "validate")
	if err == nil {
		t.Error("a configuration full of mistakes is valid")
	}

	for _, line := range []string{"base_url = ", "max_retries = ", "request_timeout = "} {
		if !strings.Contains(stderr, line) {
			t.Errorf("no error points at %q:\n%s", line, stderr)
		}
	}

	wantNoRequest(t, api)
}
