// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// explain turns an error of the client into a diagnostic: what failed, what the server said, what
// to do next. timeout is that of the read.
func (a *account) explain(err error, timeout time.Duration) diag.Diagnostic {
	title, advice := a.advise(err, timeout)

	return title.newError(fmt.Sprintf("Reading trunks failed: %s.\n\n%s\n\n"+
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
	case errors.Is(err, telepath.ErrListChanged):
		return summaryListChanged,
			"Run Terraform again when nothing creates or deletes trunks. If the error persists, check for a cache between this machine and the API that serves old pages. " +
				"If there is none, report the reason above to Telepath. The offset, the total, or the order of trunks created in the same second may be wrong."
	case apiErr.Status == http.StatusTooManyRequests && !isAPIError(apiErr):
		return summaryRateLimitReached,
			fmt.Sprintf("This response is not from the Telepath API: a proxy or gateway between this machine and %s limits requests. "+
				"Run Terraform again later, with fewer concurrent runs, or ask the operator of the proxy for a higher limit.", a.settings.baseURL.Host)
	case errors.As(err, &limitErr) && limitErr.ReadTimeout > timeout:
		return summaryRateLimitReached, fmt.Sprintf("Set timeouts.read (currently %s) to %q or more, or run Terraform again after the limit resets. ", timeout, limitErr.ReadTimeout) + shareRateLimit
	case errors.As(err, &limitErr), apiErr.Status == http.StatusTooManyRequests:
		return summaryRateLimitReached, fmt.Sprintf("Run Terraform again after the limit resets, or increase timeouts.read (currently %s). ", timeout) + shareRateLimit
	case errors.Is(err, telepath.ErrProxyRefused), errors.Is(err, telepath.ErrProxyFailed):
		return a.adviseProxy(err)
	case errors.Is(err, telepath.ErrReadTimeout) && errors.Is(err, telepath.ErrConnectTimeout):
		return summaryReadTooLong, a.adviseConnectTimeout()
	case errors.Is(err, telepath.ErrReadTimeout):
		return summaryReadTooLong, fmt.Sprintf("If the message above has another error, solve that first. Otherwise, increase timeouts.read (currently %s), or run Terraform again when the API responds faster.", timeout)
	}

	if apiErr.Status != 0 && apiErr.Status != http.StatusOK {
		return a.adviseStatus(apiErr)
	}

	if title, advice := a.adviseResponse(err); title != (summary{}) {
		return title, advice
	}

	return a.adviseConnection(err)
}

// isAPIError reports whether a response is an error of the API. A response that is empty or not JSON is
// probably from a proxy or a gateway.
func isAPIError(err *telepath.Error) bool {
	return (err.Code+err.Message != "" || err.Err != nil) && !errors.Is(err, telepath.ErrNotJSON)
}

// adviseStatus is advise for a status other than 200.
func (a *account) adviseStatus(err *telepath.Error) (title summary, advice string) {
	foreign := fmt.Sprintf("This response is not from the Telepath API. Check base_url (currently %s), and check for a proxy, a gateway or a firewall that blocks requests to %s, or requires a sign-in of its own. "+
		"If there is none, check the API key, which came from %s, and its permissions.", a.settings.rawBaseURL, a.settings.baseURL.Host, a.settings.keySource)
	checkKey := fmt.Sprintf("The key came from %s. In Telepath, under Settings → API Keys, check that the key exists, has not expired and may read trunks. A read-only key is enough.", a.settings.keySource)

	switch {
	case errors.Is(err, telepath.ErrRedirect):
		return summaryRedirected, fmt.Sprintf("Redirects are not followed, because the API key must not reach another host. "+
			"If the Location is another host, check for a proxy or a sign-in page between this machine and %s. Otherwise, set base_url (currently %s) to the base URL of the API.",
			a.settings.baseURL.Host, a.settings.rawBaseURL)
	case err.Status == http.StatusBadRequest && !isAPIError(err):
		return summaryRequestRejected, foreign
	case err.Status == http.StatusBadRequest:
		return summaryRequestRejected, "Upgrade to the newest version of the provider, because the API may have changed. If this is the newest version, report a bug of the provider."
	case (err.Status == http.StatusUnauthorized || err.Status == http.StatusForbidden) && !isAPIError(err):
		return summaryAccessDenied, foreign
	case err.Status == http.StatusUnauthorized:
		return summaryKeyRejected, checkKey
	case err.Status == http.StatusForbidden:
		return summaryAccessDenied, checkKey
	case err.Status == http.StatusNotFound:
		return summaryAPINotFound, fmt.Sprintf("Check base_url (currently %s). It ends with the version of the API, as in %s.", a.settings.rawBaseURL, telepath.DefaultBaseURL)
	case err.Status == http.StatusNetworkAuthenticationRequired:
		return summaryResponseForeign, a.adviseForeign()
	case err.Status >= http.StatusInternalServerError:
		return summaryAPIFailed, "Run Terraform again later. If the error persists, report it to Telepath, with the request ID if there is one above. A proxy or load balancer between this machine and the API may also cause it."
	}

	return summaryResponseUnexpected, fmt.Sprintf("Check base_url (currently %s), and check for a proxy, a cache or a firewall between this machine and %s. The API does not document this status.", a.settings.rawBaseURL, a.settings.baseURL.Host)
}

// adviseForeign is the advice for a response that is not from the API.
func (a *account) adviseForeign() string {
	return fmt.Sprintf("Check base_url (currently %s), and check for a proxy or a sign-in page (captive portal) between this machine and %s.", a.settings.rawBaseURL, a.settings.baseURL.Host)
}

// adviseResponse is advise for a complete response with status 200. The summary is empty for other errors.
func (a *account) adviseResponse(err error) (title summary, advice string) {
	var apiErr *telepath.Error

	switch {
	case errors.Is(err, telepath.ErrNotJSON):
		return summaryResponseForeign, a.adviseForeign()
	case errors.As(err, &apiErr) && apiErr.Code+apiErr.Message != "":
		return summaryResponseUnexpected, "The API returned the error above with status 200. Run Terraform again later. If the error persists, report it to Telepath, with the request ID if there is one above."
	case errors.Is(err, telepath.ErrUnexpectedResponse):
		return summaryResponseUnexpected,
			fmt.Sprintf("Check base_url (currently %s). Check for a proxy or cache between this machine and %s that alters responses or ignores queries. "+
				"If there is none, upgrade to the newest version of the provider, because the API may have changed.", a.settings.rawBaseURL, a.settings.baseURL.Host)
	}

	return summary{}, ""
}
