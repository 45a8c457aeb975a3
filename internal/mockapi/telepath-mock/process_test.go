// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// asCommand makes the test binary run the command, because signals reach a whole process.
const asCommand = "TELEPATH_MOCK_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()

		return
	}

	os.Exit(m.Run())
}

func TestSignalsStopTheCommand(t *testing.T) {
	t.Parallel()

	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			cmd, stderr := process(t)
			listen(t, cmd)

			if err := cmd.Process.Signal(signal); err != nil {
				t.Error(err)
			}

			if err := cmd.Wait(); err != nil || stderr.Len() > 0 {
				t.Errorf("ended with %v and %q, want exit code 0 and nothing", err, stderr)
			}
		})
	}
}

func TestCommandOutlivesTheReaderOfItsLog(t *testing.T) {
	t.Parallel()

	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}

	cmd, _ := process(t)
	cmd.Stderr = w
	c := listen(t, cmd)

	if err := errors.Join(r.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}

	for range 2 {
		c.list(t, "/trunks")
	}
}

func TestSignalStopsTheCommandWhileItReadsAPipe(t *testing.T) {
	t.Parallel()

	path := newFIFO(t)

	cmd, _ := process(t, "-data", path)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}

	fifo, err := os.OpenFile(path, os.O_WRONLY, 0) //nolint:gosec // Of this test. Waits for the command to open it.
	if err != nil {
		t.Fatal(err)
	}
	defer fifo.Close() //nolint:errcheck // Nothing was written.

	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}

	if err := cmd.Wait(); err == nil || err.Error() != "signal: terminated" {
		t.Errorf("ended with %v, want SIGTERM", err)
	}
}

func TestDataOfAPipeIsReadOnce(t *testing.T) {
	t.Parallel()

	path, fifo := writeData(t, account), newFIFO(t)

	file, err := os.Open(path) //nolint:gosec // Of this test.
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // Nothing was written.

	written := make(chan error, 1)
	go func() { written <- os.WriteFile(fifo, []byte(account), 0o600) }()

	for _, tt := range []struct {
		name, path string
		stdin      io.Reader
	}{
		{"file on stdin", "/dev/stdin", file},
		{"pipe on stdin", "/dev/stdin", strings.NewReader(account)},
		{"FIFO", fifo, nil},
	} {
		cmd, stderr := process(t, "-data", tt.path)
		cmd.Stdin = tt.stdin
		c := listen(t, cmd)

		if err := os.WriteFile(path, []byte(`{"trunks": []}`), 0o600); err != nil {
			t.Fatal(err)
		}

		for range 2 {
			if got := c.ids(t, "/trunks"); len(got) != 3 {
				t.Errorf("%s: ids %v, want 3", tt.name, got)
			}
		}

		if err := errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()); err != nil {
			t.Errorf("%s: ended with %v", tt.name, err)
		}

		if got := stderr.String(); got != strings.Repeat("GET /v1/trunks 200\n", 2) {
			t.Errorf("%s: stderr %q", tt.name, got)
		}
	}

	if err := <-written; err != nil {
		t.Error(err)
	}
}

// newFIFO creates a FIFO and returns its path.
func newFIFO(t *testing.T) string {
	t.Helper()

	path := filepath.Join(t.TempDir(), "trunks.json")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}

	return path
}

func TestCommandReturnsTheExitCode(t *testing.T) {
	t.Parallel()

	cmd, stderr := process(t, "-port=80")
	if err := cmd.Run(); cmd.ProcessState.ExitCode() != 2 || strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("ended with %v and %q, want exit code 2 and one line", err, stderr)
	}
}

// process prepares a process that runs the command on a free port.
func process(t *testing.T, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{"-addr", "127.0.0.1:0"}, args...)...) //nolint:gosec // The test binary.

	cmd.Env = append(os.Environ(), asCommand+"=1")
	stderr := new(bytes.Buffer)
	cmd.Stderr = stderr

	return cmd, stderr
}

// listen starts a process and returns when it listens.
func listen(t *testing.T, cmd *exec.Cmd) command {
	t.Helper()

	stdout, err := cmd.StdoutPipe()
	if err := errors.Join(err, cmd.Start()); err != nil {
		t.Fatal(err)
	}

	line, err := bufio.NewReader(stdout).ReadString('\n')

	base, found := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "listening on ")
	if err != nil || !found {
		t.Fatalf("first line on stdout %q (%v)", line, err)
	}

	return command{base: base}
}
