// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// These tests check what the guides say about their examples. TestAccExamples applies those that
// no test here applies.

func newGuide(t *testing.T, name string, api http.Handler, env ...string) *terraform {
	t.Helper()

	return newExample(t, "guides/"+name, api, env...)
}

// updateFirst changes the first trunk of the account.
func updateFirst(api *mockapi.API, update func(trunk *mockapi.Trunk)) {
	api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk {
		update(&trunks[0])

		return trunks
	})
}

func setMetrics(successRate float64, avgLatencyMS int64) func(trunk *mockapi.Trunk) {
	return func(trunk *mockapi.Trunk) {
		trunk.Metrics = mockapi.Metrics{CallsToday: 1, SuccessRate: successRate, AvgLatencyMS: avgLatencyMS}
	}
}

func setStatus(status string) func(trunk *mockapi.Trunk) {
	return func(trunk *mockapi.Trunk) { trunk.Status = status }
}

func setJSON(json string) func(trunk *mockapi.Trunk) {
	return func(trunk *mockapi.Trunk) { trunk.JSON = json }
}

// wantActions plans and checks the action for each resource that changes.
func wantActions(t *testing.T, tf *terraform, want map[string]string) {
	t.Helper()

	actions := map[string]string{}

	for line := range strings.Lines(tf.must(t, "plan", "-json")) {
		var message struct {
			Type   string
			Change struct {
				Resource struct{ Addr string }
				Action   string
			}
		}

		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Fatal(err)
		}

		// Data sources have the action read.
		if message.Type == "planned_change" && message.Change.Action != "read" {
			actions[message.Change.Resource.Addr] = message.Change.Action
		}
	}

	if diff := cmp.Diff(want, actions); diff != "" {
		t.Errorf("planned actions: %s", diff)
	}
}

const deniedSummary = "Telepath API access denied"

func TestAccGuideMonitorTrunkHealth(t *testing.T) {
	t.Parallel()

	const failed = "Check block assertion failed"

	for name, test := range map[string]struct {
		update      func(trunk *mockapi.Trunk)
		want        []string // the texts of the warning
		performance string   // the status of check.trunk_performance in the plan
		status      string   // the status of check.trunk_status in the plan
	}{
		"healthy at the thresholds": {
			update:      setMetrics(95, 300),
			performance: "pass", status: "pass",
		},
		"success rate too low": {
			update:      setMetrics(94.9, 300),
			want:        []string{failed, "conn_abc123xyz: success=94.9%, latency=300ms"},
			performance: "fail", status: "pass",
		},
		"latency too high": {
			update:      setMetrics(95, 301),
			want:        []string{failed, "conn_abc123xyz: success=95%, latency=301ms"},
			performance: "fail", status: "pass",
		},
		"no metrics": {
			update:      setJSON(`{"id": "conn_abc123xyz", "status": "active"}`),
			performance: "pass", status: "pass",
		},
		"one metric is null": {
			update:      setJSON(`{"id": "conn_abc123xyz", "status": "active", "metrics": {"success_rate": 1, "avg_latency_ms": null}}`),
			want:        []string{failed, "conn_abc123xyz: success=1%, latency=nullms"},
			performance: "fail", status: "pass",
		},
		"a trunk in error": {
			update:      setStatus("error"),
			want:        []string{failed, "In error: conn_abc123xyz."},
			performance: "pass", status: "fail",
		},
		"a trunk that is not active": {
			update:      setJSON(`{"id": "conn_abc123xyz", "status": "inactive", "metrics": {"success_rate": 1, "avg_latency_ms": 301}}`),
			performance: "pass", status: "pass",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.ReferenceTrunks())
			updateFirst(api, test.update)

			tf := newGuide(t, "monitor-trunk-health/checks", api)
			printed := oneLine(tf.must(t, "plan", "-out=plan"))
			wantInOrder(t, printed, test.want)

			if len(test.want) == 0 && strings.Contains(printed, failed) {
				t.Errorf("there is a warning:\n%s", printed)
			}

			want := map[string]string{"check.trunk_performance": test.performance, "check.trunk_status": test.status}
			if diff := cmp.Diff(want, checkStatuses(t, tf)); diff != "" {
				t.Errorf("checks: %s", diff)
			}
		})
	}
}

// checkStatuses returns the status of each check in the plan file.
func checkStatuses(t *testing.T, tf *terraform) map[string]string {
	t.Helper()

	var plan struct {
		Checks []struct {
			Address struct {
				Kind      string
				ToDisplay string `json:"to_display"`
			}
			Status string
		}
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

// A failed check does not stop the run, and nothing is planned. Without the trunks, the run stops.
func TestAccGuideMonitorTrunkHealthContinues(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.Trunks(10))
	tf := newGuide(t, "monitor-trunk-health/checks", api)
	tf.applyTwice(t)

	api.Fail(-1, mockapi.Status(403))
	tf.fails(t, "plan", deniedSummary)
}

// With the data source in the check, a run continues without the trunks. Terraform plans to read
// the trunks again.
func TestAccGuideMonitorTrunkHealthOptional(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.ReferenceTrunks())
	updateFirst(api, setStatus("error"))

	tf := newGuide(t, "monitor-trunk-health/optional", api)
	tf.apply(t)
	wantActions(t, tf, map[string]string{})

	var exit *exec.ExitError

	stdout, _, err := tf.run(t, "plan", "-detailed-exitcode")
	if !errors.As(err, &exit) || exit.ExitCode() != 2 {
		t.Errorf("plan -detailed-exitcode: %v, want exit code 2", err)
	}

	wantInOrder(t, oneLine(stdout), []string{"will be read during apply", "conn_abc123xyz", "In error: conn_abc123xyz."})

	// The account of another key has no trunk in error.
	updateFirst(api, func(trunk *mockapi.Trunk) { trunk.ID, trunk.Status = "conn_other", "active" })
	wantInOrder(t, oneLine(tf.must(t, "plan", "-out=plan")), []string{"The API key's account has no trunk conn_abc123xyz."})

	want := map[string]string{"check.trunk_status": "fail"}
	if diff := cmp.Diff(want, checkStatuses(t, tf)); diff != "" {
		t.Errorf("checks of another account: %s", diff)
	}

	api.Fail(-1, mockapi.Status(403))
	wantInOrder(t, oneLine(tf.must(t, "plan", "-out=plan")), []string{"Warning: " + deniedSummary})

	if diff := cmp.Diff(want, checkStatuses(t, tf)); diff != "" {
		t.Errorf("checks: %s", diff)
	}

	// The data source also reports a missing key.
	tf.env = append(tf.env, envAPIKey+"=")
	wantInOrder(t, oneLine(tf.must(t, "plan", "-out=plan")), []string{"Warning: Missing Telepath API key", `in check "trunk_status":`})

	if diff := cmp.Diff(want, checkStatuses(t, tf)); diff != "" {
		t.Errorf("checks without a key: %s", diff)
	}
}

// A postcondition on the data source stops the plan.
func TestAccGuideMonitorTrunkHealthPostcondition(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.ReferenceTrunks())
	tf := newGuide(t, "monitor-trunk-health/postcondition", api)
	tf.applyTwice(t)

	updateFirst(api, setStatus("error"))
	tf.fails(t, "plan", "In error: conn_abc123xyz.")

	api.Fail(-1, mockapi.Status(403))
	tf.fails(t, "plan", deniedSummary)
}

// The scripts of the workflows, and those of the guide Monitor trunk health. Terraform finds the
// provider through a development override, so init is left out.
func TestAccGuideRunInCI(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.ReferenceTrunks())
	tf := newGuide(t, "monitor-trunk-health/checks", api)

	health := workflowScripts(t, "health.yml")
	scripts := slices.Concat(workflowScripts(t, "plan.yml"), health,
		[]string{codeBlock(t, "docs/guides/monitor-trunk-health.md", "terraform show")})

	for _, script := range scripts {
		if output, err := tf.shell(t, script).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", script, err, output)
		}
	}

	updateFirst(api, setStatus("error"))

	script := scripts[len(scripts)-1]

	for _, script := range []string{strings.Join(health, ""), script} {
		output, err := tf.shell(t, script).CombinedOutput()
		if err == nil {
			t.Errorf("the script succeeds although a check fails:\n%s", output)
		}

		wantInOrder(t, string(output), []string{"check.trunk_status\nIn error: conn_abc123xyz.\n"})
	}

	// In a shell that continues after an error, and with the files of an older plan.
	updateFirst(api, setStatus("active"))
	tf.must(t, "plan", "-out=plan")

	lines := strings.Split(strings.TrimSpace(script), "\n")

	for _, script := range []string{
		"echo '{' >error.tf\n" + script,
		"rm error.tf\n: >plan.json\n" + lines[len(lines)-1],
	} {
		if output, err := tf.shell(t, "set +e\n"+script).CombinedOutput(); err == nil || strings.Contains(string(output), "true\n") {
			t.Errorf("%s: the script succeeds:\n%s", script, output)
		}
	}

	tf.env = append(tf.env, envAPIKey+"=")
	tf.fails(t, "plan", "Missing Telepath API key")

	// A check in a module with count = 0 reads nothing.
	tf = newTerraform(t, nil)
	tf.write(t, "main.tf", "module \"trunks\" {\n  source = \"./trunks\"\n  count  = 0\n}\n")
	tf.write(t, "trunks/main.tf", exampleCode(t, "guides/monitor-trunk-health/optional"))
	tf.must(t, "get")
	tf.must(t, "plan", "-out=plan")

	if diff := cmp.Diff(map[string]string{"module.trunks.check.trunk_status": "pass"}, checkStatuses(t, tf)); diff != "" {
		t.Errorf("checks of a module with count = 0: %s", diff)
	}
}

// workflowScripts returns the scripts of a workflow, without those that install the provider.
func workflowScripts(t *testing.T, workflow string) []string {
	t.Helper()

	var scripts []string

	code := readFile(t, filepath.Join(examples, "guides/run-in-ci", workflow))
	for _, match := range regexp.MustCompile(`(?m)^ +(?:- )?run: (?:\|\n((?: {10}.*\n)+)|(.+\n))`).FindAllStringSubmatch(code, -1) {
		if script := match[1] + match[2]; !strings.Contains(script, "terraform init") && !strings.Contains(script, "mirror") {
			scripts = append(scripts, script)
		}
	}

	if len(scripts) == 0 {
		t.Fatalf("%s has no scripts", workflow)
	}

	return scripts
}

// The workflows Drift and Apply, with plans that exit with 2, 0 and 1.
func TestAccGuideRunInCIApply(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.ReferenceTrunks())
	tf := newGuide(t, "connect-a-carrier/twilio", api, "GITHUB_OUTPUT=output")
	twilioFolder(t)

	drift, apply := workflowScripts(t, "drift.yml")[0], workflowScripts(t, "apply.yml")
	afterApproval := "APPROVED=$(sed -n s/^checksum=//p approved)\n" + strings.Join(apply[2:], "")

	for _, step := range []struct {
		status, script string
		want           int // the exit code
	}{
		{"active", drift, 2},
		{"active", apply[0] + "grep exitcode=2 output\nmv output approved", 0},
		{"active", apply[1], 1}, // The environment is not set up.
		{"active", "APPROVAL=required\n" + apply[1], 0},
		{"inactive", afterApproval, 1},
		{"active", afterApproval, 0},
		{"active", drift, 0},
		{"active", apply[0] + "grep exitcode=0 output", 0},
		{"active", "TELEPATH_API_KEY=\n" + drift, 1},
		{"active", "TELEPATH_API_KEY=\n" + apply[0], 1},
	} {
		updateFirst(api, setStatus(step.status))

		command := tf.shell(t, step.script)
		if output, _ := command.CombinedOutput(); command.ProcessState.ExitCode() != step.want {
			t.Errorf("%s: exit code %d, want %d\n%s", step.script, command.ProcessState.ExitCode(), step.want, output)
		}
	}
}

// The workflow Test starts the mock API, which is in the clone that another step builds.
func TestAccGuideRunInCITest(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.6", "", "terraform test")

	address := freeAddress(t)
	tf := newMockAPITest(t, "http://"+address+"/v1")

	clone := filepath.Join(tf.dir, "telepath")
	if err := os.Mkdir(clone, 0o700); err != nil {
		t.Fatal(err)
	}

	if err := os.Symlink(mockFolder(t), filepath.Join(clone, "bin")); err != nil {
		t.Fatal(err)
	}

	for _, script := range workflowScripts(t, "test.yml") {
		// Any free port. GitHub ends the mock API with the job, this test with the script.
		script = "trap 'kill $!' EXIT\n" + strings.Replace(script, "telepath-mock", "telepath-mock -addr "+address, 1)

		if output, err := tf.shell(t, script).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", script, err, output)
		}
	}
}

func TestAccGuideConnectACarrierTwilio(t *testing.T) {
	t.Parallel()

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

	updateFirst(api, setMetrics(1, 1))
	wantActions(t, tf, map[string]string{})

	// Only the status inactive stops the calls.
	updateFirst(api, setStatus("inactive"))
	wantActions(t, tf, map[string]string{url + `["conn_abc123xyz"]`: "update"})
	updateFirst(api, setStatus("active"))

	api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk { return append(trunks, mockapi.GeneratedTrunk(13)) })
	wantActions(t, tf, map[string]string{trunk + `["conn_000013"]`: "create", url + `["conn_000013"]`: "create"})

	// A deleted trunk.
	api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk { return append(trunks[:1:1], trunks[2:]...) })
	tf.fails(t, "plan", "nstance cannot be destroyed", trunk+`["conn_def456uvw"]`)
	tf.write(t, "twilio.tf", strings.Replace(readFile(t, filepath.Join(tf.dir, "twilio.tf")), "prevent_destroy = true", "", 1))
	wantActions(t, tf, map[string]string{
		trunk + `["conn_def456uvw"]`: "delete",
		url + `["conn_def456uvw"]`:   "delete",
		trunk + `["conn_000013"]`:    "create",
		url + `["conn_000013"]`:      "create",
	})
}

// The examples that alert, or that create a resource for each trunk, plan an error for the account
// of another key. A trunk that fails or loses its SIP username never destroys a resource.
func TestAccExamplesAreSafe(t *testing.T) {
	t.Parallel()

	const noKnownTrunk = "The API key's account has no trunk conn_abc123xyz."

	for name, test := range map[string]struct {
		otherAccount, inError, noSIPUsername string // The errors. Empty: the plan changes nothing.
	}{
		"data-sources/telepath_trunks":              {noKnownTrunk, "", "Invalid template interpolation value"},
		"guides/connect-a-carrier/twilio":           {noKnownTrunk, "", "No SIP username: conn_abc123xyz."},
		"guides/from-python/configuration":          {noKnownTrunk, "", ""},
		"guides/monitor-trunk-health/checks":        {noKnownTrunk, "", ""},
		"guides/monitor-trunk-health/postcondition": {noKnownTrunk, "In error: conn_abc123xyz.", ""},
		"guides/test-your-module/module":            {noKnownTrunk, "", "No SIP username: conn_abc123xyz."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.ReferenceTrunks())
			tf := newExample(t, name, api)
			twilioFolder(t)
			tf.apply(t)

			plans := func(want string) {
				if want == "" {
					wantActions(t, tf, map[string]string{})
				} else {
					tf.fails(t, "plan", want)
				}
			}

			updateFirst(api, setStatus("error"))
			plans(test.inError)
			updateFirst(api, setStatus("active"))
			updateFirst(api, setJSON(`{"id": "conn_abc123xyz", "name": "Production OpenAI Agent", "status": "active"}`))
			plans(test.noSIPUsername)

			// Another account with a trunk, and an empty one.
			for range 2 {
				api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk { return trunks[1:] })
				plans(test.otherAccount)
			}
		})
	}
}

// Mocked tests need no key and send no request.
func TestAccGuideTestYourModuleMocked(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.8", "1.9", "mock_provider")

	api := mockapi.New(nil)
	tf := newGuide(t, "test-your-module/module", api, envAPIKey+"=")
	tf.must(t, "test")
	wantNoRequest(t, api)
}

// The mocks of the guide have every attribute of a trunk, which OpenTofu requires.
func TestGuideMocksAreComplete(t *testing.T) {
	t.Parallel()

	var trunk datasource.SchemaResponse

	newTrunkDataSource().Schema(t.Context(), datasource.SchemaRequest{}, &trunk)

	for _, file := range []string{"mocks/telepath.tfmock.hcl", "mocked.tofutest.hcl"} {
		code := readFile(t, filepath.Join(examples, "guides/test-your-module/module/tests", file))

		for name, attribute := range trunk.Schema.Attributes {
			// Both files mock one trunk, and two in telepath_trunks. OpenTofu does not mock an
			// argument that is set.
			want := 3
			if attribute.IsOptional() {
				want = 2
			}

			found := regexp.MustCompile(`(?m)^ +`+name+` += `).FindAllString(code, -1)
			if attribute.IsComputed() && len(found) < want {
				t.Errorf("%s: %s is in %d trunks", file, name, len(found))
			}
		}
	}
}

func TestAccGuideTestYourModuleMockAPI(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.6", "", "terraform test")

	tf := newMockAPITest(t, startAPI(t, mockapi.New(mockapi.ReferenceTrunks())))
	tf.must(t, "test", "-test-directory=tests/api")
}

// newMockAPITest creates a working folder with the module of the guide, whose tests use the base
// URL instead of the default port of the mock API.
func newMockAPITest(t *testing.T, baseURL string) *terraform {
	t.Helper()

	const (
		file       = "tests/api/mock_api.tftest.hcl"
		defaultURL = "http://127.0.0.1:8080/v1"
	)

	tf := newGuide(t, "test-your-module/module", mockapi.New(nil))

	code := readFile(t, filepath.Join(tf.dir, file))
	if !strings.Contains(code, defaultURL) {
		t.Fatalf("%s does not use the default port of the mock API", file)
	}

	tf.write(t, file, strings.ReplaceAll(code, defaultURL, baseURL))

	return tf
}

// freeAddress returns a loopback address on which nothing listens.
func freeAddress(t *testing.T) string {
	t.Helper()

	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // Loopback.
	if err != nil {
		t.Fatal(err)
	}

	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}

	return listener.Addr().String()
}

// The commands of the guide start the mock API, and a plan of the module shows their effect.
func TestAccGuideTestYourModuleCommands(t *testing.T) {
	t.Parallel()

	want := map[string]string{
		"bin/telepath-mock -data trunks.json":             "Several trunks found",
		"bin/telepath-mock -fault 503 -fault-requests -1": "Telepath API failed",
	}

	commands := regexp.MustCompile(`(?m)^bin/telepath-mock .*$`).FindAllString(readFile(t, filepath.Join(repository, "docs/guides/test-your-module.md")), -1)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), commands); diff != "" {
		t.Fatalf("the commands of the guide: %s", diff)
	}

	for command, text := range want {
		t.Run(command, func(t *testing.T) {
			t.Parallel()

			baseURL := startMock(t, strings.Fields(command)[1:]...)
			tf := newGuide(t, "test-your-module/module", nil, envAPIKey+"="+testKey, envBaseURL+"="+baseURL)
			tf.write(t, "provider.tf", "provider \"telepath\" {\n  max_retries = 0\n}\n")
			tf.fails(t, "plan", text)

			// The guide greps for the first of these errors.
			script := strings.Replace(codeBlock(t, "docs/guides/test-your-module.md", "grep"), "http://127.0.0.1:8080/v1", baseURL, 1)
			if output, err := tf.shell(t, script).CombinedOutput(); (err == nil) != (text == "Several trunks found") {
				t.Errorf("%s: %v\n%s", script, err, output)
			}
		})
	}
}

// The response of the API is data for the mock API. An error leaves the file as it is.
func TestAccGuideTestYourModuleSaveResponse(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.ReferenceTrunks())
	tf := newTerraform(t, api)
	script := strings.Replace(codeBlock(t, "docs/guides/test-your-module.md", "curl"), "https://api.telepathvoice.com/v1", startAPI(t, api), 1)

	if output, err := tf.shell(t, script+"! (TELEPATH_API_KEY=wrong\n"+script+")\ngrep conn_def456uvw trunks.json").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// startMock runs telepath-mock in the guide's folder and returns its base URL.
func startMock(t *testing.T, args ...string) string {
	t.Helper()

	command := exec.CommandContext(t.Context(), filepath.Join(mockFolder(t), "telepath-mock"), append([]string{"-addr", "127.0.0.1:0"}, args...)...) //nolint:gosec // Our own command.
	command.Dir = filepath.Join(examples, "guides/test-your-module")
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

	for _, diff := range []string{
		cmp.Diff(fmt.Sprintf("Found %d trunks", len(listed)), output[string](t, tf, "found")),
		cmp.Diff(fmt.Sprintf("%d trunks need attention", attention), output[string](t, tf, "attention")),
		cmp.Diff(len(trunks), len(output[[]any](t, tf, "all_trunks"))),
		cmp.Diff(listed, output[[]string](t, tf, "listed")),
		cmp.Diff(alerts, output[[]string](t, tf, "alerts")),
	} {
		if diff != "" {
			t.Error(diff)
		}
	}

	tf.env = append(tf.env, "TF_CLI_ARGS_apply=-auto-approve -no-color")

	printed, err := tf.shell(t, codeBlock(t, "docs/guides/from-python.md", "terraform output")).Output()
	if want := "\n" + strings.Join(alerts, "\n") + "\n"; err != nil || !strings.HasSuffix(string(printed), want) {
		t.Errorf("%v, printed:\n%s\nwant at the end:\n%s", err, printed, want)
	}
}

// An ephemeral key is used, but is in neither plan nor state.
func TestAccGuideEphemeralKey(t *testing.T) {
	t.Parallel()

	const key = "sk_live_ephemeral0123456789"

	api := mockapi.New(mockapi.ReferenceTrunks())
	api.SetKey(key)

	without := newGuide(t, "authentication/ephemeral-key", api)
	without.write(t, "ids.tf", "data \"telepath_trunks\" \"all\" {}\n\noutput \"ids\" {\n  value = data.telepath_trunks.all.ids\n}\n")

	tf := &terraform{dir: without.dir, env: append(slices.Clone(without.env), "TF_VAR_telepath_api_key="+key)}
	tf.must(t, "plan", "-out=plan")
	plan := tf.must(t, "show", "-json", "plan")

	if _, stderr, err := without.run(t, "apply", "plan"); err == nil {
		t.Errorf("the plan was applied without the variable:\n%s", stderr)
	}

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

	// Terraform shows a key that is not ephemeral.
	code := readFile(t, filepath.Join(tf.dir, "main.tf"))

	for name, notEphemeral := range map[string]string{
		"sensitive": strings.Replace(code, "  ephemeral = true\n", "", 1),
		"literal":   strings.Replace(code, "var.telepath_api_key", `"`+key+`"`, 1),
	} {
		tf.write(t, "main.tf", notEphemeral)
		tf.must(t, "plan", "-out=plan")

		if !strings.Contains(tf.must(t, "show", "-json", "plan"), key) {
			t.Errorf("a %s key is not in the plan", name)
		}
	}
}

// Each alias reads its own account, and a missing key never selects another account.
func TestAccGuideTwoAccounts(t *testing.T) {
	t.Parallel()

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

	tf := newGuide(t, "authentication/two-accounts", both, envAPIKey+"=", "TF_VAR_production_api_key=sk_production", "TF_VAR_staging_api_key=sk_staging")
	tf.applyTwice(t)

	if got, want := tf.must(t, "output", "-json", "trunks_by_account"), `{"production":5,"staging":3}`; strings.TrimSpace(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}

	tf.env = append(tf.env, envAPIKey+"=sk_production", "TF_VAR_staging_api_key=")
	tf.fails(t, "plan", "Empty Telepath API key")
}
