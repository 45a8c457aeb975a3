// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// These tests check what the guides say about their examples. TestAccExamples applies those that
// no test here applies.

// newGuide creates a working folder with the files of a guide, for the account of an API.
func newGuide(t *testing.T, name string, api *mockapi.API) *terraform {
	t.Helper()

	tf := newTerraform(t, api)

	if err := os.CopyFS(tf.dir, os.DirFS(filepath.Join("../../examples/guides", name))); err != nil {
		t.Fatal(err)
	}

	return tf
}

// setMetrics changes the metrics of the first trunk.
func setMetrics(api *mockapi.API, metrics mockapi.Metrics) {
	api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk {
		trunks[0].Metrics = metrics
		return trunks
	})
}

// plannedActions plans and returns the action for each resource that changes.
func plannedActions(t *testing.T, tf *terraform, args ...string) map[string]string {
	t.Helper()

	actions := map[string]string{}

	for line := range strings.Lines(tf.must(t, append([]string{"plan", "-json"}, args...)...)) {
		var message struct {
			Type   string `json:"type"`
			Change struct {
				Resource struct {
					Addr string `json:"addr"`
				} `json:"resource"`
				Action string `json:"action"`
			} `json:"change"`
		}

		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Fatal(err)
		}

		// A data source is read.
		if message.Type == "planned_change" && message.Change.Action != "read" {
			actions[message.Change.Resource.Addr] = message.Change.Action
		}
	}

	return actions
}

// deniedSummary is the summary of the error for status 403.
const deniedSummary = "Telepath API access denied"

func TestAccGuideMonitorTrunkHealth(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.5", "", "check blocks")

	healthy := mockapi.Metrics{CallsToday: 1, SuccessRate: 95, AvgLatencyMS: 300}

	for name, test := range map[string]struct {
		metrics mockapi.Metrics
		status  string
		json    string
		fail    bool
		// want is the warning, and statuses are the check statuses in the plan.
		want     string
		statuses map[string]string
	}{
		"healthy at the thresholds": {
			metrics:  healthy,
			statuses: map[string]string{"check.trunk_performance": "pass", "check.trunk_status": "pass"},
		},
		"success rate too low": {
			metrics:  mockapi.Metrics{SuccessRate: 94.9, AvgLatencyMS: 300},
			want:     "Check block assertion failed .* conn_abc123xyz: success=94.9%, latency=300ms",
			statuses: map[string]string{"check.trunk_performance": "fail", "check.trunk_status": "pass"},
		},
		"latency too high": {
			metrics:  mockapi.Metrics{SuccessRate: 95, AvgLatencyMS: 301},
			want:     "Check block assertion failed .* conn_abc123xyz: success=95%, latency=301ms",
			statuses: map[string]string{"check.trunk_performance": "fail", "check.trunk_status": "pass"},
		},
		"no metrics": {
			json:     `{"id": "conn_abc123xyz", "status": "active"}`,
			statuses: map[string]string{"check.trunk_performance": "pass", "check.trunk_status": "pass"},
		},
		"one metric is null": {
			json:     `{"id": "conn_abc123xyz", "status": "active", "metrics": {"success_rate": 1, "avg_latency_ms": null}}`,
			want:     "Check block assertion failed .* conn_abc123xyz: success=1%, latency=nullms",
			statuses: map[string]string{"check.trunk_performance": "fail", "check.trunk_status": "pass"},
		},
		"a trunk in error": {
			metrics:  healthy,
			status:   "error",
			want:     "Check block assertion failed .* In error: conn_abc123xyz.",
			statuses: map[string]string{"check.trunk_performance": "pass", "check.trunk_status": "fail"},
		},
		"an unreadable list is a warning": {
			metrics:  healthy,
			fail:     true,
			want:     "Warning: " + deniedSummary,
			statuses: map[string]string{"check.trunk_performance": "fail", "check.trunk_status": "fail"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.ReferenceTrunks())
			setMetrics(api, test.metrics)

			api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk {
				trunks[0].JSON = test.json
				if test.status != "" {
					trunks[0].Status = test.status
				}

				return trunks
			})

			if test.fail {
				api.Fail(-1, mockapi.Status(403))
			}

			tf := newGuide(t, "monitor-trunk-health/checks", api)
			printed := oneLine(tf.must(t, "plan", "-out=plan"))

			for part := range strings.SplitSeq(test.want, " .* ") {
				if !strings.Contains(printed, part) {
					t.Errorf("%q was not printed:\n%s", part, printed)
				}
			}

			if warned := strings.Contains(printed, "Check block assertion failed"); test.want == "" && warned {
				t.Errorf("there is a warning:\n%s", printed)
			}

			if got := checkStatuses(t, tf); !cmp.Equal(got, test.statuses) {
				t.Errorf("checks: %s", cmp.Diff(test.statuses, got))
			}
		})
	}
}

// A failed check does not stop the run. No resource changes, but Terraform plans to read the
// data source of a check again.
func TestAccGuideMonitorTrunkHealthContinues(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.5", "", "check blocks")

	api := mockapi.New(mockapi.Trunks(10))
	tf := newGuide(t, "monitor-trunk-health/checks", api)
	tf.apply(t)

	if got := plannedActions(t, tf); len(got) != 0 {
		t.Errorf("a check changes something: %v", got)
	}

	var exit *exec.ExitError
	if _, _, err := tf.run(t, "plan", "-detailed-exitcode"); !errors.As(err, &exit) || exit.ExitCode() != 2 {
		t.Errorf("plan -detailed-exitcode: %v, want exit code 2", err)
	}
}

// checkStatuses returns the status of each check in the plan file.
func checkStatuses(t *testing.T, tf *terraform) map[string]string {
	t.Helper()

	var plan struct {
		Checks []struct {
			Address struct {
				Kind      string `json:"kind"`
				ToDisplay string `json:"to_display"`
			} `json:"address"`
			Status string `json:"status"`
		} `json:"checks"`
	}

	if err := json.Unmarshal([]byte(tf.must(t, "show", "-json", "plan")), &plan); err != nil {
		t.Fatal(err)
	}

	statuses := map[string]string{}

	for _, check := range plan.Checks {
		if check.Address.Kind == "check" {
			statuses[check.Address.ToDisplay] = check.Status
		}
	}

	return statuses
}

// A postcondition on the data source stops the plan.
func TestAccGuideMonitorTrunkHealthPostcondition(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.2", "", "postconditions")

	api := mockapi.New(mockapi.ReferenceTrunks())
	tf := newGuide(t, "monitor-trunk-health/postcondition", api)
	tf.applyTwice(t)

	api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk {
		trunks[0].Status = "error"
		return trunks
	})
	tf.fails(t, "plan", "In error: conn_abc123xyz.")

	api.Fail(-1, mockapi.Status(403))
	tf.fails(t, "plan", deniedSummary)
}

// The workflows of the guide run these commands. Terraform finds the provider through a
// development override, so init is left out.
func TestAccGuideRunInCI(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.5", "", "check blocks")

	api := mockapi.New(mockapi.ReferenceTrunks())
	tf := newGuide(t, "monitor-trunk-health/checks", api)

	for _, workflow := range []string{"plan.yml", "health.yml"} {
		content, err := os.ReadFile(filepath.Join("../../examples/guides/run-in-ci", workflow)) //nolint:gosec // A file of the repository.
		if err != nil {
			t.Fatal(err)
		}

		for _, command := range regexp.MustCompile(`run: terraform ([^>\n]+)`).FindAllStringSubmatch(string(content), -1) {
			if args := strings.Fields(command[1]); args[0] != "init" {
				tf.must(t, args...)
			}
		}
	}

	// A missing key is an error even if only checks read trunks.
	tf.env = append(tf.env, envAPIKey+"=")
	tf.fails(t, "plan", "Missing Telepath API key")

	// The data sources report an empty argument, so that it is a warning in a check.
	tf.write(t, "provider.tf", "provider \"telepath\" {\n  api_key = \"\"\n}\n")

	if printed := oneLine(tf.must(t, "plan")); !strings.Contains(printed, "Warning: Empty Telepath API key") {
		t.Errorf("there is no warning:\n%s", printed)
	}
}

func TestAccGuideConnectACarrierTwilio(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.4", "", "terraform_data")

	const (
		trunk = "twilio_trunking_trunks_v1.telepath"
		url   = "twilio_trunking_trunks_origination_urls_v1.telepath"
	)

	api := mockapi.New(mockapi.Trunks(10))
	tf := newGuide(t, "connect-a-carrier/twilio", api)
	twilioFolder(t)
	tf.apply(t)

	if state := tf.must(t, "state", "show", url+`["conn_abc123xyz"]`); !strings.Contains(state, `"sip:agent-prod-01@sip.telepathvoice.com"`) {
		t.Errorf("the origination URL is wrong:\n%s", state)
	}

	setMetrics(api, mockapi.Metrics{CallsToday: 1, SuccessRate: 1, AvgLatencyMS: 1})

	if got := plannedActions(t, tf); len(got) != 0 {
		t.Errorf("a change of metrics changes the plan: %v", got)
	}

	api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk { return append(trunks[1:], mockapi.GeneratedTrunk(13)) })

	want := map[string]string{
		trunk + `["conn_abc123xyz"]`: "delete",
		url + `["conn_abc123xyz"]`:   "delete",
		trunk + `["conn_000013"]`:    "create",
		url + `["conn_000013"]`:      "create",
	}
	if got := plannedActions(t, tf); !cmp.Equal(got, want) {
		t.Errorf("one trunk deleted and one created: %s", cmp.Diff(want, got))
	}

	api.Update(func([]mockapi.Trunk) []mockapi.Trunk {
		return []mockapi.Trunk{{JSON: `{"id": "conn_abc123xyz", "status": "active", "sip_username": null}`}}
	})
	tf.fails(t, "plan", "No active trunk has a SIP username.")
}

// Without status, Terraform keeps the Twilio trunk of an inactive trunk.
func TestAccGuideConnectACarrierKeepsInactive(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.4", "", "terraform_data")

	api := mockapi.New(mockapi.ReferenceTrunks()[:1])
	tf := newGuide(t, "connect-a-carrier/twilio", api)
	twilioFolder(t)

	// A null argument counts as removed.
	tf.write(t, "status_override.tf", "data \"telepath_trunks\" \"active\" {\n  status = null\n}\n")
	tf.apply(t)

	api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk {
		trunks[0].Status = "inactive"
		return trunks
	})

	want := map[string]string{`twilio_trunking_trunks_origination_urls_v1.telepath["conn_abc123xyz"]`: "update"}
	if got := plannedActions(t, tf); !cmp.Equal(got, want) {
		t.Errorf("an inactive trunk: %s", cmp.Diff(want, got))
	}
}

func TestAccGuideConnectACarrierStablePlans(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.4", "", "terraform_data")

	api := mockapi.New(mockapi.ReferenceTrunks())
	tf := newGuide(t, "connect-a-carrier/stable-plans", api)
	tf.apply(t)

	want := map[string]string{
		"terraform_data.carrier":         "update",
		"terraform_data.stable":          "update",
		"terraform_data.with_depends_on": "update",
	}
	if got := plannedActions(t, tf, "-var=carrier=second"); !cmp.Equal(got, want) {
		t.Errorf("depends_on: %s", cmp.Diff(want, got))
	}

	setMetrics(api, mockapi.Metrics{CallsToday: 143, SuccessRate: 98.6, AvgLatencyMS: 187})

	want = map[string]string{"terraform_data.with_metrics": "update"}
	if got := plannedActions(t, tf); !cmp.Equal(got, want) {
		t.Errorf("metrics: %s", cmp.Diff(want, got))
	}
}

// Mocked tests need no key and send no request.
func TestAccGuideTestYourModuleMocked(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.8", "1.9", "mock_provider")

	api := mockapi.New(nil)
	tf := newGuide(t, "test-your-module/module", api)
	tf.env = append(tf.env, envAPIKey+"=")

	tf.must(t, "test")
	wantNoRequest(t, api)
}

// The mocks of the guide have every attribute of a trunk, which OpenTofu requires.
func TestGuideMocksAreComplete(t *testing.T) {
	t.Parallel()

	var trunk datasource.SchemaResponse

	newTrunkDataSource().Schema(t.Context(), datasource.SchemaRequest{}, &trunk)

	for _, file := range []string{"mocks/telepath.tfmock.hcl", "mocked.tofutest.hcl"} {
		content, err := os.ReadFile(filepath.Join("../../examples/guides/test-your-module/module/tests", file)) //nolint:gosec // A file of the repository.
		if err != nil {
			t.Fatal(err)
		}

		for name, attribute := range trunk.Schema.Attributes {
			// Both files mock two trunks in telepath_trunks.
			found := regexp.MustCompile(`(?m)^ +`+name+` += `).FindAll(content, -1)
			if attribute.IsComputed() && len(found) < 2 {
				t.Errorf("%s: %s is in %d trunks", file, name, len(found))
			}
		}
	}
}

func TestAccGuideTestYourModuleMockAPI(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.6", "", "terraform test")

	const file = "tests/api/mock_api.tftest.hcl"

	baseURL := startAPI(t, mockapi.New(mockapi.ReferenceTrunks()))
	tf := newGuide(t, "test-your-module/module", mockapi.New(nil))

	// The guide uses the mock API's default port. This test uses any free port.
	content, err := os.ReadFile(filepath.Join(tf.dir, file))
	if err != nil {
		t.Fatal(err)
	}

	if !strings.Contains(string(content), "http://127.0.0.1:8080/v1") {
		t.Fatalf("%s does not use the default port of the mock API", file)
	}

	changed := strings.ReplaceAll(string(content), "http://127.0.0.1:8080/v1", baseURL)
	if err := os.WriteFile(filepath.Join(tf.dir, file), []byte(changed), 0o600); err != nil { //nolint:gosec // In the folder of the test.
		t.Fatal(err)
	}

	tf.must(t, "test", "-test-directory=tests/api")
}

// The commands of the guide start the mock API, and a plan of the module shows their effect.
func TestAccGuideTestYourModuleCommands(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.4", "", "terraform_data")

	want := map[string]string{
		"bin/telepath-mock -data trunks.json":             "Several trunks found",
		"bin/telepath-mock -fault 503 -fault-requests -1": "Telepath API failed",
	}

	page, err := os.ReadFile("../../docs/guides/test-your-module.md")
	if err != nil {
		t.Fatal(err)
	}

	commands := regexp.MustCompile(`(?m)^bin/telepath-mock .*$`).FindAllString(string(page), -1)
	if len(commands) != len(want) {
		t.Fatalf("the guide has the commands %q", commands)
	}

	for _, command := range commands {
		t.Run(command, func(t *testing.T) {
			t.Parallel()

			tf := newGuide(t, "test-your-module/module", mockapi.New(nil))
			tf.write(t, "provider.tf", "provider \"telepath\" {\n  max_retries = 0\n}\n")
			tf.env = append(tf.env, envBaseURL+"="+startMock(t, strings.Fields(command)[1:]...))
			tf.fails(t, "plan", want[command])
		})
	}
}

// startMock runs telepath-mock in the guide's folder and returns its base URL.
func startMock(t *testing.T, args ...string) string {
	t.Helper()

	command := exec.CommandContext(t.Context(), filepath.Join(mockFolder(t), "telepath-mock"), append([]string{"-addr", "127.0.0.1:0"}, args...)...) //nolint:gosec // Our own command.
	command.Dir = "../../examples/guides/test-your-module"
	command.Stderr = t.Output()

	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}

	if err := command.Start(); err != nil {
		t.Fatal(err)
	}

	// The context of the test ends before this runs, and kills the command.
	t.Cleanup(func() { _ = command.Wait() })

	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("telepath-mock printed no address: %v", err)
	}

	return strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
}

func TestAccGuideFromPython(t *testing.T) {
	t.Parallel()

	trunks := mockapi.Trunks(250)
	tf := newGuide(t, "from-python/configuration", mockapi.New(trunks))
	tf.applyTwice(t)

	var outputs struct {
		Found, Attention struct{ Value string }
		AllTrunks        struct{ Value []any } `json:"all_trunks"`
		Listed           struct{ Value []string }
		Alerts           struct{ Value []string }
	}

	if err := json.Unmarshal([]byte(tf.must(t, "output", "-json")), &outputs); err != nil {
		t.Fatal(err)
	}

	// The output of the Python examples.
	var (
		listed, alerts []string
		attention      int
	)

	for _, trunk := range trunks {
		switch trunk.Status {
		case "active":
			listed = append(listed, fmt.Sprintf("%s: %s (%s)", trunk.ID, trunk.Name, trunk.Status))
		case "error":
			attention++
		}

		if m := trunk.Metrics; m.SuccessRate < 95 || m.AvgLatencyMS > 300 {
			alerts = append(alerts, fmt.Sprintf("ALERT: %s — success=%v%%, latency=%dms", trunk.Name, m.SuccessRate, m.AvgLatencyMS))
		}
	}

	for _, difference := range []string{
		cmp.Diff(fmt.Sprintf("Found %d trunks", len(listed)), outputs.Found.Value),
		cmp.Diff(fmt.Sprintf("%d trunks need attention", attention), outputs.Attention.Value),
		cmp.Diff(len(trunks), len(outputs.AllTrunks.Value)),
		cmp.Diff(listed, outputs.Listed.Value),
		cmp.Diff(alerts, outputs.Alerts.Value),
	} {
		if difference != "" {
			t.Error(difference)
		}
	}
}

// An ephemeral key is used, but is in neither plan nor state.
func TestAccGuideEphemeralKey(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.10", "1.11", "ephemeral values")

	const key = "sk_live_ephemeral0123456789"

	api := mockapi.New(mockapi.ReferenceTrunks())
	api.SetKey(key)

	tf := newGuide(t, "authentication/ephemeral-key", api)
	tf.write(t, "ids.tf", "data \"telepath_trunks\" \"all\" {}\n\noutput \"ids\" {\n  value = data.telepath_trunks.all.ids\n}\n")

	variable := "TF_VAR_telepath_api_key=" + key
	tf.env = append(tf.env, variable)
	tf.must(t, "plan", "-out=plan")
	plan := tf.must(t, "show", "-json", "plan")

	tf.env = slices.DeleteFunc(tf.env, func(entry string) bool { return entry == variable })
	if _, stderr, err := tf.run(t, "apply", "plan"); err == nil {
		t.Errorf("the plan was applied without the variable:\n%s", stderr)
	}

	tf.env = append(tf.env, variable)
	tf.must(t, "apply", "plan")
	tf.must(t, "plan", "-detailed-exitcode")

	for name, text := range map[string]string{"plan": plan, "state": tf.must(t, "state", "pull")} {
		if strings.Contains(text, key) {
			t.Errorf("the key is in the %s", name)
		}

		if !strings.Contains(text, "conn_def456uvw") {
			t.Errorf("no trunk is in the %s:\n%s", name, text)
		}
	}
}

// Each alias reads its own account, and a missing key never selects another account.
func TestAccGuideTwoAccounts(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.10", "1.11", "ephemeral values")

	production, staging := mockapi.New(mockapi.Trunks(5)), mockapi.New(mockapi.Trunks(3))
	production.SetKey("sk_production")
	staging.SetKey("sk_staging")

	both := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("Authorization"), "sk_staging") {
			staging.ServeHTTP(w, r)
			return
		}

		production.ServeHTTP(w, r)
	})

	tf := newGuide(t, "authentication/two-accounts", production)
	tf.env = append(tf.env, envAPIKey+"=", envBaseURL+"="+startAPI(t, both), "TF_VAR_production_api_key=sk_production", "TF_VAR_staging_api_key=sk_staging")
	tf.applyTwice(t)

	if got, want := tf.must(t, "output", "-json", "trunks_by_account"), `{"production":5,"staging":3}`; strings.TrimSpace(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}

	tf.env = append(tf.env, envAPIKey+"=sk_production", "TF_VAR_staging_api_key=")
	tf.fails(t, "plan", "Set staging_api_key to an API key of the staging account.")
}

// block returns the first code block of a page that contains the text.
func block(t *testing.T, page, text string) string {
	t.Helper()

	content, err := os.ReadFile(filepath.Join("../..", page)) //nolint:gosec // A page of the repository.
	if err != nil {
		t.Fatal(err)
	}

	for _, code := range markdownCode.FindAllString(string(content), -1) {
		if strings.Contains(code, text) {
			_, code, _ = strings.Cut(code, "\n")
			return strings.TrimSuffix(code, "```")
		}
	}

	t.Fatalf("%s has no code block with %q", page, text)

	return ""
}

// newReadme creates a working folder with the configuration of the README, and runs the code
// block that installs the provider for it.
func newReadme(t *testing.T, install string) *terraform {
	t.Helper()

	tf := newTerraform(t, mockapi.New(mockapi.ReferenceTrunks()))
	tf.write(t, "main.tf", block(t, "README.md", "origination_uris"))

	clone := t.TempDir()
	if err := os.CopyFS(filepath.Join(clone, "bin"), os.DirFS(providerFolder(t))); err != nil {
		t.Fatal(err)
	}

	script := strings.Replace(block(t, "README.md", install), "make build\n", "", 1)
	if host := os.Getenv("TF_ACC_PROVIDER_HOST"); host != "" {
		script = strings.ReplaceAll(script, "host=registry.terraform.io", "host="+host)
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

	tf := newReadme(t, "dev_overrides")
	tf.must(t, "plan")

	if err := os.Mkdir(filepath.Join(tf.dir, "child"), 0o700); err != nil {
		t.Fatal(err)
	}

	if err := os.Rename(filepath.Join(tf.dir, "main.tf"), filepath.Join(tf.dir, "child", "main.tf")); err != nil {
		t.Fatal(err)
	}

	tf.write(t, "main.tf", "module \"child\" {\n  source = \"./child\"\n}\n")
	tf.must(t, "get")
	tf.must(t, "plan")
}

func TestAccReadmeLocalMirror(t *testing.T) {
	t.Parallel()

	tf := newReadme(t, "filesystem_mirror")
	tf.must(t, "init")
	tf.apply(t)
}

// terraformSummaries are summaries in the troubleshooting guide that are Terraform's own or
// from HashiCorp's validators, with a configuration that causes each.
var terraformSummaries = map[string]string{
	"Invalid Attribute Value Match":         `data "telepath_trunks" "match" { status = "suspended" }`,
	"Missing Attribute Configuration":       `data "telepath_trunk" "missing" {}`,
	"Invalid Attribute Combination":         "data \"telepath_trunk\" \"combination\" {\n  id = \"1\"\n  name = \"1\"\n}",
	"Invalid Attribute Value Length":        `data "telepath_trunk" "length" { id = "" }`,
	"Invalid Attribute Value Time Duration": `data "telepath_trunks" "duration" { timeouts = { read = "10" } }`,
	"Unsupported block type":                "data \"telepath_trunks\" \"block\" {\n  timeouts {\n    read = \"10m\"\n  }\n}",
	// Without a key and a provider block.
	"Invalid provider configuration": "",
}

func TestAccGuideTroubleshootingTerraform(t *testing.T) {
	t.Parallel()

	tf := newTerraform(t, nil)
	tf.configure(t, `data "telepath_trunks" "all" {}`)
	_, planned, _ := tf.run(t, "plan")

	tf.configure(t, strings.Join(slices.Collect(maps.Values(terraformSummaries)), "\n"))
	_, validated, _ := tf.run(t, "validate")

	for summary := range terraformSummaries {
		if !strings.Contains(planned+validated, "Error: "+summary) {
			t.Errorf("Terraform did not print %q:\n%s%s", summary, planned, validated)
		}
	}
}

// The troubleshooting guide lists every summary of the provider's errors and warnings, and no
// others.
func TestGuideTroubleshooting(t *testing.T) {
	t.Parallel()

	page, err := os.ReadFile("../../docs/guides/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}

	var documented []string

	for row := range strings.Lines(string(page)) {
		if cells := strings.Split(row, "|"); len(cells) > 1 {
			for _, code := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[1], -1) {
				if _, ok := terraformSummaries[code[1]]; !ok {
					documented = append(documented, code[1])
				}
			}
		}
	}

	slices.Sort(documented)

	if got := slices.Compact(summaries(t)); !cmp.Equal(got, documented) {
		t.Errorf("summaries in the code (-) and in the guide (+): %s", cmp.Diff(got, documented))
	}
}

// summaries returns the summaries of all diagnostics in this package's source, sorted.
func summaries(t *testing.T) []string {
	t.Helper()

	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}

	// The position of the summary among the arguments.
	position := map[string]int{
		"AddError": 0, "AddWarning": 0, "AddAttributeError": 1, "AddAttributeWarning": 1,
		"NewErrorDiagnostic": 0, "NewWarningDiagnostic": 0, "NewAttributeErrorDiagnostic": 1, "NewAttributeWarningDiagnostic": 1,
	}

	var found []string

	add := func(expression ast.Expr) {
		switch expression := expression.(type) {
		case *ast.BasicLit:
			if text, err := strconv.Unquote(expression.Value); err == nil && text != "" {
				found = append(found, text)
			}
		case *ast.BinaryExpr:
			// "Unknown " and the name of an argument.
			literal, ok := expression.X.(*ast.BasicLit)
			if !ok || literal.Value != `"Unknown "` {
				t.Errorf("this test cannot evaluate a summary")
			}

			for _, name := range []string{"api_key", "base_url", "max_retries", "request_timeout"} {
				found = append(found, "Unknown "+name)
			}
		}
	}

	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}

		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}

		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.CallExpr:
				if function, ok := node.Fun.(*ast.SelectorExpr); ok {
					if at, ok := position[function.Sel.Name]; ok && len(node.Args) > at {
						add(node.Args[at])
					}
				}
			case *ast.FuncDecl:
				if returnsSummary(node) {
					ast.Inspect(node, func(inner ast.Node) bool {
						if statement, ok := inner.(*ast.ReturnStmt); ok && len(statement.Results) > 0 {
							add(statement.Results[0])
						}

						return true
					})
				}
			}

			return true
		})
	}

	slices.Sort(found)

	return found
}

// returnsSummary reports whether the first result of a function is named summary.
func returnsSummary(function *ast.FuncDecl) bool {
	results := function.Type.Results

	return results != nil && len(results.List[0].Names) > 0 && results.List[0].Names[0].Name == "summary"
}

var (
	markdownLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	markdownHeading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	markdownAnchor  = regexp.MustCompile(`<a id="([^"]+)">`)
	markdownCode    = regexp.MustCompile("(?ms)^```.*?^```$")
)

// Every relative link in the docs and in the pages at the root leads to an existing file and
// heading.
func TestGuideLinks(t *testing.T) {
	t.Parallel()

	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}

	var pages []string

	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", ".github/*.md", ".github/*/*.md"} {
		matches, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}

		pages = append(pages, matches...)
	}

	if len(pages) < 8 {
		t.Fatalf("found %d pages only", len(pages))
	}

	for _, page := range pages {
		content, err := os.ReadFile(page) //nolint:gosec // A page of the repository.
		if err != nil {
			t.Fatal(err)
		}

		text := markdownCode.ReplaceAllString(string(content), "")
		for _, link := range markdownLink.FindAllStringSubmatch(text, -1) {
			if strings.HasPrefix(link[1], "https://") || strings.HasPrefix(link[1], "mailto:") {
				continue
			}

			file, anchor, _ := strings.Cut(link[1], "#")
			target := page

			if file != "" {
				target = filepath.Join(filepath.Dir(page), file)
			}

			if !strings.HasPrefix(target, root) {
				t.Errorf("%s: %s leads outside the repository", page, link[1])
				continue
			}

			if _, err := os.Stat(target); err != nil { //nolint:gosec // A file that a page of the repository names.
				t.Errorf("%s: %s does not exist", page, link[1])
				continue
			}

			if anchor != "" && !slices.Contains(anchors(t, target), anchor) {
				t.Errorf("%s: %s has no such heading", page, link[1])
			}
		}
	}
}

// anchors returns the anchors of a page.
func anchors(t *testing.T, page string) []string {
	t.Helper()

	content, err := os.ReadFile(page) //nolint:gosec // A page of the repository.
	if err != nil {
		t.Fatal(err)
	}

	text := markdownCode.ReplaceAllString(string(content), "")

	var found []string

	for _, heading := range markdownHeading.FindAllStringSubmatch(text, -1) {
		// The rule of GitHub and the registry.
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		found = append(found, strings.ReplaceAll(name, " ", "-"))
	}

	for _, anchor := range markdownAnchor.FindAllStringSubmatch(text, -1) {
		found = append(found, anchor[1])
	}

	return found
}
