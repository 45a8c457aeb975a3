// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFlagsAreRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ args, says string }{
		"an unknown flag":            {"-port 80", "-port"},
		"a flag without its value":   {"-trunks", "-trunks"},
		"an argument":                {"serve", "1 unexpected argument(s)"},
		"arguments after flags":      {"-trunks 2 250 sk_live_secret", "2 unexpected argument(s)"},
		"trunks below zero":          {"-trunks -1", "set it to 0 to 1000000"},
		"too many trunks":            {"-trunks 1000001", "set it to 0 to 1000000"},
		"data with trunks":           {"-data a.json -trunks 2", "-data cannot be combined with -trunks or -change"},
		"data with change":           {"-change -data a.json", "-data cannot be combined with -trunks or -change"},
		"data without a path":        {"-data=", "-data is empty"},
		"a key with whitespace":      {"-key=sk_live_secret\u00a0b", "-key contains whitespace"},
		"a key with a control byte":  {"-key=sk_live_secret\x00", "-key contains whitespace"},
		"a latency below zero":       {"-latency -1s", "set it to 0 or more"},
		"a latency without a unit":   {"-latency 5", "-latency"},
		"a rate limit of zero":       {"-rate-limit 0", "set it to 1 or more"},
		"a rate window of zero":      {"-rate-window 0s", "set it to more than 0"},
		"an unknown fault":           {"-fault explode", "or to html, html-200, empty, cut, hang, hang-in-body, drip, drop"},
		"a fault that is no error":   {"-fault 200", "set it to an HTTP status from 400 to 599"},
		"a fault above every status": {"-fault 600", "set it to an HTTP status from 400 to 599"},
		"no requests for a fault":    {"-fault 500 -fault-requests 0", "or to -1 for all"},
		"fault requests below -1":    {"-fault 500 -fault-requests -2", "or to -1 for all"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if code := run(stopped(t), strings.Split(tt.args, " "), &stdout, &stderr); code != 2 {
				t.Errorf("exit code %d, want 2", code)
			}
			if stdout.Len() > 0 {
				t.Errorf("stdout %q, want nothing", &stdout)
			}
			wantError(t, stderr.String(), tt.says, "Run telepath-mock -h for help.")
			if strings.Contains(stderr.String(), "secret") {
				t.Errorf("stderr %q shows the key", &stderr)
			}
		})
	}
}

func TestFlagsHaveDefaults(t *testing.T) {
	t.Parallel()
	got, err := parseFlags(nil, io.Discard)
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
			for _, name := range []string{
				"addr", "data", "trunks", "key", "latency", "rate-limit", "rate-window", "short-errors",
				"fault", "fault-requests", "change",
			} {
				if !regexp.MustCompile(`(?m)^  -` + name + `( |\n)`).MatchString(stdout.String()) {
					t.Errorf("the help lacks -%s", name)
				}
			}
		})
	}
}

func TestFlagsTakeEffect(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args   []string
		target string
		key    string
		status int
		body   string
	}{
		"trunks":            {[]string{"-trunks", "250"}, "/trunks", "sk_a", http.StatusOK, `"total": 250`},
		"no trunks":         {[]string{"-trunks", "0"}, "/trunks", "sk_a", http.StatusOK, `"trunks": []`},
		"any key":           {nil, "/trunks", "sk_a", http.StatusOK, `"total": 2`},
		"not any string":    {nil, "/trunks", "pk_a", http.StatusUnauthorized, `"unauthorized"`},
		"the key":           {[]string{"-key", "sk_b"}, "/trunks", "sk_b", http.StatusOK, `"total": 2`},
		"another key":       {[]string{"-key", "sk_b"}, "/trunks", "sk_a", http.StatusUnauthorized, `"unauthorized"`},
		"latency":           {[]string{"-latency", "1ms"}, "/trunks", "sk_a", http.StatusOK, `"total": 2`},
		"short errors":      {[]string{"-short-errors"}, "/trunks?limit=0", "sk_a", http.StatusBadRequest, `"INVALID_PARAMETERS"`},
		"a fault by number": {[]string{"-fault", "503"}, "/trunks", "sk_a", http.StatusServiceUnavailable, `"service_unavailable"`},
		"an empty fault":    {[]string{"-fault", ""}, "/trunks", "sk_a", http.StatusOK, `"total": 2`},
		"a short fault":     {[]string{"-fault", "503", "-short-errors"}, "/trunks", "sk_a", http.StatusServiceUnavailable, `"SERVICE_UNAVAILABLE"`},
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
			t.Errorf("request %d: status %d with %s (%v), want %d", i+1, status, body, err, want)
		}
	}
}

func TestFaultKinds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string // What it starts with.
		breaks error
		logged string
	}{
		"400":      {http.StatusBadRequest, "{\n\"error\"", nil, "400"},
		"429":      {http.StatusTooManyRequests, "{\n\"error\"", nil, "429"},
		"599":      {599, "{\n\"error\"", nil, "599"},
		"html":     {http.StatusBadGateway, "<html>", nil, "502"},
		"html-200": {http.StatusOK, "<!DOCTYPE html>\n<html>\n<head><title>Sign in</title>", nil, "200"},
		"empty":    {http.StatusBadGateway, "", nil, "502"},
		"cut":      {http.StatusOK, "{\n\"trunks\"", io.ErrUnexpectedEOF, "200"},
		"drop":     {0, "", io.EOF, "-"},
	}
	for kind, tt := range tests {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			c := start(t, "-fault", kind, "-fault-requests", "2")
			for range 2 {
				status, body, err := c.get(t, "/trunks", "sk_a")
				if status != tt.status || !strings.HasPrefix(body, tt.body) || !errors.Is(err, tt.breaks) {
					t.Errorf("status %d with %.40q (%v), want %d with %q (%v)", status, body, err, tt.status, tt.body, tt.breaks)
				}
			}
			if status, _, err := c.get(t, "/trunks", "sk_a"); status != http.StatusOK || err != nil {
				t.Errorf("status %d (%v) after the faults, want 200", status, err)
			}
			c.stop()
			want := strings.Repeat("GET /v1/trunks "+tt.logged+"\n", 2) + "GET /v1/trunks 200\n"
			if got := c.stderr.String(); got != want {
				t.Errorf("stderr %q, want %q", got, want)
			}
		})
	}
}

func TestFaultKindsThatStall(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		begins bool // The response begins, but does not end.
		logged string
	}{
		"hang":         {false, "-"},
		"hang-in-body": {true, "200"},
		"drip":         {true, "200"},
	}
	for kind, tt := range tests {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				cfg, err := parseFlags([]string{"-fault", kind}, io.Discard)
				if err != nil {
					t.Fatal(err)
				}
				var stderr bytes.Buffer
				logger := log.New(&stderr, "", 0)
				api, err := newAPI(cfg, logger)
				if err != nil {
					t.Fatal(err)
				}
				handler := logRequests(api, logger, cfg.key)
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				req := httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/trunks", http.NoBody)
				req.Header.Set("Authorization", "Bearer sk_a")
				rec := httptest.NewRecorder()
				func() {
					defer func() {
						if err, ok := recover().(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
							t.Errorf("ended with %v, want a broken connection", err)
						}
					}()
					handler.ServeHTTP(rec, req)
				}()
				if ctx.Err() == nil {
					t.Error("ended before the client left")
				}
				if got := rec.Body.Len() > 0; got != tt.begins {
					t.Errorf("the response begins: %t, want %t", got, tt.begins)
				}
				if got, want := stderr.String(), "GET /v1/trunks "+tt.logged+"\n"; got != want {
					t.Errorf("stderr %q, want %q", got, want)
				}
			})
		})
	}
}

func TestFaultForAllRequests(t *testing.T) {
	t.Parallel()
	c := start(t, "-fault", "503", "-fault-requests", "-1")
	for range 5 {
		if status, _, err := c.get(t, "/trunks", "sk_a"); status != http.StatusServiceUnavailable || err != nil {
			t.Errorf("status %d (%v), want 503", status, err)
		}
	}
}
