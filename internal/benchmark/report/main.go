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

// results holds one figure per round for each benchmark and unit, such as "Validate/by=floor
// ns/op", and the text of each configuration line, such as "cpu".
type results struct {
	figures map[string][]float64
	config  map[string]string
}

var (
	configLine = regexp.MustCompile(`^([a-z]+): (.*)$`)
	resultLine = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+(.*)$`)
	figureUnit = regexp.MustCompile(`(\S+) (\S+)`)
	// roundLine ends a round: the package, and how long it took.
	roundLine = regexp.MustCompile(`^ok\s+\S+\s+([\d.]+)s$`)
)

func parse(measured string) results {
	r := results{figures: map[string][]float64{}, config: map[string]string{}}

	add := func(key, figure string) {
		if number, err := strconv.ParseFloat(figure, 64); err == nil {
			r.figures[key] = append(r.figures[key], number)
		}
	}

	for line := range strings.Lines(measured) {
		line = strings.TrimSpace(line)

		if match := configLine.FindStringSubmatch(line); match != nil {
			r.config[match[1]] = match[2]
		} else if match := roundLine.FindStringSubmatch(line); match != nil {
			add("round s", match[1])
		} else if match := resultLine.FindStringSubmatch(line); match != nil {
			for _, pair := range figureUnit.FindAllStringSubmatch(match[2], -1) {
				add(match[1]+" "+pair[2], pair[1])
			}
		}
	}

	return r
}

func (r results) render() (string, error) {
	var text strings.Builder

	err := template.Must(template.New("measured").Funcs(template.FuncMap{
		"config":  func(key string) string { return r.config[key] },
		"rounds":  func() int { return len(r.figures["round s"]) },
		"ceil":    math.Ceil,
		"median":  r.median,
		"medians": r.medians,
		"ratio":   r.ratio,
	}).Parse(measuredTemplate)).Execute(&text, nil)

	return text.String(), err
}

// median is the median of the rounds in a larger unit, for example seconds with a divisor of 1e9.
func (r results) median(benchmark, unit string, divisor float64) (float64, error) {
	figures := slices.Sorted(slices.Values(r.figures[benchmark+" "+unit]))
	if len(figures) == 0 {
		return 0, fmt.Errorf("%s was not measured in %s", benchmark, unit)
	}

	middle := len(figures) / 2
	if len(figures)%2 == 0 {
		return (figures[middle-1] + figures[middle]) / 2 / divisor, nil
	}

	return figures[middle] / divisor, nil
}

// medians are those of the floor, this provider and the idiomatic one, in this order.
func (r results) medians(format, separator, benchmark, unit string, divisor float64) (string, error) {
	var texts []string

	for _, by := range []string{"floor", "provider", "idiomatic"} {
		figure, err := r.median(benchmark+"/by="+by, unit, divisor)
		if err != nil {
			return "", err
		}

		texts = append(texts, fmt.Sprintf(format, figure))
	}

	return strings.Join(texts, separator), nil
}

// ratio is the median of the ratios within one round, because a disturbance of the machine
// affects both sides of a round.
func (r results) ratio(benchmark, baseline, unit string) (float64, error) {
	ours, theirs := r.figures[benchmark+"/by=provider "+unit], r.figures[benchmark+"/by="+baseline+" "+unit]

	ratios := make([]float64, min(len(ours), len(theirs)))
	for i := range ratios {
		ratios[i] = ours[i] / theirs[i]
	}

	return results{figures: map[string][]float64{benchmark + " ratio": ratios}}.median(benchmark, "ratio", 1)
}
