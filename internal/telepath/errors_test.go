// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestCleanText(t *testing.T) {
	const secret = "sk_live_abc123"

	// A password of a proxy may have any characters.
	key := newKey(secret).with("tab\tand\u00adhyphen")
	xs := strings.Repeat("x", 295)

	for name, test := range map[string]struct{ text, want string }{
		"plain text":                       {"limit must be between 1 and 100", "limit must be between 1 and 100"},
		"letters of any language":          {"Schlüssel 鍵 ключ", "Schlüssel 鍵 ключ"},
		"terminal escapes":                 {"\x1b[31mred\x1b[0m\a", "[31mred[0m"},
		"C1 control characters":            {"a\u009b31mb", "a31mb"},
		"several lines":                    {" a\r\n\tb\u2028c ", "a b c"},
		"marks that reorder text":          {"a\u202eb\u2066c\u200fd", "abcd"},
		"invisible characters":             {"a\u200bb\ufeffc", "abc"},
		"invalid UTF-8":                    {"a\xff\xfeb", "ab"},
		"the key":                          {"key " + secret + " is invalid", "key (redacted) is invalid"},
		"the key twice":                    {secret + secret, "(redacted)(redacted)"},
		"the key with control characters":  {"sk_live_\x00abc123", "(redacted)"},
		"the key with invalid UTF-8":       {"sk_live_\xffabc123", "(redacted)"},
		"a password":                       {"no tab\tand\u00adhyphen here", "no (redacted) here"},
		"300 characters":                   {strings.Repeat("鍵", 300), strings.Repeat("鍵", 300)},
		"301 characters":                   {strings.Repeat("鍵", 301), strings.Repeat("鍵", 299) + "…"},
		"a megabyte":                       {strings.Repeat("x", 1<<20), strings.Repeat("x", 299) + "…"},
		"the key at the limit":             {xs + secret + xs, xs + "(red…"},
		"the key after control characters": {strings.Repeat("\x00", 5000) + xs + secret, xs + "(red…"},
		"the key split, at the limit":      {xs + "sk_l\x00ive_abc123", xs + "(red…"},
		"the key at the end of 64 KiB":     {strings.Repeat("\x00", maxCleaned-7) + secret, "…"},
		"text at the end of 64 KiB":        {strings.Repeat("x", 10) + strings.Repeat("\x00", maxCleaned) + "y", "…"},
		"text before 64 KiB of characters": {strings.Repeat("鍵", maxCleaned), strings.Repeat("鍵", 299) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := cleanText(key, test.text); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Redacting takes long if each character is an escape: allocations show how many were decoded.
func TestCleanTextIsBounded(t *testing.T) {
	key := newKey("sk_live_abc123")
	allocations := func(size int) float64 {
		text := strings.Repeat("%41", size/3)

		return testing.AllocsPerRun(1, func() { cleanText(key, text) })
	}

	if got, want := allocations(maxBody), allocations(maxCleaned); got > 1.1*want {
		t.Errorf("%.0f allocations for a body of 8 MiB, and %.0f for one of 64 KiB", got, want)
	}
}

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
		"a body that is cut off":    {`{"error":{"code":"unauthorized"`, apiError{}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := parseErrorEnvelope([]byte(test.body)); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	unavailable := Error{Method: "GET", Path: "/v1/trunks?limit=100&offset=0", Status: 503}
	described := unavailable
	described.Code, described.Message, described.RequestID, described.Attempts = "unavailable", "no", "req_1", 5
	lost := Error{Method: "GET", Path: "/v1/trunks", Attempts: 2, Err: ErrConnectionClosed, cause: "the connection was closed"}

	client := newTestClient(t, Config{})
	// The texts of Windows end with a period.
	windows := client.newError(firstPage, 2, nil, errors.New("An operation was aborted.")) //nolint:revive // As in Windows.

	synctest.Test(t, func(t *testing.T) {
		reset := time.Now().Add(90 * time.Second)

		for want, err := range map[string]error{
			"GET /v1/trunks?limit=100&offset=0: 503 Service Unavailable":                                                                                       &unavailable,
			"GET /v1/trunks?limit=100&offset=0: 503 Service Unavailable: unavailable: no (request ID req_1, 5 attempts)":                                       &described,
			"GET /v1/trunks?limit=100&offset=0: 503 Service Unavailable: the deadline of the read was exceeded":                                                client.interrupted(&unavailable, ErrReadTimeout),
			"GET /v1/trunks: the connection was closed; then the deadline of the read was exceeded (2 attempts)":                                               client.interrupted(&lost, ErrReadTimeout),
			"GET /v1/trunks?limit=100&offset=0: An operation was aborted (2 attempts)":                                                                         windows,
			"GET /v1/trunks?limit=100&offset=0: An operation was aborted; then the deadline of the read was exceeded (2 attempts)":                             client.interrupted(windows, ErrReadTimeout),
			"the rate limit allows no request before the deadline of the read":                                                                                 &RateLimitError{},
			"the rate limit resets in 1m30s, at 2000-01-01T00:01:30Z, too late to list the trunks before the deadline of the read":                             newRateLimitError(reset),
			"the rate limit resets in 1m30s, at 2000-01-01T00:01:30Z, too late to list the trunks before the deadline of the read: the list needs up to 2m20s": &RateLimitError{Reset: reset, Wait: 90 * time.Second, ReadTimeout: 140 * time.Second},
		} {
			time.Sleep(time.Minute) // The text does not depend on when it is displayed.

			if err.Error() != want {
				t.Errorf("got %q, want %q", err, want)
			}
		}
	})

	if err := client.interrupted(&lost, ErrReadTimeout); !errors.Is(err, ErrConnectionClosed) || !errors.Is(err, ErrReadTimeout) {
		t.Errorf("got %v, want both causes", err)
	}
}

func TestNewRejectsIncompleteConfigurations(t *testing.T) {
	for name, config := range map[string]Config{
		"no base URL": {Key: newKey(testKey)},
		"no API key":  {BaseURL: mustParseBaseURL(t, DefaultBaseURL)},
	} {
		if _, err := New(config); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %q", err, name)
		}
	}
}
