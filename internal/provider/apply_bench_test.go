// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

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
	"sync"
	"testing"
	"time"
)

// competitors are the providers that are measured with the real Terraform: this one, one by the
// book, and one that does as little as one can.
var competitors = []*competitor{
	{name: "provider", folder: "../.."},
	{name: "idiomatic", folder: "./testdata/idiomatic/command"},
	{name: "floor", folder: "./testdata/floor"},
}

// BenchmarkApply is the whole command: Terraform starts, plans, and so reads all trunks from a
// server that has its answers ready, and writes the state.
func BenchmarkApply(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		baseURL := startReadyAPI(b, n)

		var first []byte

		for _, by := range competitors {
			b.Run(fmt.Sprintf("trunks=%d/by=%s", n, by.name), func(b *testing.B) {
				tf := by.terraform(b, n, baseURL)

				var cpu time.Duration

				for b.Loop() {
					// The trunks are read into an empty state each time.
					if err := os.RemoveAll(filepath.Join(tf.dir, "terraform.tfstate")); err != nil {
						b.Fatal(err)
					}

					cpu += tf.bench(b, "apply", "-input=false", "-auto-approve")
				}

				b.ReportMetric(float64(cpu)/float64(b.N), "cpu-ns/op")

				// Time says something only about those who do the same.
				state := stateOf(b, tf)
				if first == nil {
					first = state
				}

				if !bytes.Equal(state, first) {
					b.Fatalf("the state of %s differs from that of the provider before it:\n%.2000s\n%.2000s", by.name, state, first)
				}
			})
		}
	}
}

// BenchmarkValidate is what a provider costs by being there: Terraform starts it, reads its
// schema and lets it look at the configuration.
func BenchmarkValidate(b *testing.B) {
	for _, by := range competitors {
		b.Run("by="+by.name, func(b *testing.B) {
			tf := by.terraform(b, 0, "")

			var cpu time.Duration

			for b.Loop() {
				cpu += tf.bench(b, "validate")
			}

			b.ReportMetric(float64(cpu)/float64(b.N), "cpu-ns/op")

			binary, err := os.Stat(by.binary(b))
			if err != nil {
				b.Fatal(err)
			}

			b.ReportMetric(float64(binary.Size()), "binary-B")
		})
	}
}

// BenchmarkPeakMemory is the most memory that the provider's process ever had during an apply,
// as Linux counts it.
func BenchmarkPeakMemory(b *testing.B) {
	for _, n := range []int{0, 10_000, 50_000} {
		baseURL := startReadyAPI(b, n)

		for _, by := range competitors {
			b.Run(fmt.Sprintf("trunks=%d/by=%s", n, by.name), func(b *testing.B) {
				var peak float64

				for b.Loop() {
					peak = max(peak, by.peakMemory(b, n, baseURL))
				}

				b.ReportMetric(peak, "peak-B")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// peakMemory is the largest resident set of the provider in one apply, in bytes. It starts the
// provider by hand, for one that Terraform starts is gone before it can be asked.
func (c *competitor) peakMemory(b *testing.B, n int, baseURL string) float64 {
	b.Helper()

	tf := c.terraform(b, n, baseURL)
	server := exec.CommandContext(b.Context(), c.binary(b), "-debug") //nolint:gosec // It was built here.
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

	tf.env = append(tf.env, reattach(b, bufio.NewScanner(stdout)))
	tf.bench(b, "apply", "-input=false", "-auto-approve")

	return residentPeak(b, server.Process.Pid)
}

// reattach is the variable by which Terraform uses a provider that runs already.
func reattach(b *testing.B, lines *bufio.Scanner) string {
	b.Helper()

	for lines.Scan() {
		if line := strings.TrimSpace(lines.Text()); strings.HasPrefix(line, "TF_REATTACH_PROVIDERS=") {
			return strings.ReplaceAll(line, "'", "")
		}
	}

	b.Fatal("the provider did not say how to reach it")

	return ""
}

// residentPeak is the largest resident set that a process had, in bytes.
func residentPeak(b *testing.B, pid int) float64 {
	b.Helper()

	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skip("only Linux tells the peak memory of a process:", err)
	}

	_, after, _ := strings.Cut(string(status), "VmHWM:")
	amount, _, _ := strings.Cut(after, "kB")

	kilobytes, err := strconv.Atoi(strings.TrimSpace(amount))
	if err != nil {
		b.Fatal(err)
	}

	return float64(kilobytes) * 1024
}

// competitor is a provider to measure.
type competitor struct {
	name, folder string
	build        sync.Once
	err          error
}

// binary builds the provider once, as a release is built.
func (c *competitor) binary(b *testing.B) string {
	b.Helper()

	binary := filepath.Join(testFolder, "bench", c.name, "terraform-provider-telepath")

	c.build.Do(func() {
		build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", binary, c.folder) //nolint:gosec // Our own folders.
		build.Env = append(os.Environ(), "CGO_ENABLED=0")

		if output, err := build.CombinedOutput(); err != nil {
			c.err = fmt.Errorf("building %s: %w\n%s", c.name, err, output)
		}
	})

	if c.err != nil {
		b.Fatal(c.err)
	}

	return binary
}

// terraform is a working folder with a configuration that reads all n trunks by this provider.
func (c *competitor) terraform(b *testing.B, n int, baseURL string) *terraform {
	b.Helper()

	dir := b.TempDir()
	cliConfig := filepath.Join(dir, "terraformrc")
	overrides := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"telepathvoice/telepath\" = %q\n  }\n  direct {}\n}\n", filepath.Dir(c.binary(b)))
	configuration := required + `
data "telepath_trunks" "all" {}
output "number" { value = length(data.telepath_trunks.all.ids) }
`

	for name, content := range map[string]string{cliConfig: overrides, filepath.Join(dir, "main.tf"): configuration} {
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
		envAPIKey + "=" + testKey,
		envBaseURL + "=" + baseURL,
		"FLOOR_TRUNKS=" + strconv.Itoa(n),
	}}
}

// bench runs Terraform, which has to succeed, and returns the processor time that it took, with
// its provider. It is steadier than time on a machine that has other things to do.
func (tf *terraform) bench(b *testing.B, args ...string) time.Duration {
	b.Helper()

	path := os.Getenv("TF_ACC_TERRAFORM_PATH")
	for _, name := range []string{"terraform", "tofu"} {
		if path == "" {
			path, _ = exec.LookPath(name)
		}
	}

	cmd := exec.CommandContext(b.Context(), path, args...) //nolint:gosec // The Terraform that is measured with.
	cmd.Dir, cmd.Env = tf.dir, tf.env

	if output, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%s %s: %v\n%s", path, strings.Join(args, " "), err, output)
	}

	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// stateOf is what the state has of the trunks.
func stateOf(b *testing.B, tf *terraform) []byte {
	b.Helper()

	content, err := os.ReadFile(filepath.Join(tf.dir, "terraform.tfstate"))
	if err != nil {
		b.Fatal(err)
	}

	var state struct {
		Resources []struct {
			Instances []struct {
				Attributes json.RawMessage `json:"attributes"`
			} `json:"instances"`
		} `json:"resources"`
	}
	if err := json.Unmarshal(content, &state); err != nil || len(state.Resources) != 1 || len(state.Resources[0].Instances) != 1 {
		b.Fatal("the state is not that of one data source", err)
	}

	return state.Resources[0].Instances[0].Attributes
}
