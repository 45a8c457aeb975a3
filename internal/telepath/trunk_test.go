// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

func TestInteger(t *testing.T) {
	for raw, want := range map[string]*Integer{
		"null":                     nil,
		"0":                        new(Integer(0)),
		"187":                      new(Integer(187)),
		"-3":                       new(Integer(-3)),
		"187.0":                    new(Integer(187)),
		"1.87e2":                   new(Integer(187)),
		"187.4":                    new(Integer(187)),
		"187.5":                    new(Integer(188)),
		"-187.5":                   new(Integer(-188)),
		"0.49999999999999994":      new(Integer(0)),
		"9007199254740993":         new(Integer(9007199254740993)), // 2^53 + 1, which a float64 cannot represent.
		"9223372036854775807":      new(Integer(9223372036854775807)),
		"-9223372036854775808":     new(Integer(-9223372036854775808)),
		"-9.223372036854775808e18": new(Integer(-9223372036854775808)), // The lowest float64 that fits.
	} {
		t.Run(raw, func(t *testing.T) {
			got := new(Integer)
			if err := json.Unmarshal([]byte(raw), &got); err != nil {
				t.Fatal(err)
			}

			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}

	for _, raw := range []string{`"187"`, `true`, `9223372036854775808`, `-9223372036854777856`, `1e999`} {
		t.Run(raw+" is an error", func(t *testing.T) {
			var got Integer
			if err := json.Unmarshal([]byte(raw), &got); err == nil {
				t.Errorf("accepted, as %d", got)
			}
		})
	}
}
