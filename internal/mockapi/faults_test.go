// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

const signInPage = "<!DOCTYPE html>\n<html>\n<head><title>Sign in</title></head>\n<body>\n" +
	"<form method=\"post\"><input name=\"user\"><input name=\"password\" type=\"password\"></form>\n</body>\n</html>\n"

const nginxPage = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n" +
	"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"

// apiHeaders are the headers that only the API sends.
var apiHeaders = []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Request-Id"}

func TestFaultResponses(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		fault       mockapi.Fault
		status      int
		contentType string
		body        string
		fromAPI     bool // The API's own headers are there.
	}{
		"Status":                       {mockapi.Status(503), 503, "application/json", longError(503, "service_unavailable", "Service Unavailable"), true},
		"HTML":                         {mockapi.HTML(502), 502, "text/html", nginxPage, false},
		"HTML with an unknown status":  {mockapi.HTML(599), 599, "text/html", strings.ReplaceAll(nginxPage, "502 Bad Gateway", "599"), false},
		"SignInPage":                   {mockapi.SignInPage(), 200, "text/html", signInPage, false},
		"Empty":                        {mockapi.Empty(504), 504, "", "", false},
		"Empty with status 200":        {mockapi.Empty(200), 200, "", "", false},
		"Redirect":                     {mockapi.Redirect(302, "http://example.com/"), 302, "", "", false},
		"Body":                         {mockapi.Body(200, "text/plain", "hello"), 200, "text/plain", "hello", true},
		"Body without a content type":  {mockapi.Body(200, "", "<html>"), 200, "", "<html>", true},
		"Body without a body":          {mockapi.Body(500, "application/json", ""), 500, "application/json", "", true},
		"Drip":                         {mockapi.Drip(0), 200, "application/json", referenceTrunks, true},
		"WithHeader on the response":   {mockapi.WithHeader("content-type", "text/x", nil), 200, "text/x", referenceTrunks, true},
		"WithHeader on another fault":  {mockapi.WithHeader("Content-Type", "text/x", mockapi.HTML(502)), 502, "text/x", nginxPage, false},
		"WithHeader on an empty fault": {mockapi.WithHeader("X-A", "1", mockapi.Empty(500)), 500, "", "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.ReferenceTrunks())
			api.Fail(1, tt.fault)

			got := do(request(t, serve(t, api)+"/trunks"))
			if got.err != nil || got.status != tt.status {
				t.Errorf("status %d (%v), want %d", got.status, got.err, tt.status)
			}

			if diff := cmp.Diff(tt.body, got.body); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}

			if got := got.header.Get("Content-Type"); got != tt.contentType {
				t.Errorf("Content-Type %q, want %q", got, tt.contentType)
			}

			if length := got.header.Get("Content-Length"); length != "" && length != strconv.Itoa(len(tt.body)) {
				t.Errorf("Content-Length %s, want %d", length, len(tt.body))
			}

			for _, key := range apiHeaders {
				if got := got.header.Get(key) != ""; got != tt.fromAPI {
					t.Errorf("header %s is there: %t, want %t", key, got, tt.fromAPI)
				}
			}
		})
	}
}

func TestFaultHeaders(t *testing.T) {
	t.Parallel()

	custom := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Request-Id", w.Header().Get("X-Request-Id")+"_custom")
			next.ServeHTTP(w, r)
		})
	}

	tests := map[string]struct {
		fault      mockapi.Fault
		key, value string
	}{
		"Redirect":                           {mockapi.Redirect(307, "https://example.com/v1"), "Location", "https://example.com/v1"},
		"custom fault":                       {custom, "X-Request-Id", "req_000001_custom"},
		"WithHeader on the response":         {mockapi.WithHeader("Retry-After", "7", nil), "Retry-After", "7"},
		"WithHeader over the API's header":   {mockapi.WithHeader("X-RateLimit-Remaining", "garbage", nil), "X-RateLimit-Remaining", "garbage"},
		"WithHeader over a deleted header":   {mockapi.WithHeader("X-Request-Id", "req_proxy", mockapi.HTML(502)), "X-Request-Id", "req_proxy"},
		"WithHeader over the fault's header": {mockapi.WithHeader("Location", "/", mockapi.Redirect(302, "/elsewhere")), "Location", "/"},
		"WithHeader on WithHeader":           {mockapi.WithHeader("X-A", "1", mockapi.WithHeader("X-B", "2", mockapi.Status(500))), "X-A", "1"},
		"WithHeader below WithHeader":        {mockapi.WithHeader("X-A", "1", mockapi.WithHeader("X-B", "2", mockapi.Status(500))), "X-B", "2"},
		"WithHeader on a body in parts":      {mockapi.WithHeader("X-A", "1", mockapi.Drip(0)), "X-A", "1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(nil)
			api.Fail(1, tt.fault)

			got := do(request(t, serve(t, api)+"/trunks"))
			if got := got.header.Get(tt.key); got != tt.value {
				t.Errorf("%s: %q, want %q", tt.key, got, tt.value)
			}
		})
	}
}

func TestDropClosesTheConnection(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.ReferenceTrunks())
	api.Fail(-1, mockapi.Drop())

	if got := do(request(t, serve(t, api)+"/trunks")); !errors.Is(got.err, io.EOF) {
		t.Errorf("status %d (%v), want EOF", got.status, got.err)
	}
}

func TestCutBodyBreaksInTheMiddle(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		trunks int
		target string
		status int
	}{
		"small response": {2, "/trunks", http.StatusOK},
		"large response": {100, "/trunks?limit=100", http.StatusOK},
		"error response": {2, "/trunks?limit=0", http.StatusBadRequest},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.Trunks(tt.trunks))
			api.Fail(1, mockapi.CutBody())
			base := serve(t, api)

			cut, whole := do(request(t, base+tt.target)), do(request(t, base+tt.target))
			if cut.status != tt.status || !errors.Is(cut.err, io.ErrUnexpectedEOF) {
				t.Errorf("status %d (%v), want %d and an unexpected EOF", cut.status, cut.err, tt.status)
			}

			if got, want := cut.header.Get("Content-Length"), strconv.Itoa(len(whole.body)); got != want {
				t.Errorf("Content-Length %s, want %s of the whole response", got, want)
			}

			if cut.body != whole.body[:len(whole.body)/2] {
				t.Errorf("body %q is not half of %q", cut.body, whole.body)
			}

			if cut.header.Get("X-RateLimit-Remaining") == "" {
				t.Error("the headers of the rate limit are missing")
			}
		})
	}
}

func TestDelayedResponsesEndWhenTheClientLeaves(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		latency time.Duration
		fault   mockapi.Fault
		body    string
	}{
		"latency":    {time.Hour, nil, ""},
		"Hang":       {0, mockapi.Hang(), ""},
		"HangInBody": {0, mockapi.HangInBody(), referenceTrunks[:len(referenceTrunks)/2]},
		"Drip":       {0, mockapi.Drip(time.Second), referenceTrunks[:3]},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const timeout = 3500 * time.Millisecond

				api := mockapi.New(mockapi.ReferenceTrunks())
				api.SetLatency(tt.latency)
				api.Fail(1, tt.fault)

				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()

				start := time.Now()

				rec := recordAborted(t, api, request(t, "/v1/trunks").WithContext(ctx))
				if got := time.Since(start); got != timeout {
					t.Errorf("ended after %v, want %v", got, timeout)
				}

				if got := rec.Body.String(); got != tt.body {
					t.Errorf("body %q, want %q", got, tt.body)
				}
			})
		})
	}
}

// If the request did not end with the client, Close in serve would block.
func TestHangInBodyOverTheNetwork(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.ReferenceTrunks())
	api.Fail(1, mockapi.HangInBody())

	resp, err := http.DefaultTransport.RoundTrip(request(t, serve(t, api)+"/trunks"))
	if err != nil {
		t.Fatal(err)
	}

	if resp.ContentLength != int64(len(referenceTrunks)) {
		t.Errorf("Content-Length %d, want %d", resp.ContentLength, len(referenceTrunks))
	}

	if _, err := io.ReadFull(resp.Body, make([]byte, max(0, resp.ContentLength)/2)); err != nil {
		t.Errorf("reading half of the body: %v", err)
	}

	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
}

func TestDripSendsByteByByte(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New(mockapi.ReferenceTrunks())
		api.Fail(1, mockapi.Drip(time.Second))

		w := &flushCounter{ResponseRecorder: httptest.NewRecorder()}
		start := time.Now()

		api.ServeHTTP(w, request(t, "/v1/trunks"))

		if got, want := time.Since(start), time.Duration(len(referenceTrunks))*time.Second; got != want {
			t.Errorf("took %v, want %v", got, want)
		}

		if w.Body.String() != referenceTrunks {
			t.Errorf("body %s, want the real response", w.Body)
		}

		if want := len(referenceTrunks) + 1; w.flushes != want {
			t.Errorf("%d flushes, want %d: the headers, then each byte", w.flushes, want)
		}
	})
}

// flushCounter counts flushes.
type flushCounter struct {
	*httptest.ResponseRecorder

	flushes int
}

func (f *flushCounter) Flush() {
	f.flushes++
	f.ResponseRecorder.Flush()
}

func TestFailAppliesToTheNextRequests(t *testing.T) {
	t.Parallel()

	a, b := mockapi.Status(500), mockapi.Status(503)

	tests := map[string]struct {
		prepare func(api *mockapi.API)
		want    []int
	}{
		"none":              {func(*mockapi.API) {}, []int{200, 200}},
		"one":               {func(api *mockapi.API) { api.Fail(1, a) }, []int{500, 200, 200}},
		"several":           {func(api *mockapi.API) { api.Fail(2, a) }, []int{500, 500, 200}},
		"all":               {func(api *mockapi.API) { api.Fail(-1, a) }, []int{500, 500, 500, 500}},
		"zero is all":       {func(api *mockapi.API) { api.Fail(0, a) }, []int{500, 500, 500}},
		"below -1 is all":   {func(api *mockapi.API) { api.Fail(-7, a) }, []int{500, 500, 500, 500, 500, 500, 500, 500}},
		"one after another": {func(api *mockapi.API) { api.Fail(1, a); api.Fail(2, b) }, []int{500, 503, 503, 200}},
		"all after one":     {func(api *mockapi.API) { api.Fail(1, a); api.Fail(-1, b) }, []int{500, 503, 503, 503}},
		"one after all":     {func(api *mockapi.API) { api.Fail(-1, a); api.Fail(1, b) }, []int{500, 500, 500}},
		"nil is no fault":   {func(api *mockapi.API) { api.Fail(2, nil); api.Fail(1, a) }, []int{200, 200, 500, 200}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(nil)
			tt.prepare(api)

			var got []int
			for range tt.want {
				got = append(got, get(t, api, "/v1/trunks").Code)
			}

			if !slices.Equal(got, tt.want) {
				t.Errorf("statuses %v, want %v", got, tt.want)
			}
		})
	}
}
