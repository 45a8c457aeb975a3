// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// proxyFor returns the proxy of a base URL from the environment, nil for none. net/http would ignore
// an HTTPS_PROXY that is not a URL, and would use a part of a password as the host.
func proxyFor(baseURL *url.URL) (*url.URL, error) {
	config := httpproxy.FromEnvironment()
	config.HTTPProxy = "" // Plain http is for loopback hosts, which use no proxy.

	invalid := config.HTTPSProxy != "" && !isProxyURL(config.HTTPSProxy)
	if invalid {
		// A placeholder shows whether NO_PROXY exempts the host.
		config.HTTPSProxy = "invalid"
	}

	proxy, err := config.ProxyFunc()(baseURL)
	if proxy != nil && invalid {
		return nil, fmt.Errorf("%w: the environment variable HTTPS_PROXY is not a valid URL", ErrProxyFailed)
	}

	return proxy, err
}

// isProxyURL reports whether the value of HTTPS_PROXY is a URL with a supported scheme or none.
func isProxyURL(value string) bool {
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

var quotedString = regexp.MustCompile(`"[^"]*"`)

// offeredSchemes returns the names of the authentication schemes that a proxy offers (RFC 9110, section
// 11.7.1), without their parameters.
func offeredSchemes(header http.Header) string {
	var schemes []string

	offered := quotedString.ReplaceAllString(strings.Join(header.Values("Proxy-Authenticate"), ","), "")
	for challenge := range strings.SplitSeq(offered, ",") {
		name, parameters, _ := strings.Cut(strings.TrimSpace(challenge), " ")
		if name != "" && !strings.Contains(name, "=") && !strings.HasPrefix(parameters, "=") {
			schemes = append(schemes, name)
		}
	}

	return strings.Join(schemes, ", ")
}

// checkConnectResponse returns the error of a response to CONNECT.
func checkConnectResponse(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	status := fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode))

	switch resp.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return fmt.Errorf("%w %s: its response is %s", ErrProxyFailed, proxy.Host, status)
	}

	if schemes := offeredSchemes(resp.Header); schemes != "" {
		status += " (" + schemes + ")"
	}

	return fmt.Errorf("%w: %s from %s", ErrProxyRefused, status, proxy.Host)
}
