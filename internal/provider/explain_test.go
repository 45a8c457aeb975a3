// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// Each fault has a summary of its own, says what was answered and what to do next.
func TestAccExplain(t *testing.T) {
	for name, test := range map[string]struct {
		fault mockapi.Fault
		want  []string
	}{
		"400":             {mockapi.Status(400), []string{"Error: Telepath API refused the request", "400 Bad Request: invalid_parameters:", "newer version of the provider"}},
		"401":             {mockapi.Status(401), []string{"Error: Telepath API key not accepted", "401 Unauthorized: unauthorized: Invalid or expired API key (request id req_000001)", "the provider's argument api_key", "Settings → API Keys"}},
		"403":             {mockapi.Status(403), []string{"Error: Telepath API key not permitted", "403 Forbidden", "the provider's argument api_key", "Settings → API Keys"}},
		"404":             {mockapi.Status(404), []string{"Error: Telepath API not found at the base URL", "404 Not Found", "The base URL is http://127.0.0.1:"}},
		"429":             {mockapi.Status(429), []string{"Error: Telepath API rate limit reached", "429 Too Many Requests", "Wait"}},
		"418":             {mockapi.Status(418), []string{"Error: Unexpected answer from the Telepath API", "418 I'm a teapot", "The base URL is", "firewall"}},
		"500":             {mockapi.Status(500), []string{"Error: Telepath API failed", "500 Internal Server Error", "Run Terraform again"}},
		"503 and no body": {mockapi.Empty(503), []string{"Error: Telepath API failed", "503 Service Unavailable.", "Run Terraform again"}},
		"502 and HTML":    {mockapi.HTML(502), []string{"Error: Telepath API failed", `502 Bad Gateway: the answer is not JSON; its Content-Type is "text/html"`, "proxy"}},
		"401 and HTML":    {mockapi.HTML(401), []string{"Error: Telepath API key not accepted", "not JSON", "Settings → API Keys"}},
		"403 and other JSON": {
			mockapi.Body(403, "application/json", `{"message": "blocked by policy"}`),
			[]string{"Error: Telepath API key not permitted", "it says", "blocked by policy", "proxy or a firewall"},
		},
		"HTML instead of JSON": {mockapi.HTML(200), []string{"Error: Answer is not from the Telepath API", "not JSON", `"text/html"`, "The base URL is", "sign-in page"}},
		"nothing instead of JSON": {
			mockapi.Empty(200),
			[]string{"Error: Answer is not from the Telepath API", "it is empty", "The base URL is"},
		},
		"JSON of another kind": {
			mockapi.Body(200, "application/json", `{"items": []}`),
			[]string{"Error: Unexpected answer from the Telepath API", `it has no "trunks"`, "newer version of the provider"},
		},
		"a redirect": {
			mockapi.Redirect(302, "https://elsewhere.example.com/"),
			[]string{"Error: Telepath API redirected the request", `it leads to "https://elsewhere.example.com/"`, "Redirects are not followed"},
		},
		"a body cut off":   {mockapi.CutBody(), []string{"Error: Answer of the Telepath API was cut off", "the connection ended first", "Run Terraform again"}},
		"a body too large": {mockapi.Body(200, "application/json", strings.Repeat(" ", 9<<20)), []string{"Error: Unexpected answer from the Telepath API", "larger than 8 MiB"}},
		"no answer at all": {mockapi.Drop(), []string{"Error: Cannot read from the Telepath API", "EOF", "The base URL is"}},
		"a trunk without id": {
			mockapi.Body(200, "application/json", `{"trunks": [{"name": "A"}], "pagination": {"total": 1}}`),
			[]string{"Error: Unexpected answer from the Telepath API", `trunk 1 on the page has no "id"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			api := mockapi.New(mockapi.Trunks(150))
			api.Fail(-1, test.fault)
			failsWith(t, withProvider(startAPI(t, api), `data "telepath_trunks" "all" {}`), test.want...)
		})
	}
}

// An error of a later page is an error of the whole.
func TestAccExplainSecondPage(t *testing.T) {
	api := mockapi.New(mockapi.Trunks(150))
	api.Fail(1, nil)
	api.Fail(-1, mockapi.Status(500))
	failsWith(t, withProvider(startAPI(t, api), `data "telepath_trunks" "all" {}`),
		"Error: Telepath API failed", "500 Internal Server Error", "No trunks were read")
}

func TestAccExplainKeyFromEnvironment(t *testing.T) {
	api := mockapi.New(nil)
	api.SetShortErrors(true)
	api.SetKey("sk_live_another")
	t.Setenv(envAPIKey, testKey)
	t.Setenv(envBaseURL, startAPI(t, api))
	failsWith(t, required+`data "telepath_trunks" "all" {}`,
		"Error: Telepath API key not accepted", "INVALID_API_KEY", "The key came from the environment variable TELEPATH_API_KEY")
}

func TestAccExplainConnectionRefused(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // Nobody waits for it.
	if err != nil {
		t.Fatal(err)
	}

	baseURL := "http://" + listener.Addr().String() + "/v1"
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}

	failsWith(t, withProvider(baseURL, `data "telepath_trunks" "all" {}`),
		"Error: Connection to the Telepath API refused", "connection refused", "The base URL is "+baseURL, "nothing listens there")
}

func TestAccExplainTimeout(t *testing.T) {
	for name, fault := range map[string]mockapi.Fault{
		"no answer":           mockapi.Hang(),
		"no end of an answer": mockapi.HangInBody(),
	} {
		t.Run(name, func(t *testing.T) {
			api := mockapi.New(mockapi.ReferenceTrunks())
			api.Fail(-1, fault)
			failsWith(t, required+fmt.Sprintf(`
provider "telepath" {
  api_key         = %q
  base_url        = %q
  max_retries     = 0
  request_timeout = "100ms"
}
data "telepath_trunks" "all" {}
`, testKey, startAPI(t, api)),
				"Error: Telepath API did not answer in time", "no complete answer within the time for one attempt", "An attempt may take 100ms", "request_timeout")
		})
	}
}

func TestAccExplainCertificate(t *testing.T) {
	server := httptest.NewTLSServer(mockapi.New(nil))
	t.Cleanup(server.Close)
	server.Config.ErrorLog = nil
	failsWith(t, withProvider(server.URL+"/v1", `data "telepath_trunks" "all" {}`),
		"Error: Certificate of the Telepath API not trusted", "certificate signed by unknown authority", "SSL_CERT_FILE")
}

// Two kinds of error must not look the same.
func TestAdviseTellsErrorsApart(t *testing.T) {
	someAccount := &account{settings: settings{keySource: "somewhere", baseURL: &url.URL{Host: "api.example.com"}}}
	summaries := map[string]error{}

	for _, err := range []error{
		&telepath.Error{Status: http.StatusBadRequest},
		&telepath.Error{Status: http.StatusUnauthorized},
		&telepath.Error{Status: http.StatusForbidden},
		&telepath.Error{Status: http.StatusNotFound},
		&telepath.Error{Status: http.StatusTooManyRequests},
		&telepath.Error{Status: http.StatusInternalServerError},
		context.Canceled,
		telepath.ErrListChanged,
		telepath.ErrReadTimeout,
		telepath.ErrRedirect,
		telepath.ErrNotJSON,
		telepath.ErrUnexpectedAnswer,
		telepath.ErrTruncated,
		telepath.ErrProxyRefused,
		&net.OpError{Op: "proxyconnect"},
		telepath.ErrAttemptTimeout,
		&net.DNSError{},
		errors.New("anything else"),
	} {
		summary, advice := someAccount.advise(err, time.Minute)
		if before, ok := summaries[summary]; ok {
			t.Errorf("%#v and %#v are both %q", before, err, summary)
		}

		summaries[summary] = err

		if summary == "" || advice == "" {
			t.Errorf("%#v comes without a summary or without advice", err)
		}
	}
}
