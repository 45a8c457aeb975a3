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

// isProxyURL reports whether the value of HTTPS_PROXY is empty, or a URL, with or without a scheme.
func isProxyURL(value string) bool {
	if value == "" {
		return true
	}

	if !strings.Contains(value, "://") {
		value = "http://" + value
	}

	u, err := url.Parse(value)

	// An @ behind the host shows that the credentials contain a character that must be
	// percent-encoded.
	return err == nil && u.Host != "" && !strings.Contains(u.Path+u.RawQuery+u.Fragment, "@")
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

// connectStatusError is a status other than 200 of a proxy. The reason phrase is left out.
type connectStatusError int

func (e connectStatusError) Error() string {
	return fmt.Sprintf("%d %s", int(e), http.StatusText(int(e)))
}

func checkConnectResponse(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}

	return connectStatusError(resp.StatusCode)
}

// isFromAPI reports whether a proxy connected to the API, which then ended the TLS handshake, or
// has a certificate that does not verify. Errors of TLS to the proxy itself are not TLS errors here,
// because net/http wraps them.
func isFromAPI(err error) bool {
	var header tls.RecordHeaderError

	return isTLSError(err) && !errors.As(err, &header)
}

// proxyError describes why there is no connection through a proxy.
func proxyError(ctx context.Context, proxy *url.URL, err error) error {
	var (
		statusErr connectStatusError
		dnsErr    *net.DNSError
		errno     syscall.Errno
		certErr   *tls.CertificateVerificationError
	)

	if errors.As(err, &statusErr) {
		switch int(statusErr) {
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return fmt.Errorf("%w %s: its response is %w", ErrProxyFailed, proxy.Host, statusErr)
		}

		return fmt.Errorf("%w: %w from %s", ErrProxyRefused, statusErr, proxy.Host)
	}

	reason := "it does not respond as a proxy does"

	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%w %s: %w", ErrProxyFailed, proxy.Host, causeOf(ctx))
	case errors.As(err, &dnsErr):
		reason = "its host is not found"
	case isConnectionClosed(err):
		reason = "it closed the connection"
	case errors.As(err, &certErr):
		reason = "its TLS certificate is not trusted"
	case errors.Is(err, errnoRefused):
		reason = ErrConnectionRefused.Error()
	case errors.As(err, &errno):
		reason = errno.Error()
	}

	return fmt.Errorf("%w %s: %s", ErrProxyFailed, proxy.Host, reason)
}
