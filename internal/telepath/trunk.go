// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
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

// UnmarshalJSON implements [json.Unmarshaler]. Anything but a number of 64 bits is an error.
func (i *Integer) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		return nil
	}

	if n, err := strconv.ParseInt(string(data), 10, 64); err == nil {
		*i = Integer(n)
		return nil
	}

	var f float64
	if err := json.Unmarshal(data, &f); err != nil {
		return err
	}

	// 2^63 is the first float64 that does not fit; -2^63 does fit.
	if f = math.Round(f); f < math.MinInt64 || f >= math.MaxInt64 {
		return fmt.Errorf("%s does not fit into an integer of 64 bits", data)
	}

	*i = Integer(f)

	return nil
}

// maxTotal is the largest total that is believed. So many ordinary trunks fit into a gRPC message
// to Terraform; a larger number is more likely a mistake than an account.
const maxTotal = 500_000

// page is one page of trunks (reference page, Response Fields).
type page struct {
	trunks []Trunk
	// limit is the one that the server used, nil if it did not send one, or sent one below the number
	// of trunks.
	limit *Integer
	// offset is the one that the server used, nil if it did not send one.
	offset *Integer
	// total is the number of trunks on all pages.
	total int
}

// parsePage parses a page as a whole: one undocumented trunk makes the page an error, because a
// list without that trunk would not be complete.
func parsePage(key Key, body []byte) (*page, error) {
	var parsed struct {
		Trunks     *[]Trunk `json:"trunks"`
		Pagination *struct {
			Limit  *Integer `json:"limit"`
			Offset *Integer `json:"offset"`
			Total  *Integer `json:"total"`
		} `json:"pagination"`
	}
	if err := json.Unmarshal(body, &parsed); err != nil {
		return nil, jsonError(key, body, err)
	}

	switch {
	case parsed.Trunks == nil:
		return nil, fmt.Errorf("%w: it has no \"trunks\"", ErrUnexpectedResponse)
	case parsed.Pagination == nil || parsed.Pagination.Total == nil:
		return nil, fmt.Errorf("%w: it has no \"pagination.total\"", ErrUnexpectedResponse)
	}

	total := *parsed.Pagination.Total

	switch {
	case total < 0:
		return nil, fmt.Errorf("%w: its \"pagination.total\" is %d", ErrUnexpectedResponse, total)
	case total > maxTotal:
		return nil, fmt.Errorf("%w: its \"pagination.total\" is %d, and at most %d is supported", ErrUnexpectedResponse, total, maxTotal)
	}

	for i, trunk := range *parsed.Trunks {
		if trunk.ID == "" {
			return nil, fmt.Errorf("%w: trunk %d on the page has no \"id\"", ErrUnexpectedResponse, i+1)
		}
	}

	limit := parsed.Pagination.Limit
	if limit != nil && *limit < Integer(len(*parsed.Trunks)) {
		limit = nil
	}

	return &page{
		trunks: *parsed.Trunks,
		limit:  limit,
		offset: parsed.Pagination.Offset,
		total:  int(total),
	}, nil
}

// jsonError distinguishes a body that is not JSON, JSON that was cut off, and JSON of another
// structure: they differ in what to do next.
func jsonError(key Key, body []byte, err error) error {
	var (
		syntaxErr *json.SyntaxError
		typeErr   *json.UnmarshalTypeError
		value     json.RawMessage
	)

	if errors.As(err, &syntaxErr) {
		// Unlike json.Unmarshal, a decoder has an error of its own for JSON that ends early.
		if errors.Is(json.NewDecoder(bytes.NewReader(body)).Decode(&value), io.ErrUnexpectedEOF) {
			return fmt.Errorf("%w: its JSON ends early", ErrTruncated)
		}

		return fmt.Errorf("%w: %s", ErrNotJSON, describeText(key, body))
	}

	switch {
	case !errors.As(err, &typeErr):
		return fmt.Errorf("%w: %w", ErrUnexpectedResponse, err)
	case typeErr.Field == "":
		return fmt.Errorf("%w: it is of type %s", ErrUnexpectedResponse, typeErr.Value)
	}

	return fmt.Errorf("%w: its %q is of type %s", ErrUnexpectedResponse, typeErr.Field, typeErr.Value)
}
