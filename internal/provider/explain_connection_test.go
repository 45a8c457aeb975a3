// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/x509"
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// trustAdvice is a part of the advice for an unknown authority. Go reads SSL_CERT_FILE on some systems
// only.
func trustAdvice(otherwise string) string {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return "certificates of the system"
	}

	return otherwise
}

// The advice names a file that is set already.
func TestAdviseCertificate(t *testing.T) {
	for file, want := range map[string]string{
		"":          "set the environment variable SSL_CERT_FILE to a file with its root certificate. If this is a container without certificates, install the package ca-certificates. Otherwise, do not use this network, and report to the operator of the server that its intermediate certificate may be missing",
		"/etc/ca\n": `SSL_CERT_FILE (currently "/etc/ca\n"). Check that this is a file in PEM format, not a folder`,
	} {
		t.Setenv("SSL_CERT_FILE", file)

		if got := adviseCertificate(x509.UnknownAuthorityError{}, "base_url"); !strings.Contains(got, trustAdvice(want)) {
			t.Errorf("%q: got %q, want it to contain %q", file, got, trustAdvice(want))
		}
	}
}

// An invalid certificate is a problem of the server. Trusting its authority does not help.
func TestAdviseInvalidCertificate(t *testing.T) {
	for name, err := range map[string]error{
		"a wrong usage":         x509.CertificateInvalidError{Reason: x509.IncompatibleUsage},
		"a constraint on names": x509.CertificateInvalidError{Reason: x509.CANotAuthorizedForThisName},
		"a critical extension":  x509.UnhandledCriticalExtension{},
		"no host":               x509.HostnameError{Certificate: &x509.Certificate{}},
		"SHA-1":                 fmt.Errorf("%w: %w", x509.UnknownAuthorityError{}, x509.InsecureAlgorithmError(x509.SHA1WithRSA)),
	} {
		if got := adviseCertificate(err, "base_url"); !strings.Contains(got, "Report it to the operator of the server") || strings.Contains(got, "SSL_CERT_FILE") {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// A host that is not reached within the default is not reached within more.
func TestAdviseRequestTimeout(t *testing.T) {
	for timeout, want := range map[time.Duration]bool{time.Second: true, telepath.DefaultRequestTimeout: false} {
		someAccount := &account{settings: settings{requestTimeout: timeout, baseURL: new(url.URL)}}

		if _, advice := someAccount.advise(telepath.ErrConnectTimeout, time.Minute); strings.Contains(advice, "request_timeout") != want {
			t.Errorf("with a timeout of %s: %q advises a longer request_timeout, or does not", timeout, advice)
		}
	}
}
