// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// newProxiedClient creates a client of example.com that reaches the server through a proxy with
// credentials.
func newProxiedClient(t *testing.T, server *httptest.Server, proxyURL string, config Config) *Client {
	t.Helper()

	u := mustParseBaseURL(t, strings.TrimSuffix(proxyURL, "/v1"))
	u.User = url.UserPassword("me", proxyPassword)

	config.BaseURL = mustParseBaseURL(t, "https://example.com/v1")
	client := newTestClient(t, config)
	client.transport = newRenewableTransport(u, client.config.RequestTimeout)
	trust(client, server)

	return client
}

// newTunnel returns a proxy that connects to the server.
func newTunnel(server *httptest.Server) *connectProxy {
	return &connectProxy{to: server.Listener.Addr().String(), status: http.StatusOK}
}

const proxyPassword = "s3cret%"

// basicAuth is the value of the Proxy-Authorization header.
var basicAuth = base64.StdEncoding.EncodeToString([]byte("me:" + proxyPassword))

// wantNoPassword checks that text does not show the credentials of the proxy.
func wantNoPassword(t *testing.T, text string) {
	t.Helper()

	for _, secret := range []string{"s3cret", basicAuth[:8]} {
		if strings.Contains(text, secret) {
			t.Errorf("%q shows the credentials of the proxy", text)
		}
	}
}

func TestProxyStatus(t *testing.T) {
	t.Parallel()

	for status, test := range map[int]struct {
		kind error
		text string
	}{
		http.StatusInternalServerError: {ErrProxyFailed, "its response is 500 Internal Server Error"},
		http.StatusBadGateway:          {ErrProxyFailed, "no connection to the API through the proxy 127.0.0.1:"},
		http.StatusServiceUnavailable:  {ErrProxyFailed, "its response is 503 Service Unavailable"},
		http.StatusGatewayTimeout:      {ErrProxyFailed, "its response is 504 Gateway Timeout"},
		http.StatusForbidden:           {ErrProxyRefused, "the proxy refused to connect to the API: 403 Forbidden from 127.0.0.1:"},
		http.StatusProxyAuthRequired:   {ErrProxyRefused, "407 Proxy Authentication Required (NTLM) from 127.0.0.1:"},
		http.StatusTooManyRequests:     {ErrProxyRefused, "429 Too Many Requests"},
	} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()

			server := newTLSServer(t, twoTrunks(), nil)
			proxy := newTunnel(server)
			proxy.status = status

			_, err := newProxiedClient(t, server, newServer(t, proxy).URL, Config{}).List(t.Context(), "")

			failure := requestError(t, err, test.kind, test.text)
			if want := errors.Is(test.kind, ErrProxyFailed); failure.retryable() != want || strings.Count(err.Error(), "the proxy") > 1 {
				t.Errorf("retryable: %t, want %t, and the proxy once: %v", failure.retryable(), want, err)
			}

			_, headers := proxy.seen()
			wantNoKey(t, headers)
		})
	}
}

func TestOfferedSchemes(t *testing.T) {
	for want, values := range map[string][]string{
		"":                       nil,
		"Basic":                  {`Basic realm="a, Digest b"`},
		"Negotiate, NTLM, Basic": {"Negotiate", "NTLM", `Basic realm="x", charset="UTF-8"`},
		"Digest, Basic":          {`Digest realm="x", nonce=abc, qop="auth,auth-int",Basic realm="x"`},
		"Negotiate":              {"Negotiate oYG2MIG="},
		"Digest":                 {`Digest realm = "a", nonce = "b"`},
	} {
		if got := offeredSchemes(http.Header{"Proxy-Authenticate": values}); got != want {
			t.Errorf("%q: got %q, want %q", values, got, want)
		}
	}
}

func TestProxyRecovers(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.Trunks(250))
	server := newTLSServer(t, api, nil)
	proxy := newTunnel(server)
	proxy.status, proxy.failures = http.StatusInternalServerError, 1

	wantTrunks(t, newProxiedClient(t, server, newServer(t, proxy).URL, Config{MaxRetries: 1}), api)

	hosts, headers := proxy.seen()
	if len(hosts) < 2 || slices.ContainsFunc(hosts, func(host string) bool { return host != "example.com:443" }) {
		t.Errorf("the proxy connected to %q, want example.com:443", hosts)
	}

	wantNoKey(t, headers)
}

// The error names the proxy, and does not show its credentials.
func TestProxyFails(t *testing.T) {
	t.Parallel()

	const hangs = "it hangs"

	for name, test := range map[string]struct {
		handle func(conn net.Conn)
		text   string
	}{
		hangs:                        {func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }, "timed out while connecting"},
		"it closes the connection":   {func(net.Conn) {}, "the connection was closed"},
		"it resets the connection":   {resetConn, "the connection was closed"},
		"it speaks another protocol": {respond("SSH-2.0-OpenSSH_9.6\r\n"), "the server does not speak HTTP"},
		"it responds in HTTP instead of TLS": {func(conn net.Conn) {
			respond("HTTP/1.1 200 OK\r\n\r\n")(conn)
			_, _ = conn.Read(make([]byte, 1000))
			respond("HTTP/1.1 400 No\r\n\r\n")(conn)
		}, ErrPlainHTTP.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			proxy := newConnServer(t, func(conn net.Conn) {
				if name != hangs {
					_, _ = http.ReadRequest(bufio.NewReader(conn))
				}

				test.handle(conn)
			})

			var config Config
			if name == hangs {
				config.RequestTimeout = 500 * time.Millisecond
			}

			_, err := fetchFirstPage(t.Context(), newProxiedClient(t, newTLSServer(t, twoTrunks(), nil), proxy.String(), config))
			wantError(t, err, ErrProxyFailed, "the proxy", proxy.Host, test.text)
			wantNoPassword(t, err.Error())
		})
	}

	closed := newServer(t, http.NotFoundHandler())
	closed.Close()

	for proxy, text := range map[string]string{
		closed.URL:                   "refused",
		"https://proxy.invalid:3128": "lookup proxy.invalid",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()

			_, err := fetchFirstPage(t.Context(), newProxiedClient(t, newTLSServer(t, twoTrunks(), nil), proxy, Config{}))
			wantError(t, err, ErrProxyFailed, text)
			wantNoPassword(t, err.Error())
		})
	}
}

// An open tunnel breaks, and the proxy does not accept another connection.
func TestProxyFailsAfterATunnel(t *testing.T) {
	t.Parallel()

	api := twoTrunks()
	server := newTLSServer(t, api, &tls.Config{NextProtos: []string{"http/1.1"}})
	proxy := newServer(t, newTunnel(server))
	client := newProxiedClient(t, server, proxy.URL, Config{})

	wantTrunks(t, client, api)
	proxy.Listener.Close() //nolint:errcheck,gosec // The server closes it again.
	server.CloseClientConnections()

	_, err := fetchFirstPage(t.Context(), client)
	wantError(t, err, ErrProxyFailed, "refused")
}

// An error of the API behind a proxy is not one of the proxy.
func TestProxyIsNotBlamedForTheAPI(t *testing.T) {
	t.Parallel()

	server := newTLSServer(t, faulty(mockapi.Drop()), nil)
	client := newProxiedClient(t, server, newServer(t, newTunnel(server)).URL, Config{})

	_, err := fetchFirstPage(t.Context(), client)
	wantError(t, err, ErrConnectionClosed)

	if errors.Is(err, ErrProxyFailed) {
		t.Errorf("got %v, want no error of the proxy", err)
	}
}

// resetConn makes closing a connection reset it.
func resetConn(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
}

// respond writes bytes to a connection.
func respond(text string) func(net.Conn) {
	return func(conn net.Conn) { _, _ = io.WriteString(conn, text) }
}

func TestProxyCertificates(t *testing.T) {
	t.Parallel()

	server := newTLSServer(t, twoTrunks(), nil)

	for name, test := range map[string]struct {
		proxy *httptest.Server
		kind  error
		text  string
	}{
		"the certificate of the proxy does not verify": {newTLSServer(t, newTunnel(server), nil), ErrProxyFailed, "failed to verify certificate"},
		"the certificate of the API does not verify":   {newServer(t, newTunnel(server)), nil, "failed to verify certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			client := newProxiedClient(t, server, test.proxy.URL, Config{})
			client.transport = newRenewableTransport(client.transport.proxy, DefaultRequestTimeout)

			_, err := fetchFirstPage(t.Context(), client)
			if failure := requestError(t, err, test.kind, test.text, "certificate signed by unknown authority"); failure.retryable() {
				t.Error("it is retried")
			}
		})
	}
}

func TestProxyFor(t *testing.T) {
	for name, test := range map[string]struct {
		proxy, noProxy, host string
		want                 string // Empty means no proxy.
		err                  error
	}{
		"no variable":                           {"", "", "example.com", "", nil},
		"a URL":                                 {"http://proxy.test:3128", "", "example.com", "http://proxy.test:3128", nil},
		"a URL with credentials":                {"https://me:p%40ss@proxy.test", "", "example.com", "https://me:p%40ss@proxy.test", nil},
		"a host and a port":                     {"proxy.test:3128", "", "example.com", "http://proxy.test:3128", nil},
		"credentials without a scheme":          {"me:pass@proxy.test:3128", "", "example.com", "http://me:pass@proxy.test:3128", nil},
		"the host is in NO_PROXY":               {"http://proxy.test:3128", "example.com", "example.com", "", nil},
		"loopback":                              {"http://proxy.test:3128", "", "127.0.0.1", "", nil},
		"a % in the password":                   {"http://me:s3cret%zz@proxy.test", "", "example.com", "", ErrProxyFailed},
		"a / in the password":                   {"http://me:1234/s3cret@proxy.test", "", "example.com", "", ErrProxyFailed},
		"a # in the password":                   {"http://me:s3#cret@proxy.test", "", "example.com", "", ErrProxyFailed},
		"a / in a password without a scheme":    {"me:1234/s3cret@proxy.test", "", "example.com", "", ErrProxyFailed},
		"an @ and a / in the password":          {"http://me:p@ss/x@proxy.test", "", "example.com", "", ErrProxyFailed},
		"an @ and a # in the password":          {"http://me:p@ss#x@proxy.test", "", "example.com", "", ErrProxyFailed},
		"an @ and a ? in the password":          {"me:p@ss?x@proxy.test", "", "example.com", "", ErrProxyFailed},
		"a scheme that is not supported":        {"socks4://me:s3cret@proxy.test:1080", "", "example.com", "", ErrProxyFailed},
		"SOCKS5":                                {"socks5h://proxy.test:1080", "", "example.com", "socks5h://proxy.test:1080", nil},
		"no host":                               {"http://", "", "example.com", "", ErrProxyFailed},
		"invalid, and another host in NO_PROXY": {"http://me:s3cret%zz@proxy.test", "localhost,10.0.0.0/8", "example.com", "", ErrProxyFailed},
		"invalid, and the host in NO_PROXY":     {"http://me:s3cret%zz@proxy.test", "example.com", "example.com", "", nil},
		"invalid, and loopback":                 {"http://me:s3cret%zz@proxy.test", "", "127.0.0.1", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HTTP_PROXY", "http://proxy.test")
			t.Setenv("REQUEST_METHOD", "GET") // As in CGI.
			t.Setenv("HTTPS_PROXY", "")
			t.Setenv("https_proxy", test.proxy)
			t.Setenv("NO_PROXY", "")
			t.Setenv("no_proxy", test.noProxy)

			scheme := "https"
			if test.host == "127.0.0.1" {
				scheme = "http"
			}

			proxy, err := proxyFor(&url.URL{Scheme: scheme, Host: test.host})
			if !errors.Is(err, test.err) {
				t.Errorf("got %v, want %v", err, test.err)
			}

			got := ""
			if proxy != nil {
				got = proxy.String()
			}

			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// inChild is set for a child process of a test. Go reads SSL_CERT_FILE once in a process.
const inChild = "TELEPATH_TEST_IN_CHILD"

func TestProxyAndCertificateFromEnvironment(t *testing.T) {
	if os.Getenv(inChild) != "" {
		listThroughProxy(t)

		return
	}

	server := newTLSServer(t, mockapi.New(mockapi.Trunks(250)), nil)
	proxy := newServer(t, newTunnel(server))
	echo := newRawServer(t, "HTTP/1.1 502 me:s3cret\r\nContent-Length: 0\r\n\r\n")

	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}

	trusted := "250 trunks"
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		trusted = "failed to verify certificate" // Go reads SSL_CERT_FILE on other systems only.
	}

	for name, test := range map[string]struct{ proxy, certFile, want string }{
		"HTTPS_PROXY and SSL_CERT_FILE":  {strings.TrimSuffix(proxy.URL, "/v1"), file, trusted},
		"without SSL_CERT_FILE":          {strings.TrimSuffix(proxy.URL, "/v1"), os.DevNull, "failed to verify certificate"},
		"an invalid HTTPS_PROXY":         {"http://me:s3cret%zz@127.0.0.1:1", file, "the environment variable HTTPS_PROXY is not a valid URL"},
		"a 502 that repeats credentials": {"http://me:s3cret@" + strings.TrimPrefix(strings.TrimSuffix(echo.String(), "/v1"), "http://"), file, "its response is 502 Bad Gateway"},
	} {
		t.Run(name, func(t *testing.T) {
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxyAndCertificateFromEnvironment$", "-test.v") //nolint:gosec // It is this binary.
			child.Env = append(os.Environ(),
				inChild+"=1",
				"https_proxy=", "HTTPS_PROXY="+test.proxy, "no_proxy=", "NO_PROXY=",
				"SSL_CERT_FILE="+test.certFile, "SSL_CERT_DIR="+t.TempDir())

			output, err := child.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, output)
			}

			if !bytes.Contains(output, []byte(test.want)) {
				t.Errorf("the output of the child does not contain %q:\n%s", test.want, output)
			}

			wantNoKey(t, string(output))
			wantNoPassword(t, string(output))
		})
	}
}

// listThroughProxy runs in the child process of TestProxyAndCertificateFromEnvironment.
func listThroughProxy(t *testing.T) {
	t.Helper()

	client, err := New(Config{BaseURL: mustParseBaseURL(t, "https://example.com/v1"), Key: mustParseKey(testKey)})
	if err != nil {
		t.Log(err)

		return
	}

	defer client.transport.renew(client.transport.get())

	got, err := client.List(t.Context(), "")
	if err != nil {
		t.Log(err)

		return
	}

	t.Logf("%d trunks", len(got.Trunks))
}

// connectProxy is a proxy that connects each request to one address, or responds with a status other
// than 200.
type connectProxy struct {
	to     string
	status int
	// failures is how many requests fail with the status, 0 means all.
	failures int

	mu      sync.Mutex
	hosts   []string
	headers bytes.Buffer
}

// seen returns the requested hosts, and all headers.
func (p *connectProxy) seen() (hosts []string, headers string) {
	p.mu.Lock()
	defer p.mu.Unlock()

	return p.hosts, p.headers.String()
}

func (p *connectProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.hosts = append(p.hosts, r.Host)
	_ = r.Header.Write(&p.headers)
	recovered := p.failures > 0 && len(p.hosts) > p.failures
	p.mu.Unlock()

	if r.Method != http.MethodConnect || p.status != http.StatusOK && !recovered {
		w.Header().Set("Proxy-Authenticate", map[int]string{http.StatusProxyAuthRequired: "NTLM"}[p.status])
		w.WriteHeader(p.status)

		return
	}

	to, err := new(net.Dialer).DialContext(r.Context(), "tcp", p.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)

		return
	}
	defer to.Close() //nolint:errcheck // The other side may have closed it first.

	// Before the response, so that the server does not buffer the next bytes of the client.
	from, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}

	_, _ = io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")

	tunnel(from, to)
}
