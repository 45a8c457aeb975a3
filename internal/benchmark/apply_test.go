// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package benchmark

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The source has its host, so that Terraform and OpenTofu find the same provider.
const mainConfiguration = `
terraform {
  required_providers {
    telepath = { source = "registry.terraform.io/telepathvoice/telepath" }
  }
}
data "telepath_trunks" "all" {}
output "number" { value = length(data.telepath_trunks.all.ids) }
`

// BenchmarkApply measures the whole command: Terraform starts, reads all trunks and writes the
// state. It fails if the subjects' states differ, because only equal work can be compared.
func BenchmarkApply(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		baseURL, requests := startAPI(b, n, 0)

		var first []byte

		compare(b, fmt.Sprintf("trunks=%d", n), subjects, func(b *testing.B, subject string) {
			b.Helper()
			requests.Store(0)

			tf := newTerraform(b, subject, n, baseURL)
			cpu := tf.run(b, "apply", "-input=false", "-auto-approve")

			b.StopTimer()
			b.ReportMetric(float64(cpu), "cpu-ns/op")
			b.ReportMetric(float64(requests.Load()), "requests/op")

			state := tf.trunks(b)
			if first == nil {
				first = state
			}

			if !bytes.Equal(state, first) {
				b.Fatalf("the state of %s differs from the first subject's:\n%.2000s\n%.2000s", subject, state, first)
			}

			b.StartTimer()
		})
	}
}

// BenchmarkValidate measures what a provider adds when it reads nothing: Terraform starts it,
// gets its schema and validates the configuration.
func BenchmarkValidate(b *testing.B) {
	compare(b, "trunks=0", subjects, func(b *testing.B, subject string) {
		b.Helper()
		newTerraform(b, subject, 0, "").run(b, "validate")

		info, err := os.Stat(binary(subject))
		if err != nil {
			b.Fatal(err)
		}

		b.ReportMetric(float64(info.Size()), "binary-B")
	})
}

// BenchmarkPeakMemory measures the largest resident set of the provider's process during an
// apply. It needs Linux.
func BenchmarkPeakMemory(b *testing.B) {
	for _, n := range []int{0, 10_000, 50_000} {
		baseURL, _ := startAPI(b, n, 0)

		compare(b, fmt.Sprintf("trunks=%d", n), subjects, func(b *testing.B, subject string) {
			b.Helper()
			b.ReportMetric(peakMemory(b, newTerraform(b, subject, n, baseURL), binary(subject)), "peak-B")
		})
	}
}

// peakMemory is the provider's largest resident set in one apply, in bytes. It starts the
// provider itself, because a provider that Terraform started has exited when apply returns.
func peakMemory(b *testing.B, tf *terraform, binary string) float64 {
	b.Helper()

	server := exec.CommandContext(b.Context(), binary, "-debug")
	server.Env = tf.env

	stdout, err := server.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}

	if err := server.Start(); err != nil {
		b.Fatal(err)
	}

	defer func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	}()

	var reattach string

	for lines := bufio.NewScanner(stdout); reattach == "" && lines.Scan(); {
		if line := strings.TrimSpace(lines.Text()); strings.HasPrefix(line, "TF_REATTACH_PROVIDERS=") {
			reattach = strings.ReplaceAll(line, "'", "")
		}
	}

	tf.env = append(tf.env, reattach)
	tf.run(b, "apply", "-input=false", "-auto-approve")

	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", server.Process.Pid))
	if err != nil {
		b.Skip("needs Linux:", err)
	}

	_, after, _ := strings.Cut(string(status), "VmHWM:")
	amount, _, _ := strings.Cut(after, "kB")

	kilobytes, err := strconv.Atoi(strings.TrimSpace(amount))
	if err != nil {
		b.Fatal(err)
	}

	return float64(kilobytes) * 1024
}

// terraform is a working folder with a configuration that reads all trunks.
type terraform struct {
	dir string
	env []string
}

// newTerraform returns a working folder that uses the subject. The floor reads n from the
// environment instead of an API. No other variable of the developer is passed on.
func newTerraform(b *testing.B, subject string, n int, baseURL string) *terraform {
	b.Helper()

	if terraformPath == "" {
		b.Fatal("TF_ACC_TERRAFORM_PATH is not set: run `make bench`")
	}

	dir := b.TempDir()
	cliConfig := filepath.Join(dir, "terraformrc")
	overrides := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"registry.terraform.io/telepathvoice/telepath\" = %q\n  }\n  direct {}\n}\n", filepath.Dir(binary(subject)))

	for name, content := range map[string]string{cliConfig: overrides, filepath.Join(dir, "main.tf"): mainConfiguration} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			b.Fatal(err)
		}
	}

	return &terraform{dir: dir, env: []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + dir,
		"TMPDIR=" + os.Getenv("TMPDIR"),
		"TF_CLI_CONFIG_FILE=" + cliConfig,
		"TF_IN_AUTOMATION=1",
		"CHECKPOINT_DISABLE=1",
		"TELEPATH_API_KEY=" + testKey,
		"TELEPATH_BASE_URL=" + baseURL,
		"FLOOR_TRUNKS=" + strconv.Itoa(n),
	}}
}

// run runs Terraform and returns the processor time of Terraform and its provider.
func (tf *terraform) run(b *testing.B, args ...string) time.Duration {
	b.Helper()

	cmd := exec.CommandContext(b.Context(), terraformPath, args...) //nolint:gosec // The developer's own Terraform.
	cmd.Dir, cmd.Env = tf.dir, tf.env

	if output, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("terraform %s: %v\n%s", strings.Join(args, " "), err, output)
	}

	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// trunks is the data source's part of the state.
func (tf *terraform) trunks(b *testing.B) []byte {
	b.Helper()

	content, err := os.ReadFile(filepath.Join(tf.dir, "terraform.tfstate"))
	if err != nil {
		b.Fatal(err)
	}

	var state struct {
		Resources []struct {
			Instances []struct{ Attributes json.RawMessage }
		}
	}
	if err := json.Unmarshal(content, &state); err != nil || len(state.Resources) != 1 || len(state.Resources[0].Instances) != 1 {
		b.Fatal("the state does not contain exactly one data source", err)
	}

	return state.Resources[0].Instances[0].Attributes
}
