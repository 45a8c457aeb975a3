// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"strings"
	"testing"
)

func TestParseBaseURL(t *testing.T) {
	for name, test := range map[string]struct{ raw, want string }{
		"the documented one":          {DefaultBaseURL, "https://api.telepathvoice.com/v1"},
		"trailing slash is dropped":   {"https://api.telepathvoice.com/v1/", "https://api.telepathvoice.com/v1"},
		"trailing slashes as well":    {"https://api.telepathvoice.com/v1//", "https://api.telepathvoice.com/v1"},
		"no path":                     {"https://api.telepathvoice.com", "https://api.telepathvoice.com"},
		"a path of nothing but slash": {"https://api.telepathvoice.com/", "https://api.telepathvoice.com"},
		"port":                        {"https://api.telepathvoice.com:8443/v1", "https://api.telepathvoice.com:8443/v1"},
		"scheme in capitals":          {"HTTPS://api.telepathvoice.com/v1", "https://api.telepathvoice.com/v1"},
		"escaped slash in the path":   {"https://example.com/a%2Fb/", "https://example.com/a%2Fb"},
		"http on localhost":           {"http://localhost:8080/v1", "http://localhost:8080/v1"},
		"http on LOCALHOST":           {"http://LOCALHOST/v1", "http://localhost/v1"},
		"http on 127.0.0.1":           {"http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"},
		"http on all of 127/8":        {"http://127.9.9.9/v1", "http://127.9.9.9/v1"},
		"http on [::1]":               {"http://[::1]:8080/v1", "http://[::1]:8080/v1"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseBaseURL(test.raw)
			if err != nil {
				t.Fatal(err)
			}

			if got.String() != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestParseBaseURLRefuses(t *testing.T) {
	for name, test := range map[string]struct{ raw, want string }{
		"nothing":                     {"", "https://"},
		"no scheme":                   {"api.telepathvoice.com/v1", "https://"},
		"a path alone":                {"/v1", "https://"},
		"another scheme":              {"ftp://api.telepathvoice.com/v1", "https://"},
		"no host":                     {"https:///v1", "host"},
		"an opaque URL":               {"https:api.telepathvoice.com", "host"},
		"a port alone":                {"https://:443/v1", "host"},
		"a user":                      {"https://me@api.telepathvoice.com/v1", "user"},
		"a password":                  {"https://me:geheim@api.telepathvoice.com/v1", "password"},
		"a query":                     {"https://api.telepathvoice.com/v1?limit=1", "query"},
		"an empty query":              {"https://api.telepathvoice.com/v1?", "query"},
		"a fragment":                  {"https://api.telepathvoice.com/v1#top", "fragment"},
		"an empty fragment":           {"https://api.telepathvoice.com/v1#", "fragment"},
		"http elsewhere":              {"http://api.telepathvoice.com/v1", "plain http"},
		"http on a private address":   {"http://192.168.1.1/v1", "plain http"},
		"http on a host like a local": {"http://localhost.example.com/v1", "plain http"},
		"http on 127 in a name":       {"http://127.0.0.1.example.com/v1", "plain http"},
		"http on what looks like it":  {"http://localho\u017ft/v1", "plain http"},
		"http on 0.0.0.0":             {"http://0.0.0.0:8080/v1", "plain http"},
		"whitespace in front":         {" https://api.telepathvoice.com/v1", "whitespace"},
		"a newline at the end":        {"https://api.telepathvoice.com/v1\n", "whitespace"},
		"a space in the host":         {"https://api telepathvoice.com/v1", "not a URL"},
		"a control character":         {"https://api.telepathvoice.com/\x00", "not a URL"},
		"a port that is no number":    {"https://api.telepathvoice.com:https/v1", "not a URL"},
		"port 0":                      {"https://api.telepathvoice.com:0/v1", "port"},
		"port 65536":                  {"https://api.telepathvoice.com:65536/v1", "port"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseBaseURL(test.raw)
			if err == nil {
				t.Fatalf("accepted, as %s", got)
			}

			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error does not speak of %q: %v", test.want, err)
			}

			if strings.Contains(err.Error(), "geheim") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}
