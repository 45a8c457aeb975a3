// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// Every configuration under examples/ is applied as it is, and a second plan changes
// nothing.
func TestAccExamples(t *testing.T) {
	t.Parallel()

	const root = "../../examples"

	folders := map[string]bool{}

	err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if filepath.Ext(path) == ".tf" {
			folders[filepath.Dir(path)] = true
		}

		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	if len(folders) == 0 {
		t.Fatal("there are no examples")
	}

	for folder := range folders {
		name, err := filepath.Rel(root, folder)
		if err != nil {
			t.Fatal(err)
		}

		t.Run(name, func(t *testing.T) {
			t.Parallel()

			baseURL := startAPI(t, mockapi.New(mockapi.Trunks(250)))
			tf := newTerraform(t, envAPIKey+"="+testKey, envBaseURL+"="+baseURL)

			if err := os.CopyFS(tf.dir, os.DirFS(folder)); err != nil {
				t.Fatal(err)
			}

			// The examples of a data source leave out the terraform block that every reader has.
			if filepath.Dir(filepath.Dir(folder)) == root {
				tf.write(t, "required.tf", required)
			}

			tf.must(t, "fmt", "-check", "-diff")
			tf.must(t, "validate")
			tf.must(t, "apply", "-auto-approve", "-input=false")

			// Terraform reads what stands in a check again with each apply, and plans that.
			if name != filepath.FromSlash("guides/monitor-trunk-health/checks") {
				tf.must(t, "plan", "-input=false", "-detailed-exitcode")
			}
		})
	}
}

// The precondition of the example stops a run when no trunk is active.
func TestAccExamplePrecondition(t *testing.T) {
	t.Parallel()

	baseURL := startAPI(t, mockapi.New(mockapi.ReferenceTrunks()[1:]))
	tf := newTerraform(t, envAPIKey+"="+testKey, envBaseURL+"="+baseURL)

	if err := os.CopyFS(tf.dir, os.DirFS("../../examples/data-sources/telepath_trunks")); err != nil {
		t.Fatal(err)
	}

	tf.write(t, "required.tf", required)

	if _, stderr, err := tf.run(t, "apply", "-auto-approve", "-input=false"); err == nil || !strings.Contains(stderr, "No trunk is active") {
		t.Errorf("it was not stopped: %v\n%s", err, stderr)
	}
}
