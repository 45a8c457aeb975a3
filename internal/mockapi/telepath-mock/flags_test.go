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

func TestInvalidFlags(t *testing.T) {
	t.Parallel()

	tests := map[string]struct{ args, says string }{
		"unknown flag":                 {"-port 80", "-port"},
		"argument":                     {"serve", "1 unexpected argument(s)"},
		"arguments after flags":        {"-trunks 2 250 sk_live_secret", "2 unexpected argument(s)"},
		"negative trunks":              {"-trunks -1", "set it to 0 to 1000000"},
		"too many trunks":              {"-trunks 1000001", "set it to 0 to 1000000"},
		"data with trunks":             {"-data a.json -trunks 2", "-data cannot be combined with -trunks or -change"},
		"data with change":             {"-change -data a.json", "-data cannot be combined with -trunks or -change"},
		"empty address":                {"-addr=", "-addr is empty"},
		"empty data":                   {"-data=", "-data is empty"},
		"empty key":                    {"-key=", "-key is empty"},
		"empty fault":                  {"-fault=", "set it to an HTTP status"},
		"key with whitespace":          {"-key=sk_live_secret\u00a0b", "-key contains whitespace"},
		"key with a control character": {"-key=sk_live_secret\x00", "-key contains whitespace"},
		"negative latency":             {"-latency -1s", "set it to 0 or more"},
		"zero rate limit":              {"-rate-limit 0", "set it to 1 or more"},
		"zero rate window":             {"-rate-window 0s", "set it to more than 0"},
		"unknown fault":                {"-fault explode", "or to html, html-200, empty, cut, hang, hang-in-body, drip, drop"},
		"fault with another status":    {"-fault 399", "set it to an HTTP status from 400 to 599"},
		"fault above every status":     {"-fault 600", "set it to an HTTP status from 400 to 599"},
		"zero fault requests":          {"-fault 500 -fault-requests 0", "or to -1 for all"},
		"fault requests below -1":      {"-fault 500 -fault-requests -2", "or to -1 for all"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantFailure(t, strings.Split(tt.args, " "), 2, tt.says, "Run telepath-mock -h for help.")
		})
	}
}

func TestFlagDefaultsAndBoundaries(t *testing.T) {
	t.Parallel()

	for args, want := range map[string]config{
		"": {addr: "127.0.0.1:8080", trunks: 2, rateLimit: 1_000_000, rateWindow: time.Minute, faultRequests: 1},
		"-addr=:0 -trunks=1000000 -rate-limit=1 -rate-window=1ns -fault-requests=-1": {
			addr: ":0", trunks: 1_000_000, rateLimit: 1, rateWindow: 1, faultRequests: -1,
		},
	} {
		got, err := parseFlags(strings.Fields(args), io.Discard)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(config{})); err != nil || diff != "" {
			t.Errorf("%q: error %v (-want +got):\n%s", args, err, diff)
		}
	}
}

func TestHelpExplainsEachFlag(t *testing.T) {
	t.Parallel()

	code, stdout, stderr := runStopped(t, "-h")
	if code != 0 || stderr != "" || !strings.HasPrefix(stdout, usage) {
		t.Errorf("exit code %d with %q and %.80q, want 0 and the usage", code, stderr, stdout)
	}

	for _, name := range []string{
		"addr", "data", "trunks", "key", "latency", "rate-limit", "rate-window", "short-errors",
		"fault", "fault-requests", "change",
	} {
		if !regexp.MustCompile(`(?m)^  -` + name + `( |\n)`).MatchString(stdout) {
			t.Errorf("the help lacks -%s", name)
		}
	}
}

// The tests of package mockapi cover what each flag selects.
func TestFlags(t *testing.T) {
	t.Parallel()
	path := writeData(t, account)

	tests := map[string]struct {
		args     []string
		target   string
		statuses []int // Of one request each.
		body     string
	}{
		"trunks":          {[]string{"-trunks", "250"}, "/trunks", []int{200}, `"total": 250`},
		"no trunks":       {[]string{"-trunks", "0"}, "/trunks", []int{200}, `"trunks": []`},
		"key":             {[]string{"-key", "sk_a"}, "/trunks", []int{200}, `"total": 2`},
		"another key":     {[]string{"-key", "sk_b"}, "/trunks", []int{401}, `"unauthorized"`},
		"rate limit":      {[]string{"-rate-limit", "2", "-rate-window", "24h"}, "/trunks", []int{200, 200, 429}, `"rate_limited"`},
		"short errors":    {[]string{"-short-errors"}, "/trunks?limit=0", []int{400}, `"INVALID_PARAMETERS"`},
		"fault":           {[]string{"-fault", "503"}, "/trunks", []int{503, 200}, `"total": 2`},
		"two faults":      {[]string{"-fault", "503", "-fault-requests", "2"}, "/trunks", []int{503, 503, 200}, `"total": 2`},
		"faults only":     {[]string{"-fault", "503", "-fault-requests", "-1"}, "/trunks", []int{503, 503, 503, 503, 503}, `"error"`},
		"short fault":     {[]string{"-fault", "503", "-short-errors"}, "/trunks", []int{503}, `"SERVICE_UNAVAILABLE"`},
		"fault with data": {[]string{"-fault", "503", "-data", path}, "/trunks", []int{503, 200}, `"total": 3`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t, tt.args...)

			var body string

			for i, want := range tt.statuses {
				var (
					status int
					err    error
				)
				if status, body, err = c.get(t.Context(), tt.target); err != nil || status != want {
					t.Errorf("request %d: status %d with %s (%v), want %d", i+1, status, body, err, want)
				}
			}

			if !strings.Contains(body, tt.body) {
				t.Errorf("body %s lacks %s", body, tt.body)
			}
		})
	}
}

func TestFaultAndLatencyFlags(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		status string // As logged.
		body   string // The first characters.
		waits  bool   // Until the client leaves.
		breaks bool
	}{
		"-fault 400":          {"400", "{\n\"error\"", false, false},
		"-fault 429":          {"429", "{\n\"error\"", false, false},
		"-fault 599":          {"599", "{\n\"error\"", false, false},
		"-fault html":         {"502", "<html>", false, false},
		"-fault html-200":     {"200", "<!DOCTYPE html>\n<html>\n<head><title>Sign in</title>", false, false},
		"-fault empty":        {"502", "", false, false},
		"-fault cut":          {"200", "{\n\"trunks\"", false, true},
		"-fault drop":         {"-", "", false, true},
		"-fault hang":         {"-", "", true, true},
		"-fault hang-in-body": {"200", "{\n\"trunks\"", true, true},
		"-fault drip":         {"200", "{\n\"trunks\"", true, true},
		"-latency 24h":        {"-", "", true, true},
	}
	for args, tt := range tests {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				cfg, err := parseFlags(strings.Fields(args), io.Discard)
				if err != nil {
					t.Fatal(err)
				}

				var stderr bytes.Buffer

				logger := log.New(&stderr, "", 0)

				api, err := newAPI(cfg, logger)
				if err != nil {
					t.Fatal(err)
				}

				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()

				req := httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/trunks", http.NoBody)
				req.Header.Set("Authorization", "Bearer sk_a")

				rec := httptest.NewRecorder()

				func() {
					defer func() {
						err, _ := recover().(error)
						if errors.Is(err, http.ErrAbortHandler) != tt.breaks {
							t.Errorf("ended with %v, want a broken connection: %t", err, tt.breaks)
						}
					}()

					logRequests(api, logger, cfg.key).ServeHTTP(rec, req)
				}()

				if waits := ctx.Err() != nil; waits != tt.waits {
					t.Errorf("waits for the client: %t, want %t", waits, tt.waits)
				}

				if got := rec.Body.String(); !strings.HasPrefix(got, tt.body) || (got == "") != (tt.body == "") {
					t.Errorf("body %q, want %q", got, tt.body)
				}

				if got, want := stderr.String(), "GET /v1/trunks "+tt.status+"\n"; got != want {
					t.Errorf("stderr %q, want %q", got, want)
				}
			})
		})
	}
}
