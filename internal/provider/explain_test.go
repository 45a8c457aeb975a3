// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

func TestAccExplain(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.Trunks(150))
	api.Fail(-1, mockapi.Status(401))
	failsWith(t, api, fmt.Sprintf("provider \"telepath\" {\n  api_key = %q\n}\ndata \"telepath_trunks\" \"all\" {}\n", testKey),
		"Error: Telepath API key rejected", "with data.telepath_trunks.all", "401 Unauthorized: unauthorized: Invalid or expired API key (request ID req_000001)",
		"the provider's argument api_key", "Settings → API Keys")
}

// explains reads telepath_trunks in-process and checks that the error has the texts in this order.
func explains(t *testing.T, arguments map[string]tftypes.Value, texts ...string) {
	t.Helper()

	diags := readInProcess(t, arguments)
	wantError(t, diags, strings.TrimPrefix(texts[0], "Error: "))
	wantInOrder(t, diags[0].Detail, texts[1:])
}

// withoutRetries are the arguments for the API at the base URL, so that a fault is an error
// immediately.
func withoutRetries(baseURL string) map[string]tftypes.Value {
	arguments := stringArguments(map[string]string{"api_key": testKey, "base_url": baseURL})
	arguments["max_retries"] = tftypes.NewValue(tftypes.Number, 0)

	return arguments
}

// An error has a summary, the server's message and the next step. The client's tests cover the
// errors themselves.
func TestExplain(t *testing.T) {
	for name, test := range map[string]struct {
		fault mockapi.Fault
		want  []string
	}{
		"401 of a gateway": {
			mockapi.WithHeader("WWW-Authenticate", `Basic realm="gateway"`, mockapi.HTML(401)),
			[]string{"Error: Telepath API access denied", `401 Unauthorized: the response is not JSON: it is an HTML page with the title "401 Unauthorized"`, "not from the Telepath API", "sign-in of its own"},
		},
		"503 with a wait beyond the deadline": {
			mockapi.WithHeader("Retry-After", "1800", mockapi.Status(503)),
			[]string{"Error: Telepath API failed", "503 Service Unavailable", "the server asks to wait 30m0s", "Run Terraform again later"},
		},
		"HTML instead of JSON": {
			mockapi.HTML(200),
			[]string{"Error: Response is not from the Telepath API", `it is an HTML page with the title "200 OK"`, "base_url", "sign-in page"},
		},
		"an error with status 200": {
			mockapi.Body(200, "application/json", `{"error":{"code":"unauthorized","message":"Invalid or expired API key"}}`),
			[]string{"Error: Unexpected response from the Telepath API", "200 OK: unauthorized: Invalid or expired API key", "with status 200"},
		},
		"a trunk without id": {
			mockapi.Body(200, "application/json", `{"trunks": [{"name": "A"}], "pagination": {"total": 1}}`),
			[]string{"Error: Unexpected response from the Telepath API", `trunk 1 on the page has no "id"`, "proxy or cache", "newest version"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			api := mockapi.New(mockapi.Trunks(150))
			api.Fail(-1, test.fault)
			explains(t, withoutRetries(startAPI(t, api)), test.want...)
		})
	}
}

func TestExplainKeyFromEnvironment(t *testing.T) {
	api := mockapi.New(nil)
	api.SetShortErrors(true)
	api.SetKey("sk_live_another")
	t.Setenv(envAPIKey, testKey)
	t.Setenv(envBaseURL, startAPI(t, api))
	explains(t, nil,
		"Error: Telepath API key rejected", "INVALID_API_KEY", "The key came from the environment variable TELEPATH_API_KEY")
}

func TestExplainCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(mockapi.New(nil))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)

	reason := "certificate signed by unknown authority"
	if runtime.GOOS == "darwin" {
		reason = "certificate is not trusted"
	}

	explains(t, withoutRetries(server.URL+"/v1"), "Error: Telepath API certificate not trusted", reason, trustAdvice("SSL_CERT_FILE"))
}

// TestExplain has the other errors, with the server's message.
func TestAdvise(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "")

	someAccount := &account{settings: settings{
		keySource: "somewhere", requestTimeout: time.Second,
		baseURL: &url.URL{Scheme: "https", Host: "api.example.com:8443"}, rawBaseURL: "https://äpi.example.com",
	}}
	status := func(status int, cause error) error { return &telepath.Error{Status: status, Err: cause} }
	envelope := func(status int) error { return &telepath.Error{Status: status, Code: "some_code"} }
	limited := func(cause error) error {
		return status(429, fmt.Errorf("%w; then %w", cause, &telepath.RateLimitError{}))
	}
	proxied := func(cause error) error { return fmt.Errorf("%w: %w", telepath.ErrProxyFailed, cause) }
	untrusted := &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}

	for name, test := range map[string]struct {
		err     error
		summary string
		advice  string
	}{
		"400 in HTML":            {status(400, telepath.ErrNotJSON), "Telepath API request rejected", "a gateway or a firewall"},
		"401":                    {envelope(401), "Telepath API key rejected", "came from somewhere"},
		"401 without a body":     {status(401, nil), "Telepath API access denied", "not from the Telepath API"},
		"403 in other JSON":      {status(403, telepath.ErrUnexpectedResponse), "Telepath API access denied", "may read trunks"},
		"429":                    {limited(errors.New("rate_limited")), "Telepath API rate limit reached", "Run Terraform again after the limit resets"},
		"429 in HTML":            {limited(telepath.ErrNotJSON), "Telepath API rate limit reached", "not from the Telepath API"},
		"429 until the deadline": {status(429, telepath.ErrReadTimeout), "Telepath API rate limit reached", "Run Terraform again after the limit resets"},
		"408":                    {status(408, nil), "Unexpected response from the Telepath API", "does not document this status"},
		"other JSON":             {status(200, telepath.ErrUnexpectedResponse), "Unexpected response from the Telepath API", "newest version"},
		"a cancellation":         {telepath.ErrCancelled, "Reading trunks was cancelled", "Run Terraform again"},
		"a list that changed":    {telepath.ErrListChanged, "List of trunks kept changing", "report the reason above to Telepath"},
		"a deadline":             {telepath.ErrReadTimeout, "Reading trunks took too long", "increase timeouts.read (currently 1m0s)"},
		"a rate limit":           {&telepath.RateLimitError{}, "Telepath API rate limit reached", "increase timeouts.read (currently 1m0s)"},
		"a rate limit that needs a longer timeout": {&telepath.RateLimitError{ReadTimeout: 260 * time.Second}, "Telepath API rate limit reached", `Set timeouts.read (currently 1m0s) to "4m20s" or more`},
		"a rate limit with a sufficient timeout":   {&telepath.RateLimitError{ReadTimeout: time.Minute}, "Telepath API rate limit reached", "Run Terraform again after the limit resets, or increase timeouts.read (currently 1m0s)"},
		"a proxy that refuses":                     {telepath.ErrProxyRefused, "Proxy refused to connect to the Telepath API", "Only Basic authentication is supported"},
		"another TLS error":                        {telepath.ErrTLS, "TLS connection to the Telepath API failed", "intercepts TLS"},
		"plain http":                               {telepath.ErrPlainHTTP, "Base URL uses https, but the server speaks http", "base_url (currently https://äpi.example.com)"},
		"an expired certificate":                   {&tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired}}, "Telepath API certificate not trusted", "clock"},
		"a body that is cut off":                   {telepath.ErrTruncated, "Cannot read from the Telepath API", "Run Terraform again"},
		"a server that does not speak HTTP":        {telepath.ErrNotHTTP, "Cannot read from the Telepath API", "The server at api.example.com:8443 does not speak HTTP. Check base_url (currently https://äpi.example.com), its host and its port."},
		"a DNS server that refuses":                {&net.DNSError{Err: "server misbehaving"}, "Telepath API host not resolved", "DNS servers respond"},
		"another host":                             {&tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"other.example.com"}}}}, "Telepath API certificate not trusted", "another host"},
		"a server that closes the connection":      {fmt.Errorf("%w, twice", telepath.ErrConnectionClosed), "Cannot read from the Telepath API", "check for a proxy, a firewall or a load balancer"},
		"no response in time":                      {telepath.ErrAttemptTimeout, "Telepath API did not respond in time", "Increase request_timeout (currently 1s)"},
		"a silent DNS server, by its own timeout":  {&net.DNSError{IsTimeout: true}, "Telepath API host not resolved", "DNS servers respond"},
		"a silent address":                         {telepath.ErrConnectTimeout, "Telepath API did not respond in time", "firewall that drops connections to api.example.com:8443"},
		"a deadline of a silent address":           {fmt.Errorf("%w: %w", telepath.ErrReadTimeout, telepath.ErrConnectTimeout), "Reading trunks took too long", "firewall that drops connections"},
		"a proxy with an untrusted certificate":    {proxied(untrusted), "Proxy did not connect to the Telepath API", trustAdvice("SSL_CERT_FILE")},
		"an unknown host":                          {&net.DNSError{IsNotFound: true}, "Telepath API host not found", "can resolve DNS names. " + setProxy},
		"anything else":                            {errors.New("anything else"), "Cannot read from the Telepath API", "api.example.com:8443"},
	} {
		title, advice := someAccount.advise(test.err, time.Minute)
		if title.text != test.summary || !strings.Contains(advice, test.advice) {
			t.Errorf("%s: got %q, %q; want %q, with %q", name, title.text, advice, test.summary, test.advice)
		}
	}
}
