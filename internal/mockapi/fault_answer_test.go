// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

const nginxPage = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n" +
	"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"

// apiHeaders are those that only the API itself sends.
var apiHeaders = []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Request-Id"}

func TestAnswersOfFaults(t *testing.T) {
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
		"HTML of a nameless status":    {mockapi.HTML(599), 599, "text/html", strings.ReplaceAll(nginxPage, "502 Bad Gateway", "599"), false},
		"Empty is a proxy's":           {mockapi.Empty(504), 504, "", "", false},
		"Empty with status 200":        {mockapi.Empty(200), 200, "", "", false},
		"Redirect is a proxy's":        {mockapi.Redirect(302, "http://example.com/"), 302, "", "", false},
		"Body":                         {mockapi.Body(200, "text/plain", "hello"), 200, "text/plain", "hello", true},
		"Body without a content type":  {mockapi.Body(200, "", "<html>"), 200, "", "<html>", true},
		"Body without a body":          {mockapi.Body(500, "application/json", ""), 500, "application/json", "", true},
		"Huge of no bytes":             {mockapi.Huge(0), 200, "application/json", "", true},
		"Huge of fewer than no bytes":  {mockapi.Huge(-1), 200, "application/json", "", true},
		"Huge of the first few bytes":  {mockapi.Huge(18), 200, "application/json", `{"trunks":[{"id":"`, true},
		"WithHeader of no other fault": {mockapi.WithHeader("X-A", "1", nil), 200, "application/json", referenceAnswer, true},
		"WithHeader of another fault":  {mockapi.WithHeader("X-A", "1", mockapi.Empty(500)), 500, "", "", false},
		"WithHeader over the fault's":  {mockapi.WithHeader("content-type", "text/x", mockapi.HTML(502)), 502, "text/x", nginxPage, false},
		"WithHeader over the API's":    {mockapi.WithHeader("Content-Type", "text/x", nil), 200, "text/x", referenceAnswer, true},
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

func TestRedirectSaysWhere(t *testing.T) {
	t.Parallel()
	api := mockapi.New(nil)
	api.Fail(1, mockapi.Redirect(http.StatusTemporaryRedirect, "https://example.com/v1/trunks"))
	rec := ask(t, api, "/v1/trunks")
	if got := rec.Header().Get("Location"); got != "https://example.com/v1/trunks" {
		t.Errorf("Location %q", got)
	}
}

func TestWithHeaderHasTheLastWord(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		key, value string
		fault      mockapi.Fault
	}{
		"on the real answer":             {"Retry-After", "7", nil},
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

func TestHugeIsAsLongAsAskedAndHidesIt(t *testing.T) {
	t.Parallel()
	const size = 3<<20 + 1
	api := mockapi.New(nil)
	api.Fail(1, mockapi.Huge(size))
	got := do(t, request(t, serve(t, api)+"/trunks"))
	if got.err != nil {
		t.Fatal(got.err)
	}
	if len(got.body) != size {
		t.Errorf("%d bytes, want %d", len(got.body), size)
	}
	if length, ok := got.header["Content-Length"]; ok {
		t.Errorf("Content-Length %v gives the size away", length)
	}
	// Closed at any element, the list is valid: a client cannot stop at a syntax error.
	end := strings.LastIndex(got.body, `,{"id"`)
	l := decode(t, strings.NewReader(got.body[:end]+"]}"))
	if len(l.Trunks) < 1000 {
		t.Errorf("%d trunks in the list, want thousands", len(l.Trunks))
	}
}
