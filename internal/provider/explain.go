// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// explain turns an error of the client into a diagnostic: what failed, what the server said, what
// to do next. timeout is that of the read.
func (a *account) explain(err error, timeout time.Duration) diag.Diagnostic {
	title, advice := a.advise(err, timeout)

	return title.error(fmt.Sprintf("Reading trunks failed: %s.\n\n%s\n\n"+
		"No trunks were returned, because a partial list could make Terraform destroy dependent resources.",
		strings.TrimSuffix(err.Error(), "."), advice))
}

// shareRateLimit ends the advice of every rate limit error.
const shareRateLimit = "Other clients of the same account use the same limit: run fewer of them concurrently, or ask Telepath for a higher limit."

// advise returns the summary of an error and what to do about it. The guide Troubleshooting lists
// every summary.
func (a *account) advise(err error, timeout time.Duration) (title summary, advice string) {
	var limitErr *telepath.RateLimitError

	apiErr := &telepath.Error{} // Without a request, the status is 0.
	_ = errors.As(err, &apiErr)

	// These errors wrap the error of a request and are more specific.
	switch {
	case errors.Is(err, telepath.ErrCancelled):
		return summaryReadCancelled, "Run Terraform again."
	case errors.Is(err, telepath.ErrPageTooSmall):
		return summaryPageTooSmall,
			"With one trunk per page, the provider cannot detect a trunk that is deleted or created while it reads. Report this to Telepath."
	case errors.Is(err, telepath.ErrListChanged):
		return summaryListChanged,
			"Run Terraform again when nothing creates or deletes trunks. If the error persists, check for a cache between this machine and the API that serves old pages. " +
				"If there is none, report to Telepath that the order of trunks created in the same second, or the total, may be wrong."
	case apiErr.Status == http.StatusTooManyRequests && isForeign(apiErr):
		return summaryRateLimitReached,
			fmt.Sprintf("This response is not from the Telepath API: a proxy or gateway between this machine and %s limits requests. "+
				"Run Terraform again later, with fewer concurrent runs, or ask the operator of the proxy for a higher limit.", a.settings.baseURL.Host)
	case errors.As(err, &limitErr) && limitErr.ReadTimeout > timeout:
		return summaryRateLimitReached,
			fmt.Sprintf("Set timeouts.read (currently %s) to %q or more, or run Terraform again after the limit resets. ", timeout, limitErr.ReadTimeout) + shareRateLimit
	case errors.As(err, &limitErr), apiErr.Status == http.StatusTooManyRequests:
		return summaryRateLimitReached,
			fmt.Sprintf("Run Terraform again after the limit resets, or increase timeouts.read (currently %s). ", timeout) + shareRateLimit
	case errors.Is(err, telepath.ErrProxyRefused), errors.Is(err, telepath.ErrProxyFailed), errors.Is(err, telepath.ErrProxyAddress):
		return a.adviseProxy(err)
	case errors.Is(err, telepath.ErrReadTimeout) && a.adviseNetwork(err) != "":
		return summaryReadTooLong, a.adviseNetwork(err)
	case errors.Is(err, telepath.ErrReadTimeout) && failedBefore(apiErr):
		return summaryReadTooLong,
			fmt.Sprintf("Solve the error that is shown above. If the API is only slow, increase timeouts.read (currently %s).", timeout)
	case errors.Is(err, telepath.ErrReadTimeout):
		return summaryReadTooLong,
			fmt.Sprintf("Increase timeouts.read (currently %s), or run Terraform again when the API responds faster.", timeout)
	}

	if apiErr.Status != 0 && apiErr.Status != http.StatusOK {
		return a.adviseStatus(apiErr)
	}

	if title, advice := a.adviseResponse(err); title != (summary{}) {
		return title, advice
	}

	return a.adviseConnection(err)
}

// failedBefore reports whether an error that ends with a deadline also shows an earlier failure.
func failedBefore(err *telepath.Error) bool {
	_, isJoined := err.Err.(interface{ Unwrap() []error })

	return isJoined || err.Status != 0 && err.Status != http.StatusOK
}

// isForeign reports whether the response with an error is not from the API, whose errors are JSON.
func isForeign(err *telepath.Error) bool {
	isEmpty := err.Code == "" && err.Message == "" && err.Err == nil

	return isEmpty || errors.Is(err, telepath.ErrNotJSON) || errors.Is(err, telepath.ErrEncoding)
}

// adviseStatus is advise for a status other than 200.
func (a *account) adviseStatus(err *telepath.Error) (title summary, advice string) {
	status := err.Status
	location, locationErr := a.settings.baseURL.Parse(err.Location)

	switch {
	case errors.Is(err, telepath.ErrRedirect) && locationErr == nil && !strings.EqualFold(location.Hostname(), a.settings.baseURL.Hostname()):
		return summaryRedirected,
			fmt.Sprintf("Check for a proxy or a sign-in page between this machine and %s, because the redirect leads to another host. "+
				"If there is none, set base_url (currently %s) to the base URL of the API. "+
				"Redirects are not followed, because the API key must not reach another host.", a.settings.baseURL.Host, a.settings.baseURL)
	case errors.Is(err, telepath.ErrRedirect):
		return summaryRedirected,
			fmt.Sprintf("Set base_url (currently %s) to the base URL of the API. Redirects are not followed, because the API key must not reach another host.", a.settings.baseURL)
	case status == http.StatusBadRequest && isForeign(err):
		return summaryRequestRejected,
			fmt.Sprintf("This response is not from the Telepath API. Check base_url (currently %s), and check for a proxy or a firewall between this machine and %s.", a.settings.baseURL, a.settings.baseURL.Host)
	case status == http.StatusBadRequest:
		return summaryRequestRejected,
			"Upgrade to the newest version of the provider, because the API may have changed. If this is the newest version, report a bug of the provider."
	case (status == http.StatusUnauthorized || status == http.StatusForbidden) && isForeign(err):
		return summaryAccessDenied,
			fmt.Sprintf("This response is not from the Telepath API. Check whether a proxy, a gateway or a firewall blocks requests to %s, or requires a sign-in of its own. "+
				"If none does, check the API key, which came from %s, and its permissions.", a.settings.baseURL.Host, a.settings.keySource)
	case status == http.StatusUnauthorized:
		return summaryKeyRejected,
			fmt.Sprintf("The key came from %s. In Telepath, under Settings → API Keys, check that the key exists and has not expired. A read-only key is enough.", a.settings.keySource)
	case status == http.StatusForbidden:
		return summaryAccessDenied,
			fmt.Sprintf("The key came from %s. In Telepath, under Settings → API Keys, check that the key may read trunks.", a.settings.keySource)
	case status == http.StatusNotFound:
		return summaryAPINotFound,
			fmt.Sprintf("Check base_url (currently %s). It ends with the version of the API, as in %s.", a.settings.baseURL, telepath.DefaultBaseURL)
	case status == http.StatusNetworkAuthenticationRequired:
		return summaryResponseForeign,
			"This network requires a sign-in (captive portal). Sign in with a browser, or use another network."
	case status >= http.StatusInternalServerError:
		return summaryAPIFailed,
			"Run Terraform again later. If the error persists, report it to Telepath, with the request ID if there is one above. A proxy or load balancer between this machine and the API may also cause it."
	case status == http.StatusNotModified:
		return summaryResponseUnexpected,
			fmt.Sprintf("Check for a cache or proxy between this machine and %s. The provider sends no conditional requests, so the API never responds with this status.", a.settings.baseURL.Host)
	}

	return summaryResponseUnexpected,
		fmt.Sprintf("Check base_url (currently %s), and check for a proxy or a firewall between this machine and %s. The API does not document this status.", a.settings.baseURL, a.settings.baseURL.Host)
}

// adviseResponse is advise for a response with status 200. The summary is empty for other errors.
func (a *account) adviseResponse(err error) (title summary, advice string) {
	var apiErr *telepath.Error

	switch {
	case errors.Is(err, telepath.ErrNotJSON):
		return summaryResponseForeign,
			fmt.Sprintf("Check base_url (currently %s), and check for a proxy or a sign-in page between this machine and %s.", a.settings.baseURL, a.settings.baseURL.Host)
	case errors.Is(err, telepath.ErrWrongPage):
		return summaryResponseUnexpected,
			fmt.Sprintf("Check for a cache or proxy between this machine and %s that ignores the query of a request. "+
				"If there is none, upgrade to the newest version of the provider, because the API may have changed.", a.settings.baseURL.Host)
	case errors.Is(err, telepath.ErrEncoding):
		return summaryResponseUnexpected,
			fmt.Sprintf("Check for a proxy between this machine and %s that compresses responses.", a.settings.baseURL.Host)
	case errors.Is(err, telepath.ErrInvalidJSON), errors.Is(err, telepath.ErrDamagedEncoding):
		return summaryResponseUnexpected,
			fmt.Sprintf("Check for a proxy or cache between this machine and %s that alters responses. If there is none, report this error to Telepath, with the request ID if there is one above.", a.settings.baseURL.Host)
	case errors.As(err, &apiErr) && apiErr.Code+apiErr.Message != "":
		return summaryResponseUnexpected,
			"The API returned the error above with status 200. Run Terraform again later. If the error persists, report it to Telepath, with the request ID if there is one above."
	case errors.Is(err, telepath.ErrTooLarge), errors.Is(err, telepath.ErrUnexpectedResponse):
		return summaryResponseUnexpected,
			fmt.Sprintf("Check base_url (currently %s). If it is right, upgrade to the newest version of the provider, because the API may have changed.", a.settings.baseURL)
	case errors.Is(err, telepath.ErrTruncated):
		return summaryResponseCutOff,
			"Run Terraform again. If the error persists, check for a proxy or a firewall that closes connections."
	}

	return summary{}, ""
}

// adviseConnection is advise for a request without a response.
func (a *account) adviseConnection(err error) (title summary, advice string) {
	var (
		certErr *tls.CertificateVerificationError
		dnsErr  *net.DNSError
	)

	network := a.adviseNetwork(err)
	if network != "" && errors.Is(err, telepath.ErrAttemptTimeout) && a.settings.requestTimeout < telepath.DefaultRequestTimeout {
		network += fmt.Sprintf(" Or increase request_timeout (currently %s).", a.settings.requestTimeout)
	}

	switch {
	case isNotResolved(err):
		return summaryHostNotResolved, network
	case errors.Is(err, telepath.ErrAttemptTimeout) && network != "":
		return summaryAttemptTimedOut, network
	case errors.Is(err, telepath.ErrAttemptTimeout):
		return summaryAttemptTimedOut,
			// The machine reached the host: the other phases have their own advice.
			fmt.Sprintf("Increase request_timeout (currently %s), or run Terraform again when the API responds faster. "+
				"If the error persists, check for a proxy or a firewall that delays responses from %s.", a.settings.requestTimeout, a.settings.baseURL.Host)
	case errors.As(err, &certErr):
		return summaryCertificateNotTrusted, adviseCertificate(err, fmt.Sprintf("base_url (currently %s)", a.settings.baseURL))
	case errors.Is(err, telepath.ErrTLSVersion):
		return summaryTLSFailed,
			fmt.Sprintf("TLS 1.2 or later is required. Check base_url (currently %s), and check for a proxy between this machine and %s that only supports older versions.", a.settings.baseURL, a.settings.baseURL.Host)
	case errors.Is(err, telepath.ErrClientCertificate):
		return summaryTLSFailed,
			fmt.Sprintf("Check base_url (currently %s). The Telepath API requires no client certificate, and the provider has none to send.", a.settings.baseURL)
	case errors.Is(err, telepath.ErrTLS):
		return summaryTLSFailed,
			fmt.Sprintf("Check base_url (currently %s), and check for a proxy or a firewall that intercepts TLS connections.", a.settings.baseURL)
	case errors.Is(err, telepath.ErrPlainHTTP):
		return summaryPlainHTTP,
			fmt.Sprintf("Check base_url (currently %s). Plain http is accepted for this machine only, for example with the mock API.", a.settings.baseURL)
	case errors.Is(err, telepath.ErrNotHTTP2):
		return summaryConnectionFailed,
			fmt.Sprintf("Check base_url (currently %s), and check for a proxy or load balancer that does not support HTTP/2 although it says so. "+
				"To use HTTP/1.1 until it is repaired, set the environment variable GODEBUG to http2client=0.", a.settings.baseURL)
	case errors.Is(err, telepath.ErrConnectionClosed):
		return summaryConnectionFailed,
			fmt.Sprintf("Run Terraform again. If the error persists, check base_url (currently %s), and check for a proxy, a firewall or a load balancer that blocks the request. "+
				"Some block an API key that is much longer than usual. If this network needs a proxy, set the environment variable HTTPS_PROXY.", a.settings.baseURL)
	case errors.As(err, &dnsErr):
		return summaryHostNotFound,
			fmt.Sprintf("Check base_url (currently %s), and check that this machine can resolve DNS names.", a.settings.baseURL)
	case errors.Is(err, telepath.ErrConnectionRefused):
		return summaryConnectionRefused,
			fmt.Sprintf("Check base_url (currently %s), because nothing listens there. Check whether this network needs a proxy, set in the environment variable HTTPS_PROXY.", a.settings.baseURL)
	}

	return summaryConnectionFailed,
		fmt.Sprintf("Check that this machine reaches %s. If this network needs a proxy, set the environment variable HTTPS_PROXY.", a.settings.baseURL)
}

// adviseNetwork is the advice for a host that was not reached, empty if it was, or if the phase of a
// timeout is unknown.
func (a *account) adviseNetwork(err error) string {
	switch {
	case isNotResolved(err):
		return fmt.Sprintf("Check that this machine can resolve DNS names such as %s, and that its DNS servers respond.", a.settings.baseURL.Hostname())
	case errors.Is(err, telepath.ErrConnecting):
		return fmt.Sprintf("Check for a firewall that drops connections to %s. If this network needs a proxy, set the environment variable HTTPS_PROXY.", a.settings.baseURL.Host)
	case errors.Is(err, telepath.ErrHandshake):
		return fmt.Sprintf("Check base_url (currently %s), and check for a proxy or a firewall that interrupts TLS connections.", a.settings.baseURL)
	}

	return ""
}

// isNotResolved reports whether the DNS servers did not respond, or failed.
func isNotResolved(err error) bool {
	var dnsErr *net.DNSError

	return errors.Is(err, telepath.ErrResolving) || errors.As(err, &dnsErr) && (dnsErr.IsTimeout || dnsErr.IsTemporary)
}

// adviseCertificate is the advice for a certificate that does not verify. setting is the setting with
// the host that the certificate must be for.
func adviseCertificate(err error, setting string) string {
	var (
		invalidErr  x509.CertificateInvalidError
		hostnameErr x509.HostnameError
	)

	switch file := os.Getenv("SSL_CERT_FILE"); {
	case errors.As(err, &invalidErr) && invalidErr.Reason == x509.Expired:
		return "Check the clock of this machine. If it is right, the certificate has expired, or a proxy or firewall may intercept the connection."
	case errors.As(err, &hostnameErr):
		return fmt.Sprintf("Check %s, because the certificate is for another host. If it is right, a proxy or firewall may intercept the connection.", setting)
	case runtime.GOOS == "windows", runtime.GOOS == "darwin":
		return "If a company proxy intercepts the connection, add its root certificate to the certificates of the system. Otherwise, do not use this network."
	case file != "":
		return fmt.Sprintf("The trusted certificates are in the environment variable SSL_CERT_FILE (currently %q). Check that this is a file, not a folder, "+
			"and that it contains the root certificate of the server, or of a company proxy that intercepts the connection, in PEM format.", file)
	}

	return "If a company proxy intercepts the connection, set the environment variable SSL_CERT_FILE to a file with its root certificate. " +
		"If this is a container without certificates, install the package ca-certificates. Otherwise, do not use this network."
}

// adviseProxy is advise for a request that a proxy did not connect.
func (a *account) adviseProxy(err error) (title summary, advice string) {
	// The client reads HTTPS_PROXY first.
	variable := "HTTPS_PROXY"
	if os.Getenv(variable) == "" {
		variable = "https_proxy"
	}

	bypass := fmt.Sprintf("If %s needs no proxy, add it to NO_PROXY.", a.settings.baseURL.Hostname())

	switch {
	case errors.Is(err, telepath.ErrProxyAddress):
		return summaryProxyFailed,
			fmt.Sprintf("Set the environment variable %s to a URL such as http://proxy.example.com:3128. Percent-encode special characters of its username and password. %s", variable, bypass)
	case errors.Is(err, telepath.ErrProxyRefused):
		return summaryProxyRefused,
			fmt.Sprintf("The proxy is set in the environment variable %s. Check that it allows connections to %s, and whether it requires a username and a password. %s", variable, a.settings.baseURL.Host, bypass)
	}

	advice = "Check its address, and check that the proxy is running there."

	var (
		certErr *tls.CertificateVerificationError
		dnsErr  *net.DNSError
	)

	switch {
	case errors.Is(err, telepath.ErrProxyUpstream):
		advice = fmt.Sprintf("The proxy responds, but cannot reach %s. Check base_url (currently %s), and check the DNS and the network of the proxy.", a.settings.baseURL.Host, a.settings.baseURL)
	case errors.As(err, &certErr):
		advice = adviseCertificate(err, "the host of the proxy")
	case errors.Is(err, telepath.ErrResolving), errors.As(err, &dnsErr):
		advice = "Check its host name, and check that this machine can resolve DNS names."
	case errors.Is(err, telepath.ErrAttemptTimeout) && !errors.Is(err, telepath.ErrConnecting):
		advice = fmt.Sprintf("Something accepts connections at this address. Check that it is the proxy, and that the proxy can reach %s.", a.settings.baseURL.Host)
	}

	return summaryProxyFailed,
		fmt.Sprintf("The proxy is set in the environment variable %s. %s %s", variable, advice, bypass)
}
