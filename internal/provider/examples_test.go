// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

const examples = repository + "/examples"

// newExample creates a working folder with a configuration under examples/, for the account of an
// API. It skips the test on a Terraform that is too old for the configuration.
func newExample(t *testing.T, name string, api http.Handler, env ...string) *terraform {
	t.Helper()

	folder := filepath.Join(examples, name)

	files, err := filepath.Glob(filepath.Join(folder, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}

	var code strings.Builder
	for _, file := range files {
		code.WriteString(readFile(t, file))
	}

	for _, feature := range []struct{ code, terraform, tofu string }{
		{"ephemeral = true", "1.10", "1.11"},
		{"check \"", "1.5", ""},
		{"terraform_data", "1.4", ""},
		{"postcondition", "1.2", ""},
	} {
		if strings.Contains(code.String(), feature.code) {
			needsTerraform(t, feature.terraform, feature.tofu, feature.code)
		}
	}

	tf := newTerraform(t, api, env...)

	if err := os.CopyFS(tf.dir, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}

	return tf
}

// appliedByGuides are the configurations that TestAccGuide… apply. Those tests also check what a
// second plan changes.
var appliedByGuides = []string{
	"guides/authentication/ephemeral-key",
	"guides/authentication/two-accounts",
	"guides/connect-a-carrier/stable-plans",
	"guides/connect-a-carrier/twilio",
	"guides/from-python/configuration",
	"guides/monitor-trunk-health/checks",
	"guides/monitor-trunk-health/optional",
	"guides/monitor-trunk-health/postcondition",
}

// Terraform applies every other configuration under examples/, and a second plan is empty.
func TestAccExamples(t *testing.T) {
	t.Parallel()

	names := map[string]bool{}

	err := fs.WalkDir(os.DirFS(examples), ".", func(name string, _ fs.DirEntry, err error) error {
		if path.Ext(name) == ".tf" {
			names[path.Dir(name)] = true
		}

		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	if len(names) <= len(appliedByGuides) {
		t.Fatalf("found %d examples only", len(names))
	}

	for name := range names {
		if slices.Contains(appliedByGuides, name) {
			continue
		}

		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tf := newExample(t, name, mockapi.New(mockapi.Trunks(10)), "TF_VAR_telepath_api_key="+testKey)

			// The examples of a data source have no terraform block.
			if strings.HasPrefix(name, "data-sources/") {
				tf.write(t, "required.tf", required)
			}

			if name == "guides/configuration/every-argument" {
				// The example sets base_url to the real API. A null argument counts as unset.
				tf.write(t, "base_url_override.tf", "provider \"telepath\" {\n  base_url = null\n}\n")
			}

			tf.applyTwice(t)
		})
	}
}
