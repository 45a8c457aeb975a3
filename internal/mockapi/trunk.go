// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"time"
)

// Trunk is one SIP trunk. Its fields are those of the reference page, Response Fields,
// and are always sent, even if they are empty.
//
// To add a field, add it here, to [GeneratedTrunk] and to reference_trunks.json.
type Trunk struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Status      string  `json:"status"`
	AIProvider  string  `json:"ai_provider"`
	SIPUsername string  `json:"sip_username"`
	CreatedAt   string  `json:"created_at"` // RFC 3339, like UpdatedAt.
	UpdatedAt   string  `json:"updated_at"`
	Metrics     Metrics `json:"metrics"`

	// JSON, if not empty, is sent instead of all other fields. It allows missing, null
	// and additional fields. Filters still use Status.
	JSON string `json:"-"`
}

// Metrics are the performance metrics of a trunk.
type Metrics struct {
	CallsToday   int64   `json:"calls_today"`
	SuccessRate  float64 `json:"success_rate"` // Percent, 0 to 100.
	AvgLatencyMS int64   `json:"avg_latency_ms"`
}

var (
	statuses    = []string{"active", "inactive", "error"}
	aiProviders = []string{"openai", "elevenlabs", "custom"}
)

//go:embed reference_trunks.json
var referenceTrunks []byte

// ReferenceTrunks returns the two trunks of the reference page, Example Response.
func ReferenceTrunks() []Trunk {
	var page struct {
		Trunks []Trunk `json:"trunks"`
	}
	if err := json.Unmarshal(referenceTrunks, &page); err != nil {
		panic(err) // The file is part of the program.
	}

	return page.Trunks
}

// Trunks returns an account of n trunks in order of creation, the same in every call.
// The first two are [ReferenceTrunks].
func Trunks(n int) []Trunk {
	trunks := ReferenceTrunks()
	for len(trunks) < n {
		trunks = append(trunks, GeneratedTrunk(len(trunks)+1))
	}

	return trunks[:max(n, 0)]
}

// GeneratedTrunk returns the trunk at a position in [Trunks], counted from 1, to extend
// an account. For 1 and 2 it returns other trunks than the reference page.
func GeneratedTrunk(number int) Trunk {
	i := number - 1
	provider := aiProviders[i%len(aiProviders)]
	// A minute after the trunk before, starting from the second reference trunk.
	created := time.Date(2024, time.February, 10, 9, i-1, 0, 0, time.UTC)

	return Trunk{
		ID:          fmt.Sprintf("conn_%06d", i+1),
		Name:        fmt.Sprintf("Generated %s Agent %06d", provider, i+1),
		Status:      statuses[i%len(statuses)],
		AIProvider:  provider,
		SIPUsername: fmt.Sprintf("agent-%06d", i+1),
		CreatedAt:   created.Format(time.RFC3339),
		UpdatedAt:   created.Add(time.Duration(i%97) * time.Hour).Format(time.RFC3339),
		Metrics:     generatedMetrics(i),
	}
}

// generatedMetrics makes one trunk in 25 unhealthy by the reference page's Monitor
// Performance example, alternately by success rate and by latency.
func generatedMetrics(i int) Metrics {
	tenths := 950 + i*7%51 // Of a percent: integers avoid 98.60000000000001.

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
