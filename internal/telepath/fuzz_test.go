// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"errors"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// wantClean checks text that an error shows.
func wantClean(t *testing.T, text string) {
	t.Helper()

	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
		t.Errorf("%q has control characters or invalid UTF-8", text)
	}

	if n := utf8.RuneCountInString(text); n > maxText {
		t.Errorf("%q has %d characters", text, n)
	}

	if strings.Contains(text, testKey) {
		t.Errorf("%q shows the key", text)
	}
}

func FuzzParsePage(f *testing.F) {
	for _, seed := range []string{
		`{"trunks":[{"id":"conn_abc123xyz","name":"Production OpenAI Agent","status":"active","ai_provider":"openai","sip_username":"agent-prod-01","created_at":"2024-01-15T10:30:00Z","updated_at":"2024-03-01T14:22:00Z","metrics":{"calls_today":142,"success_rate":98.6,"avg_latency_ms":187}}],"pagination":{"limit":20,"offset":0,"total":1}}`,
		`{"trunks":[{"id":"a","name":null,"metrics":null},{"id":"b","metrics":{"calls_today":187.0}}],"pagination":{"total":2}}`,
		`{"trunks":[],"pagination":{"limit":100,"offset":0,"total":0}}`,
		`{"trunks":[{"id":""}],"pagination":{"total":1e12}}`,
		`{"trunks":[null],"pagination":{"total":-1,"offset":1e300}}`,
		`{"trunks":[{"id":"a","id":null}],"trunks":[{}],"pagination":{"total":1}}`,
		`{"error":{"code":"unauthorized","message":"Invalid or expired API key","status":401}}`,
		`{"trunks":[{"id":"conn_a`,
		"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n",
		"\x1f\x8b\x08\x00", "null", "[]", "{}", "0", "", " ", "\x00\x1b[31m\u202e" + testKey,
	} {
		f.Add([]byte(seed))
	}

	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := parsePage(mustParseKey(testKey), body)
		if err != nil {
			if !errors.Is(err, ErrNotJSON) && !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrUnexpectedResponse) {
				t.Errorf("an undocumented error: %v", err)
			}

			client := Client{config: Config{BaseURL: &url.URL{}, Key: mustParseKey(testKey)}}
			wantClean(t, client.newError(firstPage, 1, response{}, err).Reason())

			return
		}

		if got.total < 0 || got.total > maxTotal {
			t.Errorf("a total of %d", got.total)
		}

		for _, trunk := range got.trunks {
			if trunk.ID == "" {
				t.Error("a trunk without an ID")
			}
		}

		sortTrunks(got.trunks)
	})
}

func FuzzParseErrorEnvelope(f *testing.F) {
	for _, seed := range []string{
		`{"error":{"code":"unauthorized","message":"Invalid or expired API key","status":401}}`,
		`{"error":{"code":"INVALID_API_KEY","message":"The API key provided is invalid"}}`,
		`{"error":{"code":"invalid_parameters","message":"limit must be between 1 and 100","status":"400"}}`,
		`{"error":{"message":"\u001b[31m\u202e` + strings.Repeat("x", 400) + `"}}`,
		`{"error":{"message":"key sk_live_g\"h\\e/i+m<&= is invalid"}}`,
		`{"error":{"message":"sk_live_g\"h\\e/i\u0000+m<&="}}`,
		`{"error":"unauthorized"}`, `{"error":{}}`, `{"error":null}`, `{"message":"Forbidden"}`,
		`{"error":{"code":401}}`, "<html>", "null", "", "\xff",
	} {
		f.Add([]byte(seed))
	}

	f.Fuzz(func(t *testing.T, body []byte) {
		key := mustParseKey(testKey)

		got := parseErrorEnvelope(body)
		wantClean(t, cleanText(key, got.Code))
		wantClean(t, cleanText(key, got.Message))

		wantClean(t, cleanText(key, string(body)))
		wantClean(t, cleanText(key, describeText(key, body)))
	})
}

func FuzzParseRateLimit(f *testing.F) {
	const date = "Sun, 01 Mar 2026 05:30:00 GMT"

	for _, seed := range [][5]string{
		{"60", "12", "1772343042", "", date},
		{"60", "0", "1772343042", "7", date},
		{"60", "0", "1772343042000", "Sun, 01 Mar 2026 05:30:07 GMT", date},
		{"", "", "", "", ""},
		{"-1", "-1", "-1", "-1", "-1"},
		{"60", "12", "9223372036854775807", "9223372036854775807", "Mon, 01 Jan 0001 00:00:00 GMT"},
		{"60", "12", "-9223372036854775808", "-9223372037", "Fri, 31 Dec 9999 23:59:59 GMT"},
		{"60;w=60", "many", "soon", "7s", "today"},
		{"0", "0", "1772343001", "Sunday, 01-Mar-26 05:30:07 GMT", "Sun Mar  1 05:30:00 2026"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], uint32(1772343000))
	}

	f.Fuzz(func(t *testing.T, limit, remaining, reset, retryAfter, date string, now uint32) {
		header := limitHeader(limit, remaining, reset, date)
		header.Set("Retry-After", retryAfter)

		local := time.Unix(int64(now), 0)

		got, ok := parseRateLimit(header, local)
		if !ok && got != (rateLimit{}) {
			t.Errorf("rejected, but returned %+v", got)
		}

		if ok && (got.remaining < 0 || got.limit < 0 || got.limit > 0 && got.limit < got.remaining || got.end <= 0 || got.resetIn <= 0 || got.resetIn > maxAhead) {
			t.Errorf("accepted %+v", got)
		}

		wait, ok := parseRetryAfter(header, local)
		if wait < 0 || wait > maxAhead || ok != (wait > 0) {
			t.Errorf("a wait of %s, %t", wait, ok)
		}
	})
}

func FuzzParseBaseURL(f *testing.F) {
	for _, seed := range []string{
		DefaultBaseURL, DefaultBaseURL + "/", "https://api.telepathvoice.com", "https://api.telepathvoice.com:8443/v1",
		"HTTPS://API.TELEPATHVOICE.COM/v1", "https://example.com/a%2Fb/", "https://example.com/a/%2F", "https://example.com/../v1",
		"http://localhost:8080/v1", "http://LOCALHOST/v1", "http://127.0.0.1/v1", "http://[::1]:8080/v1", "http://[::ffff:127.0.0.1]",
		"http://localhost.example.com", "http://0.0.0.0", "http://[::1%25lo]/", "http://127.1", "http://2130706433",
		"https://me:secret@example.com", "https://example.com?", "https://example.com/#", "https://example.com:0", "https://:443",
		"https:api", "//example.com", "", " ", "https://ex ample.com", "https://example.com/\x00", "https://%65xample.com", "https://ｅxample.com",
	} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, raw string) {
		got, err := ParseBaseURL(raw)
		if err != nil {
			return
		}

		host := got.Hostname()
		local := host == "localhost" || net.ParseIP(host).IsLoopback()

		if got.Scheme != "https" && (got.Scheme != "http" || !local) || host == "" {
			t.Errorf("%q is accepted, as %s to %q", raw, got.Scheme, host)
		}

		if got.User != nil || got.RawQuery != "" || got.ForceQuery || got.Fragment != "" || got.Opaque != "" {
			t.Errorf("%q is accepted, as %#v", raw, got)
		}

		again, err := ParseBaseURL(got.String())
		if err != nil || again.String() != got.String() {
			t.Errorf("%q is accepted as %q, which is then %q: %v", raw, got, again, err)
		}

		client := Client{config: Config{BaseURL: got}}
		if trunks := client.pageURL(firstPage); trunks.Host != got.Host || !strings.HasPrefix(trunks.RequestURI(), "/") || !strings.HasSuffix(trunks.Path, "/trunks") {
			t.Errorf("%q: the request is %q", raw, trunks.RequestURI())
		}
	})
}
