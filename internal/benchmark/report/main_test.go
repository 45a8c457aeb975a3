// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"strings"
	"testing"
)

// Two rounds, of which the second ran on a machine that was ten times slower.
const twoRounds = `cpu: Some CPU
BenchmarkValidate/by=provider-2   	       1	  300 ns/op	  18.5e6 binary-B
BenchmarkValidate/by=floor-2      	       2	  200 ns/op	  14.0e6 binary-B
PASS
ok  	example.com/benchmark	40.5s
cpu: Some CPU
BenchmarkValidate/by=provider-2   	       1	 2500 ns/op	  18.5e6 binary-B
BenchmarkValidate/by=floor-2      	       2	 2000 ns/op	  14.0e6 binary-B
PASS
ok  	example.com/benchmark	60.5s
`

func TestResults(t *testing.T) {
	r := parse(twoRounds)

	if r.config["cpu"] != "Some CPU" {
		t.Errorf("cpu is %q", r.config["cpu"])
	}

	for _, test := range []struct {
		name string
		get  func() (float64, error)
		want float64
	}{
		{"the median of two rounds is their mean", func() (float64, error) { return r.median("Validate/by=floor", "ns/op", 1) }, 1100},
		{"a figure beside the time", func() (float64, error) { return r.median("Validate/by=provider", "binary-B", 1e6) }, 18.5},
		{"the time of a round", func() (float64, error) { return r.median("round", "s", 1) }, 50.5},
		{"a ratio is taken within each round", func() (float64, error) { return r.ratio("Validate", "floor", "ns/op") }, 1.375},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, err := test.get(); err != nil || got != test.want {
				t.Errorf("got %v, %v; want %v", got, err, test.want)
			}
		})
	}
}

func TestRenderNeedsAllBenchmarks(t *testing.T) {
	section, err := parse(twoRounds).render()
	if err == nil || !strings.Contains(err.Error(), "Apply/trunks=10000/by=idiomatic was not measured in ns/op") {
		t.Errorf("rendered %q, with the error %v", section, err)
	}
}
