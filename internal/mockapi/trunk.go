// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Trunk is one SIP trunk of the account; its fields are those of the reference
// page, Response Fields, and are sent as they are, empty ones too.
type Trunk struct {
	// ID is unique within an account.
	ID string `json:"id"`
	// Name is a friendly name; nothing says that it is unique.
	Name string `json:"name"`
	// Status is what the status parameter filters by: active, inactive or error,
	// or a value that is not on the reference page yet.
	Status string `json:"status"`
	// AIProvider is openai, elevenlabs or custom, or a value that is not on the
	// reference page yet.
	AIProvider string `json:"ai_provider"`
	// SIPUsername is unique within an account.
	SIPUsername string `json:"sip_username"`
	// CreatedAt is an RFC 3339 timestamp.
	CreatedAt string `json:"created_at"`
	// UpdatedAt is an RFC 3339 timestamp.
	UpdatedAt string `json:"updated_at"`
	// Metrics are the trunk's figures of today.
	Metrics Metrics `json:"metrics"`

	// JSON, when not empty, is sent in place of all other fields, even when it is
	// not valid JSON: it makes fields that are missing, null or odd. ID and Status
	// are used for filtering all the same.
	JSON string `json:"-"`
}

// Metrics are the performance figures of a trunk.
type Metrics struct {
	// CallsToday is the number of calls processed today.
	CallsToday int64 `json:"calls_today"`
	// SuccessRate is a percentage, 0 to 100. NaN and the infinities cannot be
	// written as JSON: the page that holds them is answered 500.
	SuccessRate float64 `json:"success_rate"`
	// AvgLatencyMS is the average end-to-end latency in milliseconds.
	AvgLatencyMS int64 `json:"avg_latency_ms"`
}

// encode gives the trunk's JSON on one line.
func (t *Trunk) encode() ([]byte, error) {
	if t.JSON != "" {
		return []byte(t.JSON), nil
	}
	text, err := compact(t)
	if err != nil {
		return nil, fmt.Errorf("trunk %q: %w", t.ID, err)
	}
	return text, nil
}

// compact is json.Marshal without the escapes that are meant for HTML pages,
// which the API does not send.
func compact(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding JSON: %w", err)
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// lines breaks JSON into lines without indentation, which is how the reference
// page shows it. What is not JSON comes back as it is, for a test may want just that.
func lines(text []byte) []byte {
	var buf bytes.Buffer
	if err := json.Indent(&buf, text, "", ""); err != nil {
		return text
	}
	return buf.Bytes()
}
