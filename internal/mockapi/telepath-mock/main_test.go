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

// get requests a target such as /trunks?limit=1. If the connection breaks, it returns
// the error, and the status if there was one.
func (c command) get(ctx context.Context, target string) (status int, body string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+target, http.NoBody)
	if err != nil {
		return 0, "", err
	}

	req.Header.Set("Authorization", "Bearer sk_a")
	// Without idle connections, because a client retries on those.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}

	text, err := io.ReadAll(resp.Body)

	return resp.StatusCode, string(text), errors.Join(err, resp.Body.Close())
}

// list requests a target that must succeed, and returns the body.
func (c command) list(t *testing.T, target string) string {
	t.Helper()

	status, body, err := c.get(t.Context(), target)
	if err != nil || status != http.StatusOK {
		t.Fatalf("status %d with %s (%v), want 200", status, body, err)
	}

	return body
}

// ids requests a target and returns the ids of the trunks in the response.
func (c command) ids(t *testing.T, target string) []string {
	t.Helper()

	var page struct {
		Trunks []struct {
			ID string `json:"id"`
		} `json:"trunks"`
	}
	if err := json.Unmarshal([]byte(c.list(t, target)), &page); err != nil {
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

// runStopped runs the command with a context that has ended, so that it returns even
// if it listens.
func runStopped(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	var out, errs bytes.Buffer

	code = run(ctx, args, &out, &errs)

	return code, out.String(), errs.String()
}

// wantFailure checks that the command ends with the exit code and one error that
// contains the parts.
func wantFailure(t *testing.T, args []string, want int, parts ...string) {
	t.Helper()

	code, stdout, stderr := runStopped(t, args...)
	if code != want || stdout != "" {
		t.Errorf("exit code %d with %q on stdout, want %d with nothing", code, stdout, want)
	}

	if !strings.HasPrefix(stderr, "telepath-mock: ") || strings.Index(stderr, "\n") != len(stderr)-1 {
		t.Errorf("stderr %q, want one line of telepath-mock", stderr)
	}

	for _, part := range parts {
		if !strings.Contains(stderr, part) {
			t.Errorf("stderr %q lacks %q", stderr, part)
		}
	}

	if strings.Contains(stderr, "secret") {
		t.Errorf("stderr %q shows the key", stderr)
	}
}

func TestRunServesTheReferenceAccount(t *testing.T) {
	t.Parallel()

	c := start(t)
	if got, want := c.ids(t, "/trunks"), []string{"conn_abc123xyz", "conn_def456uvw"}; !slices.Equal(got, want) {
		t.Errorf("ids %v, want %v", got, want)
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
		"hang":         {[]string{"-fault", "hang"}, false},
		"latency":      {[]string{"-latency", "24h"}, false},
		"hang-in-body": {[]string{"-fault", "hang-in-body"}, true},
		"drip":         {[]string{"-fault", "drip"}, true},
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
				_, _, err := c.get(ctx, "/trunks")
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

func TestRunStopsDuringTheStart(t *testing.T) {
	t.Parallel()

	if code, _, stderr := runStopped(t, "-addr", "localhost:0"); code != 0 || stderr != "" {
		t.Errorf("exit code %d with %s, want 0", code, stderr)
	}
}

func TestRunCannotListen(t *testing.T) {
	t.Parallel()

	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // Nothing was written.

	for addr, says := range map[string]string{
		listener.Addr().String(): listener.Addr().String() + ": bind: ",
		"192.0.2.1:0":            "192.0.2.1", // An address of another machine.
		"127.0.0.1":              "missing port",
	} {
		wantFailure(t, []string{"-addr", addr}, 1, says, "Set -addr to a free host:port")
	}
}

func TestReachable(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		addr net.Addr
		want string
	}{
		"loopback":            {&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}, "127.0.0.1:80"},
		"IPv6 loopback":       {&net.TCPAddr{IP: net.IPv6loopback, Port: 80}, "[::1]:80"},
		"another address":     {&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80}, "192.0.2.1:80"},
		"all interfaces":      {&net.TCPAddr{IP: net.IPv4zero, Port: 80}, "127.0.0.1:80"},
		"all IPv6 interfaces": {&net.TCPAddr{IP: net.IPv6unspecified, Port: 80}, "127.0.0.1:80"},
		"Unix socket":         {&net.UnixAddr{Name: "/a", Net: "unix"}, "/a"},
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

func TestRunNamesAnAddressThatOthersCanReach(t *testing.T) {
	t.Parallel()

	c := start(t, "-addr", ":0") // In the base URL, the address is loopback.
	c.list(t, "/trunks")

	port := regexp.MustCompile(`:\d+/`).FindString(c.base)
	says := regexp.MustCompile(`^telepath-mock: listening on (\[::\]|0\.0\.0\.0)` + strings.TrimSuffix(port, "/") + `, which other machines can reach\.\nGET `)

	if got := c.stderr.String(); !says.MatchString(got) {
		t.Errorf("stderr %q, want the address of port %s", got, port)
	}
}

func TestChangeShiftsTheList(t *testing.T) {
	t.Parallel()

	tests := map[string][][]string{ // The IDs of each listing by the number of trunks.
		"3": {
			{"conn_abc123xyz", "conn_def456uvw", "conn_000003"},
			{"conn_def456uvw", "conn_000003", "conn_000004"},
			{"conn_000003", "conn_000004", "conn_000005"},
		},
		"0": {{}, {"conn_000001"}, {"conn_000002"}},
	}
	for trunks, listings := range tests {
		t.Run(trunks, func(t *testing.T) {
			t.Parallel()

			c := start(t, "-change", "-trunks", trunks)
			for _, want := range listings {
				if got := c.ids(t, "/trunks"); !slices.Equal(got, want) {
					t.Errorf("ids %v, want %v", got, want)
				}
			}
		})
	}
}
