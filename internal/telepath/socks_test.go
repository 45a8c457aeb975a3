// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// socksProxy is a SOCKS5 proxy (RFC 1928) that requires credentials (RFC 1929).
type socksProxy struct {
	to string
	// method, status and reply are the responses to the methods, the credentials and the request.
	method, status, reply byte
	// seen receives the credentials and the host of each request.
	seen chan string
}

const withPassword = 2 // The method.

func (p *socksProxy) serve(conn net.Conn) {
	r := bufio.NewReader(conn)
	read := func(n int) []byte {
		data := make([]byte, n)
		_, _ = io.ReadFull(r, data)

		return data
	}
	text := func() string { return string(read(int(read(1)[0]))) }

	_, _ = read(1), text() // The version and the methods.

	if _, _ = conn.Write([]byte{5, p.method}); p.method != withPassword {
		return
	}

	_ = read(1)
	credentials := text() + ":" + text()

	if _, _ = conn.Write([]byte{1, p.status}); p.status != 0 {
		return
	}

	_ = read(4) // Up to the type of the address: a host.
	host := text()
	_ = read(2)

	if p.seen != nil {
		p.seen <- credentials + "@" + host
	}

	if _, _ = conn.Write([]byte{5, p.reply, 0, 1, 0, 0, 0, 0, 0, 0}); p.reply != 0 {
		return
	}

	to, err := net.Dial("tcp", p.to) //nolint:noctx // It is on loopback.
	if err == nil {
		tunnel(conn, to)
	}
}

// newSOCKSClient creates a client of example.com that reaches the server through the proxy.
func newSOCKSClient(t *testing.T, server *httptest.Server, proxy *socksProxy, scheme string, config Config) *Client {
	t.Helper()

	proxy.to = server.Listener.Addr().String()
	client := newProxiedClient(t, server, newConnServer(t, proxy.serve).String(), config)

	u, err := client.pool.proxy(&http.Request{URL: client.config.BaseURL})
	if err != nil {
		t.Fatal(err)
	}

	client.pool.proxy = http.ProxyURL(&url.URL{Scheme: scheme, Host: u.Host, User: u.User})

	return client
}

func TestSOCKS(t *testing.T) {
	t.Parallel()

	for _, scheme := range []string{"socks5", "socks5h"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.Trunks(250))
			proxy := &socksProxy{method: withPassword, seen: make(chan string, 100)}

			wantTrunks(t, newSOCKSClient(t, newTLSServer(t, api, nil), proxy, scheme, Config{}), api)

			// The proxy resolves the name.
			if got, want := <-proxy.seen, "me:"+proxyPassword+"@example.com"; got != want {
				t.Errorf("the proxy received %s, want %s", got, want)
			}
		})
	}
}

// The error has the cause.
func TestSOCKSFails(t *testing.T) {
	t.Parallel()

	const noMethod = 255

	for name, test := range map[string]struct {
		proxy socksProxy
		kind  error
		text  string
	}{
		"the method is rejected":         {socksProxy{method: noMethod}, ErrProxyRefused, "no acceptable authentication methods from 127.0.0.1:"},
		"the credentials are rejected":   {socksProxy{method: withPassword, status: 1}, ErrProxyRefused, "username/password authentication failed from 127.0.0.1:"},
		"the host is not allowed":        {socksProxy{method: withPassword, reply: 2}, ErrProxyRefused, "connection not allowed by ruleset from 127.0.0.1:"},
		"another failure":                {socksProxy{method: withPassword, reply: 1}, ErrProxyUpstream, `its response is "general SOCKS server failure": it cannot reach the API`},
		"the network is unreachable":     {socksProxy{method: withPassword, reply: 3}, ErrProxyUpstream, `"network unreachable"`},
		"the host is unreachable":        {socksProxy{method: withPassword, reply: 4}, ErrProxyUpstream, `"host unreachable"`},
		"the API refuses the connection": {socksProxy{method: withPassword, reply: 5}, ErrProxyUpstream, `"connection refused"`},
		"the TTL expires":                {socksProxy{method: withPassword, reply: 6}, ErrProxyUpstream, `"TTL expired"`},
		"names are not supported":        {socksProxy{method: withPassword, reply: 8}, ErrProxyFailed, "it does not respond as a SOCKS5 proxy does: address type not supported"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := fetchFirstPage(t.Context(), newSOCKSClient(t, newTLSServer(t, twoTrunks(), nil), &test.proxy, "socks5", Config{}))
			wantNoPassword(t, err.Error())

			refused := errors.Is(test.kind, ErrProxyRefused)
			if failure := requestError(t, err, test.kind, test.text); failure.retryable() == refused || errors.Is(err, ErrProxyFailed) == refused {
				t.Errorf("got %v, retryable: %t", err, failure.retryable())
			}
		})
	}

	t.Run("it is a proxy of HTTP", func(t *testing.T) {
		t.Parallel()

		proxy := newConnServer(t, respond("HTTP/1.1 400 Bad Request\r\n\r\n"))
		client := newTestClient(t, Config{})
		client.pool.proxy = http.ProxyURL(&url.URL{Scheme: "socks5", Host: proxy.Host})

		_, err := fetchFirstPage(t.Context(), client)
		wantError(t, err, ErrProxyFailed, "it does not respond as a SOCKS5 proxy does: unexpected protocol version 72")
	})
}
