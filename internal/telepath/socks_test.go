// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bufio"
	"io"
	"net"
	"net/http/httptest"
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

	proxied := *client.transport.proxy
	proxied.Scheme = scheme
	client.transport = newRenewableTransport(&proxied, client.config.RequestTimeout)
	trust(client, server)

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

// The error has the text of the library.
func TestSOCKSFails(t *testing.T) {
	t.Parallel()

	for text, proxy := range map[string]socksProxy{
		"username/password authentication failed": {method: withPassword, status: 1},
		"connection not allowed by ruleset":       {method: withPassword, reply: 2},
		"unsupported authentication method":       {method: 'H'},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()

			_, err := fetchFirstPage(t.Context(), newSOCKSClient(t, newTLSServer(t, twoTrunks(), nil), &proxy, "socks5", Config{}))
			wantError(t, err, ErrProxyFailed, text)
			wantNoPassword(t, err.Error())
		})
	}
}
