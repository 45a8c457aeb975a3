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

func TestResponsesOfFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault       mockapi.Fault
		status      int
		contentType string
		body        string
		fromAPI     bool // The API's own headers are there.
	}{
		"Status": {
			mockapi.Status(503), 503, "application/json",
			longError("service_unavailable", "Service Unavailable", "503"), true,
		},
		"HTML is a proxy's":            {mockapi.HTML(502), 502, "text/html", nginxPage, false},
		"HTML of an unknown status":    {mockapi.HTML(599), 599, "text/html", strings.ReplaceAll(nginxPage, "502 Bad Gateway", "599"), false},
		"SignInPage is a proxy's":      {mockapi.SignInPage(), 200, "text/html", signInPage, false},
		"Empty is a proxy's":           {mockapi.Empty(504), 504, "", "", false},
		"Empty with status 200":        {mockapi.Empty(200), 200, "", "", false},
		"Redirect is a proxy's":        {mockapi.Redirect(302, "http://example.com/"), 302, "", "", false},
		"Body":                         {mockapi.Body(200, "text/plain", "hello"), 200, "text/plain", "hello", true},
		"Body without a content type":  {mockapi.Body(200, "", "<html>"), 200, "", "<html>", true},
		"Body without a body":          {mockapi.Body(500, "application/json", ""), 500, "application/json", "", true},
		"WithHeader of no other fault": {mockapi.WithHeader("X-A", "1", nil), 200, "application/json", referenceTrunks, true},
		"WithHeader of another fault":  {mockapi.WithHeader("X-A", "1", mockapi.Empty(500)), 500, "", "", false},
		"WithHeader over the fault's":  {mockapi.WithHeader("content-type", "text/x", mockapi.HTML(502)), 502, "text/x", nginxPage, false},
		"WithHeader over the API's":    {mockapi.WithHeader("Content-Type", "text/x", nil), 200, "text/x", referenceTrunks, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := mockapi.New(mockapi.ReferenceTrunks())
			api.Fail(1, tt.fault)
			got := do(t, request(t, serve(t, api)+"/trunks"))
			if got.err != nil {
				t.Errorf("reading the body: %v", got.err)
			}
			if got.status != tt.status {
				t.Errorf("status %d, want %d", got.status, tt.status)
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

func TestRedirectHasALocation(t *testing.T) {
	t.Parallel()
	api := mockapi.New(nil)
	api.Fail(1, mockapi.Redirect(http.StatusTemporaryRedirect, "https://example.com/v1/trunks"))
	rec := get(t, api, "/v1/trunks")
	if got := rec.Header().Get("Location"); got != "https://example.com/v1/trunks" {
		t.Errorf("Location %q", got)
	}
}

func TestWithHeaderSetsTheHeaderLast(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		key, value string
		fault      mockapi.Fault
	}{
		"on the real response":           {"Retry-After", "7", nil},
		"over a header of the API":       {"X-RateLimit-Remaining", "garbage", nil},
		"over a header that is deleted":  {"X-Request-Id", "req_proxy", mockapi.HTML(502)},
		"over a header of the fault":     {"Location", "/", mockapi.Redirect(302, "/elsewhere")},
		"on a fault of the fault":        {"X-A", "1", mockapi.WithHeader("X-B", "2", mockapi.Status(500))},
		"on a body that comes in pieces": {"X-A", "1", mockapi.Drip(0)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := mockapi.New(nil)
			api.Fail(1, mockapi.WithHeader(tt.key, tt.value, tt.fault))
			got := do(t, request(t, serve(t, api)+"/trunks"))
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
	// Without idle connections, because a client retries on those.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(request(t, serve(t, api)+"/trunks"))
	if err == nil {
		err = resp.Body.Close()
		t.Fatalf("status %d (%v), want no response", resp.StatusCode, err)
	}
	if !errors.Is(err, io.EOF) {
		t.Errorf("error %v, want EOF", err)
	}
}

func TestCutBodyBreaksInTheMiddle(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		trunks int
		target string
		status int
	}{
		"of a small response": {2, "/trunks", http.StatusOK},
		"of a large response": {100, "/trunks?limit=100", http.StatusOK},
		"of an error":         {2, "/trunks?limit=0", http.StatusBadRequest},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := mockapi.New(mockapi.Trunks(tt.trunks))
			api.Fail(1, mockapi.CutBody())
			base := serve(t, api)
			cut := do(t, request(t, base+tt.target))
			whole := do(t, request(t, base+tt.target))
			if !errors.Is(cut.err, io.ErrUnexpectedEOF) {
				t.Errorf("reading the body ended with %v, want unexpected EOF", cut.err)
			}
			if cut.status != tt.status {
				t.Errorf("status %d, want %d", cut.status, tt.status)
			}
			if got, want := cut.header.Get("Content-Length"), whole.header.Get("Content-Length"); got != want {
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

func TestHangsEndWithTheClient(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault mockapi.Fault
		body  string
	}{
		"Hang sends nothing":          {mockapi.Hang(), ""},
		"HangInBody sends half of it": {mockapi.HangInBody(), referenceTrunks[:len(referenceTrunks)/2]},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(mockapi.ReferenceTrunks())
				api.Fail(1, tt.fault)
				ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
				defer cancel()
				start := time.Now()
				rec := recordAborted(t, api, request(t, "/v1/trunks").WithContext(ctx))
				if got := time.Since(start); got != 24*time.Hour {
					t.Errorf("ended after %v, want it to last until the client leaves", got)
				}
				if got := rec.Body.String(); got != tt.body {
					t.Errorf("body %q, want %q", got, tt.body)
				}
			})
		})
	}
}

// TestHangInBodyOverTheNetwork checks that the half arrives, and that the request ends
// with the client: otherwise Close in serve blocks.
func TestHangInBodyOverTheNetwork(t *testing.T) {
	t.Parallel()
	api := mockapi.New(mockapi.ReferenceTrunks())
	api.Fail(1, mockapi.HangInBody())
	resp, err := http.DefaultTransport.RoundTrip(request(t, serve(t, api)+"/trunks"))
	if err != nil {
		t.Fatal(err)
	}
	half := make([]byte, len(referenceTrunks)/2)
	if _, err := io.ReadFull(resp.Body, half); err != nil {
		t.Errorf("reading half of the body: %v", err)
	}
	if resp.ContentLength != int64(len(referenceTrunks)) {
		t.Errorf("Content-Length %d, want %d", resp.ContentLength, len(referenceTrunks))
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

func TestDripEndsWithTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New(mockapi.ReferenceTrunks())
		api.Fail(1, mockapi.Drip(time.Second))
		ctx, cancel := context.WithTimeout(t.Context(), 3500*time.Millisecond)
		defer cancel()
		rec := recordAborted(t, api, request(t, "/v1/trunks").WithContext(ctx))
		if got := rec.Body.String(); got != referenceTrunks[:3] {
			t.Errorf("body %q, want the first three bytes", got)
		}
	})
}

func TestDripArrivesWhole(t *testing.T) {
	t.Parallel()
	api := mockapi.New(mockapi.ReferenceTrunks())
	api.Fail(1, mockapi.Drip(0))
	if got := do(t, request(t, serve(t, api)+"/trunks")); got.err != nil || got.body != referenceTrunks {
		t.Errorf("body %q (%v), want the real response", got.body, got.err)
	}
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
		"none":               {func(*mockapi.API) {}, []int{200, 200}},
		"one":                {func(api *mockapi.API) { api.Fail(1, a) }, []int{500, 200, 200}},
		"several":            {func(api *mockapi.API) { api.Fail(2, a) }, []int{500, 500, 200}},
		"all":                {func(api *mockapi.API) { api.Fail(-1, a) }, []int{500, 500, 500, 500}},
		"below -1 is all":    {func(api *mockapi.API) { api.Fail(-7, a) }, []int{500, 500, 500, 500, 500, 500, 500, 500}},
		"one after another":  {func(api *mockapi.API) { api.Fail(1, a); api.Fail(2, b) }, []int{500, 503, 503, 200}},
		"all after one":      {func(api *mockapi.API) { api.Fail(1, a); api.Fail(-1, b) }, []int{500, 503, 503, 503}},
		"none follow on all": {func(api *mockapi.API) { api.Fail(-1, a); api.Fail(1, b) }, []int{500, 500, 500}},
		"nil is no fault":    {func(api *mockapi.API) { api.Fail(2, nil); api.Fail(1, a) }, []int{200, 200, 500, 200}},
		"cleared":            {func(api *mockapi.API) { api.Fail(1, a); api.Fail(-1, b); api.Fail(0, nil) }, []int{200, 200}},
		"cleared and set":    {func(api *mockapi.API) { api.Fail(-1, a); api.Fail(0, nil); api.Fail(1, b) }, []int{503, 200}},
		"zero requests with a fault clear as well": {
			func(api *mockapi.API) { api.Fail(-1, a); api.Fail(0, b) }, []int{200, 200},
		},
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

func TestFaultComesBeforeTheChecks(t *testing.T) {
	t.Parallel()
	tests := map[string]func(api *mockapi.API, req *http.Request){
		"of the key":        func(api *mockapi.API, _ *http.Request) { api.SetKey("sk_other") },
		"of the path":       func(_ *mockapi.API, req *http.Request) { req.URL.Path = "/" },
		"of the method":     func(_ *mockapi.API, req *http.Request) { req.Method = http.MethodPost },
		"of the parameters": func(_ *mockapi.API, req *http.Request) { req.URL.RawQuery = "limit=0" },
		"of the rate":       func(api *mockapi.API, _ *http.Request) { api.SetRateLimit(0, 1<<40) },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := mockapi.New(nil)
			req := request(t, "/v1/trunks")
			spoil(api, req)
			api.OnQuery(func(int, *mockapi.Query) { t.Error("the query was accepted") })
			api.Fail(1, mockapi.Status(http.StatusTeapot))
			if rec := record(api, req); rec.Code != http.StatusTeapot {
				t.Errorf("status %d, want that of the fault, 418", rec.Code)
			}
		})
	}
}

func TestCustomFault(t *testing.T) {
	t.Parallel()
	api := mockapi.New(mockapi.ReferenceTrunks())
	api.Fail(1, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Del("X-RateLimit-Limit")
			w.Header().Set("X-Extra", "1")
			next.ServeHTTP(w, r)
		})
	})
	rec := get(t, api, "/v1/trunks")
	if rec.Code != http.StatusOK || rec.Body.String() != referenceTrunks {
		t.Errorf("status %d with %s, want the real response", rec.Code, rec.Body)
	}
	if _, ok := rec.Header()["X-Ratelimit-Limit"]; ok || rec.Header().Get("X-Extra") != "1" {
		t.Errorf("headers %v, want those of the fault", rec.Header())
	}
}
