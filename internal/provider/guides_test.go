// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// These tests run what the guides say of their examples. That every example applies, and that
// a second plan changes nothing, TestAccExamples sees to.

// newGuide makes a working folder with the files of a guide, for an account behind an API.
func newGuide(t *testing.T, name string, api *mockapi.API) *terraform {
	t.Helper()

	tf := newTerraform(t, envAPIKey+"="+testKey, envBaseURL+"="+startAPI(t, api))

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

// oneLine is what Terraform printed without the line breaks and the frames that it puts in.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(text, "│", " ")), " ")
}

// plannedActions plans, and tells for each resource what is to be done with it.
func plannedActions(t *testing.T, tf *terraform, args ...string) map[string]string {
	t.Helper()

	tf.must(t, append([]string{"plan", "-input=false", "-out=plan"}, args...)...)

	var plan struct {
		ResourceChanges []struct {
			Address string `json:"address"`
			Mode    string `json:"mode"`
			Change  struct {
				Actions []string `json:"actions"`
			} `json:"change"`
		} `json:"resource_changes"`
	}

	if err := json.Unmarshal([]byte(tf.must(t, "show", "-json", "plan")), &plan); err != nil {
		t.Fatal(err)
	}

	actions := map[string]string{}

	for _, change := range plan.ResourceChanges {
		if action := strings.Join(change.Change.Actions, "+"); change.Mode == "managed" && action != "no-op" {
			actions[change.Address] = action
		}
	}

	return actions
}

func TestAccGuideMonitorTrunkHealth(t *testing.T) {
	t.Parallel()

	healthy := mockapi.Metrics{CallsToday: 1, SuccessRate: 95, AvgLatencyMS: 300}

	for name, test := range map[string]struct {
		metrics mockapi.Metrics
		status  string
		json    string
		fail    bool
		// want is the warning, and statuses what the plan says of each check.
		want     string
		statuses map[string]string
	}{
		"at the thresholds all is well": {
			metrics:  healthy,
			statuses: map[string]string{"check.trunk_performance": "pass", "check.trunk_status": "pass"},
		},
		"too few calls succeed": {
			metrics:  mockapi.Metrics{SuccessRate: 94.9, AvgLatencyMS: 300},
			want:     "Check block assertion failed .* conn_abc123xyz: success=94.9%, latency=300ms",
			statuses: map[string]string{"check.trunk_performance": "fail", "check.trunk_status": "pass"},
		},
		"latency too high": {
			metrics:  mockapi.Metrics{SuccessRate: 95, AvgLatencyMS: 301},
			want:     "Check block assertion failed .* conn_abc123xyz: success=95%, latency=301ms",
			statuses: map[string]string{"check.trunk_performance": "fail", "check.trunk_status": "pass"},
		},
		"without metrics": {
			json:     `{"id": "conn_abc123xyz", "status": "active"}`,
			statuses: map[string]string{"check.trunk_performance": "pass", "check.trunk_status": "pass"},
		},
		"one metric only": {
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
		"a list that cannot be read is a warning too": {
			metrics:  healthy,
			fail:     true,
			want:     "Warning: Telepath API key not permitted",
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
			printed := oneLine(tf.must(t, "plan", "-input=false", "-no-color", "-out=plan"))

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

			// A run goes on whatever a check says.
			tf.must(t, "apply", "-auto-approve", "-input=false")

			// Nothing is to be changed, but Terraform reads what is in a check once more.
			if got := plannedActions(t, tf); len(got) != 0 {
				t.Errorf("a check changes something: %v", got)
			}

			var exit *exec.ExitError
			if _, _, err := tf.run(t, "plan", "-input=false", "-detailed-exitcode"); !errors.As(err, &exit) || exit.ExitCode() != 2 {
				t.Errorf("plan -detailed-exitcode: %v", err)
			}
		})
	}
}

// checkStatuses is what the plan file says of each check.
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

func TestAccGuideFeedTrunks(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.Trunks(10))
	tf := newGuide(t, "feed-trunks/routes", api)
	tf.must(t, "apply", "-auto-approve", "-input=false")

	setMetrics(api, mockapi.Metrics{CallsToday: 1, SuccessRate: 1, AvgLatencyMS: 1})

	if got := plannedActions(t, tf); len(got) != 0 {
		t.Errorf("a plan changes with the metrics: %v", got)
	}

	api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk { return append(trunks[1:], mockapi.GeneratedTrunk(13)) })

	want := map[string]string{
		`terraform_data.route["conn_abc123xyz"]`: "delete",
		`terraform_data.route["conn_000013"]`:    "create",
	}
	if got := plannedActions(t, tf); !cmp.Equal(got, want) {
		t.Errorf("one trunk went, and one came: %s", cmp.Diff(want, got))
	}

	api.Update(func([]mockapi.Trunk) []mockapi.Trunk { return nil })

	if _, stderr, err := tf.run(t, "apply", "-auto-approve", "-input=false", "-no-color"); err == nil || !strings.Contains(oneLine(stderr), "every route would be destroyed") {
		t.Errorf("an empty list was not stopped: %v\n%s", err, stderr)
	}

	if state := tf.must(t, "state", "list"); !strings.Contains(state, "terraform_data.route[") {
		t.Errorf("the routes are gone:\n%s", state)
	}
}

func TestAccGuideFeedTrunksNoise(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.ReferenceTrunks())
	tf := newGuide(t, "feed-trunks/noise", api)
	tf.must(t, "apply", "-auto-approve", "-input=false")

	want := map[string]string{
		"terraform_data.carrier": "update",
		"terraform_data.quiet":   "update",
		"terraform_data.late":    "update",
	}
	if got := plannedActions(t, tf, "-var=carrier=second"); !cmp.Equal(got, want) {
		t.Errorf("depends_on: %s", cmp.Diff(want, got))
	}

	setMetrics(api, mockapi.Metrics{CallsToday: 143, SuccessRate: 98.6, AvgLatencyMS: 187})

	want = map[string]string{"terraform_data.production": "update"}
	if got := plannedActions(t, tf); !cmp.Equal(got, want) {
		t.Errorf("metrics: %s", cmp.Diff(want, got))
	}
}

// With mock_provider nothing is asked of an API, and no key is needed.
func TestAccGuideTestYourModuleMocked(t *testing.T) {
	t.Parallel()

	api := mockapi.New(nil)
	tf := newGuide(t, "test-your-module/module", api)
	tf.env = append(tf.env, envAPIKey+"=")

	tf.must(t, "test")
	wantNoRequest(t, api)
}

func TestAccGuideTestYourModuleMockAPI(t *testing.T) {
	t.Parallel()

	const file = "tests/api/mock_api.tftest.hcl"

	baseURL := startAPI(t, mockapi.New(mockapi.ReferenceTrunks()))
	tf := newGuide(t, "test-your-module/module", mockapi.New(nil))

	// What the guide starts listens on the port that the example names; here any port does.
	content, err := os.ReadFile(filepath.Join(tf.dir, file))
	if err != nil {
		t.Fatal(err)
	}

	if !strings.Contains(string(content), "http://127.0.0.1:8080/v1") {
		t.Fatalf("%s names another address than the guide", file)
	}

	changed := strings.ReplaceAll(string(content), "http://127.0.0.1:8080/v1", baseURL)
	if err := os.WriteFile(filepath.Join(tf.dir, file), []byte(changed), 0o600); err != nil { //nolint:gosec // In the folder of the test.
		t.Fatal(err)
	}

	tf.must(t, "test", "-test-directory=tests/api")
}

func TestAccGuideFromPython(t *testing.T) {
	t.Parallel()

	trunks := mockapi.Trunks(250)
	tf := newGuide(t, "from-python/configuration", mockapi.New(trunks))
	tf.must(t, "apply", "-auto-approve", "-input=false")

	var outputs struct {
		Found, Attention struct{ Value string }
		AllTrunks        struct{ Value []any } `json:"all_trunks"`
		Listed           struct{ Value []string }
		Alerts           struct{ Value []string }
	}

	if err := json.Unmarshal([]byte(tf.must(t, "output", "-json")), &outputs); err != nil {
		t.Fatal(err)
	}

	// What the scripts of the reference page would have printed.
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

// A key that comes as an ephemeral value is used, and is written nowhere.
func TestAccGuideEphemeralKey(t *testing.T) {
	t.Parallel()

	const key = "sk_live_ephemeral0123456789"

	api := mockapi.New(mockapi.ReferenceTrunks())
	api.SetKey(key)

	tf := newGuide(t, "authentication/ephemeral-key", api)
	tf.write(t, "ids.tf", "data \"telepath_trunks\" \"all\" {}\n\noutput \"ids\" {\n  value = data.telepath_trunks.all.ids\n}\n")
	tf.must(t, "plan", "-input=false", "-var=telepath_api_key="+key, "-out=plan")
	tf.must(t, "apply", "-input=false", "-auto-approve", "-var=telepath_api_key="+key)

	for name, text := range map[string]string{
		"plan":  tf.must(t, "show", "-json", "plan"),
		"state": tf.must(t, "state", "pull"),
	} {
		if strings.Contains(text, key) {
			t.Errorf("the key is in the %s", name)
		}

		if !strings.Contains(text, "conn_def456uvw") {
			t.Errorf("no trunk is in the %s:\n%s", name, text)
		}
	}
}

// The first page of the docs lists each summary of an error or a warning that the provider
// has, and none that it does not have.
func TestGuideTroubleshooting(t *testing.T) {
	t.Parallel()

	page, err := os.ReadFile("../../docs/index.md")
	if err != nil {
		t.Fatal(err)
	}

	_, section, found := strings.Cut(string(page), "\n## Troubleshooting\n")
	if !found {
		t.Fatal("docs/index.md has no section Troubleshooting")
	}

	section, _, _ = strings.Cut(section, "\n<!-- schema generated")

	var documented []string

	for row := range strings.Lines(section) {
		if first := strings.Split(row, "|"); len(first) > 1 {
			for _, code := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(first[1], -1) {
				documented = append(documented, code[1])
			}
		}
	}

	slices.Sort(documented)

	if got := slices.Compact(summaries(t)); !cmp.Equal(got, documented) {
		t.Errorf("the code has the summaries marked with -, docs/index.md those with +: %s", cmp.Diff(got, documented))
	}
}

// summaries finds the summaries of all diagnostics in the source of this package, sorted.
func summaries(t *testing.T) []string {
	t.Helper()

	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}

	// Where the summary stands among the arguments.
	position := map[string]int{
		"AddError": 0, "AddWarning": 0, "AddAttributeError": 1, "AddAttributeWarning": 1,
		"NewErrorDiagnostic": 0, "NewWarningDiagnostic": 0, "NewAttributeErrorDiagnostic": 1, "NewAttributeWarningDiagnostic": 1,
	}

	var found []string

	add := func(expression ast.Expr) {
		switch expression := expression.(type) {
		case *ast.BasicLit:
			if text, err := strconv.Unquote(expression.Value); err == nil {
				found = append(found, text)
			}
		case *ast.BinaryExpr:
			// There is one such: "Unknown " and the name of an argument.
			literal, ok := expression.X.(*ast.BasicLit)
			if !ok || literal.Value != `"Unknown "` {
				t.Errorf("a summary is put together in a way that this test does not know")
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
				// This one returns the summaries of what went wrong while reading.
				if node.Name.Name == "advise" {
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

var (
	markdownLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	markdownHeading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	markdownAnchor  = regexp.MustCompile(`<a id="([^"]+)">`)
	markdownCode    = regexp.MustCompile("(?ms)^```.*?^```$")
)

// Every link in the docs and in the pages at the root leads to a file of the repository, and to
// a heading that is there.
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
		t.Fatalf("there are %d pages only", len(pages))
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
				t.Errorf("%s: %s leads out of the repository", page, link[1])
				continue
			}

			if _, err := os.Stat(target); err != nil { //nolint:gosec // A file that a page of the repository names.
				t.Errorf("%s: there is no %s", page, link[1])
				continue
			}

			if anchor != "" && !slices.Contains(anchors(t, target), anchor) {
				t.Errorf("%s: there is no heading for %s", page, link[1])
			}
		}
	}
}

// anchors are what a link to a page can name.
func anchors(t *testing.T, page string) []string {
	t.Helper()

	content, err := os.ReadFile(page) //nolint:gosec // A page of the repository.
	if err != nil {
		t.Fatal(err)
	}

	text := markdownCode.ReplaceAllString(string(content), "")

	var found []string

	for _, heading := range markdownHeading.FindAllStringSubmatch(text, -1) {
		// As GitHub and the registry make them.
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		found = append(found, strings.ReplaceAll(name, " ", "-"))
	}

	for _, anchor := range markdownAnchor.FindAllStringSubmatch(text, -1) {
		found = append(found, anchor[1])
	}

	return found
}
