// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import "testing"

func TestParseErrorBody(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want errorBody
		ok   bool
	}{
		"the reference page's":       {`{"error":{"code":"unauthorized","message":"Invalid or expired API key","status":401}}`, errorBody{"unauthorized", "Invalid or expired API key"}, true},
		"the other documented shape": {`{"error":{"code":"INVALID_API_KEY","message":"The API key provided is invalid"}}`, errorBody{"INVALID_API_KEY", "The API key provided is invalid"}, true},
		"a code alone":               {`{"error":{"code":"unauthorized"}}`, errorBody{"unauthorized", ""}, true},
		"a message alone":            {`{"error":{"message":"no"}}`, errorBody{"", "no"}, true},
		"a status of another type":   {`{"error":{"code":"unauthorized","status":"401"}}`, errorBody{"unauthorized", ""}, true},
		"nothing":                    {"", errorBody{}, false},
		"HTML":                       {"<html>", errorBody{}, false},
		"null":                       {"null", errorBody{}, false},
		"no error":                   {`{"message":"Forbidden"}`, errorBody{}, false},
		"an empty error":             {`{"error":{}}`, errorBody{}, false},
		"an error that is text":      {`{"error":"unauthorized"}`, errorBody{}, false},
		"a code that is a number":    {`{"error":{"code":401}}`, errorBody{}, false},
		"a body that was cut":        {`{"error":{"code":"unauthorized"`, errorBody{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := parseErrorBody([]byte(test.body))
			if got != test.want || ok != test.ok {
				t.Errorf("got %+v, %t; want %+v, %t", got, ok, test.want, test.ok)
			}
		})
	}
}
