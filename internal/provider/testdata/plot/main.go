// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

// Command plot reads what `make bench` printed and renders it: the tables in PERFORMANCE.md,
// between its two markers, and performance.svg beside it.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: plot bench.txt PERFORMANCE.md performance.svg")
	}

	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		log.Fatal(err)
	}
}

func run(benchmarks, document, plot string) error {
	all, err := read(benchmarks)
	if err != nil {
		return err
	}

	text, err := os.ReadFile(document) //nolint:gosec // The file that was asked for.
	if err != nil {
		return err
	}

	const begin, end = "<!-- measured -->\n", "<!-- /measured -->"

	before, rest, found := strings.Cut(string(text), begin)
	_, after, ended := strings.Cut(rest, end)

	if !found || !ended {
		return fmt.Errorf("%s lacks its markers", document)
	}

	tables := all.budgets() + "\n" + all.applies() + "\n" + all.curve() + "\n" + all.memory() + "\n"
	if err := os.WriteFile(document, []byte(before+begin+"\n"+tables+end+after), 0o644); err != nil { //nolint:gosec // Everybody may read it.
		return err
	}

	return os.WriteFile(plot, []byte(all.plot()), 0o644) //nolint:gosec // Everybody may read it.
}

// results are the figures of each benchmark and unit, such as "Apply/trunks=100/by=floor ns/op",
// one for each round.
type results map[string][]float64

var line = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+(.*)$`)

func read(name string) (results, error) {
	file, err := os.Open(name) //nolint:gosec // The file that was asked for.
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // It was only read.

	all := results{}

	lines := bufio.NewScanner(file)
	for lines.Scan() {
		match := line.FindStringSubmatch(lines.Text())
		if match == nil {
			continue
		}

		fields := strings.Fields(match[2])
		for i := 0; i+1 < len(fields); i += 2 {
			figure, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, fmt.Errorf("%q: %w", lines.Text(), err)
			}

			key := match[1] + " " + fields[i+1]
			all[key] = append(all[key], figure)
		}
	}

	return all, lines.Err()
}

// median is of what was measured; without anything, it ends the program.
func (r results) median(benchmark, unit string) float64 {
	return median(r.of(benchmark, unit))
}

func (r results) of(benchmark, unit string) []float64 {
	figures := r[benchmark+" "+unit]
	if len(figures) == 0 {
		log.Fatalf("%s was not measured in %s", benchmark, unit)
	}

	return figures
}

func median(figures []float64) float64 {
	sorted := slices.Sorted(slices.Values(figures))
	middle := len(sorted) / 2

	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}

	return sorted[middle]
}

// ratios are those of one benchmark to another, round by round: what disturbed one likely
// disturbed the other as well.
func (r results) ratios(benchmark, to, unit string) []float64 {
	ours, theirs := r.of(benchmark, unit), r.of(to, unit)

	ratios := make([]float64, min(len(ours), len(theirs)))
	for i := range ratios {
		ratios[i] = ours[i] / theirs[i]
	}

	return ratios
}

// budgets are those of issue 6.
func (r results) budgets() string {
	var table strings.Builder

	table.WriteString("| | Budget | Median | Lowest to highest | Benchmark |\n|---|---|---|---|---|\n")

	for _, budget := range []struct {
		what          string
		limit         string
		benchmark, to string
		unit          string
	}{
		{"`terraform apply`, 10,000 trunks, to the floor: time", "1.25", "Apply/trunks=10000/by=provider", "Apply/trunks=10000/by=floor", "ns/op"},
		{"the same: processor time", "none", "Apply/trunks=10000/by=provider", "Apply/trunks=10000/by=floor", "cpu-ns/op"},
		{"`terraform apply`, 10,000 trunks, to the idiomatic one: time", "none", "Apply/trunks=10000/by=provider", "Apply/trunks=10000/by=idiomatic", "ns/op"},
		{"`terraform validate`, to the floor: time", "1.15", "Validate/by=provider", "Validate/by=floor", "ns/op"},
		{"the same: processor time", "none", "Validate/by=provider", "Validate/by=floor", "cpu-ns/op"},
		{"ReadDataSource, 10,000 trunks, to the idiomatic one: time", "0.35", "ReadDataSource/trunks=10000/by=provider", "ReadDataSource/trunks=10000/by=idiomatic", "ns/op"},
		{"the same: bytes allocated", "0.40", "ReadDataSource/trunks=10000/by=provider", "ReadDataSource/trunks=10000/by=idiomatic", "B/op"},
		{"Mapping, 10,000 trunks, to the idiomatic one: time", "none", "Mapping/trunks=10000/by=provider", "Mapping/trunks=10000/by=idiomatic", "ns/op"},
		{"Listing, 1,000 trunks at 50 ms a request, to the loop: time", "0.45", "List/latency=50ms/trunks=1000/by=provider", "List/latency=50ms/trunks=1000/by=loop", "ns/op"},
		{"Listing, 10,000 trunks at 50 ms a request, to the loop: time", "0.20", "List/latency=50ms/trunks=10000/by=provider", "List/latency=50ms/trunks=10000/by=loop", "ns/op"},
	} {
		ratios := r.ratios(budget.benchmark, budget.to, budget.unit)
		name, _, _ := strings.Cut(budget.benchmark, "/")
		fmt.Fprintf(&table, "| %s | %s | %.3f | %.3f to %.3f | `%s` |\n",
			budget.what, budget.limit, median(ratios), slices.Min(ratios), slices.Max(ratios), name)
	}

	fmt.Fprintf(&table, "| Binary, in MB | 20 | %.1f | | `Validate` |\n", r.median("Validate/by=provider", "binary-B")/1e6)

	return table.String()
}

var (
	counts    = []int{100, 1_000, 10_000}
	providers = []string{"provider", "idiomatic", "floor"}
)

func (r results) applies() string {
	var table strings.Builder

	table.WriteString("`terraform apply`, in seconds, and in brackets its processor time:\n\n| Trunks | Provider | Idiomatic | Floor |\n|---:|---:|---:|---:|\n")

	for _, n := range counts {
		fmt.Fprintf(&table, "| %s |", thousands(n))

		for _, by := range providers {
			name := fmt.Sprintf("Apply/trunks=%d/by=%s", n, by)
			fmt.Fprintf(&table, " %.2f (%.2f) |", r.median(name, "ns/op")/1e9, r.median(name, "cpu-ns/op")/1e9)
		}

		table.WriteString("\n")
	}

	return table.String()
}

func (r results) curve() string {
	var table strings.Builder

	table.WriteString("ReadDataSource of this provider, with the listing, for each trunk:\n\n| Trunks | Microseconds | Allocated bytes |\n|---:|---:|---:|\n")

	for _, n := range []int{1_000, 2_000, 5_000, 10_000, 20_000, 50_000} {
		name := fmt.Sprintf("Curve/trunks=%d", n)
		fmt.Fprintf(&table, "| %s | %.1f | %s |\n", thousands(n), r.median(name, "ns/trunk")/1e3, thousands(int(r.median(name, "B/op"))/n))
	}

	return table.String()
}

func (r results) memory() string {
	var table strings.Builder

	table.WriteString("Peak memory of the provider's process during an apply, in MB:\n\n| Trunks | Provider | Idiomatic | Floor |\n|---:|---:|---:|---:|\n")

	for _, n := range []int{0, 10_000, 50_000} {
		fmt.Fprintf(&table, "| %s |", thousands(n))

		for _, by := range providers {
			fmt.Fprintf(&table, " %.0f |", r.median(fmt.Sprintf("PeakMemory/trunks=%d/by=%s", n, by), "peak-B")/1e6)
		}

		table.WriteString("\n")
	}

	return table.String()
}

// thousands writes a number with its commas.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}

	return text
}

// plot is time against trunks. Both axes are linear, and so what costs the same for each trunk
// is a straight line.
func (r results) plot() string {
	const (
		width, height            = 720, 420
		left, right, top, bottom = 64, 120, 48, 56
		maxTrunks                = 10_000
	)

	highest := 0.0
	for _, by := range providers {
		highest = max(highest, r.median(fmt.Sprintf("Apply/trunks=%d/by=%s", maxTrunks, by), "ns/op")/1e9)
	}

	step := 0.5
	for highest/step > 6 {
		step *= 2
	}

	limit := step
	for limit < highest {
		limit += step
	}

	x := func(trunks float64) float64 { return left + trunks/maxTrunks*(width-left-right) }
	y := func(seconds float64) float64 { return height - bottom - seconds/limit*(height-top-bottom) }

	var svg strings.Builder

	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="sans-serif" font-size="13" role="img" aria-labelledby="title">
<title id="title">Seconds that terraform apply takes against the number of trunks, for the provider, an idiomatic one and the floor</title>
<rect width="100%%" height="100%%" fill="#ffffff"/>
<text x="%d" y="26" font-size="15" font-weight="bold" fill="#222222">terraform apply with all trunks of an account</text>
`, width, height, width, height, left)

	for seconds := 0.0; seconds <= limit+step/2; seconds += step {
		fmt.Fprintf(&svg, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="#dddddd"/><text x="%d" y="%.1f" text-anchor="end" fill="#444444">%g s</text>`+"\n",
			left, y(seconds), width-right, y(seconds), left-8, y(seconds)+4.5, seconds)
	}

	for trunks := 0; trunks <= maxTrunks; trunks += 2_000 {
		fmt.Fprintf(&svg, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#444444"/><text x="%.1f" y="%d" text-anchor="middle" fill="#444444">%s</text>`+"\n",
			x(float64(trunks)), height-bottom, x(float64(trunks)), height-bottom+5, x(float64(trunks)), height-bottom+21, thousands(trunks))
	}

	fmt.Fprintf(&svg, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="#444444"/><text x="%.1f" y="%d" text-anchor="middle" fill="#444444">trunks</text>`+"\n",
		left, height-bottom, width-right, height-bottom, x(maxTrunks/2), height-bottom+43)

	// Colours that those who see fewer can tell apart, and shapes for those who see none.
	marks := map[string]string{
		"provider":  `<circle cx="%.1f" cy="%.1f" r="5" fill="#0072b2"/>`,
		"idiomatic": `<path d="M%.1f %.1fm-5 -5h10v10h-10z" fill="#d55e00"/>`,
		"floor":     `<path d="M%.1f %.1fm0 -6l6 10h-12z" fill="#666666"/>`,
	}
	strokes := map[string]string{"provider": "#0072b2", "idiomatic": "#d55e00", "floor": "#666666"}

	for _, by := range providers {
		var points, shapes []string

		for _, n := range counts {
			seconds := r.median(fmt.Sprintf("Apply/trunks=%d/by=%s", n, by), "ns/op") / 1e9
			points = append(points, fmt.Sprintf("%.1f,%.1f", x(float64(n)), y(seconds)))
			shapes = append(shapes, fmt.Sprintf(marks[by], x(float64(n)), y(seconds)))
		}

		last := r.median(fmt.Sprintf("Apply/trunks=%d/by=%s", maxTrunks, by), "ns/op") / 1e9
		fmt.Fprintf(&svg, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>%s<text x="%.1f" y="%.1f" fill="%s">%s %.2f s</text>`+"\n",
			strings.Join(points, " "), strokes[by], strings.Join(shapes, ""), x(maxTrunks)+12, y(last)+4.5, strokes[by], by, last)
	}

	svg.WriteString("</svg>\n")

	return svg.String()
}
