// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// command is a run of the command in this process.
type command struct {
	base   string // What it says it listens on.
	stderr *lockedBuffer
	stop   func() int // Ends the run and gives the exit code.
}

// start runs the command on a free port and waits until it listens.
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

// get asks for a target such as /trunks?limit=1 with a key, and gives status and body.
// A connection that breaks gives the error, with the status where there was one.
func (c command) get(t *testing.T, target, key string) (status int, body string, err error) {
	t.Helper()
	return c.getWithin(t.Context(), t, target, key)
}

// getWithin is get for a client that leaves when ctx ends.
func (c command) getWithin(ctx context.Context, t *testing.T, target, key string) (status int, body string, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	// Without connections that are kept: their use again would hide a broken one.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), errors.Join(err, resp.Body.Close())
}

// lockedBuffer takes the lines of a run while a test reads them.
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

func TestRunEndsRequestsThatAreUnderWay(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args   []string
		begins bool // An answer does before the command is stopped.
	}{
		"that hang":           {[]string{"-fault", "hang"}, false},
		"that wait":           {[]string{"-latency", "24h"}, false},
		"that hang in a body": {[]string{"-fault", "hang-in-body"}, true},
		"that come in drips":  {[]string{"-fault", "drip"}, true},
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
				t.Error("the request was answered in whole")
			}
			// A request that was cut off, not ended, would be logged too late or never.
			if got := c.stderr.String(); tt.begins && got != "GET /v1/trunks 200\n" {
				t.Errorf("stderr %q", got)
			}
		})
	}
}

func TestRunStopsWhenToldBeforeItListens(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	if code := run(ctx, []string{"-addr", "127.0.0.1:0"}, &stdout, &stderr); code != 0 || stderr.Len() > 0 {
		t.Errorf("exit code %d with %s, want 0", code, &stderr)
	}
}

func TestRunCannotListen(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	// Not deferred: the parallel cases run after this function has returned.
	t.Cleanup(func() { _ = listener.Close() })
	tests := map[string]struct{ addr, says string }{
		"on a port in use":                     {listener.Addr().String(), "address already in use"},
		"on an address of another machine":     {"192.0.2.1:0", "192.0.2.1"},
		"on a host whose address is malformed": {"127.0.0.1%lo:0", "127.0.0.1%lo"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), []string{"-addr", tt.addr}, &stdout, &stderr); code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			if stdout.Len() > 0 {
				t.Errorf("stdout %q, want nothing", &stdout)
			}
			wantComplaint(t, stderr.String(), tt.says, "choose another -addr")
		})
	}
}

func TestRunFailsWhenItCannotSayWhereItListens(t *testing.T) {
	t.Parallel()
	stdout, toStdout := io.Pipe()
	if err := stdout.Close(); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	if code := run(t.Context(), []string{"-addr", "127.0.0.1:0"}, toStdout, &stderr); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	wantComplaint(t, stderr.String(), "cannot say on stdout")
}

// wantComplaint checks that stderr is one line of the command with all of these in it.
func wantComplaint(t *testing.T, stderr string, parts ...string) {
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
		"loopback stays":                       {&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}, "127.0.0.1:80"},
		"loopback of version 6 gets brackets":  {&net.TCPAddr{IP: net.IPv6loopback, Port: 80}, "[::1]:80"},
		"another address stays":                {&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80}, "192.0.2.1:80"},
		"all interfaces are loopback":          {&net.TCPAddr{IP: net.IPv4zero, Port: 80}, "127.0.0.1:80"},
		"all interfaces of version 6 are, too": {&net.TCPAddr{IP: net.IPv6unspecified, Port: 80}, "127.0.0.1:80"},
		"what is not TCP stays":                {&net.UnixAddr{Name: "/a", Net: "unix"}, "/a"},
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
