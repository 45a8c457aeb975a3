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
		"fields of each type": {
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
		"trunks null with a total of 0": {
			`{"trunks":null,"pagination":{"limit":100,"offset":0,"total":0}}`,
			nil,
		},
		"an error null": {
			`{"trunks":[{"id":"conn_a"}],"pagination":{"total":1},"error":null,"message":"ok"}`,
			[]Trunk{{ID: "conn_a"}},
		},
		"an error of 0": {
			`{"trunks":[{"id":"conn_a"}],"pagination":{"total":1},"error":0}`,
			[]Trunk{{ID: "conn_a"}},
		},
		"an error of false and a message": {
			`{"trunks":[{"id":"conn_a"}],"pagination":{"total":1},"error":false,"message":"ok"}`,
			[]Trunk{{ID: "conn_a"}},
		},
		"a key of a trunk in another case": {
			`{"trunks":[{"id":"conn_a","ID":"42","name":"n","NAME":7,"\u017ftatus":"error"}],"pagination":{"total":1}}`,
			[]Trunk{{ID: "conn_a", Name: new("n")}},
		},
		"keys of the page in another case": {
			`{"trunks":[{"id":"a"},{"id":"b"}],"pagination":{"total":2,"Total":0},"Trunks":[],"PAGINATION":null}`,
			[]Trunk{{ID: "a"}, {ID: "b"}},
		},
		"the largest total": {
			`{"trunks":[{"id":"a"}],"pagination":{"total":500000}}`,
			[]Trunk{{ID: "a"}},
		},
		"a key that is escaped": {
			`{"trun\u006bs":[{"\u0069d":"a"}],"pagination":{"total":1}}`,
			[]Trunk{{ID: "a"}},
		},
		"text outside of ASCII": {
			`{"trunks":[{"id":"a","name":"Größe \ud83d\udcde ` + "\u260e\ufffd" + `"}],"pagination":{"total":1}}`,
			[]Trunk{{ID: "a", Name: new("Größe 📞 \u260e\ufffd")}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parsePage(mustParseKey(testKey), []byte(test.body))
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
		"empty":                              {"", ErrNotJSON, "empty"},
		"HTML":                               {"<!DOCTYPE html><title>502</title>", ErrNotJSON, `the title "502"`},
		"text":                               {"upstream connect error", ErrNotJSON, `"upstream connect error"`},
		"a text that begins with a number":   {"404 page not found", ErrNotJSON, `"404 page not found"`},
		"a number":                           {"7", ErrUnexpectedResponse, "a value of another type at byte 0"},
		"a quoted text":                      {`"upstream connect error`, ErrNotJSON, "it begins with"},
		"a comment after the JSON":           {`{"trunks":[],"pagination":{"total":0}}<!-- cached -->`, ErrUnexpectedResponse, "invalid character '<' after top-level value at byte 38"},
		"NaN instead of a number":            {`{"trunks":[{"id":"a","metrics":{"success_rate":NaN}}]}`, ErrUnexpectedResponse, "invalid character 'N' at start of value at /trunks/0/metrics/success_rate, byte 47"},
		"a stray quote":                      {`{"trunks":[` + strings.Repeat(`{"id":"a"},`, 1500) + `{"id":"Agent "X"}]}`, ErrUnexpectedResponse, "at /trunks/1500, byte 16525"},
		"a stray comma":                      {`{"trunks":[],}`, ErrUnexpectedResponse, "at byte 12"},
		"trunks twice":                       {`{"trunks":[{"id":"a"},{"id":"b"}],"trunks":[],"pagination":{"total":2,"total":0}}`, ErrUnexpectedResponse, "duplicate object member name at /trunks, byte 34"},
		"a total twice":                      {`{"trunks":[{"id":"a"}],"pagination":{"total":1,"total":0}}`, ErrUnexpectedResponse, "duplicate object member name at /pagination/total"},
		"an id twice":                        {`{"trunks":[{"id":"a","\u0069d":"b"}],"pagination":{"total":1}}`, ErrUnexpectedResponse, "duplicate object member name at /trunks/0/id"},
		"a name in Latin-1":                  {`{"trunks":[{"id":"a","name":"Caf` + "\xe9" + `"}],` + pagination + `}`, ErrUnexpectedResponse, "invalid UTF-8 at /trunks/0/name, byte 32"},
		"half a character":                   {`{"trunks":[{"id":"a","name":"x\ud800y"}],` + pagination + `}`, ErrUnexpectedResponse, `one: invalid surrogate pair at /trunks/0/name, byte 30`},
		"an escape sequence that is cut off": {"{\"trunks\":[{\"id\":\"\\u00e\n\"}]}", ErrUnexpectedResponse, "one: invalid escape sequence at /trunks/0/id"},
		"invalid UTF-8 in a field that is ignored": {`{"trunks":[],"pagination":{"total":0},"x":"` + "\xff" + `"}`, ErrUnexpectedResponse, "invalid UTF-8 at /x"},
		"an object that ends early":                {`{"trunks":[{"id":"conn_a"`, ErrTruncated, "ends early"},
		"a string that ends early":                 {`{"trunks":[{"id":"con`, ErrTruncated, "ends early"},
		"null":                                     {"null", ErrUnexpectedResponse, "pagination.total"},
		"an array":                                 {"[]", ErrUnexpectedResponse, "a value of another type at byte 0"},
		"an error":                                 {`{"error":{"code":"unauthorized"}}`, ErrUnexpectedResponse, "unauthorized"},
		"an error without a code":                  {`{"message":"Internal server error"}`, ErrUnexpectedResponse, "Internal server error"},
		"a text of an error beside trunks":         {`{"trunks":[],"pagination":{"total":0},"error":"database unavailable"}`, ErrUnexpectedResponse, "database unavailable"},
		"an error beside trunks":                   {`{"trunks":[],"pagination":{"total":0},"error":{"message":"database unavailable"}}`, ErrUnexpectedResponse, "database unavailable"},
		"no trunks":                                {`{` + pagination + `}`, ErrUnexpectedResponse, "trunks"},
		"trunks null":                              {`{"trunks":null,` + pagination + `}`, ErrUnexpectedResponse, `its "trunks" is null, and its "pagination.total" is 1`},
		"trunks null, without a total":             {`{"trunks":null}`, ErrUnexpectedResponse, "pagination.total"},
		"trunks an object":                         {`{"trunks":{},` + pagination + `}`, ErrUnexpectedResponse, "a value of another type at /trunks, byte 10"},
		"a rate beyond 64 bits":                    {`{"trunks":[{"id":"a","metrics":{"success_rate":1e999}}],` + pagination + `}`, ErrUnexpectedResponse, "value out of range at /trunks/0/metrics/success_rate"},
		"a trunk null":                             {`{"trunks":[null],` + pagination + `}`, ErrUnexpectedResponse, "trunk 1"},
		"no id":                                    {`{"trunks":[{"id":"conn_a"},{"name":"B"}],` + pagination + `}`, ErrUnexpectedResponse, "trunk 2"},
		"id empty":                                 {`{"trunks":[{"id":""}],` + pagination + `}`, ErrUnexpectedResponse, "trunk 1"},
		"id null":                                  {`{"trunks":[{"id":null}],` + pagination + `}`, ErrUnexpectedResponse, "trunk 1"},
		"id a number":                              {`{"trunks":[{"id":7}],` + pagination + `}`, ErrUnexpectedResponse, "a value of another type at /trunks/0/id, byte 17"},
		"calls a string":                           {`{"trunks":[{"id":"a","metrics":{"calls_today":"7"}}],` + pagination + `}`, ErrUnexpectedResponse, "a value that is not a number at /trunks/0/metrics/calls_today, byte 46"},
		"latency beyond 64 bits":                   {`{"trunks":[{"id":"a","metrics":{"avg_latency_ms":1e30}}],` + pagination + `}`, ErrUnexpectedResponse, "a number that does not fit into 64 bits at /trunks/0/metrics/avg_latency_ms"},
		"no pagination":                            {`{"trunks":[]}`, ErrUnexpectedResponse, "pagination.total"},
		"pagination null":                          {`{"trunks":[],"pagination":null}`, ErrUnexpectedResponse, "pagination.total"},
		"no total":                                 {`{"trunks":[],"pagination":{"limit":100,"offset":0}}`, ErrUnexpectedResponse, "pagination.total"},
		"total null":                               {`{"trunks":[],"pagination":{"total":null}}`, ErrUnexpectedResponse, "pagination.total"},
		"total a string":                           {`{"trunks":[],"pagination":{"total":"0"}}`, ErrUnexpectedResponse, "a value that is not a number at /pagination/total"},
		"total above the maximum":                  {`{"trunks":[],"pagination":{"total":500001}}`, ErrUnexpectedResponse, "is 500001, and at most 500000 is supported"},
		"total negative":                           {`{"trunks":[],"pagination":{"total":-1}}`, ErrUnexpectedResponse, "-1"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parsePage(mustParseKey(testKey), []byte(test.body))
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
