// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

// Command report renders what `make bench` measured into PERFORMANCE.md, between two markers.
package main

import (
	_ "embed"
	"fmt"
	"log"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

// measuredTemplate is the rendered section. The budgets are stated in it.
//
//go:embed measured.md.tmpl
var measuredTemplate string

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: report bench.txt PERFORMANCE.md")
	}

	if err := run(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func run(benchmarks, document string) error {
	measured, err := os.ReadFile(benchmarks) //nolint:gosec // The developer's own file.
	if err != nil {
		return err
	}

	text, err := os.ReadFile(document) //nolint:gosec // The developer's own file.
	if err != nil {
		return err
	}

	const begin, end = "<!-- begin measured -->\n", "<!-- end measured -->"

	before, rest, found := strings.Cut(string(text), begin)
	_, after, ended := strings.Cut(rest, end)

	if !found || !ended {
		return fmt.Errorf("%s has no line %q or %q", document, begin, end)
	}

	section, err := parse(string(measured)).render()
	if err != nil {
		return err
	}

	return os.WriteFile(document, []byte(before+begin+section+end+after), 0o644) //nolint:gosec // Documentation is public.
}

// results holds the samples of each benchmark and unit in the order of the rounds, such as
// "Validate/trunks=0/by=floor ns/op", and the text of each configuration line, such as "cpu".
type results struct {
	samples map[string][]float64
	config  map[string]string
}

var (
	configLine = regexp.MustCompile(`^([a-z]+): (.*)$`)
	resultLine = regexp.MustCompile(`^Benchmark(\S+)/round=\d+(\S+?)(?:-\d+)?\s+\d+\s+(.*)$`)
	sampleUnit = regexp.MustCompile(`(\S+) (\S+)`)
)

func parse(measured string) results {
	r := results{samples: map[string][]float64{}, config: map[string]string{}}

	for line := range strings.Lines(measured) {
		line = strings.TrimSpace(line)

		if match := configLine.FindStringSubmatch(line); match != nil {
			r.config[match[1]] = match[2]
		} else if match := resultLine.FindStringSubmatch(line); match != nil {
			for _, pair := range sampleUnit.FindAllStringSubmatch(match[3], -1) {
				if sample, err := strconv.ParseFloat(pair[1], 64); err == nil {
					key := match[1] + match[2] + " " + pair[2]
					r.samples[key] = append(r.samples[key], sample)
				}
			}
		}
	}

	return r
}

func (r results) render() (string, error) {
	var text strings.Builder

	err := template.Must(template.New("measured").Funcs(template.FuncMap{
		"config":  func(key string) string { return r.config[key] },
		"rounds":  func(key string) int { return len(r.samples[key]) },
		"ceil":    math.Ceil,
		"median":  r.median,
		"medians": r.medians,
		"ratio":   r.ratio,
	}).Parse(measuredTemplate)).Execute(&text, nil)

	return text.String(), err
}

// median is the median of the rounds in a larger unit, for example seconds with a divisor of 1e9.
func (r results) median(benchmark, unit string, divisor float64) (float64, error) {
	samples := r.samples[benchmark+" "+unit]
	if len(samples) == 0 {
		return 0, fmt.Errorf("%s was not measured in %s", benchmark, unit)
	}

	return medianOf(samples) / divisor, nil
}

func medianOf(samples []float64) float64 {
	sorted := slices.Sorted(slices.Values(samples))

	// The middle one, or the two in the middle.
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// medians are those of the floor, this provider and the idiomatic one, in this order.
func (r results) medians(format, separator, benchmark, unit string, divisor float64) (string, error) {
	var texts []string

	for _, by := range []string{"floor", "provider", "idiomatic"} {
		median, err := r.median(benchmark+"/by="+by, unit, divisor)
		if err != nil {
			return "", err
		}

		texts = append(texts, fmt.Sprintf(format, median))
	}

	return strings.Join(texts, separator), nil
}

// ratio is the median of the ratios within each round, and their range. The samples of a round
// follow each other, so that a change in the speed of the machine affects both.
func (r results) ratio(benchmark, baseline, unit string) (string, error) {
	ours, theirs := r.samples[benchmark+"/by=provider "+unit], r.samples[benchmark+"/by="+baseline+" "+unit]
	if len(ours) == 0 || len(ours) != len(theirs) {
		return "", fmt.Errorf("%s has %d samples of the provider and %d of %s in %s", benchmark, len(ours), len(theirs), baseline, unit)
	}

	ratios := make([]float64, len(ours))
	for i := range ratios {
		ratios[i] = ours[i] / theirs[i]
	}

	return fmt.Sprintf("%.2f | %.2f to %.2f", medianOf(ratios), slices.Min(ratios), slices.Max(ratios)), nil
}
