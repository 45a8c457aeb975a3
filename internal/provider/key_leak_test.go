// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"archive/zip"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// leakKey is a key that no other text contains.
const leakKey = "sk_live_K3yThatMustNotLeak"

// newTraced creates a working folder in which Terraform logs everything to trace.log.
func newTraced(t *testing.T, env ...string) *terraform {
	t.Helper()

	tf := newTerraform(t, nil, env...)
	tf.env = append(tf.env, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(tf.dir, "trace.log"))

	return tf
}

// Terraform's output, log, plan and state do not contain the key, with requests that succeed and
// fail. TestResponseKeyIsRedacted has the other places where a server can repeat the key.
func TestAccKeyDoesNotLeak(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		provider string
		env      []string
		fault    mockapi.Fault
	}{
		"from the environment": {
			provider: `provider "telepath" {}`,
			env:      []string{envAPIKey + "=" + leakKey},
		},
		"from an ephemeral variable": {
			provider: "variable \"key\" {\n  type = string\n  ephemeral = true\n  sensitive = true\n}\nprovider \"telepath\" {\n  api_key = var.key\n}",
			env:      []string{"TF_VAR_key=" + leakKey},
		},
		"rejected by a server that repeats the key": {
			provider: `provider "telepath" {}`,
			env:      []string{envAPIKey + "=" + leakKey},
			fault:    mockapi.Body(401, "application/json", `{"error": {"code": "unauthorized", "message": "Invalid API key `+leakKey+`"}}`),
		},
		"with a control character inside": {
			provider: `provider "telepath" {}`,
			env:      []string{envAPIKey + "=" + leakKey + "\x01"},
			fault:    mockapi.Status(500),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			needsTerraform(t, "1.4", "", "terraform_data")

			if strings.Contains(test.provider, "ephemeral") {
				needsTerraform(t, "1.10", "1.11", "ephemeral variables")
			}

			api := mockapi.New(mockapi.Trunks(120))
			if test.fault != nil {
				api.Fail(-1, test.fault)
			}

			tf := newTraced(t, append(test.env, envBaseURL+"="+startAPI(t, api))...)
			tf.configure(t, test.provider+`
data "telepath_trunks" "all" {}
resource "terraform_data" "first" { input = try(data.telepath_trunks.all.ids[0], "") }
output "trunks" { value = data.telepath_trunks.all.trunks }
`)

			var printed strings.Builder

			for _, args := range [][]string{
				{"plan", "-out=plan.out"},
				{"show", "-json", "plan.out"},
				{"apply", "-auto-approve"},
			} {
				stdout, stderr, err := tf.run(t, args...)
				if (err != nil) != (test.fault != nil) {
					t.Errorf("terraform %s: %v\n%s", args[0], err, stderr)
				}

				printed.WriteString(stdout + stderr)

				if err != nil {
					break
				}
			}

			wantNoKey(t, "the output", printed.String())
			wantNoKeyInFiles(t, tf.dir)

			// The log must contain the provider's lines, which could contain the key.
			if len(api.Requests()) > 0 && !strings.Contains(readFile(t, filepath.Join(tf.dir, "trace.log")), "Telepath API request") {
				t.Error("the log does not mention the requests")
			}
		})
	}
}

// wantNoKeyInFiles checks every file below the folder, and the content of plan files, which are
// archives.
func wantNoKeyInFiles(t *testing.T, dir string) {
	t.Helper()

	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}

		wantNoKey(t, path, readFile(t, path))

		archive, err := zip.OpenReader(path)
		if err != nil {
			return nil // Not an archive.
		}
		defer archive.Close() //nolint:errcheck // The archive was only read.

		for _, file := range archive.File {
			reader, err := file.Open()
			if err != nil {
				return err
			}

			content, err := io.ReadAll(reader)
			if err != nil {
				return err
			}

			wantNoKey(t, path+" "+file.Name, string(content))
		}

		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wantNoKey checks that the text does not contain the key, also without its last characters.
func wantNoKey(t *testing.T, where, text string) {
	t.Helper()

	if at := strings.Index(text, leakKey[:len(leakKey)-4]); at >= 0 {
		t.Errorf("the key is in %s: …%s…", where, text[max(0, at-200):min(len(text), at+60)])
	}
}

// Terraform quotes the line of the configuration that an error points to. No error points to a
// line with the key.
func TestAccKeyIsNotQuoted(t *testing.T) {
	t.Parallel()

	api := mockapi.New(nil)
	api.SetKey(testKey)
	rejecting := startAPI(t, api)

	for name, test := range map[string]struct{ provider, baseURL, want string }{
		"an invalid key":                                                {"provider \"telepath\" {\n  api_key = \"" + leakKey + "\\u0007\"\n}\n", "", "Invalid Telepath API key"},
		"an unknown key on one line":                                    {"resource \"terraform_data\" \"made\" {}\nprovider \"telepath\" { api_key = \"" + leakKey + "${terraform_data.made.id}\" }\n", "", "Unknown provider argument"},
		"a key and an invalid max_retries":                              {"provider \"telepath\" {\n  api_key = \"" + leakKey + "\"\n  max_retries = 11\n}\n", "", "Invalid number of retries"},
		"a key and an unknown base_url":                                 {"resource \"terraform_data\" \"made\" {}\nprovider \"telepath\" {\n  api_key = \"" + leakKey + "\"\n  base_url = terraform_data.made.id\n}\n", "", "Unknown provider argument"},
		"an invalid key on one line":                                    {"provider \"telepath\" { api_key = \"" + leakKey + "\\u0007\" }\n", "", "Invalid Telepath API key"},
		"a key on one line, and an invalid base URL in the environment": {"provider \"telepath\" { api_key = \"" + leakKey + "\" }\n", "nonsense", "Invalid Telepath base URL"},
		"a key on one line, and an API that rejects it":                 {"provider \"telepath\" { api_key = \"" + leakKey + "\" }\n", rejecting, "Telepath API key rejected"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if strings.Contains(test.provider, "terraform_data") {
				needsTerraform(t, "1.4", "", "terraform_data")
			}

			tf := newTerraform(t, nil, envBaseURL+"="+test.baseURL)
			tf.configure(t, test.provider+"data \"telepath_trunks\" \"all\" {}\n")

			_, stderr, err := tf.run(t, "plan")
			if err == nil || !strings.Contains(stderr, test.want) {
				t.Errorf("there is no %q: %v\n%s", test.want, err, stderr)
			}

			wantNoKey(t, "the error", stderr)
		})
	}
}

// net/http writes to Go's standard logger what a server sends after its response, and with
// GODEBUG=http2debug=2 every header. Terraform would copy the logger's output to its own log.
func TestAccKeyIsNotInTheStandardLog(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.Trunks(120))

	// It sends more than its Content-Length, and repeats the key there.
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		api.ServeHTTP(recorder, r)

		conn, buffer, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)

			return
		}
		defer conn.Close() //nolint:errcheck // The client may have closed it first.

		_, _ = fmt.Fprintf(buffer, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%sunsolicited %s",
			recorder.Body.Len(), recorder.Body, r.Header.Get("Authorization"))
		_ = buffer.Flush()

		// The client reads the rest only while the connection is open.
		_, _ = conn.Read(make([]byte, 1))
	}))
	t.Cleanup(echo.Close)

	http2 := httptest.NewUnstartedServer(api)
	http2.EnableHTTP2 = true
	http2.StartTLS()
	t.Cleanup(http2.Close)

	certificate := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: http2.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}

	environments := map[string][]string{"a server that sends more than its response": {envBaseURL + "=" + echo.URL + "/v1"}}
	// Where Go reads SSL_CERT_FILE.
	if runtime.GOOS != "darwin" && runtime.GOOS != "windows" {
		environments["GODEBUG=http2debug=2"] = []string{envBaseURL + "=" + http2.URL + "/v1", "SSL_CERT_FILE=" + certificate, "GODEBUG=http2debug=2"}
	}

	for name, env := range environments {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tf := newTraced(t, append(env, envAPIKey+"="+leakKey)...)
			tf.configure(t, "data \"telepath_trunks\" \"all\" {}\n")

			stdout, stderr, err := tf.run(t, "plan")
			if err != nil {
				t.Errorf("terraform plan: %v\n%s", err, stderr)
			}

			trace := readFile(t, filepath.Join(tf.dir, "trace.log"))
			wantNoKey(t, "the output", stdout+stderr)
			wantNoKey(t, "the log", trace)

			for _, text := range []string{"Unsolicited response", "http2: Transport"} {
				if strings.Contains(trace, text) {
					t.Errorf("the log has %q, which net/http writes", text)
				}
			}

			if !strings.Contains(trace, "Telepath API request") {
				t.Error("the log does not mention the requests")
			}
		})
	}
}
