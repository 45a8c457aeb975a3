// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

// Package benchmark compares the provider with two others that read the same trunks: the floor
// (floor/), which does only what Terraform requires, and an idiomatic one (idiomatic/).
package benchmark

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

const testKey = "sk_live_0123456789abcdef"

// subjects are the providers that run with the real Terraform, and packages their commands.
var (
	subjects = []string{"floor", "provider", "idiomatic"}
	packages = map[string]string{"floor": "./floor", "provider": "../..", "idiomatic": "./idiomatic/command"}
)

var (
	// rounds is the number of samples of each benchmark.
	rounds = flag.Int("rounds", 1, "samples of each benchmark")

	// binFolder holds the binary of each subject, in a folder of its name.
	binFolder string
	// terraformPath is the Terraform or OpenTofu to measure with.
	terraformPath string
)

// TestMain prepares benchmarks and prints what the report says about the machine.
func TestMain(m *testing.M) {
	flag.Parse()

	// Other tests need no preparation.
	if flag.Lookup("test.bench").Value.String() == "" {
		os.Exit(m.Run())
	}

	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "telepath-bench")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir) //nolint:errcheck // A temporary folder.

		if err := prepare(context.Background(), dir); err != nil {
			fmt.Fprintln(os.Stderr, err)

			return 1
		}

		return m.Run()
	}())
}

// prepare builds the subjects into dir. Benchmarks without Terraform need no preparation.
func prepare(ctx context.Context, dir string) error {
	binFolder = dir
	terraformPath = os.Getenv("TF_ACC_TERRAFORM_PATH")

	if terraformPath == "" {
		return nil
	}

	output, err := exec.CommandContext(ctx, terraformPath, "version").Output()
	if err != nil {
		return fmt.Errorf("terraform version: %w", err)
	}

	for _, subject := range subjects {
		// The flags of .goreleaser.yml, because the size of a binary affects its start.
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", binary(subject), packages[subject]) //nolint:gosec // Packages of this module.

		build.Env = append(os.Environ(), "CGO_ENABLED=0")

		if output, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", subject, err, output)
		}
	}

	// Configuration lines of the Go benchmark data format, as benchstat reads it.
	var product, version string

	if _, err := fmt.Sscanf(string(output), "%s v%s", &product, &version); err != nil {
		return fmt.Errorf("terraform version printed %q: %w", output, err)
	}

	fmt.Printf("date: %s\nterraform: %s %s\ngo: %s\ncores: %d\n", time.Now().Format(time.DateOnly), product, version, runtime.Version(), runtime.NumCPU())

	return nil
}

// compare benchmarks the subjects in turn in each round, so that a change in the speed of the
// machine affects all of them. A run that does not count precedes the first round. Use it with
// -benchtime=1x: a sample is one run.
func compare(b *testing.B, name string, subjects []string, run func(b *testing.B, subject string)) {
	b.Helper()

	for round := range *rounds {
		for _, subject := range subjects {
			b.Run(fmt.Sprintf("%s/round=%d/by=%s", name, round+1, subject), func(b *testing.B) {
				if round == 0 {
					run(b, subject)
				}

				for b.Loop() {
					run(b, subject)
				}
			})
		}
	}
}

func binary(subject string) string {
	return filepath.Join(binFolder, subject, "terraform-provider-telepath")
}

// startAPI serves an account of n trunks and counts the requests. Each response is rendered once
// and then sent from memory after the latency, so that the mock's own work is not measured.
func startAPI(b *testing.B, n int, latency time.Duration) (baseURL string, requests *atomic.Int64) {
	b.Helper()

	api := mockapi.New(mockapi.Trunks(n))
	requests = new(atomic.Int64)

	var bodies sync.Map

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		time.Sleep(latency)

		render, _ := bodies.LoadOrStore(r.URL.RawQuery, sync.OnceValue(func() []byte {
			recorder := httptest.NewRecorder()
			api.ServeHTTP(recorder, r)

			return recorder.Body.Bytes()
		}))

		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(render.(func() []byte)()) //nolint:forcetypeassert // The map holds nothing else.
	}))
	b.Cleanup(server.Close)

	return server.URL + "/v1", requests
}
