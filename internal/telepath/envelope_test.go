// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"testing"
)

func TestParseErrorEnvelope(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want apiError // Empty means that there is none.
	}{
		"with a status":             {`{"error":{"code":"unauthorized","message":"Invalid or expired API key","status":401}}`, apiError{"unauthorized", "Invalid or expired API key"}},
		"without a status":          {`{"error":{"code":"INVALID_API_KEY","message":"The API key provided is invalid"}}`, apiError{"INVALID_API_KEY", "The API key provided is invalid"}},
		"only a code":               {`{"error":{"code":"unauthorized"}}`, apiError{"unauthorized", ""}},
		"only a message":            {`{"error":{"message":"no"}}`, apiError{"", "no"}},
		"a status of another type":  {`{"error":{"code":"unauthorized","status":"401"}}`, apiError{"unauthorized", ""}},
		"empty":                     {"", apiError{}},
		"HTML":                      {"<html>", apiError{}},
		"null":                      {"null", apiError{}},
		"no error":                  {`{"reason":"Forbidden"}`, apiError{}},
		"an empty error":            {`{"error":{}}`, apiError{}},
		"an error null":             {`{"error":null}`, apiError{}},
		"a message alone":           {`{"message":"Forbidden"}`, apiError{"", "Forbidden"}},
		"a code and a message":      {`{"code":"forbidden","message":"Blocked"}`, apiError{"forbidden", "Blocked"}},
		"a code beside a message":   {`{"error":"forbidden","message":"Blocked"}`, apiError{"forbidden", "Blocked"}},
		"an error that is text":     {`{"error":"unauthorized"}`, apiError{"unauthorized", ""}},
		"a code that is a number":   {`{"error":{"code":40301,"message":"no"}}`, apiError{"40301", "no"}},
		"a code of another type":    {`{"error":{"code":["a"],"message":"no"}}`, apiError{"", "no"}},
		"a message of another type": {`{"error":{"code":"forbidden","message":{"text":"no"}}}`, apiError{"forbidden", ""}},
		"an error of another type":  {`{"error":["no"],"message":"Blocked"}`, apiError{"", "Blocked"}},
		"problem details":           {`{"type":"about:blank","title":"Forbidden","status":403,"detail":"Key lacks scope"}`, apiError{"", "Key lacks scope"}},
		"a title alone":             {`{"title":"Forbidden","detail":null}`, apiError{"", "Forbidden"}},
		"a duplicate key":           {`{"error":{"message":"no","message":"never"}}`, apiError{"", "never"}},
		"invalid UTF-8":             {`{"error":{"message":"Caf` + "\xe9" + `"}}`, apiError{"", "Caf\ufffd"}},
		"an array":                  {`["no"]`, apiError{}},
		"a body that is cut off":    {`{"error":{"code":"unauthorized"`, apiError{"unauthorized", ""}},
		"text behind the error":     {`{"error":{"message":"no"}}<!-- cached -->`, apiError{"", "no"}},
		"a mistake behind it":       {`{"error":{"message":"no"},"status":NaN}`, apiError{"", "no"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := parseErrorEnvelope([]byte(test.body)); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}
