// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// newTLSServer serves the handler on loopback over TLS, and counts the connections. Its
// certificate, which nobody trusts, is for 127.0.0.1 and example.com.
func newTLSServer(t *testing.T, handler http.Handler, config *tls.Config) (server *httptest.Server, conns *atomic.Int64) {
	t.Helper()

	conns = new(atomic.Int64)

	server = httptest.NewUnstartedServer(handler)
	server.TLS = config
	server.Config.ErrorLog = silent()
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}
	server.StartTLS()

	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})

	return server, conns
}

// trust makes the client trust the server's certificate.
func trust(t *testing.T, client *Client, server *httptest.Server) {
	t.Helper()

	transport, ok := client.http.Transport.(*http.Transport)
	if !ok {
		t.Fatalf("the transport is a %T", client.http.Transport)
	}

	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(server.Certificate())
}

func TestTLS(t *testing.T) {
	for name, test := range map[string]struct {
		config *tls.Config
		host   string
		trust  bool
		http   bool // The client speaks TLS to a server that does not.
		conns  int64
		want   []string // Nil is success.
	}{
		"TLS 1.3":                            {trust: true, conns: 1},
		"TLS 1.2":                            {config: &tls.Config{MaxVersion: tls.VersionTLS12}, trust: true, conns: 1},                                                                                 //nolint:gosec // The least that is accepted.
		"TLS 1.1 is refused":                 {config: &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, trust: true, conns: 2, want: []string{"protocol version", "2 attempts"}}, //nolint:gosec // It is to be refused.
		"a certificate that nobody trusts":   {conns: 1, want: []string{"failed to verify certificate", "unknown authority"}},
		"a certificate for another host":     {host: "localhost", trust: true, conns: 1, want: []string{"failed to verify certificate", "not localhost"}},
		"a server that speaks no TLS at all": {http: true, want: []string{"server gave HTTP response to HTTPS client"}},
	} {
		t.Run(name, func(t *testing.T) {
			api := twoTrunks()
			client := newTestClient(t, Config{MaxRetries: 1})

			var conns *atomic.Int64

			if test.http {
				server := newServer(t, api)
				client.baseURL = mustParseBaseURL(t, strings.Replace(server.URL, "http:", "https:", 1))
				conns = new(atomic.Int64)
			} else {
				var server *httptest.Server

				server, conns = newTLSServer(t, api, test.config)
				client.baseURL = mustParseBaseURL(t, server.URL+"/v1")

				if test.host != "" {
					client.baseURL.Host = net.JoinHostPort(test.host, client.baseURL.Port())
				}

				if test.trust {
					trust(t, client, server)
				}
			}

			_, err := readPage(t.Context(), client)

			if n := conns.Load(); n != test.conns {
				t.Errorf("%d connections, want %d", n, test.conns)
			}

			if test.want == nil {
				if err != nil {
					t.Error(err)
				}

				return
			}

			failure := failureOf(t, err, nil)
			says(t, err, test.want...)

			if want := max(test.conns, 1); int64(failure.Attempts) != want {
				t.Errorf("%d attempts, want %d", failure.Attempts, want)
			}

			if n := len(api.Requests()); n != 0 {
				t.Errorf("the server got %d requests", n)
			}
		})
	}
}

// inChild is set for a child process of TestProxy, which takes its proxy and its
// certificates from the environment. A process reads those but once, and never asks a proxy
// about loopback, so the test needs a process and a host name.
const inChild = "TELEPATH_TEST_IN_CHILD"

func TestProxy(t *testing.T) {
	if os.Getenv(inChild) != "" {
		listThroughProxy(t)
		return
	}

	api := mockapi.New(mockapi.Trunks(250))
	server, _ := newTLSServer(t, api, nil)

	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}

	for name, test := range map[string]struct {
		certFile string
		status   int
		want     string
		requests int
	}{
		"HTTPS_PROXY leads there, and SSL_CERT_FILE makes it trusted": {file, http.StatusOK, "250 trunks", 3},
		"without SSL_CERT_FILE it is not trusted":                     {os.DevNull, http.StatusOK, "failed to verify certificate", 0},
		"a proxy that wants a password":                               {file, http.StatusProxyAuthRequired, "Proxy Authentication Required", 0},
		"a proxy that cannot reach the API":                           {file, http.StatusBadGateway, "Bad Gateway", 0},
	} {
		t.Run(name, func(t *testing.T) {
			api.Reset()

			proxy := &connectProxy{to: server.Listener.Addr().String(), status: test.status}
			proxyServer := newServer(t, proxy)

			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxy$", "-test.v") //nolint:gosec // It is this very binary.
			child.Env = append(os.Environ(),
				inChild+"=1",
				"HTTPS_PROXY="+strings.TrimSuffix(proxyServer.URL, "/v1"), "https_proxy=", "NO_PROXY=", "no_proxy=",
				"SSL_CERT_FILE="+test.certFile, "SSL_CERT_DIR="+t.TempDir())

			output, err := child.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, output)
			}

			if !bytes.Contains(output, []byte(test.want)) {
				t.Errorf("the child does not speak of %q:\n%s", test.want, output)
			}

			showsNoKey(t, string(output))

			if n := len(api.Requests()); n != test.requests {
				t.Errorf("%d requests, want %d", n, test.requests)
			}

			asked, seen := proxy.seen()
			if len(asked) == 0 || slices.ContainsFunc(asked, func(host string) bool { return host != "example.com:443" }) {
				t.Errorf("the proxy was asked for %q, want example.com:443", asked)
			}

			showsNoKey(t, seen)
		})
	}
}

// listThroughProxy is the child's part of TestProxy.
func listThroughProxy(t *testing.T) {
	t.Helper()

	client := newTestClient(t, Config{BaseURL: mustParseBaseURL(t, "https://example.com/v1")})

	got, err := client.List(t.Context(), "")
	if err != nil {
		t.Log(err)
		return
	}

	t.Logf("%d trunks", len(got.Trunks))
}

// connectProxy is a proxy that leads every CONNECT to one place, or answers the status.
type connectProxy struct {
	to     string
	status int

	mu      sync.Mutex
	asked   []string
	headers bytes.Buffer
}

// seen is what it was asked for, and all headers that came with it.
func (p *connectProxy) seen() (asked []string, headers string) {
	p.mu.Lock()
	defer p.mu.Unlock()

	return p.asked, p.headers.String()
}

func (p *connectProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, r.Host)
	_ = r.Header.Write(&p.headers)
	p.mu.Unlock()

	if r.Method != http.MethodConnect || p.status != http.StatusOK {
		w.WriteHeader(p.status)
		return
	}

	to, err := new(net.Dialer).DialContext(r.Context(), "tcp", p.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer to.Close() //nolint:errcheck // The other side may have closed it first.

	// What the client sends on hearing of the success must not get into a buffer of the server's.
	from, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}

	if _, err := io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		return
	}

	defer from.Close() //nolint:errcheck // The other side may have closed it first.

	var copying sync.WaitGroup

	copying.Go(func() {
		_, _ = io.Copy(to, from)
		_ = to.Close()
	})
	copying.Go(func() {
		_, _ = io.Copy(from, to)
		_ = from.Close()
	})
	copying.Wait()
}
