// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// explain turns an error of the client into what a user needs to hear: what failed, what was
// answered, and what to do next.
// The timeout is that of the read.
func (a *account) explain(err error, timeout time.Duration) diag.Diagnostic {
	summary, advice := a.advise(err, timeout)

	return diag.NewErrorDiagnostic(summary, fmt.Sprintf("%s\n\nNo trunks were read, since a part of the list is worse than none.\n\n%s", sentence(err), advice))
}

// advise finds the summary, one for each kind of error, and what to do about it.
func (a *account) advise(err error, timeout time.Duration) (summary, advice string) {
	var (
		apiErr      *telepath.Error
		certErr     *tls.CertificateVerificationError
		invalidErr  x509.CertificateInvalidError
		hostnameErr x509.HostnameError
		dnsErr      *net.DNSError
		opErr       *net.OpError
	)

	status := 0
	if errors.As(err, &apiErr) {
		status = apiErr.Status
	}

	switch {
	case errors.Is(err, context.Canceled):
		return "Reading trunks was cancelled", "Run Terraform again to read them."
	case errors.Is(err, telepath.ErrListChanged):
		return "List of trunks kept changing",
			"Somebody or something is creating or deleting trunks at the moment. Run Terraform again when it is done. If nobody is, the API may count wrongly: report it to Telepath."
	case errors.Is(err, telepath.ErrRateLimitWait):
		return "Telepath API rate limit reached",
			fmt.Sprintf("Run Terraform again when the limit has reset, or set timeouts.read, which is %s, to so much more that the read can wait for it. "+
				"Whatever uses the same account may use up its limit: run fewer things at once, or ask Telepath for a higher limit.", timeout)
	case errors.Is(err, telepath.ErrReadTimeout):
		return "Reading trunks took too long",
			fmt.Sprintf("It may take %s in all. If the API is just slow, set timeouts.read to more; else see above what went wrong.", timeout)
	case status == http.StatusBadRequest:
		return "Telepath API refused the request",
			"The request is this provider's, so this is likely a fault of the provider, or the API has changed: look for a newer version of the provider, and report it if there is none."
	case status == http.StatusUnauthorized:
		return "Telepath API key not accepted",
			fmt.Sprintf("The key came from %s. See in Telepath under Settings → API Keys whether it still exists and has not expired, or make a new one; a read-only key is enough.", a.settings.keySource)
	case status == http.StatusForbidden:
		return "Telepath API key not permitted",
			fmt.Sprintf("The key came from %s. See in Telepath under Settings → API Keys whether it may read trunks. If it may, a proxy or a firewall may have answered in place of the API.", a.settings.keySource)
	case status == http.StatusNotFound:
		return "Telepath API not found at the base URL",
			fmt.Sprintf("The base URL is %s. See whether it is right, with the version at its end as in %s, or leave it out.", a.settings.baseURL, telepath.DefaultBaseURL)
	case status == http.StatusTooManyRequests:
		return "Telepath API rate limit reached",
			"Wait for a minute and run Terraform again. Whatever uses the same account may use up its limit: run fewer things at once, or ask Telepath for a higher limit."
	case status >= http.StatusInternalServerError:
		return "Telepath API failed",
			"The fault is at the API, or at a proxy on the way to it. Run Terraform again in a while; if it lasts, report it to Telepath with the request id, if there is one above."
	case errors.Is(err, telepath.ErrRedirect):
		return "Telepath API redirected the request",
			fmt.Sprintf("The base URL is %s. Redirects are not followed, for the API key must not reach another address. If the API has moved, set base_url to where it is now.", a.settings.baseURL)
	case errors.Is(err, telepath.ErrNotJSON):
		return "Answer is not from the Telepath API",
			fmt.Sprintf("The base URL is %s. Something other than the API answered: see whether the URL is right, and whether a proxy or a sign-in page stands in between.", a.settings.baseURL)
	case errors.Is(err, telepath.ErrTooLarge), errors.Is(err, telepath.ErrUnexpectedAnswer):
		return "Unexpected answer from the Telepath API",
			fmt.Sprintf("The base URL is %s. If the URL is right, the API may have changed: look for a newer version of the provider, and report it if there is none.", a.settings.baseURL)
	case errors.Is(err, telepath.ErrTruncated):
		return "Answer of the Telepath API was cut off",
			"The connection broke before the answer was complete. Run Terraform again; if it lasts, look for a proxy or a firewall that cuts connections."
	case errors.Is(err, telepath.ErrAttemptTimeout):
		return "Telepath API did not answer in time",
			fmt.Sprintf("An attempt may take %s. See whether this machine reaches the API, or set the provider's argument request_timeout to more.", a.settings.requestTimeout)
	case status != 0 && status != http.StatusOK:
		return "Unexpected answer from the Telepath API",
			fmt.Sprintf("The base URL is %s. The API is not known to answer with this status: see whether the URL is right, and whether a proxy or a firewall stands in between.", a.settings.baseURL)
	case errors.Is(err, telepath.ErrProxyRefused):
		return "Proxy refused to connect to the Telepath API",
			fmt.Sprintf("The environment variable HTTPS_PROXY names the proxy. See whether it lets this machine connect to %s, and whether it wants a user and a password; hosts that need no proxy belong into NO_PROXY.", a.settings.baseURL.Host)
	case errors.As(err, &opErr) && opErr.Op == "proxyconnect":
		return "Proxy not reached",
			"The environment variable HTTPS_PROXY names a proxy that cannot be reached. See whether it is right; hosts that need no proxy belong into NO_PROXY."
	case errors.As(err, &invalidErr) && invalidErr.Reason == x509.Expired:
		return "Certificate of the Telepath API not trusted",
			"It is not valid at this time: see whether this machine's clock is right. If it is, the certificate has expired, or something on the way may be reading along."
	case errors.As(err, &hostnameErr):
		return "Certificate of the Telepath API not trusted",
			fmt.Sprintf("The base URL is %s, and the certificate is for another host. See whether the URL is right; if it is, something on the way may be reading along.", a.settings.baseURL)
	case errors.As(err, &certErr):
		return "Certificate of the Telepath API not trusted",
			"Something on the way may be reading along, or this machine lacks a root certificate: where a company's proxy has one of its own, set the environment variable SSL_CERT_FILE to a file that has it."
	case errors.As(err, &dnsErr):
		return "Host of the Telepath API not found",
			fmt.Sprintf("The base URL is %s. See whether it is right and whether this machine can look up names.", a.settings.baseURL)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "Connection to the Telepath API refused",
			fmt.Sprintf("The base URL is %s, and nothing listens there. See whether it is right, whether what should listen is running, and whether HTTPS_PROXY is needed or wrong.", a.settings.baseURL)
	}

	return "Cannot read from the Telepath API",
		fmt.Sprintf("The base URL is %s. See whether this machine reaches it; a proxy is taken from the environment variable HTTPS_PROXY.", a.settings.baseURL)
}

// sentence is an error's text as a sentence.
func sentence(err error) string {
	return fmt.Sprintf("Reading trunks failed: %s.", strings.TrimSuffix(err.Error(), "."))
}
