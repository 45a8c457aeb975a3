// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// Linux drops packets to a listener whose backlog is full, and has more loopback addresses than one.

func newDeadListeners(t *testing.T, hosts []string, port string) {
	t.Helper()

	for _, host := range hosts {
		newDeadListener(t, host, port)
	}
}

// newDeadListener listens on an address that responds to no packet. Port 0 chooses a port.
func newDeadListener(t *testing.T, host, portText string) (address string) {
	t.Helper()

	port, err := strconv.Atoi(portText)
	if err != nil {
		t.Fatal(err)
	}

	var (
		ip     = net.ParseIP(host)
		family = syscall.AF_INET
		bound  syscall.Sockaddr
	)

	if ip.To4() != nil {
		bound = &syscall.SockaddrInet4{Port: port, Addr: [4]byte(ip.To4())}
	} else {
		family, bound = syscall.AF_INET6, &syscall.SockaddrInet6{Port: port, Addr: [16]byte(ip)}
	}

	fd, err := syscall.Socket(family, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = syscall.Close(fd) })

	if err := syscall.Bind(fd, bound); err != nil {
		t.Fatal(err)
	}

	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}

	if name, err := syscall.Getsockname(fd); err != nil {
		t.Fatal(err)
	} else if name, ok := name.(*syscall.SockaddrInet4); ok {
		port = name.Port
	}

	address = net.JoinHostPort(host, strconv.Itoa(port))

	// Fill the backlog.
	for {
		conn, err := (&net.Dialer{Timeout: 100 * time.Millisecond}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			return address
		}

		t.Cleanup(func() { _ = conn.Close() })
	}
}

// newResolver returns a resolver that asks a DNS server on loopback, where every name has these
// addresses, in this order.
func newResolver(t *testing.T, addresses ...string) *net.Resolver {
	t.Helper()

	server := newSilentDNS(t)

	go func() {
		for packet := make([]byte, 512); ; {
			n, from, err := server.ReadFrom(packet)
			if err != nil {
				return
			}

			var message dnsmessage.Message
			if err := message.Unpack(packet[:n]); err != nil {
				continue
			}

			question := message.Questions[0]
			message.Response, message.Additionals = true, nil

			for _, address := range addresses {
				header := dnsmessage.ResourceHeader{Name: question.Name, Type: question.Type, Class: question.Class}

				switch ip := net.ParseIP(address); {
				case ip.To4() != nil && question.Type == dnsmessage.TypeA:
					message.Answers = append(message.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: [4]byte(ip.To4())}})
				case ip.To4() == nil && question.Type == dnsmessage.TypeAAAA:
					message.Answers = append(message.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: [16]byte(ip)}})
				}
			}

			if response, err := message.Pack(); err == nil {
				_, _ = server.WriteTo(response, from)
			}
		}
	}()

	return resolverAt(t, server)
}

// newSilentDNS is a DNS server that does not respond.
func newSilentDNS(t *testing.T) net.PacketConn {
	t.Helper()

	server, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = server.Close() })

	return server
}

// resolverAt returns a resolver that asks a DNS server until the test ends.
func resolverAt(t *testing.T, server net.PacketConn) *net.Resolver {
	t.Helper()

	ctx := t.Context()

	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
		if err == nil {
			context.AfterFunc(ctx, func() { _ = conn.Close() })
		}

		return conn, err
	}}
}

// A dead address does not use up the attempt, also with a small request timeout.
func TestDialDeadAddress(t *testing.T) {
	t.Parallel()

	// The server is at 127.0.0.1.
	for name, test := range map[string]struct{ dead, addresses []string }{
		"the first of two":            {[]string{"127.0.0.2"}, []string{"127.0.0.2", "127.0.0.1"}},
		"two of three":                {[]string{"127.0.0.2", "127.0.0.3"}, []string{"127.0.0.2", "127.0.0.3", "127.0.0.1"}},
		"IPv6":                        {[]string{"::1"}, []string{"::1", "127.0.0.1"}},
		"one, after one that refuses": {[]string{"127.0.0.2"}, []string{"127.0.0.3", "127.0.0.2", "127.0.0.1"}},
	} {
		for protocol, next := range map[string][]string{"HTTP/1.1": {"http/1.1"}, "HTTP/2": nil} {
			t.Run(name+" over "+protocol, func(t *testing.T) {
				t.Parallel()

				api := mockapi.New(mockapi.Trunks(250))
				server := newTLSServer(t, api, &tls.Config{NextProtos: next})
				port := portOf(t, server)
				newDeadListeners(t, test.dead, port)

				client := newTestClient(t, Config{BaseURL: mustParseBaseURL(t, "https://example.com:"+port+"/v1"), RequestTimeout: 2 * time.Second})
				client.pool.resolver = newResolver(t, test.addresses...)
				trust(client, server)

				wantTrunks(t, client, api)
			})
		}

		t.Run(name+" of a proxy", func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.Trunks(250))
			server := newTLSServer(t, api, nil)
			port := portOf(t, newServer(t, newTunnel(server)))
			newDeadListeners(t, test.dead, port)

			client := newProxiedClient(t, server, "http://127.0.0.1:"+port, Config{RequestTimeout: 2 * time.Second})
			client.pool.proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: "proxy.test:" + port})
			client.pool.resolver = newResolver(t, test.addresses...)

			wantTrunks(t, client, api)
		})
	}
}

func portOf(t *testing.T, server *httptest.Server) string {
	t.Helper()

	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}

	return port
}

func TestOtherFamilySecond(t *testing.T) {
	for list, want := range map[string]string{
		"::1":                         "::1",
		"::1 ::2":                     "::1 ::2",
		"::1 127.0.0.1":               "::1 127.0.0.1",
		"::1 ::2 ::3 127.0.0.1":       "::1 127.0.0.1 ::3 ::2",
		"127.0.0.1 127.0.0.2 ::1 ::2": "127.0.0.1 ::1 127.0.0.2 ::2",
	} {
		var ips []net.IPAddr
		for _, text := range strings.Fields(list) {
			ips = append(ips, net.IPAddr{IP: net.ParseIP(text)})
		}

		otherFamilySecond(ips)

		var got []string
		for _, ip := range ips {
			got = append(got, ip.String())
		}

		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s: got %s, want %s", list, got, want)
		}
	}
}

// The error of an attempt that timed out names the phase.
func TestDialPhases(t *testing.T) {
	t.Parallel()

	dead := newDeadListener(t, "127.0.0.1", "0")

	for name, test := range map[string]struct {
		baseURL  string
		resolver *net.Resolver
		kind     error
	}{
		"the DNS server does not respond": {"https://example.com/v1", resolverAt(t, newSilentDNS(t)), ErrResolving},
		"no address responds":             {"https://" + dead + "/v1", net.DefaultResolver, ErrConnecting},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			client := newTestClient(t, Config{BaseURL: mustParseBaseURL(t, test.baseURL), RequestTimeout: 300 * time.Millisecond})
			client.pool.resolver = test.resolver

			_, err := fetchFirstPage(t.Context(), client)
			wantError(t, err, ErrAttemptTimeout, "no complete response within the request timeout of 300ms "+test.kind.Error())
			wantError(t, err, test.kind)

			_, err = fetchFirstPage(readContext(t, 100*time.Millisecond), client)
			wantError(t, err, ErrReadTimeout, "the deadline of the read was exceeded "+test.kind.Error())
			wantError(t, err, test.kind)
		})

		t.Run(name+" for a proxy", func(t *testing.T) {
			t.Parallel()

			proxy := strings.TrimSuffix(strings.Replace(test.baseURL, "https:", "http:", 1), "/v1")
			client := newTestClient(t, Config{RequestTimeout: 300 * time.Millisecond})
			client.pool.resolver = test.resolver
			client.pool.proxy = func(*http.Request) (*url.URL, error) { return url.Parse(proxy) }

			_, err := fetchFirstPage(t.Context(), client)
			wantError(t, err, ErrProxyFailed, "through the proxy", test.kind.Error())
			wantError(t, err, test.kind)
		})
	}
}
