// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"strings"
	"testing"
)

// Two rounds, of which the second ran on a machine that was ten times slower.
const twoRounds = `cpu: Some CPU
BenchmarkValidate/trunks=0/round=1/by=floor-2      	       1	  200 ns/op	  14.0e6 binary-B
BenchmarkValidate/trunks=0/round=1/by=provider-2   	       1	  300 ns/op	  18.5e6 binary-B
BenchmarkValidate/trunks=0/round=2/by=floor-2      	       1	 2000 ns/op	  14.0e6 binary-B
BenchmarkValidate/trunks=0/round=2/by=provider-2   	       1	 2500 ns/op	  18.5e6 binary-B
BenchmarkList/trunks=9/round=1/by=loop             	       1	    7 ns/op
BenchmarkList/trunks=9/round=2/by=loop             	       1	    9 ns/op
BenchmarkList/trunks=9/round=3/by=loop             	       1	    1 ns/op
`

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		name, benchmark, unit string
		divisor, want         float64
	}{
		{"the mean of two rounds", "Validate/trunks=0/by=floor", "ns/op", 1, 1100},
		{"the middle one of three rounds", "List/trunks=9/by=loop", "ns/op", 1, 7},
		{"a larger unit", "Validate/trunks=0/by=provider", "binary-B", 1e6, 18.5},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, err := parse(twoRounds).median(test.benchmark, test.unit, test.divisor); err != nil || got != test.want {
				t.Errorf("got %v, %v; want %v", got, err, test.want)
			}
		})
	}
}

// A ratio compares samples of one round: 300/200 and 2500/2000.
func TestRatio(t *testing.T) {
	got, err := parse(twoRounds).ratio("Validate/trunks=0", "floor", "ns/op")
	if want := "1.38 | 1.25 to 1.50"; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}

	_, err = parse(strings.Replace(twoRounds, "round=2/by=floor", "round=2/by=other", 1)).ratio("Validate/trunks=0", "floor", "ns/op")
	if err == nil || !strings.Contains(err.Error(), "2 samples of the provider and 1 of floor") {
		t.Errorf("with a sample less, the error is %v", err)
	}
}

func TestRenderNeedsAllBenchmarks(t *testing.T) {
	section, err := parse(twoRounds).render()
	if err == nil || !strings.Contains(err.Error(), "Apply/trunks=10000/by=idiomatic was not measured in ns/op") {
		t.Errorf("rendered %q, with the error %v", section, err)
	}
}
