// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// appliedByGuides are the configurations that TestAccGuide… apply. Those tests also check what a
// second plan changes.
var appliedByGuides = []string{
	"guides/authentication/ephemeral-key",
	"guides/authentication/two-accounts",
	"guides/connect-a-carrier/stable-plans",
	"guides/connect-a-carrier/twilio",
	"guides/from-python/configuration",
	"guides/monitor-trunk-health/checks",
	"guides/monitor-trunk-health/postcondition",
}

// Terraform applies every other configuration under examples/, and a second plan is empty.
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

		if slices.Contains(appliedByGuides, filepath.ToSlash(name)) {
			continue
		}

		t.Run(name, func(t *testing.T) {
			t.Parallel()
			needsFeatures(t, folder)

			baseURL := startAPI(t, mockapi.New(mockapi.Trunks(10)))
			tf := newTerraform(t, nil, envAPIKey+"="+testKey, envBaseURL+"="+baseURL, "TF_VAR_telepath_api_key="+testKey)

			if err := os.CopyFS(tf.dir, os.DirFS(folder)); err != nil {
				t.Fatal(err)
			}

			// The examples of a data source have no terraform block.
			if filepath.Dir(filepath.Dir(folder)) == root {
				tf.write(t, "required.tf", required)
			}

			if filepath.ToSlash(name) == "guides/configuration/every-argument" {
				// The example sets base_url to the real API. An override file replaces it.
				tf.write(t, "base_url_override.tf", fmt.Sprintf("provider \"telepath\" {\n  base_url = %q\n}\n", baseURL))
			}

			tf.applyTwice(t)
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
			{"terraform_data", "1.4", ""},
		} {
			if strings.Contains(string(content), feature.code) {
				needsTerraform(t, feature.terraform, feature.tofu, feature.code)
			}
		}
	}
}
