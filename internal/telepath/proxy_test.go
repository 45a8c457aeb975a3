// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bufio"
	"bytes"
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
	client.pool.proxy = http.ProxyURL(u)
	client.config.Key = client.config.Key.with(credentials(u)...)
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
		http.StatusInternalServerError: {ErrProxyUpstream, "its response is 500 Internal Server Error: it cannot reach the API"},
		http.StatusBadGateway:          {ErrProxyUpstream, "no connection to the API through the proxy 127.0.0.1:"},
		http.StatusServiceUnavailable:  {ErrProxyUpstream, "its response is 503 Service Unavailable"},
		http.StatusGatewayTimeout:      {ErrProxyUpstream, "its response is 504 Gateway Timeout"},
		http.StatusForbidden:           {ErrProxyRefused, "the proxy refused to connect to the API: 403 Forbidden from 127.0.0.1:"},
		http.StatusProxyAuthRequired:   {ErrProxyRefused, "407 Proxy Authentication Required"},
		http.StatusTooManyRequests:     {ErrProxyRefused, "429 Too Many Requests"},
	} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()

			server := newTLSServer(t, twoTrunks(), nil)
			proxy := newTunnel(server)
			proxy.status = status

			_, err := newProxiedClient(t, server, newServer(t, proxy).URL, Config{}).List(t.Context(), "")

			failure := requestError(t, err, test.kind, test.text)
			if want := errors.Is(test.kind, ErrProxyUpstream); failure.retryable() != want || errors.Is(err, ErrProxyFailed) != want {
				t.Errorf("retryable: %t, want %t", failure.retryable(), want)
			}

			_, headers := proxy.seen()
			wantNoKey(t, headers)
		})
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

func TestProxyDeadConnection(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.Trunks(250))
	server := newTLSServer(t, api, nil)
	between := newRelay(t, server)
	proxy := &connectProxy{to: between.baseURL.Host, status: http.StatusOK}

	api.OnQuery(func(n int, _ *mockapi.Query) {
		if n == 2 {
			between.silence()
		}
	})

	wantTrunks(t, newProxiedClient(t, server, newServer(t, proxy).URL, deadConnectionConfig), api)
}

// The error names the proxy, and shows nothing that the proxy sent: that repeats the credentials here.
func TestProxyFails(t *testing.T) {
	t.Parallel()

	const hangs = "it hangs"

	for name, test := range map[string]struct {
		handle func(conn net.Conn)
		kind   error
		text   string
	}{
		hangs:                        {func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }, ErrAttemptTimeout, "no complete response within the request timeout of 500ms while waiting for the response"},
		"it closes the connection":   {func(net.Conn) {}, nil, "it closed the connection"},
		"it resets the connection":   {resetConn, nil, "it closed the connection"},
		"it speaks another protocol": {respond("SSH-2.0-OpenSSH_9.6 " + basicAuth + "\r\n"), nil, "it does not respond as a proxy does"},
		"it responds in HTTP instead of TLS": {func(conn net.Conn) {
			respond("HTTP/1.1 200 OK\r\n\r\n")(conn)
			_, _ = conn.Read(make([]byte, 1000))
			respond("HTTP/1.1 400 " + basicAuth + "\r\n\r\n")(conn)
		}, nil, "it does not respond as a proxy does"},
		"it repeats credentials in a 407":     {respond("HTTP/1.1 407 No " + basicAuth + " me:" + proxyPassword + "\r\nContent-Length: 0\r\n\r\n"), ErrProxyRefused, "407 Proxy Authentication Required"},
		"it repeats credentials in a 502":     {respond("HTTP/1.1 502 No " + basicAuth + " me:" + proxyPassword + "\r\nContent-Length: 0\r\n\r\n"), nil, "502 Bad Gateway"},
		"it repeats credentials as a header":  {respond("HTTP/1.1 200 OK\r\n" + basicAuth + "\r\n\r\n"), nil, "it does not respond as a proxy does"},
		"it repeats credentials as a version": {respond(basicAuth + " 200 OK\r\n\r\n"), nil, "it does not respond as a proxy does"},
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

			failure := requestError(t, err, test.kind, "the proxy", proxy.Host, test.text)
			wantNoPassword(t, err.Error())

			refused := errors.Is(test.kind, ErrProxyRefused)
			if !refused && !errors.Is(err, ErrProxyFailed) {
				t.Errorf("got %v, want %v", err, ErrProxyFailed)
			}

			if failure.retryable() == refused {
				t.Errorf("retryable: %t, want %t", failure.retryable(), !refused)
			}
		})
	}

	closed := newServer(t, http.NotFoundHandler())
	closed.Close()

	for proxy, text := range map[string]string{
		closed.URL:                   "connection refused",
		"https://proxy.invalid:3128": "its host is not found",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()

			_, err := fetchFirstPage(t.Context(), newProxiedClient(t, newTLSServer(t, twoTrunks(), nil), proxy, Config{}))
			wantError(t, err, ErrProxyFailed, text)
			wantNoPassword(t, err.Error())
		})
	}
}

// Without a password, net/http sends an empty one.
func TestProxyCredentialsWithoutPassword(t *testing.T) {
	for _, raw := range []string{"http://token@proxy.test", "http://token:@proxy.test"} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}

		want := []string{"token", base64.StdEncoding.EncodeToString([]byte("token:"))}
		if got := credentials(u); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", raw, got, want)
		}
	}
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

func TestProxyAddressIsNotRetried(t *testing.T) {
	client := newTestClient(t, Config{MaxRetries: 4})
	client.pool.proxy = func(*http.Request) (*url.URL, error) { return nil, ErrProxyAddress }

	_, err := fetchFirstPage(t.Context(), client)
	if failure := requestError(t, err, ErrProxyAddress); failure.Attempts != 1 {
		t.Errorf("%d attempts, want 1", failure.Attempts)
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

// A proxy with a certificate of its own responds instead of the API, and repeats its credentials.
func TestProxyInterceptsTLS(t *testing.T) {
	t.Parallel()

	for name, response := range map[string]struct {
		status         int
		location, body string
	}{
		"in text":       {http.StatusForbidden, "", "Blocked. Proxy-Authorization: Basic " + basicAuth},
		"in a title":    {http.StatusProxyAuthRequired, "", "<html><title>Access denied for me:" + proxyPassword + "</title>"},
		"in a Location": {http.StatusFound, "https://me:" + proxyPassword + "@proxy.example.com/login", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server := newTLSServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", response.location)
				w.WriteHeader(response.status)
				_, _ = io.WriteString(w, response.body)
			}), nil)

			_, err := fetchFirstPage(t.Context(), newProxiedClient(t, server, newServer(t, newTunnel(server)).URL, Config{}))
			wantError(t, err, nil, "(redacted)")
			wantNoPassword(t, err.Error())
		})
	}
}

func TestProxyCertificates(t *testing.T) {
	t.Parallel()

	server := newTLSServer(t, twoTrunks(), nil)

	for name, test := range map[string]struct {
		proxy *httptest.Server
		kind  error
		text  string
	}{
		"the certificate of the proxy does not verify": {newTLSServer(t, newTunnel(server), nil), ErrProxyFailed, "its TLS certificate is not trusted"},
		"the certificate of the API does not verify":   {newServer(t, newTunnel(server)), nil, "failed to verify certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			client := newProxiedClient(t, server, test.proxy.URL, Config{})
			client.pool.open = func() http.RoundTripper { return client.pool.newTransport() }

			_, err := fetchFirstPage(t.Context(), client)
			if failure := requestError(t, err, test.kind, test.text, "certificate signed by unknown authority"); failure.retryable() {
				t.Error("it is retried")
			}
		})
	}
}

func TestProxyFromEnvironment(t *testing.T) {
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
		"a % in the password":                   {"http://me:s3cret%zz@proxy.test", "", "example.com", "", ErrProxyAddress},
		"a / in the password":                   {"http://me:1234/s3cret@proxy.test", "", "example.com", "", ErrProxyAddress},
		"a # in the password":                   {"http://me:s3#cret@proxy.test", "", "example.com", "", ErrProxyAddress},
		"a / in a password without a scheme":    {"me:1234/s3cret@proxy.test", "", "example.com", "", ErrProxyAddress},
		"an @ and a / in the password":          {"http://me:p@ss/x@proxy.test", "", "example.com", "", ErrProxyAddress},
		"an @ and a # in the password":          {"http://me:p@ss#x@proxy.test", "", "example.com", "", ErrProxyAddress},
		"an @ and a ? in the password":          {"me:p@ss?x@proxy.test", "", "example.com", "", ErrProxyAddress},
		"a scheme that is not supported":        {"socks4://me:s3cret@proxy.test:1080", "", "example.com", "", ErrProxyAddress},
		"SOCKS5":                                {"socks5h://proxy.test:1080", "", "example.com", "socks5h://proxy.test:1080", nil},
		"no host":                               {"http://", "", "example.com", "", ErrProxyAddress},
		"invalid, and another host in NO_PROXY": {"http://me:s3cret%zz@proxy.test", "localhost,10.0.0.0/8", "example.com", "", ErrProxyAddress},
		"invalid, and the host in NO_PROXY":     {"http://me:s3cret%zz@proxy.test", "example.com", "example.com", "", nil},
		"invalid, and loopback":                 {"http://me:s3cret%zz@proxy.test", "", "127.0.0.1", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HTTPS_PROXY", "")
			t.Setenv("https_proxy", test.proxy)
			t.Setenv("NO_PROXY", "")
			t.Setenv("no_proxy", test.noProxy)

			proxy, err := proxyFromEnvironment()(&http.Request{URL: &url.URL{Scheme: "https", Host: test.host}})
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

// The uppercase variables take precedence, as in net/http.
func TestProxyFromEnvironmentPrecedence(t *testing.T) {
	// In this order, because the names of variables ignore case on Windows.
	t.Setenv("https_proxy", "http://lower.test")
	t.Setenv("HTTPS_PROXY", "http://upper.test")
	t.Setenv("no_proxy", "example.com")
	t.Setenv("NO_PROXY", "upper.test")

	proxy, err := proxyFromEnvironment()(&http.Request{URL: &url.URL{Scheme: "https", Host: "example.com"}})
	if err != nil || proxy == nil || proxy.Host != "upper.test" {
		t.Errorf("got %v and %v, want upper.test", proxy, err)
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
		"an invalid HTTPS_PROXY":         {"http://me:s3cret%zz@127.0.0.1:1", file, "the address of the proxy is not a valid URL"},
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

	client := newTestClient(t, Config{BaseURL: mustParseBaseURL(t, "https://example.com/v1"), MaxRetries: 1})

	if proxy, err := url.Parse(os.Getenv("HTTPS_PROXY")); err == nil && proxy.User != nil {
		t.Log(client.config.Key.redact(proxy.User.String()))
	}

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
