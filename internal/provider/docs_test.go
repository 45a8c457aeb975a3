// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

var markdownCode = regexp.MustCompile("(?ms)^```.*?^```$")

// codeBlock returns the first code block of a page that contains the text.
func codeBlock(t *testing.T, page, text string) string {
	t.Helper()

	for _, code := range markdownCode.FindAllString(readFile(t, filepath.Join(repository, page)), -1) {
		if strings.Contains(code, text) {
			_, code, _ = strings.Cut(code, "\n")

			return strings.TrimSuffix(code, "```")
		}
	}

	t.Fatalf("%s has no code block with %q", page, text)

	return ""
}

// newReadme creates a working folder with the configuration of the README, and runs the code
// block that installs the provider for it in a clone.
func newReadme(t *testing.T, clone, install string) *terraform {
	t.Helper()

	needsShell(t)

	tf := newTerraform(t, mockapi.New(mockapi.ReferenceTrunks()))
	tf.write(t, "main.tf", codeBlock(t, "README.md", "sip_usernames"))

	clone = filepath.Join(t.TempDir(), clone)
	if err := os.CopyFS(filepath.Join(clone, "bin"), os.DirFS(providerFolder(t))); err != nil {
		t.Fatal(err)
	}

	// The clone has no source to build.
	if err := os.CopyFS(filepath.Join(clone, "tools"), os.DirFS(filepath.Join(repository, "tools"))); err != nil {
		t.Fatal(err)
	}

	_, script, _ := strings.Cut(codeBlock(t, "README.md", install), install+"\n")
	if install == "make mirror" {
		script = "tools/mirror.sh\n" + script
	}

	command := exec.CommandContext(t.Context(), "sh", "-e", "-c", script+"\nprintf %s \"$TF_CLI_CONFIG_FILE\"") //nolint:gosec // The README's commands.
	command.Dir = clone
	command.Stderr = t.Output()

	file, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}

	tf.env = append(tf.env, "TF_CLI_CONFIG_FILE="+string(file))

	return tf
}

func TestAccReadmeDevelopmentOverride(t *testing.T) {
	t.Parallel()

	tf := newReadme(t, "clone", "make build")
	tf.must(t, "plan")

	if err := os.Mkdir(filepath.Join(tf.dir, "child"), 0o700); err != nil {
		t.Fatal(err)
	}

	if err := os.Rename(filepath.Join(tf.dir, "main.tf"), filepath.Join(tf.dir, "child", "main.tf")); err != nil {
		t.Fatal(err)
	}

	tf.write(t, "main.tf", "module \"child\" {\n  source = \"./child\"\n}\n")
	tf.fails(t, "plan", "Module not installed")
	tf.must(t, "get")
	tf.must(t, "plan")

	tf.write(t, "backend.tf", "terraform {\n  backend \"local\" {}\n}\n")
	tf.fails(t, "plan", "Backend initialization required")
	tf.fails(t, "init -plugin-dir=.") // A registry that does not have the provider.
	tf.must(t, "plan")
}

func TestAccReadmeLocalMirror(t *testing.T) {
	t.Parallel()

	tf := newReadme(t, `a "quoted" c\lone`, "make mirror")
	script := codeBlock(t, "README.md", "terraform init") +
		strings.Replace(codeBlock(t, "README.md", "sk_live_anything"), "http://127.0.0.1:8080/v1", startAPI(t, mockapi.New(mockapi.Trunks(250))), 1)

	if output, err := tf.shell(t, script).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// The README's file for a machine without access to the registry, with the mirror of a local build.
func TestAccReadmeReleasedVersions(t *testing.T) {
	t.Parallel()

	tf := newReadme(t, "clone", "make mirror")
	_, local, _ := strings.Cut(tf.env[len(tf.env)-1], "=")
	tf.write(t, "offline.tfrc", strings.Replace(codeBlock(t, "README.md", "/path/to/FOLDER"), "/path/to/FOLDER", strings.TrimSuffix(local, ".tfrc"), 1))

	tf.env = append(tf.env, "TF_CLI_CONFIG_FILE="+filepath.Join(tf.dir, "offline.tfrc"))
	tf.must(t, "init")
}

// terraformSummaries are summaries in the troubleshooting guide that are Terraform's own or
// from HashiCorp's validators, with a configuration that causes each.
var terraformSummaries = map[string]string{
	"Invalid Attribute Value Match":         `data "telepath_trunks" "match" { status = "suspended" }`,
	"Missing Attribute Configuration":       `data "telepath_trunk" "missing" {}`,
	"Invalid Attribute Combination":         "data \"telepath_trunk\" \"combination\" {\n  id = \"1\"\n  name = \"1\"\n}",
	"Invalid Attribute Value Length":        `data "telepath_trunk" "length" { name = "" }`,
	"Invalid Attribute Value Time Duration": `data "telepath_trunks" "duration" { timeouts = { read = "10" } }`,
	"Unsupported block type":                "data \"telepath_trunks\" \"block\" {\n  timeouts {\n    read = \"10m\"\n  }\n}",
}

func TestAccGuideTroubleshootingTerraform(t *testing.T) {
	t.Parallel()

	tf := newTerraform(t, nil)
	tf.configure(t, strings.Join(slices.Collect(maps.Values(terraformSummaries)), "\n"))
	_, validated, _ := tf.run(t, "validate")

	for summary := range terraformSummaries {
		if !strings.Contains(validated, "Error: "+summary) {
			t.Errorf("Terraform did not print %q:\n%s", summary, validated)
		}
	}
}

// runSummaries are summaries in the troubleshooting guide that Terraform prints only in the other
// tests of this guide, or after a signal, see TestAccGuideRunInCILimitsThePlan.
var runSummaries = []string{
	"Attempt to get attribute from null value",
	"Backend initialization required",
	"Duplicate object key",
	"Failed to install provider",
	"Failed to load plugin schemas",
	"Failed to query available provider packages",
	"Failed to resolve provider packages",
	"Inconsistent dependency lock file",
	"Instance cannot be destroyed",
	"Invalid for_each argument",
	"Invalid index",
	"Invalid nested splat expressions",
	"Invalid template interpolation value",
	"Module not installed",
	"Plugin did not respond",
	"Required plugins are not installed",
	"Resource instance cannot be destroyed",
	"Resource postcondition failed",
	"Two interrupts received",
	"failed to read provider configuration schema",
	"failed to read schema",
	"panic: inconsistent list element types",
}

// tofuSummaries are the summaries of OpenTofu for a summary of Terraform. It prints one of them, or that
// of Terraform, which depends on its version and can differ from one run to the next.
var tofuSummaries = map[string][]string{
	"Failed to load plugin schemas":               {"failed to read provider configuration schema for", "failed to read schema for"},
	"Failed to query available provider packages": {"Failed to resolve provider packages"},
	"Required plugins are not installed":          {"Failed to load plugin schemas", "failed to read provider configuration schema for", "failed to read schema for"},
}

// failsWithSummary runs Terraform and checks that it exits with 1, and that its error has a summary of
// Terraform, or OpenTofu's for it, and then the texts.
func (tf *terraform) failsWithSummary(t *testing.T, command, summary string, texts ...string) {
	t.Helper()

	stderr := oneLine(tf.fails(t, command))

	if name, err := terraformVersion(); err != nil {
		t.Fatal(err)
	} else if strings.HasPrefix(name, "OpenTofu") {
		for _, other := range tofuSummaries[summary] {
			if strings.Contains(stderr, "Error: "+other) {
				summary = other

				break
			}
		}
	}

	wantInOrder(t, stderr, append([]string{"Error: " + summary}, texts...))
}

func TestAccGuideTroubleshootingRuns(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.1", "", "these summaries")

	api := mockapi.New([]mockapi.Trunk{{JSON: `{"id": "conn_1"}`}})

	tf := newTerraform(t, api)
	tf.configure(t, `data "telepath_trunks" "all" {}`)
	// A folder without providers, as a registry that does not have this one.
	tf.failsWithSummary(t, "init -plugin-dir=.", "Failed to query available provider packages")

	// A registry that does not respond.
	tf.write(t, "unreachable.tfrc", "provider_installation {\n  network_mirror { url = \"https://127.0.0.1:1/\" }\n}\n")

	unreachable := *tf
	unreachable.env = append(slices.Clone(tf.env), "TF_CLI_CONFIG_FILE="+filepath.Join(tf.dir, "unreachable.tfrc"))
	unreachable.failsWithSummary(t, "init", "Failed to query available provider packages")

	// The folder for the provider's socket is missing, or its path is too long. The detail depends on
	// Terraform's version. On Windows, the provider uses TCP.
	if runtime.GOOS != "windows" {
		long := strings.Repeat("x", 91)
		tf.write(t, long+"/file", "")

		for _, folder := range []string{"missing", long} {
			tf.env = append(tf.env, "TMPDIR="+filepath.Join(tf.dir, folder))
			tf.failsWithSummary(t, "plan", "Failed to load plugin schemas")
		}
	}

	tf = newTerraform(t, api)
	tf.configure(t, `
data "telepath_trunk" "one" { id = "conn_1" }
output "uri" { value = "sip:${data.telepath_trunk.one.sip_username}" }
output "rate" { value = data.telepath_trunk.one.metrics.success_rate }
output "other" { value = { for id in [data.telepath_trunk.one.id] : id => id }["conn_2"] }
`)
	tf.fails(t, "plan", "Invalid template interpolation value")
	tf.fails(t, "plan", "Invalid index")
	tf.fails(t, "plan", "Attempt to get attribute from null value")

	// Only one of the trunks has metrics. Terraform 1.11 crashes on [*].metrics[*].
	tf = newTerraform(t, mockapi.New(append(mockapi.Trunks(1), mockapi.Trunk{JSON: `{"id": "conn_1"}`})))
	tf.configure(t, `
data "telepath_trunks" "all" {}
output "rates" { value = [for trunk in data.telepath_trunks.all.trunks : one(trunk.metrics[*].success_rate)] }
`)
	tf.must(t, "plan")

	// A trunk that Terraform knows from the state no longer exists.
	tf = newTerraform(t, api)
	tf.configure(t, `data "telepath_trunk" "one" { id = "conn_1" }`)
	tf.apply(t)
	api.Update(func([]mockapi.Trunk) []mockapi.Trunk { return nil })
	tf.fails(t, "destroy -auto-approve", "Trunk not found")
	tf.must(t, "destroy", "-auto-approve", "-refresh=false")
}

func TestAccGuideTroubleshootingKeys(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.4", "", "terraform_data")

	tf := newTerraform(t, mockapi.New([]mockapi.Trunk{{JSON: `{"id": "conn_1", "name": "a"}`}, {JSON: `{"id": "conn_2", "name": "a"}`}}))
	tf.configure(t, `
data "telepath_trunks" "all" {}
output "by_name" { value = { for trunk in data.telepath_trunks.all.trunks : trunk.name => trunk.id } }
`)
	tf.fails(t, "plan", "Duplicate object key")

	tf.configure(t, `
resource "terraform_data" "carrier" {}
data "telepath_trunks" "all" { depends_on = [terraform_data.carrier] }
resource "terraform_data" "trunk" { for_each = toset(data.telepath_trunks.all.ids) }
`)
	tf.fails(t, "plan", "Invalid for_each argument")
}

// The lock file of a configuration has the checksum of another build.
func TestAccGuideTroubleshootingChecksum(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.1", "", "these summaries")

	tf := newReadme(t, "clone", "make mirror")
	tf.must(t, "init")

	lock := readFile(t, filepath.Join(tf.dir, ".terraform.lock.hcl"))
	tf.write(t, ".terraform.lock.hcl", regexp.MustCompile(`h1:[^"]+`).ReplaceAllString(lock, "h1:"+strings.Repeat("0", 43)+"="))
	tf.failsWithSummary(t, "plan", "Required plugins are not installed", "checksums")
	tf.fails(t, "init", "Failed to install provider", "checksums")

	if err := os.Remove(filepath.Join(tf.dir, ".terraform.lock.hcl")); err != nil {
		t.Fatal(err)
	}

	tf.fails(t, "plan", "Inconsistent dependency lock file")
	tf.must(t, "init", "-upgrade")
	tf.must(t, "plan")
}

// The troubleshooting guide lists the summary of each error and warning, and no others.
func TestTroubleshootingListsEverySummary(t *testing.T) {
	t.Parallel()

	var documented []string

	tables, listed, _ := strings.Cut(readFile(t, filepath.Join(repository, "docs/guides/troubleshooting.md")), "## Bugs")

	for row := range strings.Lines(tables) {
		if cells := strings.Split(row, "|"); len(cells) > 1 {
			listed += cells[1]
		}
	}

	for _, code := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(listed, -1) {
		if _, ok := terraformSummaries[code[1]]; !ok && !slices.Contains(runSummaries, code[1]) {
			documented = append(documented, code[1])
		}
	}

	var texts []string
	for _, summary := range summaries {
		texts = append(texts, summary.text)
	}

	slices.Sort(documented)
	slices.Sort(texts)

	if diff := cmp.Diff(texts, documented); diff != "" {
		t.Errorf("summaries in the code (-) and in the guide (+): %s", diff)
	}
}

const (
	repositoryURL = "https://github.com/telepathvoice/terraform-provider-telepath"
	registryURL   = "https://registry.terraform.io/providers/telepathvoice/telepath/latest/docs"
)

// Every link to a page of the project leads to an existing file and heading. Pages in docs/ link to
// each other at the registry: each registry serves them at other paths than the repository, so a
// relative link leads nowhere.
func TestDocsLinks(t *testing.T) {
	t.Parallel()

	var pages []string

	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", ".github/*.md", ".github/*/*.md"} {
		matches, err := filepath.Glob(filepath.Join(repository, pattern))
		if err != nil {
			t.Fatal(err)
		}

		pages = append(pages, matches...)
	}

	if len(pages) < 8 {
		t.Fatalf("found %d pages only", len(pages))
	}

	for _, page := range pages {
		text := markdownCode.ReplaceAllString(readFile(t, page), "")

		for _, match := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(text, -1) {
			address, anchor, _ := strings.Cut(match[1], "#")

			target := linkTarget(page, address)
			if target == "" {
				continue
			}

			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s leads to no page. Links between pages of docs/ begin with %s.", page, match[1], registryURL)
			} else if anchor != "" && !slices.Contains(anchors(t, target), anchor) {
				t.Errorf("%s: %s leads to no heading", page, match[1])
			}
		}
	}
}

// linkTarget returns the file to which a link on a page leads, and "" for another site.
func linkTarget(page, address string) string {
	docs, inDocs := strings.CutPrefix(address, registryURL)
	file, inRepository := strings.CutPrefix(address, repositoryURL+"/blob/main/")

	switch {
	case address == "":
		return page
	case address == registryURL:
		return filepath.Join(repository, "docs/index.md")
	case inDocs:
		return filepath.Join(repository, "docs", docs+".md")
	case address == repositoryURL:
		return filepath.Join(repository, "README.md")
	case inRepository:
		return filepath.Join(repository, file)
	case strings.HasPrefix(address, "https://"), strings.HasPrefix(address, "mailto:"):
		return ""
	case strings.HasPrefix(page, filepath.Join(repository, "docs")):
		return "a relative link"
	default:
		return filepath.Join(filepath.Dir(page), address)
	}
}

// anchors returns the anchors of a page, by the rule of GitHub and the registry.
func anchors(t *testing.T, page string) []string {
	t.Helper()

	var found []string

	text := markdownCode.ReplaceAllString(readFile(t, page), "")

	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		found = append(found, strings.ReplaceAll(name, " ", "-"))
	}

	for _, anchor := range regexp.MustCompile(`<a id="([^"]+)">`).FindAllStringSubmatch(text, -1) {
		found = append(found, anchor[1])
	}

	return found
}
