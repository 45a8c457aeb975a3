// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/net/http/httpproxy"
)

// proxyFromEnvironment returns a function that returns the proxy of a request, nil for none. Unlike
// Go, it does not ignore a variable that is not a URL, and does not parse a part of a password as the
// host.
func proxyFromEnvironment() func(*http.Request) (*url.URL, error) {
	// In the order of net/http. Plain http is for loopback hosts only, which never use a proxy.
	config := httpproxy.Config{
		HTTPSProxy: cmp.Or(os.Getenv("HTTPS_PROXY"), os.Getenv("https_proxy")),
		NoProxy:    cmp.Or(os.Getenv("NO_PROXY"), os.Getenv("no_proxy")),
	}

	invalid := !isProxyURL(config.HTTPSProxy)
	if invalid {
		// A placeholder shows which requests would use the proxy, and which are exempt by NO_PROXY.
		config.HTTPSProxy = "invalid"
	}

	proxyOf := config.ProxyFunc()

	return func(req *http.Request) (*url.URL, error) {
		proxy, err := proxyOf(req.URL)
		if proxy != nil && invalid {
			return nil, ErrProxyAddress
		}

		return proxy, err
	}
}

// isProxyURL reports whether the value of HTTPS_PROXY is empty, or a URL with a supported scheme
// or none.
func isProxyURL(value string) bool {
	if value == "" {
		return true
	}

	if !strings.Contains(value, "://") {
		value = "http://" + value
	}

	u, err := url.Parse(value)
	// The library would take another scheme for a host.
	if err != nil || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		return false
	}

	// An @ behind the host shows that the credentials contain a character that must be
	// percent-encoded.
	return u.Host != "" && !strings.Contains(u.Path+u.RawQuery+u.Fragment, "@")
}

// credentials returns the secrets in the URL of a proxy, nil for none: the password, or the username
// if there is no password, and both as Basic authentication sends them.
func credentials(proxy *url.URL) []string {
	if proxy == nil {
		return nil
	}

	user := proxy.User.Username()
	password, _ := proxy.User.Password()

	secret := cmp.Or(password, user)
	if secret == "" {
		return nil
	}

	return []string{secret, base64.StdEncoding.EncodeToString([]byte(user + ":" + password))}
}

// checkConnectResponse returns the error of a response to CONNECT. It leaves out the reason phrase, in
// which a proxy may repeat its credentials.
func checkConnectResponse(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	status := fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode))

	switch resp.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return fmt.Errorf("%w %s: its response is %s: %w", ErrProxyFailed, proxy.Host, status, ErrProxyUpstream)
	}

	return fmt.Errorf("%w: %s from %s", ErrProxyRefused, status, proxy.Host)
}

// socksError returns the error of a SOCKS5 proxy, nil for another error. The texts are those of Go,
// for the replies of RFC 1928, section 6.
func socksError(proxy *url.URL, err error) error {
	var opErr *net.OpError
	if !errors.As(err, &opErr) || opErr.Op != "socks connect" {
		return nil
	}

	reply := strings.TrimPrefix(opErr.Err.Error(), "unknown error ")

	switch reply {
	case "connection not allowed by ruleset", "no acceptable authentication methods", "username/password authentication failed":
		return fmt.Errorf("%w: %s from %s", ErrProxyRefused, reply, proxy.Host)
	case "general SOCKS server failure", "network unreachable", "host unreachable", "connection refused", "TTL expired":
		return fmt.Errorf("%w %s: its response is %q: %w", ErrProxyFailed, proxy.Host, reply, ErrProxyUpstream)
	}

	return fmt.Errorf("%w %s: it does not respond as a SOCKS5 proxy does: %s", ErrProxyFailed, proxy.Host, reply)
}

// isFromAPI reports whether a proxy connected to the API, which then ended the TLS handshake, or
// has a certificate that does not verify. Errors of TLS to the proxy itself are not TLS errors here,
// because net/http wraps them.
func isFromAPI(err error) bool {
	var header tls.RecordHeaderError

	return isTLSError(err) && !errors.As(err, &header)
}

// proxyError describes why there is no connection through a proxy.
func proxyError(ctx context.Context, trace *attemptTrace, proxy *url.URL, err error) error {
	var (
		dnsErr  *net.DNSError
		errno   syscall.Errno
		certErr *tls.CertificateVerificationError
	)

	reason := errors.New("it does not respond as a proxy does")
	socksErr := socksError(proxy, err)

	switch {
	case errors.Is(err, ErrProxyRefused), errors.Is(err, ErrProxyUpstream):
		return err
	case ctx.Err() != nil:
		reason = trace.interrupted(ctx)
	case errors.As(err, &dnsErr) && dnsErr.IsNotFound:
		reason = fmt.Errorf("its host is not found: %w", dnsErr)
	case errors.As(err, &dnsErr):
		reason = fmt.Errorf("its host name is not resolved: %w", dnsErr)
	case isConnectionClosed(err):
		reason = errors.New("it closed the connection")
	case errors.As(err, &certErr):
		reason = fmt.Errorf("its TLS certificate is not trusted: %w", certErr)
	case errors.Is(err, errRefused):
		reason = ErrConnectionRefused
	case errors.As(err, &errno):
		reason = errno
	case socksErr != nil:
		return socksErr
	}

	return fmt.Errorf("%w %s: %w", ErrProxyFailed, proxy.Host, reason)
}
