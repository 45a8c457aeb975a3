// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const account = `{"trunks": [
  {"id": "conn_a", "name": "Sales", "status": "active", "undocumented": {"eu": [1.0]}, "metrics": {"avg_latency_ms": 187.50}},
  {"id": "conn_b", "name": "Sales", "status": "paused", "sip_username": null, "metrics": null},
  {"id": "conn_c", "status": "active"}
]}`

// writeData writes a file and returns its path.
func writeData(t *testing.T, content string) string {
	t.Helper()

	path := filepath.Join(t.TempDir(), "trunks.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}

	return path
}

func TestDataIsServedUnchanged(t *testing.T) {
	t.Parallel()
	c := start(t, "-data", writeData(t, account))

	want := `{"trunks":[` +
		`{"id":"conn_a","name":"Sales","status":"active","undocumented":{"eu":[1.0]},"metrics":{"avg_latency_ms":187.50}},` +
		`{"id":"conn_b","name":"Sales","status":"paused","sip_username":null,"metrics":null},` +
		`{"id":"conn_c","status":"active"}` +
		`],"pagination":{"limit":20,"offset":0,"total":3}}`
	if diff := cmp.Diff(want, strings.NewReplacer("\n", "", `": `, `":`).Replace(c.list(t, "/trunks"))); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}

	if got, want := c.ids(t, "/trunks?status=active"), []string{"conn_a", "conn_c"}; !slices.Equal(got, want) {
		t.Errorf("active ids %v, want %v", got, want)
	}
}

func TestDataAcceptsAResponseOfTheAPI(t *testing.T) {
	t.Parallel()

	want := start(t, "-trunks", "20").list(t, "/trunks")
	if diff := cmp.Diff(want, start(t, "-data", writeData(t, want)).list(t, "/trunks")); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestDataWithAByteOrderMark(t *testing.T) {
	t.Parallel()

	c := start(t, "-data", writeData(t, "\ufeff"+account))
	if got := c.ids(t, "/trunks"); len(got) != 3 {
		t.Errorf("ids %v, want 3", got)
	}
}

func TestDataIsReadForEachRequest(t *testing.T) {
	t.Parallel()
	path := writeData(t, account)
	c := start(t, "-data", path)

	invalid := func(problem string) string {
		return "telepath-mock: -data " + path + " is invalid: " + problem + ". The last valid account is served."
	}

	// The text of the system.
	_, err := os.ReadFile(path + ".missing") //nolint:gosec // It does not exist.
	missing := strings.Replace(clause(err), ".missing", "", 1)

	for _, step := range []struct {
		name, content string // Empty content means that the file is deleted.
		ids           []string
		logged        string
	}{
		{"the first account", account, []string{"conn_a", "conn_b", "conn_c"}, ""},
		{"another account", `{"trunks": [{"id": "conn_d"}]}`, []string{"conn_d"}, ""},
		{"half of an account", account[:60], []string{"conn_d"}, invalid("line 2, column 48: unexpected end of file")},
		{"a trunk without an id", `{"trunks": [{}]}`, []string{"conn_d"}, invalid("trunk 1: id is missing or empty")},
		{"no file", "", []string{"conn_d"}, "telepath-mock: cannot read the file of -data: " + missing + ". The last valid account is served."},
		{"the account before", `{"trunks": [{"id": "conn_d"}]}`, []string{"conn_d"}, ""},
		{"an empty account", `{"trunks": []}`, []string{}, ""},
	} {
		err := os.Remove(path)
		if step.content != "" {
			err = os.WriteFile(path, []byte(step.content), 0o600)
		}

		if err != nil {
			t.Fatal(err)
		}

		logged := len(c.stderr.String())
		for range 2 {
			if got := c.ids(t, "/trunks"); !slices.Equal(got, step.ids) {
				t.Errorf("%s: ids %v, want %v", step.name, got, step.ids)
			}
		}

		lines := strings.Split(c.stderr.String()[logged:], "\n")

		lines = slices.DeleteFunc(lines, func(line string) bool { return line == "" || strings.HasPrefix(line, "GET ") })
		if got := strings.Join(lines, "\n"); got != step.logged {
			t.Errorf("%s: log %q, want %q once", step.name, got, step.logged)
		}
	}
}

func TestInvalidData(t *testing.T) {
	t.Parallel()

	tests := map[string]struct{ content, says string }{
		"empty file":              {"", "line 1, column 1: unexpected end of file"},
		"half of a file":          {"{\n\"trunks\": [\n", "line 3, column 1: unexpected end of file"},
		"syntax error":            {"{\n  \"trunks\": [}\n}\n", "line 2, column 14: unexpected character '}'"},
		"syntax error after ü":    {"{\"ü\": ü}", "line 1, column 7: unexpected character 'ü'"},
		"syntax error at the end": {`{"trunks": []]`, "line 1, column 14: unexpected character ']'"},
		"UTF-16":                  {"{\x00}\x00", "it is in UTF-16 or UTF-32: save it in UTF-8"},
		"UTF-16 with BE":          {"\x00{\x00}", "it is in UTF-16 or UTF-32: save it in UTF-8"},
		"UTF-16 with a mark":      {"\xff\xfe{\x00}\x00", "it is in UTF-16 or UTF-32: save it in UTF-8"},
		"UTF-16 BE with a mark":   {"\xfe\xff\x00{\x00}", "it is in UTF-16 or UTF-32: save it in UTF-8"},
		"Latin-1":                 {"{\"trunks\":\n [{\"id\": \"\xfc\"}]}", "line 2, column 11: byte 0xfc is not UTF-8: save the file in UTF-8"},
		"Latin-1 between values":  {"{\"trunks\": \xe9", "line 1, column 12: byte 0xe9 is not UTF-8: save the file in UTF-8"},
		"number that is cut":      {`{"trunks": [1.`, "line 1, column 15: unexpected end of file"},
		"two trunks":              {"{\"trunks\": [{\"id\": \"a\"}],\n\"trunks\": []}", `line 2, column 1: duplicate key "trunks"`},
		"two ids":                 {`{"trunks": [{"id": "a", "\u0069d": "b"}]}`, `line 1, column 25: duplicate key "id"`},
		"two values of a metric": {
			`{"trunks": [{"id": "a", "metrics": {"calls_today": 1, "calls_today": 2}}]}`, `line 1, column 55: duplicate key "calls_today"`,
		},
		"syntax error after mark": {"\ufeff{]", "line 1, column 2: unexpected character ']'"},
		"two responses":           {"{\"trunks\": []}\n\n {}", "line 3, column 2: unexpected character '{'"},
		"string that is cut":      {"{\"trunks\": [\n{\"id", "line 2, column 5: unexpected end of file"},
		"array":                   {"[]", `it must be a JSON object with an array "trunks"`},
		"null":                    {"null", `"trunks" must be an array`},
		"no trunks":               {`{"error": {"code": "unauthorized"}}`, `"trunks" must be an array`},
		"trunks in upper case":    {`{"Trunks": []}`, `"trunks" must be an array`},
		"trunks that are null":    {`{"trunks": null}`, `"trunks" must be an array`},
		"trunks as an object":     {`{"trunks": {}}`, `"trunks" must be an array`},
		"trunk that is null":      {`{"trunks": [{"id": "a"}, null]}`, "trunk 2 must be an object"},
		"trunk as a string":       {`{"trunks": ["a"]}`, "trunk 1 must be an object"},
		"no id":                   {`{"trunks": [{"id": "a"}, {"ID": "b"}]}`, "trunk 2: id is missing or empty"},
		"id that is null":         {`{"trunks": [{"id": null}]}`, "trunk 1: id is missing or empty"},
		"empty id":                {`{"trunks": [{"id": ""}]}`, "trunk 1: id is missing or empty"},
		"duplicate id":            {`{"trunks": [{"id": "a"}, {"id": "b"}, {"id": "a"}]}`, `trunk 3: id "a" is already the id of trunk 1`},
		"id as a number":          {`{"trunks": [{"id": 1}]}`, "trunk 1: id must be a string or null"},
		"name as a boolean":       {`{"trunks": [{"id": "a", "name": false}]}`, "trunk 1: name must be a string or null"},
		"metrics as an array":     {`{"trunks": [{"id": "a", "metrics": []}]}`, "trunk 1: metrics must be an object or null"},
		"metric as a string": {
			`{"trunks": [{"id": "a", "metrics": {"success_rate": "98%"}}]}`, "trunk 1: metrics.success_rate must be a number or null",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := writeData(t, tt.content)
			wantFailure(t, []string{"-addr", "127.0.0.1:0", "-data", path}, 1, path+" is invalid: "+tt.says)
		})
	}
}

func TestMissingData(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "missing.json")
	wantFailure(t, []string{"-addr", "127.0.0.1:0", "-data", path}, 1, "cannot read the file of -data", path)
}
