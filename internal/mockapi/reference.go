// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

// ExampleKey is the key of the reference page's examples. It opens nothing.
const ExampleKey = "sk_live_abc123def456..."

// ReferenceTrunks gives the two trunks of the reference page, Example Response.
func ReferenceTrunks() []Trunk {
	return []Trunk{
		{
			ID:          "conn_abc123xyz",
			Name:        "Production OpenAI Agent",
			Status:      "active",
			AIProvider:  "openai",
			SIPUsername: "agent-prod-01",
			CreatedAt:   "2024-01-15T10:30:00Z",
			UpdatedAt:   "2024-03-01T14:22:00Z",
			Metrics:     Metrics{CallsToday: 142, SuccessRate: 98.6, AvgLatencyMS: 187},
		},
		{
			ID:          "conn_def456uvw",
			Name:        "Staging ElevenLabs Agent",
			Status:      "inactive",
			AIProvider:  "elevenlabs",
			SIPUsername: "agent-staging-01",
			CreatedAt:   "2024-02-10T09:00:00Z",
			UpdatedAt:   "2024-02-28T11:45:00Z",
			Metrics:     Metrics{CallsToday: 0, SuccessRate: 95.2, AvgLatencyMS: 210},
		},
	}
}
