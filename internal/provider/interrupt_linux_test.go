// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
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

// The commands of the guide Run in CI, when the time is up. Terraform receives one interrupt while
// it plans, and none while it creates resources.
func TestAccGuideRunInCILimitsThePlan(t *testing.T) {
	t.Parallel()
	needsTerraform(t, "1.4", "", "terraform_data")

	commands := codeBlock(t, "docs/guides/run-in-ci.md", "timeout --foreground")

	for name, test := range map[string]struct {
		fault    mockapi.Fault
		exitCode int
		state    string
	}{
		// timeout exits with 124 when the time is up.
		"while it reads trunks":       {fault: mockapi.Hang(), exitCode: 124},
		"while it creates a resource": {state: "terraform_data.slow"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.ReferenceTrunks())
			if test.fault != nil {
				api.Fail(-1, test.fault)
			}

			tf := newTerraform(t, api)
			tf.configure(t, `
data "telepath_trunks" "all" {}
resource "terraform_data" "slow" {
  input = data.telepath_trunks.all.ids
  provisioner "local-exec" {
    command = "touch creating; sleep 2"
  }
}
`)

			var output bytes.Buffer

			cmd := tf.shell(t, commands)
			cmd.Stdout, cmd.Stderr = &output, &output

			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}

			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()

			reading := func() bool { return test.fault != nil && len(api.Requests()) > 0 }
			creating := func() bool {
				_, err := os.Stat(filepath.Join(tf.dir, "creating"))

				return err == nil
			}

			for !reading() && !creating() {
				select {
				case err := <-ended:
					t.Fatalf("the commands ended too early: %v\n%s", err, output.String())
				case <-time.After(10 * time.Millisecond):
				}
			}

			timeIsUp(t, tf.dir)

			err := <-ended

			if cmd.ProcessState.ExitCode() != test.exitCode || strings.Contains(output.String(), "Two interrupts received") {
				t.Errorf("%v, want exit code %d:\n%s", err, test.exitCode, output.String())
			}

			if state, _, _ := tf.run(t, "state", "list", "terraform_data.slow"); strings.TrimSpace(state) != test.state {
				t.Errorf("the state has the resources %q", state)
			}
		})
	}
}

// timeIsUp lets GNU timeout, if it runs in the folder, do what it does when the time is up.
func timeIsUp(t *testing.T, folder string) {
	t.Helper()

	program, err := exec.LookPath("timeout")
	if err != nil {
		t.Fatal(err)
	}

	if program, err = filepath.EvalSymlinks(program); err != nil {
		t.Fatal(err)
	}

	for _, process := range processesOf(t, program, folder) {
		pid, err := strconv.Atoi(process)
		if err != nil {
			t.Fatal(err)
		}

		if err := syscall.Kill(pid, syscall.SIGALRM); err != nil {
			t.Fatal(err)
		}
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
