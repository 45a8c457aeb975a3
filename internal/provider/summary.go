// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// summary is the first line of an error or a warning.
type summary struct{ text string }

// summaries are all summaries. The guide Troubleshooting lists each one, which a test checks.
var summaries []summary

func newSummary(text string) summary {
	s := summary{text}
	summaries = append(summaries, s)

	return s
}

func (s summary) newError(detail string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(s.text, detail)
}

// newErrorAt returns an error that names an argument.
func (s summary) newErrorAt(at path.Path, detail string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, s.text, detail)
}

func (s summary) newWarning(detail string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(s.text, detail)
}

var (
	summaryReadCancelled = newSummary("Reading trunks was cancelled")
	summaryReadTooLong   = newSummary("Reading trunks took too long")
	summaryListChanged   = newSummary("List of trunks kept changing")
	summaryListFromCache = newSummary("List of trunks came from a cache")

	summaryRateLimitReached = newSummary("Telepath API rate limit reached")
	summaryRateLimitWaited  = newSummary("Waited for the Telepath API's rate limit")
	summaryRedirected       = newSummary("Telepath API redirected the request")
	summaryRequestRejected  = newSummary("Telepath API request rejected")
	summaryKeyRejected      = newSummary("Telepath API key rejected")
	summaryAccessDenied     = newSummary("Telepath API access denied")
	summaryAPINotFound      = newSummary("Telepath API not found at the base URL")
	summaryAPIFailed        = newSummary("Telepath API failed")

	summaryResponseUnexpected = newSummary("Unexpected response from the Telepath API")
	summaryResponseForeign    = newSummary("Response is not from the Telepath API")

	summaryAttemptTimedOut       = newSummary("Telepath API did not respond in time")
	summaryCertificateNotTrusted = newSummary("Telepath API certificate not trusted")
	summaryTLSFailed             = newSummary("TLS connection to the Telepath API failed")
	summaryPlainHTTP             = newSummary("Base URL uses https, but the server speaks http")
	summaryHostNotFound          = newSummary("Telepath API host not found")
	summaryHostNotResolved       = newSummary("Telepath API host not resolved")
	summaryConnectionFailed      = newSummary("Cannot read from the Telepath API")

	summaryProxyRefused = newSummary("Proxy refused to connect to the Telepath API")
	summaryProxyFailed  = newSummary("Proxy did not connect to the Telepath API")

	summaryKeyMissing      = newSummary("Missing Telepath API key")
	summaryKeyEmpty        = newSummary("Empty Telepath API key")
	summaryKeyInvalid      = newSummary("Invalid Telepath API key")
	summaryBaseURLInvalid  = newSummary("Invalid Telepath base URL")
	summaryRetriesInvalid  = newSummary("Invalid number of retries")
	summaryDurationInvalid = newSummary("Invalid duration")
	summarySettingUnknown  = newSummary("Unknown provider argument")

	summaryLookupMissing      = newSummary("Missing lookup argument")
	summaryTrunkNotFound      = newSummary("Trunk not found")
	summarySeveralTrunksFound = newSummary("Several trunks found")

	summaryDataUnexpected = newSummary("Unexpected provider data")
)
