// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
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
	terraform, tofu := requiredVersion(exampleCode(t, name))
	needsTerraform(t, terraform, tofu, name)

	tf := newTerraform(t, api, env...)

	if err := os.CopyFS(tf.dir, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}

	return tf
}

// exampleCode returns all code of a configuration under examples/.
func exampleCode(t *testing.T, name string) string {
	t.Helper()

	files, err := filepath.Glob(filepath.Join(examples, name, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}

	var code strings.Builder
	for _, file := range files {
		code.WriteString(readFile(t, file))
	}

	return code.String()
}

// requiredVersion returns the oldest versions that the code requires. required_version applies to
// OpenTofu too, so a comment names the version where OpenTofu needs a later one.
func requiredVersion(code string) (terraform, tofu string) {
	match := regexp.MustCompile(`required_version = ">= ([\d.]+)"(?: # OpenTofu: ([\d.]+))?`).FindStringSubmatch(code)
	if match == nil {
		return "", ""
	}

	return match[1], match[2]
}

// Each example requires a version of the provider, and of Terraform the one that the page of the
// provider lists for its features.
func TestExamplesRequireAVersion(t *testing.T) {
	t.Parallel()

	for _, name := range exampleNames(t) {
		code, terraform, tofu := exampleCode(t, name), "1.0", ""

		for _, feature := range []struct{ code, terraform, tofu string }{
			{"ephemeral = true", "1.10", "1.11"},
			{"check \"", "1.5", ""},
			{"terraform_data", "1.4", ""},
			{"postcondition", "1.2", ""},
		} {
			if strings.Contains(code, feature.code) {
				terraform, tofu = feature.terraform, feature.tofu

				break
			}
		}

		if gotTerraform, gotTofu := requiredVersion(code); gotTerraform != terraform || gotTofu != tofu {
			t.Errorf("%s requires Terraform %q and OpenTofu %q, want %q and %q", name, gotTerraform, gotTofu, terraform, tofu)
		}

		if !strings.Contains(code, `version = "~> 0.1.0"`) {
			t.Errorf("%s requires no version of the provider", name)
		}
	}
}

// The host of SIP URIs is one local value, because Telepath's pages name two hosts.
func TestExamplesNameTheSIPHostOnce(t *testing.T) {
	t.Parallel()

	for _, name := range exampleNames(t) {
		code := strings.ReplaceAll(exampleCode(t, name), `sip_host = "sip.telepathvoice.com"`, "")
		if strings.Contains(code, "sip.telepath") || strings.Contains(code, "sip:") && !strings.Contains(code, "@${local.sip_host}") {
			t.Errorf("%s has another SIP host than local.sip_host", name)
		}
	}
}

// exampleNames returns the folders under examples/ with a configuration.
func exampleNames(t *testing.T) []string {
	t.Helper()

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

	return slices.Sorted(maps.Keys(names))
}

// appliedByGuides are the configurations that TestAccGuide… apply. Those tests also check what a
// second plan changes.
var appliedByGuides = []string{
	"guides/authentication/ephemeral-key",
	"guides/authentication/two-accounts",
	"guides/connect-a-carrier/twilio",
	"guides/from-python/configuration",
	"guides/monitor-trunk-health/checks",
	"guides/monitor-trunk-health/optional",
	"guides/monitor-trunk-health/postcondition",
}

// Terraform applies every other configuration under examples/, and a second plan is empty.
func TestAccExamples(t *testing.T) {
	t.Parallel()

	for _, name := range exampleNames(t) {
		if slices.Contains(appliedByGuides, name) {
			continue
		}

		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tf := newExample(t, name, mockapi.New(mockapi.Trunks(10)))

			tf.applyTwice(t)
		})
	}
}
