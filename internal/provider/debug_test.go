// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// With -debug, the provider prints a value with which init and apply use its process. The value
// is right for Terraform and for OpenTofu.
func TestAccDebug(t *testing.T) {
	t.Parallel()

	// Without the CLI configuration of the tests, init needs the value.
	tf := newTerraform(t, mockapi.New(mockapi.ReferenceTrunks()), "TF_CLI_CONFIG_FILE="+os.DevNull)
	tf.configure(t, `
data "telepath_trunks" "all" {}
output "ids" { value = data.telepath_trunks.all.ids }
`)

	provider := exec.CommandContext(t.Context(), filepath.Join(providerFolder(t), "terraform-provider-telepath"), "-debug") //nolint:gosec // Built by the test.
	provider.Env = tf.env

	stdout, err := provider.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}

	if err := provider.Start(); err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = provider.Wait() }) // The end of the test's context ends it.

	var value string

	for lines := bufio.NewScanner(stdout); value == "" && lines.Scan(); {
		// The rest of the line depends on the shells of the system.
		if _, json, found := strings.Cut(lines.Text(), "{"); found {
			value = "{" + json[:strings.LastIndex(json, "}")+1]
		}
	}

	tf.env = append(tf.env, "TF_REATTACH_PROVIDERS="+value)
	tf.must(t, "init")
	tf.apply(t)

	if ids := output[[]string](t, tf, "ids"); len(ids) != 2 {
		t.Errorf("got the IDs %q, want 2", ids)
	}
}
