// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestFaultKinds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string // What it starts with.
		breaks error
		logged string
	}{
		"400":   {http.StatusBadRequest, "{\n\"error\"", nil, "400"},
		"429":   {http.StatusTooManyRequests, "{\n\"error\"", nil, "429"},
		"599":   {599, "{\n\"error\"", nil, "599"},
		"html":  {http.StatusBadGateway, "<html>", nil, "502"},
		"empty": {http.StatusBadGateway, "", nil, "502"},
		"cut":   {http.StatusOK, "{\n\"trunks\"", io.ErrUnexpectedEOF, "200"},
		"drop":  {0, "", io.EOF, "-"},
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
		begins bool // An answer does, but it does not end.
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
				cfg, err := parseConfig([]string{"-fault", kind}, io.Discard)
				if err != nil {
					t.Fatal(err)
				}
				var stderr bytes.Buffer
				handler := logRequests(newAPI(cfg), &stderr, cfg.key)
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
					t.Errorf("an answer begins: %t, want %t", got, tt.begins)
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

func TestFaultHelpNamesEachKind(t *testing.T) {
	t.Parallel()
	for line := range strings.Lines(faultHelp) {
		kind := strings.Fields(line)[0]
		if fault, err := parseFault(kind); err != nil || fault == nil {
			t.Errorf("the help has a kind %s that is none: %v", kind, err)
		}
	}
}
