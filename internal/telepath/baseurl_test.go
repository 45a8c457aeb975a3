// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"strings"
	"testing"
)

func TestParseBaseURL(t *testing.T) {
	for name, test := range map[string]struct{ raw, want, err string }{
		"default":                   {DefaultBaseURL, "https://api.telepathvoice.com/v1", ""},
		"trailing slashes":          {"https://api.telepathvoice.com/v1//", "https://api.telepathvoice.com/v1", ""},
		"no path":                   {"https://api.telepathvoice.com", "https://api.telepathvoice.com", ""},
		"path is a slash":           {"https://api.telepathvoice.com/", "https://api.telepathvoice.com", ""},
		"port":                      {"https://api.telepathvoice.com:8443/v1", "https://api.telepathvoice.com:8443/v1", ""},
		"empty port":                {"https://api.telepathvoice.com:/v1", "https://api.telepathvoice.com/v1", ""},
		"port 65535":                {"https://api.telepathvoice.com:65535/v1", "https://api.telepathvoice.com:65535/v1", ""},
		"scheme in capitals":        {"HTTPS://api.telepathvoice.com/v1", "https://api.telepathvoice.com/v1", ""},
		"escaped slash in the path": {"https://example.com/a%2Fb/", "https://example.com/a%2Fb", ""},
		"http on localhost":         {"http://localhost:8080/v1", "http://localhost:8080/v1", ""},
		"http on LOCALHOST":         {"http://LOCALHOST/v1", "http://localhost/v1", ""},
		"http on 127.9.9.9":         {"http://127.9.9.9/v1", "http://127.9.9.9/v1", ""},
		"http on [::1]":             {"http://[::1]:8080/v1", "http://[::1]:8080/v1", ""},

		"empty":                       {"", "", "https://"},
		"no scheme":                   {"api.telepathvoice.com/v1", "", "https://"},
		"ftp":                         {"ftp://api.telepathvoice.com/v1", "", "https://"},
		"no host":                     {"https:///v1", "", "host"},
		"opaque URL":                  {"https:api.telepathvoice.com", "", "host"},
		"port without a host":         {"https://:443/v1", "", "host"},
		"username":                    {"https://me@api.telepathvoice.com/v1", "", "username"},
		"password":                    {"https://me:geheim@api.telepathvoice.com/v1", "", "password"},
		"query":                       {"https://api.telepathvoice.com/v1?limit=1", "", "query"},
		"empty query":                 {"https://api.telepathvoice.com/v1?", "", "query"},
		"fragment":                    {"https://api.telepathvoice.com/v1#top", "", "fragment"},
		"empty fragment":              {"https://api.telepathvoice.com/v1#", "", "fragment"},
		"http on another host":        {"http://api.telepathvoice.com/v1", "", "plain http"},
		"http on a private address":   {"http://192.168.1.1/v1", "", "plain http"},
		"http on a localhost domain":  {"http://localhost.example.com/v1", "", "plain http"},
		"http on a 127.0.0.1 domain":  {"http://127.0.0.1.example.com/v1", "", "plain http"},
		"http on a Unicode localhost": {"http://localho\u017ft/v1", "", "plain http"},
		"http on 0.0.0.0":             {"http://0.0.0.0:8080/v1", "", "plain http"},
		"leading space":               {" https://api.telepathvoice.com/v1", "", "whitespace"},
		"trailing newline":            {"https://api.telepathvoice.com/v1\n", "", "whitespace"},
		"space in the host":           {"https://api telepathvoice.com/v1", "", "not a URL"},
		"password in an invalid URL":  {"https://me:geheim@api.telepathvoice.com:https/v1", "", "not a URL"},
		"port 0":                      {"https://api.telepathvoice.com:0/v1", "", "port"},
		"port 65536":                  {"https://api.telepathvoice.com:65536/v1", "", "port"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseBaseURL(test.raw)

			switch {
			case test.err == "":
				if err != nil || got.String() != test.want {
					t.Errorf("got %s and %v, want %s", got, err, test.want)
				}
			case err == nil:
				t.Errorf("accepted, as %s", got)
			default:
				wantText(t, err, test.err)

				if strings.Contains(err.Error(), "geheim") {
					t.Errorf("the error shows the password: %v", err)
				}
			}
		})
	}
}
