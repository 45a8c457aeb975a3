// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// Terraform applies every configuration under examples/, and a second plan is empty.
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
		t.Fatal("found no examples")
	}

	for folder := range folders {
		name, err := filepath.Rel(root, folder)
		if err != nil {
			t.Fatal(err)
		}

		t.Run(name, func(t *testing.T) {
			t.Parallel()
			needsFeatures(t, folder)

			trunks := mockapi.Trunks(250)
			if name == filepath.FromSlash("guides/monitor-trunk-health/postcondition") {
				// Its postcondition fails if a trunk is in error.
				trunks = mockapi.ReferenceTrunks()
			}

			baseURL := startAPI(t, mockapi.New(trunks))
			tf := newTerraform(t, envAPIKey+"="+testKey, envBaseURL+"="+baseURL,
				"TF_VAR_telepath_api_key="+testKey, "TF_VAR_production_api_key="+testKey, "TF_VAR_staging_api_key="+testKey)

			if err := os.CopyFS(tf.dir, os.DirFS(folder)); err != nil {
				t.Fatal(err)
			}

			// The examples of a data source have no terraform block.
			if filepath.Dir(filepath.Dir(folder)) == root {
				tf.write(t, "required.tf", required)
			}

			switch filepath.ToSlash(name) {
			case "guides/configuration/every-argument":
				// The example sets base_url to the real API. An override file replaces it.
				tf.write(t, "base_url_override.tf", fmt.Sprintf("provider \"telepath\" {\n  base_url = %q\n}\n", baseURL))
			case "guides/connect-a-carrier/twilio":
				useTwilio(t, tf)
			}

			tf.must(t, "fmt", "-check", "-diff")
			tf.must(t, "validate")
			tf.must(t, "apply", "-auto-approve", "-input=false")

			// Terraform plans to read the data source of a check again on each apply.
			if filepath.ToSlash(name) != "guides/monitor-trunk-health/checks" {
				tf.must(t, "plan", "-input=false", "-detailed-exitcode")
			}
		})
	}
}

// needsFeatures skips the test on a Terraform that is too old for the configuration in a folder.
func needsFeatures(t *testing.T, folder string) {
	t.Helper()

	files, err := filepath.Glob(filepath.Join(folder, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}

	for _, file := range files {
		content, err := os.ReadFile(file) //nolint:gosec // An example.
		if err != nil {
			t.Fatal(err)
		}

		for _, feature := range []struct{ code, terraform, tofu string }{
			{"ephemeral = true", "1.10", "1.11"},
			{"check \"", "1.5", ""},
			{"terraform_data", "1.4", ""},
			{"postcondition", "1.2", ""},
		} {
			if strings.Contains(string(content), feature.code) {
				needsTerraform(t, feature.terraform, feature.tofu, feature.code)
			}
		}
	}
}
