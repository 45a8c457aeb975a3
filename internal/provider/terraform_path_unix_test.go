// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The script decides which Terraform the targets and the tests run. A fake go command replaces
// the download, because tests do not use the network.
func TestTerraformPath(t *testing.T) {
	t.Parallel()

	const (
		downloads = "#!/bin/sh\nwhile [ \"$1\" != -path ]; do shift; done\ntouch \"$2/terraform\"\n"
		fails     = "#!/bin/sh\necho 'failed to install terraform@1.2.3: Get \"https://releases.example/index.json\": dial tcp: no such host' >&2\nexit 1\n"
		stops     = "#!/bin/sh\nwhile [ \"$1\" != -path ]; do shift; done\ntouch \"$2/terraform\"\nkill -TERM $PPID\nexit 1\n"
	)

	for name, test := range map[string]struct {
		installed []string
		chosen    string
		download  string
		want      string // the path, below the folder of the test
		wantError string
	}{
		"the chosen one is used before an installed one": {installed: []string{"terraform"}, chosen: "chosen", want: "chosen"},
		"a chosen one that is missing":                   {installed: []string{"terraform"}, chosen: "missing", wantError: "missing, which is not an executable file"},
		"a chosen one that is a folder":                  {installed: []string{"terraform"}, chosen: "path", wantError: "path, which is not an executable file"},
		"Terraform is used before OpenTofu":              {installed: []string{"terraform", "tofu"}, want: "path/terraform"},
		"OpenTofu is used before a download":             {installed: []string{"tofu"}, download: downloads, want: "path/tofu"},
		"a download where nothing is installed":          {download: downloads, want: "bin/terraform"},
		"without a network":                              {download: fails, wantError: "was not downloaded: dial tcp: no such host. Connect to the internet, or install Terraform or OpenTofu."},
		"an interrupted download":                        {download: stops},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			dir := t.TempDir()
			path := filepath.Join(dir, "path")

			for _, folder := range []string{"path", "tools"} {
				if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
					t.Fatal(err)
				}
			}

			executable := func(name, content string) {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o700); err != nil { //nolint:gosec // Executable on purpose.
					t.Fatal(err)
				}
			}

			// A PATH without the Terraform that is installed here.
			for _, tool := range []string{"sh", "basename", "dirname", "mkdir", "mktemp", "mv", "rm", "sed", "tail", "touch"} {
				found, err := exec.LookPath(tool)
				if err != nil {
					t.Fatal(err)
				}

				if err := os.Symlink(found, filepath.Join(path, tool)); err != nil {
					t.Fatal(err)
				}
			}

			for _, name := range test.installed {
				executable("path/"+name, "")
			}

			executable("path/go", test.download)
			executable("chosen", "")

			script, err := os.ReadFile("../../tools/terraform-path.sh")
			if err != nil {
				t.Fatal(err)
			}

			executable("tools/terraform-path.sh", string(script))

			var stdout, stderr bytes.Buffer

			cmd := exec.CommandContext(t.Context(), "sh", filepath.Join(dir, "tools/terraform-path.sh")) //nolint:gosec // Our own script.
			cmd.Dir = dir
			cmd.Env = []string{"PATH=" + path}
			cmd.Stdout, cmd.Stderr = &stdout, &stderr

			if test.chosen != "" {
				cmd.Env = append(cmd.Env, "TF_ACC_TERRAFORM_PATH="+test.chosen)
			}

			err = cmd.Run()

			if test.want != "" {
				if want := filepath.Join(dir, test.want) + "\n"; err != nil || stdout.String() != want {
					t.Errorf("got %q, %v, want %q\n%s", stdout.String(), err, want, stderr.String())
				}
			} else if err == nil || stdout.String() != "" {
				t.Errorf("got %q and no error", stdout.String())
			}

			if test.wantError != "" {
				_, message, downloads := strings.Cut(stderr.String(), " into bin/ ...\n")
				if !downloads {
					message = stderr.String()
				}

				if !strings.Contains(message, test.wantError) || strings.Count(message, "\n") != 1 {
					t.Errorf("got the error %q, want one line with %q", message, test.wantError)
				}
			}

			// No other file remains.
			left, err := filepath.Glob(filepath.Join(dir, "bin/*"))
			if err != nil {
				t.Fatal(err)
			}

			if want := filepath.Join(dir, "bin/terraform"); len(left) > 1 || len(left) == 1 && (left[0] != want || test.want != "bin/terraform") {
				t.Errorf("left in bin/: %q", left)
			}
		})
	}
}
