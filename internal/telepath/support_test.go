// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"go.uber.org/goleak"
)

// TestMain fails if a test leaves a goroutine behind.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// testKey is a key with every kind of character that quotes, URLs or JSON write differently.
const testKey = `sk_live_g"h\e/i+m<&=`

// newTestClient makes a client of the configuration, with a base URL and a key if it has
// none, and closes its connections after the test.
func newTestClient(t *testing.T, config Config) *Client {
	t.Helper()

	if config.BaseURL == nil {
		config.BaseURL = mustParseBaseURL(t, "https://api.example.com/v1")
	}

	if config.Key.IsEmpty() {
		config.Key = newKey(testKey)
	}

	client, err := New(config)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(client.http.CloseIdleConnections)

	return client
}

// newInProcessClient is newTestClient for a handler that is called without a network.
func newInProcessClient(t *testing.T, api http.Handler, config Config) *Client {
	t.Helper()

	client := newTestClient(t, config)
	client.http.Transport = inProcess{api}

	return client
}

func mustParseBaseURL(t *testing.T, raw string) *url.URL {
	t.Helper()

	u, err := ParseBaseURL(raw)
	if err != nil {
		t.Fatal(err)
	}

	return u
}

// newServer serves the handler on loopback, and tells what it complains about to nobody. Its
// URL has the path of the API.
func newServer(t *testing.T, handler http.Handler) *httptest.Server {
	t.Helper()

	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = silent()
	server.Start()
	server.URL += "/v1"

	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})

	return server
}

// readPage reads the first page, with all that belongs to a request: budget and retries.
func readPage(ctx context.Context, client *Client) (*page, error) {
	reading := &listing{client: client}

	return reading.page(ctx, reading.pageQuery(0, maxLimit))
}

// failsWith checks that an error is an [*Error] around the kind, and shows nothing that it
// must not.
func failsWith(t *testing.T, err error, kind error) {
	t.Helper()

	_ = failureOf(t, err, kind)
}

// failureOf is failsWith, and returns the error.
func failureOf(t *testing.T, err error, kind error) *Error {
	t.Helper()

	if err == nil {
		t.Fatal("no error")
	}

	var failure *Error
	if !errors.As(err, &failure) {
		t.Fatalf("got a %T, want an *Error: %v", err, err)
	}

	if kind != nil && !errors.Is(err, kind) {
		t.Errorf("got %v, want %v", err, kind)
	}

	showsNoKey(t, err.Error())

	return failure
}

// showsNoKey checks that text shows neither the key nor what nobody would need more of to
// guess it.
func showsNoKey(t *testing.T, text string) {
	t.Helper()

	for _, secret := range []string{`sk_live_g`, `h\e`, `h\\e`, `i+m`, `i%2Bm`} {
		if strings.Contains(text, secret) {
			t.Errorf("%q shows the key", text)
		}
	}
}

// says checks that an error speaks of each of the texts.
func says(t *testing.T, err error, texts ...string) {
	t.Helper()

	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error does not speak of %q: %v", text, err)
		}
	}
}

// inProcess is a transport without a network, for time that is faked: a bubble of synctest
// has no idle moment while a connection is open. Like a connection, it ends with the
// request's context, and breaks where a handler panics with [http.ErrAbortHandler].
type inProcess struct{ api http.Handler }

// RoundTrip implements [http.RoundTripper].
func (p inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	aborted := aborts(p.api, recorder, req)

	if err := req.Context().Err(); err != nil {
		return nil, err
	}

	if aborted && !recorder.Flushed {
		return nil, io.EOF
	}

	resp := recorder.Result()
	if resp.Header.Get("Date") == "" {
		resp.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	}

	if aborted {
		resp.Body = io.NopCloser(io.MultiReader(resp.Body, iotest.ErrReader(io.ErrUnexpectedEOF)))
	}

	return resp, nil
}

// aborts calls the handler and tells whether it broke the connection.
func aborts(handler http.Handler, w http.ResponseWriter, req *http.Request) (aborted bool) {
	defer func() {
		switch reason := recover(); reason {
		case nil:
		case http.ErrAbortHandler:
			aborted = true
		default:
			panic(reason)
		}
	}()

	handler.ServeHTTP(w, req)

	return false
}

// silent is the log of a server whose clients misbehave on purpose.
func silent() *log.Logger { return log.New(io.Discard, "", 0) }

// compactJSON is a value in JSON without escapes for HTML.
func compactJSON(value any) (string, error) {
	var text strings.Builder

	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)

	return strings.TrimSpace(text.String()), err
}

// jsonEscape is text with every character as an escape of JSON.
func jsonEscape(text string) string {
	var escaped strings.Builder
	for _, r := range text {
		fmt.Fprintf(&escaped, `\u%04x`, r)
	}

	return escaped.String()
}
