// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-version"
)

// terraform is a working folder for the real Terraform with the real provider binary, for
// what the test library cannot show: logs, plan files, signals, the examples as they are.
type terraform struct {
	dir string
	env []string
}

// newTerraform creates a working folder whose environment configures the provider for the API,
// unless it is nil. Each variable of the environment is written NAME=value.
func newTerraform(t *testing.T, api http.Handler, env ...string) *terraform {
	t.Helper()

	if os.Getenv("TF_ACC") == "" {
		t.Skip("runs the real Terraform only if TF_ACC is set, as in make test")
	}

	providerFolder(t)

	if api != nil {
		env = append([]string{envAPIKey + "=" + testKey, envBaseURL + "=" + startAPI(t, api)}, env...)
	}

	return &terraform{
		dir: t.TempDir(),
		// Other variables of the developer's environment must not change the result.
		env: append([]string{
			"PATH=" + os.Getenv("PATH"),
			"HOME=" + t.TempDir(),
			"TMPDIR=" + os.Getenv("TMPDIR"),
			"TMP=" + os.Getenv("TMP"), // The folder for temporary files on Windows.
			"TF_CLI_CONFIG_FILE=" + overridesFile(),
			"TF_CLI_ARGS=-no-color",
			"TF_INPUT=0",
			"TF_IN_AUTOMATION=1",
			"CHECKPOINT_DISABLE=1",
		}, env...),
	}
}

// configure writes a configuration that requires the provider.
func (tf *terraform) configure(t *testing.T, configuration string) {
	t.Helper()
	tf.write(t, "main.tf", required+configuration)
}

func (tf *terraform) command(ctx context.Context, t *testing.T, args ...string) *exec.Cmd {
	t.Helper()

	cmd := exec.CommandContext(ctx, os.Getenv("TF_ACC_TERRAFORM_PATH"), args...) //nolint:gosec // The Terraform under test.
	cmd.Dir = tf.dir
	cmd.Env = tf.env

	return cmd
}

// needsShell skips the test on Windows: the scripts of the docs are for the shells of Unix.
func needsShell(t *testing.T) {
	t.Helper()

	if runtime.GOOS == "windows" {
		t.Skip("runs a script of the docs for the shells of Unix")
	}
}

// shell returns a command that runs a script of the docs as a user would, with Terraform and jq on
// the PATH.
func (tf *terraform) shell(t *testing.T, script string) *exec.Cmd {
	t.Helper()

	needsShell(t)

	links := t.TempDir()

	for name, program := range map[string]string{"terraform": os.Getenv("TF_ACC_TERRAFORM_PATH"), "jq": filepath.Join(jqFolder(t), "jq")} {
		if err := os.Symlink(program, filepath.Join(links, name)); err != nil {
			t.Fatal(err)
		}
	}

	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", script) //nolint:gosec // A script of the docs.
	cmd.Dir = tf.dir
	cmd.Env = append(slices.Clone(tf.env), "PATH="+links+":"+os.Getenv("PATH"))

	return cmd
}

func (tf *terraform) run(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()

	var out, errOut bytes.Buffer

	cmd := tf.command(t.Context(), t, args...)
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err = cmd.Run()

	return out.String(), errOut.String(), err
}

// must fails the test if Terraform fails, and returns its standard output.
func (tf *terraform) must(t *testing.T, args ...string) string {
	t.Helper()

	stdout, stderr, err := tf.run(t, args...)
	if err != nil {
		t.Fatalf("terraform %s: %v\n%s%s", strings.Join(args, " "), err, stdout, stderr)
	}

	return stdout
}

// fails runs Terraform and checks that it exits with 1 and that its error contains the texts in
// this order. It returns the error.
func (tf *terraform) fails(t *testing.T, command string, texts ...string) string {
	t.Helper()

	var exit *exec.ExitError

	_, stderr, err := tf.run(t, strings.Fields(command)...)
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("terraform %s: %v, want exit code 1", command, err)
	}

	wantInOrder(t, oneLine(stderr), texts)

	return stderr
}

// oneLine removes the line breaks and frames that Terraform adds to its output.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(text, "│", " ")), " ")
}

func (tf *terraform) apply(t *testing.T) {
	t.Helper()
	tf.must(t, "apply", "-auto-approve")
}

// applyTwice applies, and checks that a second plan is empty.
func (tf *terraform) applyTwice(t *testing.T) {
	t.Helper()
	tf.apply(t)
	tf.must(t, "plan", "-detailed-exitcode")
}

func output[T any](t *testing.T, tf *terraform, name string) T {
	t.Helper()

	var value T
	if err := json.Unmarshal([]byte(tf.must(t, "output", "-json", name)), &value); err != nil {
		t.Fatal(err)
	}

	return value
}

func (tf *terraform) write(t *testing.T, name, content string) {
	t.Helper()

	path := filepath.Join(tf.dir, name)

	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}

	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// chooseTerraform sets TF_ACC_TERRAFORM_PATH, as `make test` does. Without it, the test library
// downloads another Terraform. For OpenTofu, the library needs the host of the registry.
func chooseTerraform() error {
	if os.Getenv("TF_ACC") == "" {
		return nil
	}

	if os.Getenv("TF_ACC_TERRAFORM_PATH") == "" {
		find := exec.CommandContext(context.Background(), "../../tools/terraform-path.sh")
		find.Stderr = os.Stderr

		path, err := find.Output()
		if err != nil {
			return fmt.Errorf("finding Terraform: %w", err)
		}

		if err := os.Setenv("TF_ACC_TERRAFORM_PATH", strings.TrimSpace(string(path))); err != nil {
			return err
		}
	}

	name, err := terraformVersion()
	if err != nil {
		return err
	}

	if strings.HasPrefix(name, "OpenTofu ") && os.Getenv("TF_ACC_PROVIDER_HOST") == "" {
		return os.Setenv("TF_ACC_PROVIDER_HOST", "registry.opentofu.org")
	}

	return nil
}

// needsTerraform skips the test on a Terraform or OpenTofu that is older than the feature it
// uses. Versions are written "1.8" or "1.2.7"; an empty one means every supported version.
func needsTerraform(t *testing.T, minTerraform, minTofu, feature string) {
	t.Helper()

	if os.Getenv("TF_ACC") == "" {
		return // The test skips itself.
	}

	name, err := terraformVersion()
	if err != nil {
		t.Fatal(err)
	}

	product, installed, _ := strings.Cut(name, " v")

	minimum := minTerraform
	if product == "OpenTofu" {
		minimum = minTofu
	}

	// A prerelease has the features of its release, as the test library's checks assume too.
	if minimum != "" && version.Must(version.NewVersion(installed)).Core().LessThan(version.Must(version.NewVersion(minimum))) {
		t.Skipf("%s: requires %s %s, this is %s", feature, product, minimum, installed)
	}
}

// terraformVersion is, for example, "Terraform v1.11.4" or "OpenTofu v1.12.6".
var terraformVersion = sync.OnceValues(func() (string, error) {
	output, err := exec.Command(os.Getenv("TF_ACC_TERRAFORM_PATH"), "version").Output() //nolint:gosec // The Terraform under test.
	if err != nil {
		return "", fmt.Errorf("terraform version: %w", err)
	}

	name, _, _ := strings.Cut(string(output), "\n")

	return name, nil
})

var (
	providerFolder = programFolder("../..", "terraform-provider-telepath")
	twilioFolder   = programFolder("./testdata/twilio", "terraform-provider-twilio")
	mockFolder     = programFolder("../mockapi/telepath-mock", "telepath-mock")
	// gojq, because the machine may not have jq.
	jqFolder = programFolder("github.com/itchyny/gojq/cmd/gojq", "jq", "-modfile=../../tools/go.mod")
)

// programFolder returns a function that builds a program when a test first needs it, with a
// version set as in a release, and returns its folder below testFolder.
func programFolder(source, name string, flags ...string) func(t *testing.T) string {
	build := sync.OnceValues(func() (string, error) {
		dir := filepath.Join(testFolder, name)

		program := filepath.Join(dir, name)
		if runtime.GOOS == "windows" {
			program += ".exe"
		}

		args := slices.Concat([]string{"build", "-ldflags=-s -w -X main.version=9.8.7", "-o", program}, flags, []string{source})
		command := exec.CommandContext(context.Background(), "go", args...) //nolint:gosec // Paths of the tests.

		if output, err := command.CombinedOutput(); err != nil {
			return "", fmt.Errorf("building %s: %w\n%s", source, err, output)
		}

		return dir, nil
	})

	return func(t *testing.T) string {
		t.Helper()

		dir, err := build()
		if err != nil {
			t.Fatal(err)
		}

		return dir
	}
}

func overridesFile() string { return filepath.Join(testFolder, "terraformrc") }

// writeOverrides writes the CLI configuration with which Terraform runs the programs of the tests.
func writeOverrides() error {
	return os.WriteFile(overridesFile(), fmt.Appendf(nil, `provider_installation {
  dev_overrides {
    "telepathvoice/telepath" = %q
    "twilio/twilio"          = %q
  }
  direct {}
}
`, filepath.Join(testFolder, "terraform-provider-telepath"), filepath.Join(testFolder, "terraform-provider-twilio")), 0o600)
}
