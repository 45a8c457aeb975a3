// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"errors"
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// The documented values of [Trunk.Status] and of the filter by it (reference page, Query
// Parameters). The API may add others.
const (
	StatusActive   = "active"
	StatusInactive = "inactive"
	StatusError    = "error"
)

// Statuses returns the documented statuses, the only ones that the API filters by.
func Statuses() []string {
	return []string{StatusActive, StatusInactive, StatusError}
}

// Trunk is a SIP trunk, which the API also calls a connection (reference page, Response
// Fields). A field that the API omitted, or sent as null, is nil. Values are passed on as they
// arrived, including undocumented ones.
type Trunk struct {
	// ID identifies the trunk, for example "conn_abc123xyz". It is never empty.
	ID string `json:"id"`
	// Name is the friendly name. It need not be unique.
	Name *string `json:"name"`
	// Status is one of [Statuses], or a value that Telepath added later.
	Status *string `json:"status"`
	// AIProvider is "openai", "elevenlabs" or "custom", or a value that Telepath added later.
	AIProvider *string `json:"ai_provider"`
	// SIPUsername is the username of SIP authentication, unique within the account.
	SIPUsername *string `json:"sip_username"`
	// CreatedAt is an ISO 8601 timestamp, as the API sent it.
	CreatedAt *string `json:"created_at"`
	// UpdatedAt is an ISO 8601 timestamp, as the API sent it.
	UpdatedAt *string `json:"updated_at"`
	// Metrics changes with every phone call.
	Metrics *Metrics `json:"metrics"`
}

// Metrics is the performance of a trunk. A field that the API omitted, or sent as null, is nil.
type Metrics struct {
	// CallsToday is the number of calls processed today.
	CallsToday *Integer `json:"calls_today"`
	// SuccessRate is the call success rate in percent, 0 to 100.
	SuccessRate *float64 `json:"success_rate"`
	// AvgLatencyMS is the average end-to-end latency in milliseconds.
	AvgLatencyMS *Integer `json:"avg_latency_ms"`
}

// Integer is a number that the reference page calls an integer. JSON has no such type: 187.0 is
// 187. A fraction is rounded, half away from zero, because a plan should not fail over half a
// millisecond.
type Integer int64

// UnmarshalJSONFrom implements [json.UnmarshalerFrom]. Anything but a number of 64 bits is an error.
func (i *Integer) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()

	switch {
	case err != nil:
		return err
	case value.Kind() != jsontext.KindNumber:
		return errors.New("a value that is not a number")
	}

	if n, err := strconv.ParseInt(string(value), 10, 64); err == nil {
		*i = Integer(n)

		return nil
	}

	// 2^63 is the first float64 that does not fit; -2^63 does fit. A number beyond float64 is infinite.
	f, _ := strconv.ParseFloat(string(value), 64)
	if f = math.Round(f); f < math.MinInt64 || f >= math.MaxInt64 {
		return errors.New("a number that does not fit into 64 bits")
	}

	*i = Integer(f)

	return nil
}
