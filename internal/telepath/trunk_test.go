// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"encoding/json"
	"testing"
)

func TestInteger(t *testing.T) {
	for raw, want := range map[string]int64{
		"0":                     0,
		"187":                   187,
		"-3":                    -3,
		"187.0":                 187,
		"1.87e2":                187,
		"187.4":                 187,
		"187.5":                 188,
		"-187.5":                -188,
		"0.49999999999999994":   0,
		"9007199254740993":      9007199254740993, // 2^53 + 1, which a float64 cannot hold.
		"9223372036854775807":   9223372036854775807,
		"-9223372036854775808":  -9223372036854775808,
		"-9.223372036854775e18": -9223372036854774784,
	} {
		t.Run(raw, func(t *testing.T) {
			var got *Integer
			if err := json.Unmarshal([]byte(raw), &got); err != nil {
				t.Fatal(err)
			}

			if int64(*got) != want {
				t.Errorf("got %d, want %d", *got, want)
			}
		})
	}
}

func TestIntegerNull(t *testing.T) {
	got := new(Integer)
	if err := json.Unmarshal([]byte("null"), &got); err != nil {
		t.Fatal(err)
	}

	if got != nil {
		t.Errorf("got %d, want nil", *got)
	}
}

func TestIntegerRefuses(t *testing.T) {
	for _, raw := range []string{`"187"`, `true`, `{}`, `[1]`, `9223372036854775808`, `-9223372036854777856`, `1e300`, `1e999`} {
		t.Run(raw, func(t *testing.T) {
			var got Integer
			if err := json.Unmarshal([]byte(raw), &got); err == nil {
				t.Errorf("accepted, as %d", got)
			}
		})
	}
}
