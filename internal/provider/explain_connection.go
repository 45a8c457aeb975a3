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

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// setProxy ends the advice for a host that this machine does not reach.
const setProxy = "If this network needs a proxy, set the environment variable HTTPS_PROXY."

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
			fmt.Sprintf("Check base_url (currently %s). Plain http is accepted only for a loopback host, for example with the mock API.", a.settings.baseURL)
	case errors.Is(err, telepath.ErrNotHTTP2):
		return summaryConnectionFailed,
			fmt.Sprintf("Check base_url (currently %s), and check for a proxy or load balancer that does not support HTTP/2 although it says so. "+
				"To use HTTP/1.1 until it is repaired, set the environment variable GODEBUG to http2client=0.", a.settings.baseURL)
	case errors.Is(err, telepath.ErrConnectionClosed):
		return summaryConnectionFailed,
			fmt.Sprintf("Run Terraform again. If the error persists, check base_url (currently %s), and check for a proxy, a firewall or a load balancer that blocks the request. "+
				"Some block an API key that is much longer than usual. ", a.settings.baseURL) + setProxy
	case errors.As(err, &dnsErr):
		return summaryHostNotFound,
			fmt.Sprintf("Check base_url (currently %s), and check that this machine can resolve DNS names. ", a.settings.baseURL) + setProxy
	case errors.Is(err, telepath.ErrConnectionRefused):
		return summaryConnectionRefused,
			fmt.Sprintf("Check base_url (currently %s), because nothing listens there. ", a.settings.baseURL) + setProxy
	}

	return summaryConnectionFailed,
		fmt.Sprintf("Check that this machine reaches %s. ", a.settings.baseURL) + setProxy
}

// adviseNetwork is the advice for a host that was not reached, empty if it was, or if the phase of a
// timeout is unknown.
func (a *account) adviseNetwork(err error) string {
	switch {
	case isNotResolved(err):
		return fmt.Sprintf("Check that this machine can resolve DNS names such as %s, and that its DNS servers respond. ", a.settings.baseURL.Hostname()) + setProxy
	case errors.Is(err, telepath.ErrConnecting):
		return fmt.Sprintf("Check for a firewall that drops connections to %s. ", a.settings.baseURL.Host) + setProxy
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
			fmt.Sprintf("Set the environment variable %s to a URL such as http://proxy.example.com:3128, with the scheme http, https, socks5 or socks5h. Percent-encode special characters of its username and password. %s", variable, bypass)
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
