// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestInteger(t *testing.T) {
	for raw, want := range map[string]*Integer{
		"null":                     nil,
		"0":                        new(Integer(0)),
		"187":                      new(Integer(187)),
		"-3":                       new(Integer(-3)),
		"187.0":                    new(Integer(187)),
		"1.87e2":                   new(Integer(187)),
		"187.4":                    new(Integer(187)),
		"187.5":                    new(Integer(188)),
		"-187.5":                   new(Integer(-188)),
		"0.49999999999999994":      new(Integer(0)),
		"9007199254740993":         new(Integer(9007199254740993)), // 2^53 + 1, which a float64 cannot represent.
		"9223372036854775807":      new(Integer(9223372036854775807)),
		"-9223372036854775808":     new(Integer(-9223372036854775808)),
		"-9.223372036854775808e18": new(Integer(-9223372036854775808)), // The lowest float64 that fits.
	} {
		t.Run(raw, func(t *testing.T) {
			got := new(Integer)
			if err := json.Unmarshal([]byte(raw), &got); err != nil {
				t.Fatal(err)
			}

			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}

	for _, raw := range []string{`"187"`, `true`, `9223372036854775808`, `-9223372036854777856`, `1e999`} {
		t.Run(raw+" is an error", func(t *testing.T) {
			var got Integer
			if err := json.Unmarshal([]byte(raw), &got); err == nil {
				t.Errorf("accepted, as %d", got)
			}
		})
	}
}

func TestParsePage(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want []Trunk
	}{
		"every field": {
			`{"trunks":[{"id":"conn_a","name":"A","status":"active","ai_provider":"openai","sip_username":"a-1","created_at":"2024-01-15T10:30:00Z",` +
				`"updated_at":"2024-03-01T14:22:00Z","metrics":{"calls_today":142,"success_rate":98.6,"avg_latency_ms":187}}],"pagination":{"limit":100,"offset":0,"total":1}}`,
			[]Trunk{{
				ID: "conn_a", Name: new("A"), Status: new("active"), AIProvider: new("openai"), SIPUsername: new("a-1"),
				CreatedAt: new("2024-01-15T10:30:00Z"), UpdatedAt: new("2024-03-01T14:22:00Z"),
				Metrics: &Metrics{CallsToday: new(Integer(142)), SuccessRate: new(98.6), AvgLatencyMS: new(Integer(187))},
			}},
		},
		"missing fields are nil": {
			`{"trunks":[{"id":"conn_a"}],"pagination":{"total":1}}`,
			[]Trunk{{ID: "conn_a"}},
		},
		"null fields are nil": {
			`{"trunks":[{"id":"conn_a","name":null,"status":null,"ai_provider":null,"sip_username":null,"created_at":null,"updated_at":null,"metrics":null}],"pagination":{"offset":null,"total":1}}`,
			[]Trunk{{ID: "conn_a"}},
		},
		"missing and null fields of metrics are nil": {
			`{"trunks":[{"id":"conn_a","metrics":{"calls_today":null}}],"pagination":{"total":1}}`,
			[]Trunk{{ID: "conn_a", Metrics: &Metrics{}}},
		},
		"zero and empty are not nil": {
			`{"trunks":[{"id":"conn_a","name":"","metrics":{"calls_today":0,"success_rate":0,"avg_latency_ms":0}}],"pagination":{"total":1}}`,
			[]Trunk{{ID: "conn_a", Name: new(""), Metrics: &Metrics{CallsToday: new(Integer(0)), SuccessRate: new(0.0), AvgLatencyMS: new(Integer(0))}}},
		},
		"unknown values and fields": {
			`{"trunks":[{"id":"conn_a","status":"paused","ai_provider":"gemini","undocumented":{"name":"eu"}}],"pagination":{"total":1,"next":"x"},"took":3}`,
			[]Trunk{{ID: "conn_a", Status: new("paused"), AIProvider: new("gemini")}},
		},
		"no trunks": {
			`{"trunks":[],"pagination":{"limit":100,"offset":0,"total":0}}`,
			[]Trunk{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parsePage(newKey(testKey), []byte(test.body))
			if err != nil {
				t.Fatal(err)
			}

			if diff := cmp.Diff(test.want, got.trunks); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParsePageErrors(t *testing.T) {
	const pagination = `"pagination":{"limit":100,"offset":0,"total":1}`

	for name, test := range map[string]struct {
		body string
		kind error
		text string
	}{
		"empty":                     {"", ErrNotJSON, "empty"},
		"HTML":                      {"<!DOCTYPE html><title>502</title>", ErrNotJSON, `the title "502"`},
		"text":                      {"upstream connect error", ErrNotJSON, `"upstream connect error"`},
		"text after the JSON":       {`{"trunks":[],` + pagination + `}x`, ErrNotJSON, "it begins with"},
		"an object that ends early": {`{"trunks":[{"id":"conn_a"`, ErrTruncated, "ends early"},
		"a string that ends early":  {`{"trunks":[{"id":"con`, ErrTruncated, "ends early"},
		"null":                      {"null", ErrUnexpectedResponse, "trunks"},
		"an array":                  {"[]", ErrUnexpectedResponse, "array"},
		"an error with status 200":  {`{"error":{"code":"unauthorized"}}`, ErrUnexpectedResponse, "trunks"},
		"no trunks":                 {`{` + pagination + `}`, ErrUnexpectedResponse, "trunks"},
		"trunks null":               {`{"trunks":null,` + pagination + `}`, ErrUnexpectedResponse, "trunks"},
		"trunks an object":          {`{"trunks":{},` + pagination + `}`, ErrUnexpectedResponse, "trunks"},
		"a trunk null":              {`{"trunks":[null],` + pagination + `}`, ErrUnexpectedResponse, "trunk 1"},
		"no id":                     {`{"trunks":[{"id":"conn_a"},{"name":"B"}],` + pagination + `}`, ErrUnexpectedResponse, "trunk 2"},
		"id empty":                  {`{"trunks":[{"id":""}],` + pagination + `}`, ErrUnexpectedResponse, "trunk 1"},
		"id null":                   {`{"trunks":[{"id":null}],` + pagination + `}`, ErrUnexpectedResponse, "trunk 1"},
		"id a number":               {`{"trunks":[{"id":7}],` + pagination + `}`, ErrUnexpectedResponse, "trunks.id"},
		"calls a string":            {`{"trunks":[{"id":"a","metrics":{"calls_today":"7"}}],` + pagination + `}`, ErrUnexpectedResponse, "trunks.metrics.calls_today"},
		"latency beyond 64 bits":    {`{"trunks":[{"id":"a","metrics":{"avg_latency_ms":1e30}}],` + pagination + `}`, ErrUnexpectedResponse, "1e30"},
		"no pagination":             {`{"trunks":[]}`, ErrUnexpectedResponse, "pagination.total"},
		"pagination null":           {`{"trunks":[],"pagination":null}`, ErrUnexpectedResponse, "pagination.total"},
		"no total":                  {`{"trunks":[],"pagination":{"limit":100,"offset":0}}`, ErrUnexpectedResponse, "pagination.total"},
		"total null":                {`{"trunks":[],"pagination":{"total":null}}`, ErrUnexpectedResponse, "pagination.total"},
		"total a string":            {`{"trunks":[],"pagination":{"total":"0"}}`, ErrUnexpectedResponse, "pagination.total"},
		"total above the maximum":   {`{"trunks":[],"pagination":{"total":500001}}`, ErrUnexpectedResponse, "is 500001, and at most 500000 is supported"},
		"total negative":            {`{"trunks":[],"pagination":{"total":-1}}`, ErrUnexpectedResponse, "-1"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parsePage(newKey(testKey), []byte(test.body))
			if err == nil {
				t.Fatalf("accepted, as %+v", got)
			}

			for _, kind := range []error{ErrNotJSON, ErrTruncated, ErrUnexpectedResponse} {
				if errors.Is(err, kind) != errors.Is(test.kind, kind) {
					t.Errorf("got %v, want %v", err, test.kind)
				}
			}

			wantText(t, err, test.text)
		})
	}
}
