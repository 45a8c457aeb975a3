// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
		"missing and null metrics are nil": {
			`{"trunks":[{"id":"conn_a","metrics":{"calls_today":null}}],"pagination":{"total":1}}`,
			[]Trunk{{ID: "conn_a", Metrics: &Metrics{}}},
		},
		"zero and empty are not missing": {
			`{"trunks":[{"id":"conn_a","name":"","metrics":{"calls_today":0,"success_rate":0,"avg_latency_ms":0}}],"pagination":{"total":1}}`,
			[]Trunk{{ID: "conn_a", Name: new(""), Metrics: &Metrics{CallsToday: new(Integer(0)), SuccessRate: new(0.0), AvgLatencyMS: new(Integer(0))}}},
		},
		"unknown values and fields": {
			`{"trunks":[{"id":"conn_a","status":"paused","ai_provider":"gemini","region":{"name":"eu"}}],"pagination":{"total":1,"next":"x"},"took":3}`,
			[]Trunk{{ID: "conn_a", Status: new("paused"), AIProvider: new("gemini")}},
		},
		"no trunks": {
			`{"trunks":[],"pagination":{"limit":100,"offset":0,"total":0}}`,
			[]Trunk{},
		},
		"white space around": {
			" \r\n{\"trunks\":[],\"pagination\":{\"total\":0}}\n\n",
			[]Trunk{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parsePage([]byte(test.body))
			if err != nil {
				t.Fatal(err)
			}

			if diff := cmp.Diff(test.want, got.trunks); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParsePageRefuses(t *testing.T) {
	const pagination = `"pagination":{"limit":100,"offset":0,"total":1}`

	for name, test := range map[string]struct {
		body string
		want error
		text string
	}{
		"nothing":               {"", ErrNotJSON, "empty"},
		"white space":           {" \n ", ErrNotJSON, "empty"},
		"HTML":                  {"<!DOCTYPE html><title>502</title>", ErrNotJSON, "'<'"},
		"one byte":              {"<", ErrNotJSON, "'<'"},
		"text":                  {"upstream connect error", ErrNotJSON, "'u'"},
		"something behind":      {`{"trunks":[],` + pagination + `}x`, ErrNotJSON, "after top-level value"},
		"JSON that stops":       {`{"trunks":[{"id":"conn_a"`, ErrTruncated, "no end"},
		"JSON in a string":      {`{"trunks":[{"id":"con`, ErrTruncated, "no end"},
		"null":                  {"null", ErrUnexpectedAnswer, "trunks"},
		"an array":              {"[]", ErrUnexpectedAnswer, "array"},
		"an empty object":       {"{}", ErrUnexpectedAnswer, "trunks"},
		"an error with 200":     {`{"error":{"code":"unauthorized"}}`, ErrUnexpectedAnswer, "trunks"},
		"no trunks":             {`{` + pagination + `}`, ErrUnexpectedAnswer, "trunks"},
		"trunks null":           {`{"trunks":null,` + pagination + `}`, ErrUnexpectedAnswer, "trunks"},
		"trunks an object":      {`{"trunks":{},` + pagination + `}`, ErrUnexpectedAnswer, "trunks"},
		"a trunk null":          {`{"trunks":[null],` + pagination + `}`, ErrUnexpectedAnswer, "trunk 1"},
		"a trunk a string":      {`{"trunks":["conn_a"],` + pagination + `}`, ErrUnexpectedAnswer, "trunks"},
		"no id":                 {`{"trunks":[{"id":"conn_a"},{"name":"B"}],` + pagination + `}`, ErrUnexpectedAnswer, "trunk 2"},
		"id empty":              {`{"trunks":[{"id":""}],` + pagination + `}`, ErrUnexpectedAnswer, "trunk 1"},
		"id null":               {`{"trunks":[{"id":null}],` + pagination + `}`, ErrUnexpectedAnswer, "trunk 1"},
		"id a number":           {`{"trunks":[{"id":7}],` + pagination + `}`, ErrUnexpectedAnswer, "trunks.id"},
		"name a number":         {`{"trunks":[{"id":"a","name":7}],` + pagination + `}`, ErrUnexpectedAnswer, "trunks.name"},
		"metrics an array":      {`{"trunks":[{"id":"a","metrics":[]}],` + pagination + `}`, ErrUnexpectedAnswer, "trunks.metrics"},
		"calls a string":        {`{"trunks":[{"id":"a","metrics":{"calls_today":"7"}}],` + pagination + `}`, ErrUnexpectedAnswer, "trunks.metrics.calls_today"},
		"latency far too large": {`{"trunks":[{"id":"a","metrics":{"avg_latency_ms":1e30}}],` + pagination + `}`, ErrUnexpectedAnswer, "1e30"},
		"no pagination":         {`{"trunks":[]}`, ErrUnexpectedAnswer, "pagination.total"},
		"pagination null":       {`{"trunks":[],"pagination":null}`, ErrUnexpectedAnswer, "pagination.total"},
		"no total":              {`{"trunks":[],"pagination":{"limit":100,"offset":0}}`, ErrUnexpectedAnswer, "pagination.total"},
		"total null":            {`{"trunks":[],"pagination":{"total":null}}`, ErrUnexpectedAnswer, "pagination.total"},
		"total a string":        {`{"trunks":[],"pagination":{"total":"0"}}`, ErrUnexpectedAnswer, "pagination.total"},
		"total 10^12":           {`{"trunks":[],"pagination":{"total":1000000000000}}`, ErrUnexpectedAnswer, "1000000000000"},
		"total 1 too large":     {`{"trunks":[],"pagination":{"total":1000001}}`, ErrUnexpectedAnswer, "1000001"},
		"total negative":        {`{"trunks":[],"pagination":{"total":-1}}`, ErrUnexpectedAnswer, "-1"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parsePage([]byte(test.body))
			if err == nil {
				t.Fatalf("accepted, as %+v", got)
			}

			for _, kind := range []error{ErrNotJSON, ErrTruncated, ErrUnexpectedAnswer} {
				if errors.Is(err, kind) != errors.Is(test.want, kind) {
					t.Errorf("got %v, want %v", err, test.want)
				}
			}

			if !strings.Contains(err.Error(), test.text) {
				t.Errorf("the error does not speak of %q: %v", test.text, err)
			}
		})
	}
}
