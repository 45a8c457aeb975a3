// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFlagsAreRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ args, says string }{
		"an unknown flag":                  {"-port 80", "-port"},
		"a flag without its value":         {"-trunks", "-trunks"},
		"an argument":                      {"serve", "only flags are allowed"},
		"arguments after flags":            {"-trunks 2 250 sk_live_secret", "2 other argument(s)"},
		"an address without a port":        {"-addr 127.0.0.1", "give host:port"},
		"an empty address":                 {"-addr=", "give host:port"},
		"an address with a scheme":         {"-addr http://127.0.0.1:80", "give host:port"},
		"an address of version 6, bare":    {"-addr ::1:80", "give host:port"},
		"a port above the range":           {"-addr 127.0.0.1:65536", "give a port from 0 to 65535"},
		"a port below the range":           {"-addr 127.0.0.1:-1", "give a port from 0 to 65535"},
		"an empty port":                    {"-addr 127.0.0.1:", "give a port from 0 to 65535"},
		"a port that is a name":            {"-addr 127.0.0.1:http", "give a port from 0 to 65535"},
		"trunks below zero":                {"-trunks -1", "give a number from 0 to 1000000"},
		"trunks above what is believed":    {"-trunks 1000001", "give a number from 0 to 1000000"},
		"trunks that are no number":        {"-trunks many", "-trunks"},
		"trunks above every integer":       {"-trunks 99999999999999999999", "-trunks"},
		"a key with a space":               {"-key=sk_live_secret\u00a0b", "-key: give a key without white space"},
		"a key with a control character":   {"-key=sk_live_secret\x00", "-key: give a key without white space"},
		"a latency below zero":             {"-latency -1s", "give a time of 0 or more"},
		"a latency without a unit":         {"-latency 5", "-latency"},
		"a rate limit of zero":             {"-rate-limit 0", "give a number of 1 or more"},
		"a rate window of zero":            {"-rate-window 0s", "give a time above 0"},
		"short errors that are no boolean": {"-short-errors=perhaps", "-short-errors"},
		"an unknown fault":                 {"-fault explode", "or html, empty, cut, hang, hang-in-body, drip or drop"},
		"a fault in upper case":            {"-fault HTML", "give an HTTP status from 400 to 599"},
		"a fault that is no error":         {"-fault 200", "give an HTTP status from 400 to 599"},
		"a fault above every status":       {"-fault 600", "give an HTTP status from 400 to 599"},
		"no requests for a fault":          {"-fault 500 -fault-requests 0", "or -1 for all"},
		"fewer requests than all":          {"-fault 500 -fault-requests -2", "or -1 for all"},
		"the second of two flags":          {"-trunks 2 -fault x", "-fault \"x\""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), strings.Split(tt.args, " "), &stdout, &stderr); code != 2 {
				t.Errorf("exit code %d, want 2", code)
			}
			if stdout.Len() > 0 {
				t.Errorf("stdout %q, want nothing", &stdout)
			}
			wantComplaint(t, stderr.String(), tt.says, "; -h explains the flags")
			if strings.Contains(stderr.String(), "secret") {
				t.Errorf("stderr %q shows the key", &stderr)
			}
		})
	}
}

func TestFlagsHaveDefaults(t *testing.T) {
	t.Parallel()
	got, err := parseConfig(nil, new(bytes.Buffer))
	if err != nil {
		t.Fatal(err)
	}
	want := config{
		addr: "127.0.0.1:8080", trunks: 2, rateLimit: 1_000_000, rateWindow: time.Minute, faultRequests: 1,
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(config{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHelpExplainsEachFlag(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"-h", "-help", "--help"} {
		t.Run(flag, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), []string{flag}, &stdout, &stderr); code != 0 || stderr.Len() > 0 {
				t.Errorf("exit code %d with %q, want 0", code, &stderr)
			}
			if got := stdout.String(); !strings.HasPrefix(got, usage) {
				t.Errorf("stdout starts with %.80q, want the usage", got)
			}
			if got := strings.Count(usage, "\n  go run ./internal/mockapi/telepath-mock "); got != 2 {
				t.Errorf("%d examples, want 2", got)
			}
			for _, name := range []string{
				"addr", "trunks", "key", "latency", "rate-limit", "rate-window", "short-errors",
				"fault", "fault-requests", "change",
			} {
				if !regexp.MustCompile(`(?m)^  -` + name + `( |\n)`).MatchString(stdout.String()) {
					t.Errorf("the help lacks -%s", name)
				}
			}
		})
	}
}

func TestHelpThatCannotBePrinted(t *testing.T) {
	t.Parallel()
	if _, err := parseConfig([]string{"-h"}, brokenWriter{}); !errors.Is(err, errBroken) {
		t.Errorf("error %v, want that of the writer", err)
	}
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestFlagsTakeEffect(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args   []string
		target string
		key    string
		status int
		body   string
	}{
		"trunks":             {[]string{"-trunks", "250"}, "/trunks", "sk_a", http.StatusOK, `"total": 250`},
		"no trunks":          {[]string{"-trunks", "0"}, "/trunks", "sk_a", http.StatusOK, `"trunks": []`},
		"any key":            {nil, "/trunks", "sk_a", http.StatusOK, `"total": 2`},
		"not just any key":   {nil, "/trunks", "pk_a", http.StatusUnauthorized, `"unauthorized"`},
		"the key":            {[]string{"-key", "sk_b"}, "/trunks", "sk_b", http.StatusOK, `"total": 2`},
		"another key":        {[]string{"-key", "sk_b"}, "/trunks", "sk_a", http.StatusUnauthorized, `"unauthorized"`},
		"latency":            {[]string{"-latency", "1ms"}, "/trunks", "sk_a", http.StatusOK, `"total": 2`},
		"short errors":       {[]string{"-short-errors"}, "/trunks?limit=0", "sk_a", http.StatusBadRequest, `"INVALID_PARAMETERS"`},
		"a fault by number":  {[]string{"-fault", "503"}, "/trunks", "sk_a", http.StatusServiceUnavailable, `"service_unavailable"`},
		"an empty fault":     {[]string{"-fault", ""}, "/trunks", "sk_a", http.StatusOK, `"total": 2`},
		"a short fault":      {[]string{"-fault", "503", "-short-errors"}, "/trunks", "sk_a", http.StatusServiceUnavailable, `"SERVICE_UNAVAILABLE"`},
		"another path":       {nil, "/calls", "sk_a", http.StatusNotFound, `"not_found"`},
		"a page of its size": {[]string{"-trunks", "250"}, "/trunks?limit=100&offset=249", "sk_a", http.StatusOK, `"conn_000250"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t, tt.args...)
			status, body, err := c.get(t, tt.target, tt.key)
			if err != nil {
				t.Fatal(err)
			}
			if status != tt.status || !strings.Contains(body, tt.body) {
				t.Errorf("status %d with %s, want %d with %s", status, body, tt.status, tt.body)
			}
		})
	}
}

func TestRateLimitFlags(t *testing.T) {
	t.Parallel()
	c := start(t, "-rate-limit", "2", "-rate-window", "24h")
	for i, want := range []int{http.StatusOK, http.StatusOK, http.StatusTooManyRequests} {
		status, body, err := c.get(t, "/trunks", "sk_a")
		if err != nil || status != want {
			t.Errorf("request %s: status %d with %s (%v), want %d", strconv.Itoa(i+1), status, body, err, want)
		}
	}
}
