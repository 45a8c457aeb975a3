// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// DefaultBaseURL is the root of the API (reference page, "endpoint").
const DefaultBaseURL = "https://api.telepathvoice.com/v1"

// ParseBaseURL parses the root of the API, such as [DefaultBaseURL], with or without a trailing
// slash.
//
// It must be absolute, with https, without user info, query or fragment. Plain http is accepted
// for a loopback host only, because others could read the API key on any other network. The error
// names the broken rule; it never repeats the URL, which could contain a password.
func ParseBaseURL(raw string) (*url.URL, error) {
	if strings.TrimSpace(raw) != raw {
		return nil, errors.New("it begins or ends with whitespace")
	}

	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("it is not a URL")
	}

	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("it does not begin with https://")
	case u.Hostname() == "":
		return nil, errors.New("it has no host")
	case u.User != nil:
		return nil, errors.New("it contains a username or a password")
	case strings.Contains(raw, "?"):
		return nil, errors.New("it contains a query (?)")
	case strings.Contains(raw, "#"):
		return nil, errors.New("it contains a fragment (#)")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, errors.New("it is plain http to another machine, which would expose the API key to the network")
	}

	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, fmt.Errorf("its port %s is not between 1 and 65535", port)
		}
	}

	// net/http would send the colon of an empty port.
	u.Host = strings.TrimSuffix(u.Host, ":")

	if u.Scheme == "http" {
		// Go bypasses the proxy for localhost, but not for LOCALHOST.
		u.Host = strings.ToLower(u.Host)
	}

	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")

	return u, nil
}

// isLoopback reports whether a host is this machine. It does not resolve names, because a DNS
// response must not decide where the key is sent.
func isLoopback(host string) bool {
	return strings.ToLower(host) == "localhost" || net.ParseIP(host).IsLoopback()
}
