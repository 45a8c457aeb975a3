// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Linux drops packets to a listener whose backlog is full.

// newDeadListener listens on an address that responds to no packet.
func newDeadListener(t *testing.T) (address string) {
	t.Helper()

	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = syscall.Close(fd) })

	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), syscall.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}

	name, err := syscall.Getsockname(fd)

	bound, ok := name.(*syscall.SockaddrInet4)
	if !ok {
		t.Fatal(err)
	}

	address = net.JoinHostPort("127.0.0.1", strconv.Itoa(bound.Port))

	// Fill the backlog.
	for {
		conn, err := (&net.Dialer{Timeout: 500 * time.Millisecond}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			return address
		}

		t.Cleanup(func() { _ = conn.Close() })
	}
}

// setDialer makes a client connect with a dialer.
func setDialer(client *Client, dialer *net.Dialer) {
	changeTransport(client, func(transport *http.Transport) { transport.DialContext = dialer.DialContext })
}

func TestConnectTimeout(t *testing.T) {
	t.Parallel()

	dead := newDeadListener(t)

	for name, proxy := range map[string]*url.URL{"to the API": nil, "to a proxy": {Scheme: "http", Host: dead}, "to a SOCKS5 proxy": {Scheme: "socks5", Host: dead}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			client := newTestClient(t, Config{BaseURL: mustParseBaseURL(t, "https://"+dead+"/v1")})
			client.transport = newRenewableTransport(proxy, DefaultRequestTimeout)
			setDialer(client, &net.Dialer{Timeout: 100 * time.Millisecond})

			_, err := fetchFirstPage(t.Context(), client)
			failure := requestError(t, err, ErrConnectTimeout, "timed out while connecting to "+dead)

			if !failure.retryable() || errors.Is(err, ErrProxyFailed) != (proxy != nil) {
				t.Errorf("got %v, retried: %t", err, failure.retryable())
			}

			// The read ends before the time for connecting.
			setDialer(client, new(net.Dialer))

			_, err = fetchFirstPage(readContext(t, 100*time.Millisecond), client)
			wantError(t, err, ErrReadTimeout, "the deadline of the read was exceeded: timed out while connecting")
		})
	}
}

func TestConnectWithASilentDNSServer(t *testing.T) {
	t.Parallel()

	server, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = server.Close() })

	ctx := t.Context()
	resolver := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
		if err == nil {
			context.AfterFunc(ctx, func() { _ = conn.Close() }) // Or the lookup goes on for seconds.
		}

		return conn, err
	}}

	client := newTestClient(t, Config{})
	setDialer(client, &net.Dialer{Timeout: 100 * time.Millisecond, Resolver: resolver})

	_, err = fetchFirstPage(t.Context(), client)
	wantError(t, err, nil, "offset=0: lookup api.example.com")

	var dnsErr *net.DNSError
	if !errors.As(err, &dnsErr) || !dnsErr.IsTimeout {
		t.Errorf("got %v, want a timeout of DNS", err)
	}
}
