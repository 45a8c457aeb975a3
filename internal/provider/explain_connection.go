// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// setProxy ends the advice for a host that this machine does not reach.
const setProxy = "If this network needs a proxy, set the environment variable HTTPS_PROXY."

// adviseConnection is advise for a request without a complete response.
func (a *account) adviseConnection(err error) (title summary, advice string) {
	var (
		certErr *tls.CertificateVerificationError
		dnsErr  *net.DNSError
	)

	switch {
	case errors.As(err, &dnsErr) && dnsErr.IsNotFound:
		return summaryHostNotFound, fmt.Sprintf("Check base_url (currently %s), and check that this machine can resolve DNS names. ", a.settings.rawBaseURL) + setProxy
	case errors.As(err, &dnsErr):
		return summaryHostNotResolved, fmt.Sprintf("Check that this machine can resolve DNS names such as %s, and that its DNS servers respond. ", a.settings.baseURL.Hostname()) + setProxy
	case errors.Is(err, telepath.ErrConnectTimeout):
		return summaryAttemptTimedOut, a.adviseConnectTimeout()
	case errors.Is(err, telepath.ErrAttemptTimeout):
		return summaryAttemptTimedOut,
			fmt.Sprintf("Increase request_timeout (currently %s), or run Terraform again when the API responds faster. "+
				"If the error persists, check for a proxy or a firewall that delays responses from %s.", a.settings.requestTimeout, a.settings.baseURL.Host)
	case errors.As(err, &certErr):
		return summaryCertificateNotTrusted, adviseCertificate(err, fmt.Sprintf("base_url (currently %s)", a.settings.rawBaseURL))
	case errors.Is(err, telepath.ErrTLS):
		return summaryTLSFailed,
			fmt.Sprintf("Check base_url (currently %s), and check for a proxy or a firewall that intercepts TLS connections. "+
				"The provider requires TLS 1.2 or later, and has no client certificate to send.", a.settings.rawBaseURL)
	case errors.Is(err, telepath.ErrPlainHTTP):
		return summaryPlainHTTP, fmt.Sprintf("Check base_url (currently %s). Plain http is accepted only for a loopback host, for example with the mock API.", a.settings.rawBaseURL)
	case errors.Is(err, telepath.ErrNotHTTP):
		return summaryConnectionFailed, fmt.Sprintf("The server at %s does not speak HTTP. Check base_url (currently %s), its host and its port.", a.settings.baseURL.Host, a.settings.rawBaseURL)
	case errors.Is(err, telepath.ErrConnectionClosed), errors.Is(err, telepath.ErrTruncated):
		return summaryConnectionFailed,
			fmt.Sprintf("Run Terraform again. If the error persists, check base_url (currently %s), and check for a proxy, a firewall or a load balancer that closes connections. "+
				"Some block an API key that is much longer than usual. ", a.settings.rawBaseURL) + setProxy
	}

	return summaryConnectionFailed, fmt.Sprintf("Check base_url (currently %s), and check that this machine reaches %s. ", a.settings.rawBaseURL, a.settings.baseURL.Host) + setProxy
}

// adviseConnectTimeout is the advice for a host that does not accept connections in time.
func (a *account) adviseConnectTimeout() string {
	advice := fmt.Sprintf("Check for a firewall that drops connections to %s. ", a.settings.baseURL.Host) + setProxy
	if a.settings.requestTimeout < telepath.DefaultRequestTimeout {
		advice += fmt.Sprintf(" Or increase request_timeout (currently %s).", a.settings.requestTimeout)
	}

	return advice
}

// adviseCertificate is the advice for a certificate that does not verify. setting is the setting with
// the host that the certificate must be for.
func adviseCertificate(err error, setting string) string {
	var (
		invalidErr  x509.CertificateInvalidError
		hostnameErr x509.HostnameError
	)

	const askOperator = "Otherwise, do not use this network, and report to the operator of the server that its intermediate certificate may be missing."

	switch file := os.Getenv("SSL_CERT_FILE"); {
	case errors.As(err, &invalidErr) && invalidErr.Reason == x509.Expired:
		return "Check the clock of this machine. If it is right, the certificate has expired, or a proxy or firewall may intercept the connection."
	case errors.As(err, &hostnameErr) && len(hostnameErr.Certificate.DNSNames)+len(hostnameErr.Certificate.IPAddresses) > 0:
		return fmt.Sprintf("Check %s, because the certificate is for another host. If it is right, a proxy or firewall may intercept the connection.", setting)
	case errors.As(err, &invalidErr), errors.As(err, &hostnameErr), errors.As(err, new(x509.UnhandledCriticalExtension)), strings.Contains(err.Error(), "insecure algorithm"):
		return "The certificate itself is invalid. Report it to the operator of the server, or of a proxy or firewall that intercepts the connection."
	case runtime.GOOS == "windows", runtime.GOOS == "darwin":
		return "If a company proxy intercepts the connection, add its root certificate to the certificates of the system. " + askOperator
	case file != "":
		return fmt.Sprintf("The trusted certificates are in the environment variable SSL_CERT_FILE (currently %q). Check that this is a file in PEM format, not a folder. "+
			"It must contain the root certificate of the server, or of a company proxy that intercepts the connection. ", file) + askOperator
	}

	return "If a company proxy intercepts the connection, set the environment variable SSL_CERT_FILE to a file with its root certificate. " +
		"If this is a container without certificates, install the package ca-certificates. " + askOperator
}

// adviseProxy is advise for a request that a proxy did not connect.
func (a *account) adviseProxy(err error) (title summary, advice string) {
	var certErr *tls.CertificateVerificationError

	title = summaryProxyFailed
	advice = fmt.Sprintf("Check that it is a URL such as http://proxy.example.com:3128. Its scheme is http, https, socks5 or socks5h, and special characters in its username and password are percent-encoded. "+
		"Check that the proxy is running and can reach %s.", a.settings.baseURL.Host)

	switch {
	case errors.Is(err, telepath.ErrProxyRefused):
		title = summaryProxyRefused
		advice = fmt.Sprintf("Check that the proxy allows connections to %s. If it requires a username and a password, add them to the URL. Only Basic authentication is supported, not Digest, Negotiate or NTLM.", a.settings.baseURL.Host)
	case errors.As(err, &certErr):
		advice = adviseCertificate(err, "the host of the proxy")
	}

	return title, fmt.Sprintf("The proxy is set in the environment variable HTTPS_PROXY. %s If %s needs no proxy, add it to NO_PROXY.", advice, a.settings.baseURL.Hostname())
}
