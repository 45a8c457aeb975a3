// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// command is a run of the command in this process.
type command struct {
	base   string // The base URL that it prints.
	stderr *lockedBuffer
	stop   func() int // Ends the run and returns the exit code.
}

// start runs the command on a free port and returns when it listens.
func start(t *testing.T, args ...string) command {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stdout, toStdout := io.Pipe()
	stderr := &lockedBuffer{}
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), toStdout, stderr)
		_ = toStdout.Close()
	}()
	stop := sync.OnceValue(func() int {
		cancel()
		return <-code
	})
	t.Cleanup(func() { stop() })

	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("no first line on stdout (%v); stderr: %s", err, stderr)
	}
	m := regexp.MustCompile(`^listening on (http://127\.0\.0\.1:[1-9]\d*/v1)\n$`).FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("first line on stdout %q", line)
	}
	return command{base: m[1], stderr: stderr, stop: stop}
}

// get requests a target such as /trunks?limit=1 with a key, and returns status and body.
// If the connection breaks, it returns the error, and the status if there was one.
func (c command) get(t *testing.T, target, key string) (status int, body string, err error) {
	t.Helper()
	return c.getWithin(t.Context(), t, target, key)
}

// getWithin is get with a client that leaves when ctx ends.
func (c command) getWithin(ctx context.Context, t *testing.T, target, key string) (status int, body string, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	// Without idle connections, because a client retries on those.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), errors.Join(err, resp.Body.Close())
}

// ids requests a target and returns the ids of the trunks in the response.
func (c command) ids(t *testing.T, target string) []string {
	t.Helper()
	status, body, err := c.get(t, target, "sk_a")
	if err != nil || status != http.StatusOK {
		t.Fatalf("status %d with %s (%v), want 200", status, body, err)
	}
	var page struct {
		Trunks []struct {
			ID string `json:"id"`
		} `json:"trunks"`
	}
	if err := json.Unmarshal([]byte(body), &page); err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, trunk := range page.Trunks {
		ids = append(ids, trunk.ID)
	}
	return ids
}

// lockedBuffer is a buffer for concurrent use.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func TestRunServesTheReferenceAccount(t *testing.T) {
	t.Parallel()
	c := start(t)
	status, body, err := c.get(t, "/trunks", "sk_a")
	if err != nil || status != http.StatusOK || !strings.Contains(body, `"total": 2`) {
		t.Errorf("status %d with %s (%v), want two trunks", status, body, err)
	}
	if code := c.stop(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	if got := c.stderr.String(); got != "GET /v1/trunks 200\n" {
		t.Errorf("stderr %q", got)
	}
}

func TestRunEndsRequestsInFlight(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args   []string
		begins bool // The response begins before the command stops.
	}{
		"that hang":           {[]string{"-fault", "hang"}, false},
		"that wait":           {[]string{"-latency", "24h"}, false},
		"that hang in a body": {[]string{"-fault", "hang-in-body"}, true},
		"that drip":           {[]string{"-fault", "drip"}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t, tt.args...)
			sent, begun, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
				WroteRequest:         func(httptrace.WroteRequestInfo) { close(sent) },
				GotFirstResponseByte: func() { close(begun) },
			})
			go func() {
				_, _, err := c.getWithin(ctx, t, "/trunks", "sk_a")
				ended <- err
			}()
			<-sent
			if tt.begins {
				<-begun
			}
			if code := c.stop(); code != 0 {
				t.Errorf("exit code %d, want 0", code)
			}
			if err := <-ended; err == nil {
				t.Error("the response is complete")
			}
			// Shutdown waits for the request, so that it is logged.
			if got := c.stderr.String(); tt.begins && got != "GET /v1/trunks 200\n" {
				t.Errorf("stderr %q", got)
			}
		})
	}
}

// stopped returns a context that has ended, so that run returns even if it listens.
func stopped(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestRunStopsBeforeItListens(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if code := run(stopped(t), []string{"-addr", "127.0.0.1:0"}, &stdout, &stderr); code != 0 || stderr.Len() > 0 {
		t.Errorf("exit code %d with %s, want 0", code, &stderr)
	}
}

func TestRunCannotListen(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	// Not deferred, because the parallel cases run after this function returns.
	t.Cleanup(func() { _ = listener.Close() })
	tests := map[string]struct{ addr, says string }{
		"on a port in use":                 {listener.Addr().String(), "address already in use"},
		"on an address of another machine": {"192.0.2.1:0", "192.0.2.1"},
		"without a port":                   {"127.0.0.1", "missing port"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if code := run(stopped(t), []string{"-addr", tt.addr}, &stdout, &stderr); code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			if stdout.Len() > 0 {
				t.Errorf("stdout %q, want nothing", &stdout)
			}
			wantError(t, stderr.String(), tt.says, "Set -addr to a free host:port")
		})
	}
}

// wantError checks that stderr is one error of the command that contains the parts.
func wantError(t *testing.T, stderr string, parts ...string) {
	t.Helper()
	if !strings.HasPrefix(stderr, "telepath-mock: ") || strings.Count(stderr, "\n") != 1 || !strings.HasSuffix(stderr, "\n") {
		t.Errorf("stderr %q, want one line of telepath-mock", stderr)
	}
	for _, part := range parts {
		if !strings.Contains(stderr, part) {
			t.Errorf("stderr %q lacks %q", stderr, part)
		}
	}
}

func TestReachable(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		addr net.Addr
		want string
	}{
		"loopback stays":                   {&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}, "127.0.0.1:80"},
		"IPv6 loopback gets brackets":      {&net.TCPAddr{IP: net.IPv6loopback, Port: 80}, "[::1]:80"},
		"another address stays":            {&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80}, "192.0.2.1:80"},
		"all interfaces are loopback":      {&net.TCPAddr{IP: net.IPv4zero, Port: 80}, "127.0.0.1:80"},
		"all IPv6 interfaces are loopback": {&net.TCPAddr{IP: net.IPv6unspecified, Port: 80}, "127.0.0.1:80"},
		"not TCP stays":                    {&net.UnixAddr{Name: "/a", Net: "unix"}, "/a"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := reachable(tt.addr); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestChangeShiftsTheList(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		trunks string
		pages  [][]string // The ids of each listing in turn.
	}{
		"the oldest goes and a new one is added": {"3", [][]string{
			{"conn_abc123xyz", "conn_def456uvw", "conn_000003"},
			{"conn_def456uvw", "conn_000003", "conn_000004"},
			{"conn_000003", "conn_000004", "conn_000005"},
		}},
		"an empty account grows": {"0", [][]string{{}, {"conn_000001"}, {"conn_000002"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t, "-change", "-trunks", tt.trunks)
			for _, want := range tt.pages {
				if got := c.ids(t, "/trunks"); !slices.Equal(got, want) {
					t.Errorf("ids %v, want %v", got, want)
				}
			}
		})
	}
}
