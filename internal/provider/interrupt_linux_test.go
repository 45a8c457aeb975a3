// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// Somebody presses Ctrl-C while a read takes long. Two seconds are what a person waits before
// pressing it again; it takes a small part of that.
func TestAccInterrupt(t *testing.T) {
	// A program that runs Terraform sends the signal to Terraform, which tells its providers. A
	// terminal sends it to all of them.
	t.Run("plan", func(t *testing.T) {
		interrupt(t, func(terraform int) error { return syscall.Kill(terraform, syscall.SIGINT) }, "plan", "-input=false")
	})
	t.Run("plan at a terminal", func(t *testing.T) {
		interrupt(t, func(terraform int) error { return syscall.Kill(-terraform, syscall.SIGINT) }, "plan", "-input=false")
	})
	// While Terraform plans for an apply, it does not tell its providers.
	t.Run("apply at a terminal", func(t *testing.T) {
		interrupt(t, func(terraform int) error { return syscall.Kill(-terraform, syscall.SIGINT) }, "apply", "-input=false", "-auto-approve")
	})
}

func interrupt(t *testing.T, send func(terraform int) error, args ...string) {
	t.Helper()

	for name, setUp := range map[string]func(api *mockapi.API){
		"while the API does not answer":    func(api *mockapi.API) { api.Fail(-1, mockapi.Hang()) },
		"while an answer does not end":     func(api *mockapi.API) { api.Fail(-1, mockapi.Drip(time.Second)) },
		"between two attempts":             func(api *mockapi.API) { api.Fail(-1, mockapi.Status(503)) },
		"while waiting for the rate limit": func(api *mockapi.API) { api.SetRateLimit(1, 100*time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			api := mockapi.New(mockapi.Trunks(250))
			setUp(api)

			tf := newTerraform(t, envAPIKey+"="+testKey, envBaseURL+"="+startAPI(t, api))
			tf.write(t, "main.tf", required+`
provider "telepath" {
  max_retries = 10
}
data "telepath_trunks" "all" {}
data "telepath_trunk" "one" { id = "conn_abc123xyz" }
`)

			var output bytes.Buffer

			cmd := tf.command(t.Context(), t, args...)
			cmd.Stdout, cmd.Stderr = &output, &output
			// A group of its own, as at a terminal, without the test in it.
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}

			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}

			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()

			for len(api.Requests()) == 0 {
				select {
				case err := <-ended:
					t.Fatalf("it ended before it asked for anything: %v\n%s", err, output.String())
				case <-time.After(10 * time.Millisecond):
				}
			}

			interrupted := time.Now()

			if err := send(cmd.Process.Pid); err != nil {
				t.Fatal(err)
			}

			select {
			case err := <-ended:
				if err == nil {
					t.Error("it succeeded")
				}

				t.Logf("it ended after %s", time.Since(interrupted).Round(time.Millisecond))
			case <-time.After(2 * time.Second):
				t.Errorf("it goes on for more than 2 s")

				_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)

				t.Log(<-ended)
			}

			// At a terminal the provider may be done before Terraform says that it was interrupted.
			if said := output.String(); !strings.Contains(said, "Interrupt received") && !strings.Contains(said, "was cancelled") {
				t.Errorf("it did not end for the interrupt:\n%s", said)
			}

			if running := processesOf(t, filepath.Join(providerFolder(t), "terraform-provider-telepath"), tf.dir); len(running) > 0 {
				t.Errorf("the provider still runs: %v", running)
			}
		})
	}
}

// processesOf are the processes that run the program in the folder.
func processesOf(t *testing.T, program, folder string) []string {
	t.Helper()

	entries, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}

	var running []string

	for _, entry := range entries {
		// A process may end while it is looked at.
		exe, exeErr := os.Readlink(filepath.Join(entry, "exe"))
		cwd, cwdErr := os.Readlink(filepath.Join(entry, "cwd"))

		if exeErr == nil && cwdErr == nil && exe == program && cwd == folder {
			running = append(running, filepath.Base(entry))
		}
	}

	return running
}
