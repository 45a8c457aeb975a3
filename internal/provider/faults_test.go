// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each row of FAULTS.md names tests that exist.
func TestFaultTable(t *testing.T) {
	var code strings.Builder

	for _, folder := range []string{".", "../telepath"} {
		files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}

		for _, file := range files {
			code.WriteString(readFile(t, file))
		}
	}

	_, table, ok := strings.Cut(readFile(t, filepath.Join(repository, "internal", "telepath", "FAULTS.md")), "| Fault | Outcome | Test |")
	if !ok {
		t.Fatal("FAULTS.md has no table")
	}

	table, _, _ = strings.Cut(table, "\n\n")
	test := regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)`")

	for row := range strings.Lines(table) {
		if strings.HasPrefix(row, "|---") || strings.HasPrefix(row, "| **") || row == "\n" {
			continue // A heading.
		}

		cells := strings.Split(strings.Trim(strings.TrimSpace(row), "|"), " | ")
		if len(cells) != 3 {
			t.Errorf("%s has %d cells, want 3", strings.TrimSpace(row), len(cells))

			continue
		}

		names := test.FindAllStringSubmatch(cells[2], -1)
		if len(names) == 0 {
			t.Errorf("%s has no test", cells[0])
		}

		for _, name := range names {
			if !strings.Contains(code.String(), "func "+name[1]+"(") {
				t.Errorf("%s does not exist", name[1])
			}
		}
	}
}
