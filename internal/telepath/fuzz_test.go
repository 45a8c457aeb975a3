// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
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
		for _, name := range []string{"id", "ID", "\u017ftatus", "total", "Trunks", "error", ""} {
			f.Add([]byte(seed), name)
		}
	}

	f.Fuzz(func(t *testing.T, body []byte, name string) {
		got, err := parsePage(newKey(testKey), body)
		if err != nil {
			if !errors.Is(err, ErrNotJSON) && !errors.Is(err, ErrInvalidJSON) && !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrUnexpectedResponse) {
				t.Errorf("an undocumented error: %v", err)
			}

			client := Client{config: Config{BaseURL: &url.URL{}, Key: newKey(testKey)}}
			wantClean(t, client.newError(firstPage, 1, nil, err).cause)

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

		tokens := readTokens(t, body)
		wantTokens(t, tokens, got)
		wantMemberIgnored(t, tokens, name, got)

		sortTrunks(got.trunks)
	})
}

// tokens is what a page consists of, read token by token instead of into structs.
type tokens struct {
	body    []byte
	objects []*object
	// strings has the values that are strings, by their place.
	strings map[jsontext.Pointer]string
}

// object is an object in a page.
type object struct {
	place jsontext.Pointer
	// offset is where its members begin.
	offset int64
	names  []string
}

func readTokens(t *testing.T, body []byte) tokens {
	t.Helper()

	if !utf8.Valid(body) {
		t.Errorf("%q is accepted", body)
	}

	var open []*object

	result := tokens{body: body, strings: map[jsontext.Pointer]string{}}

	for decoder := jsontext.NewDecoder(bytes.NewReader(body)); ; {
		token, err := decoder.ReadToken()
		if errors.Is(err, io.EOF) {
			return result
		}

		if err != nil {
			t.Fatalf("%q is accepted: %v", body, err)
		}

		kind, length := decoder.StackIndex(decoder.StackDepth())

		switch {
		case token.Kind() == jsontext.KindBeginObject:
			open = append(open, &object{place: decoder.StackPointer(), offset: decoder.InputOffset()})
			result.objects = append(result.objects, open[len(open)-1])
		case token.Kind() == jsontext.KindEndObject:
			open = open[:len(open)-1]
		case kind == jsontext.KindBeginObject && length%2 == 1: // A name, not a value.
			last := open[len(open)-1]
			last.names = append(last.names, token.String())
		case token.Kind() == jsontext.KindString:
			result.strings[decoder.StackPointer()] = token.String()
		}
	}
}

// wantTokens checks that the trunks of a page have exactly the strings at the documented places.
func wantTokens(t *testing.T, tokens tokens, got *page) {
	t.Helper()

	want, found := map[string]*string{}, map[string]*string{}

	for i, trunk := range got.trunks {
		for name, value := range map[string]*string{
			"id": &trunk.ID, "name": trunk.Name, "status": trunk.Status, "ai_provider": trunk.AIProvider,
			"sip_username": trunk.SIPUsername, "created_at": trunk.CreatedAt, "updated_at": trunk.UpdatedAt,
		} {
			place := fmt.Sprintf("/trunks/%d/%s", i, name)
			found[place] = value
			want[place] = nil

			if text, ok := tokens.strings[jsontext.Pointer(place)]; ok {
				want[place] = &text
			}
		}
	}

	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("%q: %s", tokens.body, diff)
	}
}

// wantMemberIgnored adds a member to each object of a page. A name that is not documented there
// changes nothing; one that the object has already is an error.
func wantMemberIgnored(t *testing.T, tokens tokens, name string, want *page) {
	t.Helper()

	quoted, err := jsontext.AppendQuote(nil, name)
	if err != nil {
		return // Not UTF-8.
	}

	for _, object := range tokens.objects {
		isDuplicate := slices.Contains(object.names, name)
		if !isDuplicate && slices.Contains(documentedNames(object.place), name) {
			continue
		}

		for _, value := range []string{`:{"id":"added","total":0}`, ":null", `:"added"`} {
			if len(object.names) > 0 {
				value += ","
			}

			body := slices.Concat(tokens.body[:object.offset], quoted, []byte(value), tokens.body[object.offset:])
			got, err := parsePage(newKey(testKey), body)

			if isDuplicate {
				if err == nil {
					t.Errorf("%q is accepted", body)
				}

				continue
			}

			if diff := cmp.Diff(want, got, cmp.AllowUnexported(page{})); err != nil || diff != "" {
				t.Errorf("%q: %v %s", body, err, diff)
			}
		}
	}
}

// documentedNames are the names of an object that the client reads.
func documentedNames(place jsontext.Pointer) []string {
	switch path := slices.Collect(place.Tokens()); {
	case len(path) == 0:
		return []string{"trunks", "pagination", "error"}
	case len(path) == 1 && path[0] == "pagination":
		return []string{"limit", "offset", "total"}
	case len(path) == 2 && path[0] == "trunks":
		return []string{"id", "name", "status", "ai_provider", "sip_username", "created_at", "updated_at", "metrics"}
	case len(path) == 3 && path[0] == "trunks" && path[2] == "metrics":
		return []string{"calls_today", "success_rate", "avg_latency_ms"}
	}

	return nil
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
		key := newKey(testKey)

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
