// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import (
	"fmt"
	"time"
)

var (
	statuses    = [...]string{"active", "inactive", "error"}
	aiProviders = [...]string{"openai", "elevenlabs", "custom"}
)

// lastReference is when the second trunk of the reference page was created;
// generated ones follow it.
var lastReference = time.Date(2024, time.February, 10, 9, 0, 0, 0, time.UTC)

// Trunks gives an account of n trunks, the same ones every time, in the order of
// creation. The first two are [ReferenceTrunks]; zero or less gives none.
func Trunks(n int) []Trunk {
	n = max(n, 0)
	trunks := make([]Trunk, 0, n)
	reference := ReferenceTrunks()
	trunks = append(trunks, reference[:min(n, len(reference))]...)
	for number := len(trunks) + 1; number <= n; number++ {
		trunks = append(trunks, GeneratedTrunk(number))
	}
	return trunks
}

// GeneratedTrunk gives the trunk that stands at number, counted from 1, in what
// [Trunks] makes. It extends an account one trunk at a time; for the numbers of
// the two reference trunks it gives trunks that are not those. Below 1 is taken as 1.
func GeneratedTrunk(number int) Trunk {
	number = max(number, 1)
	i := number - 1
	provider := aiProviders[i%len(aiProviders)]
	// A minute apart, a million trunks end in 2026: no timestamp leaves the four
	// digit years of RFC 3339.
	created := lastReference.Add(time.Duration(i-1) * time.Minute)
	updated := created.Add(time.Duration(i%97) * time.Hour)
	return Trunk{
		ID:          fmt.Sprintf("conn_%06d", number),
		Name:        fmt.Sprintf("Generated %s Agent %06d", provider, number),
		Status:      statuses[i%len(statuses)],
		AIProvider:  provider,
		SIPUsername: fmt.Sprintf("agent-%06d", number),
		CreatedAt:   created.Format(time.RFC3339),
		UpdatedAt:   updated.Format(time.RFC3339),
		Metrics:     generatedMetrics(i),
	}
}

// generatedMetrics makes one trunk in twenty-five one that the reference page's
// monitoring example reports, by its success rate and by its latency in turn.
func generatedMetrics(i int) Metrics {
	// Tenths of a percent as an integer, so that no sum of fractions shows up as
	// 98.60000000000001.
	tenths := 950 + i*7%51
	latency := 120 + i*13%181
	switch i % 50 {
	case 7:
		tenths = 600 + i*7%350
	case 32:
		latency = 301 + i*13%900
	}
	return Metrics{
		CallsToday:   int64(i * 37 % 500),
		SuccessRate:  float64(tenths) / 10,
		AvgLatencyMS: int64(latency),
	}
}
