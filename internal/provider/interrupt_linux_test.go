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

// Ctrl-C cancels a read that would continue for minutes.
func TestAccInterrupt(t *testing.T) {
	t.Parallel()

	// A program that runs Terraform signals Terraform, which asks its providers to stop. A
	// terminal signals the whole process group.
	t.Run("plan", func(t *testing.T) {
		t.Parallel()
		// Terraform 1.0 runs in a child process, which this signal does not reach.
		needsTerraform(t, "1.1", "", "interrupting Terraform alone")
		interrupt(t, func(pid int) error { return syscall.Kill(pid, syscall.SIGINT) }, "plan")
	})
	t.Run("plan at a terminal", func(t *testing.T) {
		t.Parallel()
		interrupt(t, func(pid int) error { return syscall.Kill(-pid, syscall.SIGINT) }, "plan")
	})
	// While Terraform plans for an apply, it does not ask its providers to stop.
	t.Run("apply at a terminal", func(t *testing.T) {
		t.Parallel()
		interrupt(t, func(pid int) error { return syscall.Kill(-pid, syscall.SIGINT) }, "apply", "-auto-approve")
	})
}

func interrupt(t *testing.T, send func(pid int) error, args ...string) {
	t.Helper()

	for name, setUp := range map[string]func(api *mockapi.API){
		"while the API does not respond":   func(api *mockapi.API) { api.Fail(-1, mockapi.Hang()) },
		"while a response does not end":    func(api *mockapi.API) { api.Fail(-1, mockapi.Drip(time.Second)) },
		"between two attempts":             func(api *mockapi.API) { api.Fail(-1, mockapi.Status(503)) },
		"while waiting for the rate limit": func(api *mockapi.API) { api.SetRateLimit(1, 100*time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.Trunks(250))
			setUp(api)

			tf := newTerraform(t, api)
			tf.configure(t, `
provider "telepath" {
  max_retries = 10
}
data "telepath_trunks" "all" {}
data "telepath_trunk" "one" { id = "conn_abc123xyz" }
`)

			var output bytes.Buffer

			cmd := tf.command(t.Context(), t, args...)
			cmd.Stdout, cmd.Stderr = &output, &output
			// As at a terminal, a process group that does not include the test.
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}

			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}

			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()

			for len(api.Requests()) == 0 {
				select {
				case err := <-ended:
					t.Fatalf("Terraform ended before the first request: %v\n%s", err, output.String())
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
					t.Error("Terraform succeeded")
				}

				t.Logf("Terraform ended after %s", time.Since(interrupted).Round(time.Millisecond))
			case <-time.After(10 * time.Second):
				t.Errorf("Terraform continued for more than 10 s")

				_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)

				t.Log(<-ended)
			}

			// At a terminal, the provider may end before Terraform reports the interrupt.
			if text := output.String(); !strings.Contains(text, "Interrupt received") && !strings.Contains(text, "was cancelled") {
				t.Errorf("the interrupt did not cancel the read:\n%s", text)
			}

			if running := processesOf(t, filepath.Join(providerFolder(t), "terraform-provider-telepath"), tf.dir); len(running) > 0 {
				t.Errorf("the provider is still running: %v", running)
			}
		})
	}
}

// processesOf returns the IDs of the processes that run the program in the folder.
func processesOf(t *testing.T, program, folder string) []string {
	t.Helper()

	entries, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}

	var running []string

	for _, entry := range entries {
		// A process may have ended since the listing of /proc.
		exe, exeErr := os.Readlink(filepath.Join(entry, "exe"))
		cwd, cwdErr := os.Readlink(filepath.Join(entry, "cwd"))

		if exeErr == nil && cwdErr == nil && exe == program && cwd == folder {
			running = append(running, filepath.Base(entry))
		}
	}

	return running
}
