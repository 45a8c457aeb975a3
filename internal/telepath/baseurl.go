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

// DefaultBaseURL is where the API lives when nothing else is configured (reference page,
// "endpoint").
const DefaultBaseURL = "https://api.telepathvoice.com/v1"

// ParseBaseURL reads the root of the API, such as [DefaultBaseURL], with or without a
// trailing slash.
//
// It has to be absolute, without user, query or fragment, and its scheme https. Plain http
// is accepted for a loopback host alone, for on any other way the API key could be read by
// others. The error says which of these rules was broken; it never repeats the URL, which
// could hold a password.
func ParseBaseURL(raw string) (*url.URL, error) {
	if strings.TrimSpace(raw) != raw {
		return nil, errors.New("it begins or ends with white space")
	}

	u, err := url.Parse(raw)
	if err != nil {
		// url.Error repeats the URL, its cause does not repeat more than the faulty part.
		return nil, errors.New("it is not a URL")
	}

	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("it does not begin with https://")
	case u.Hostname() == "":
		return nil, errors.New("it has no host")
	case u.User != nil:
		return nil, errors.New("it has a user or a password in it")
	case strings.Contains(raw, "?"):
		return nil, errors.New("it has a query (?) in it")
	case strings.Contains(raw, "#"):
		return nil, errors.New("it has a fragment (#) in it")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, errors.New("it is plain http to a host other than this machine, which would show the API key to the network")
	}

	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, fmt.Errorf("its port %s is not between 1 and 65535", port)
		}
	}

	if u.Scheme == "http" {
		// Go keeps a proxy away from localhost, but not from LOCALHOST.
		u.Host = strings.ToLower(u.Host)
	}

	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")

	return u, nil
}

// isLoopback knows the names that cannot leave this machine. It does not look names up: an
// answer of the name service is nothing to trust a key to.
func isLoopback(host string) bool {
	return strings.ToLower(host) == "localhost" || net.ParseIP(host).IsLoopback()
}
