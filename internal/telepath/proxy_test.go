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
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// newProxiedClient creates a client of example.com that reaches the server through a proxy, which
// has a username and a password.
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

const proxyPassword = "s3cret%"

// wantNoPassword checks that text shows the credentials of the proxy in no form.
func wantNoPassword(t *testing.T, text string) {
	t.Helper()

	for _, secret := range []string{"s3cret", base64.StdEncoding.EncodeToString([]byte("me:" + proxyPassword))[:8]} {
		if strings.Contains(text, secret) {
			t.Errorf("%q shows the credentials of the proxy", text)
		}
	}
}

func TestProxyStatus(t *testing.T) {
	t.Parallel()

	for status, test := range map[int]struct {
		kind     error
		attempts int // With two retries.
		says     string
	}{
		http.StatusBadGateway:         {ErrProxyFailed, 3, "no connection to the API through the proxy 127.0.0.1:"},
		http.StatusServiceUnavailable: {ErrProxyFailed, 3, "its response is 503 Service Unavailable"},
		http.StatusGatewayTimeout:     {ErrProxyFailed, 3, "its response is 504 Gateway Timeout"},
		http.StatusForbidden:          {ErrProxyRefused, 1, "the proxy refused to connect to the API: 403 Forbidden from 127.0.0.1:"},
		http.StatusProxyAuthRequired:  {ErrProxyRefused, 1, "407 Proxy Authentication Required"},
		http.StatusMethodNotAllowed:   {ErrProxyRefused, 1, "405 Method Not Allowed"},
		http.StatusTooManyRequests:    {ErrProxyRefused, 1, "429 Too Many Requests"},
	} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.Trunks(250))
			server := newTLSServer(t, api, nil)
			proxy := &connectProxy{to: server.Listener.Addr().String(), status: status}
			client := newProxiedClient(t, server, newServer(t, proxy).URL, Config{MaxRetries: 2})

			_, err := client.List(t.Context(), "")

			failure := requestError(t, err, test.kind)
			if failure.Attempts != test.attempts {
				t.Errorf("%d attempts, want %d", failure.Attempts, test.attempts)
			}

			wantText(t, err, test.says)

			_, seen := proxy.seen()
			wantNoKey(t, seen)
		})
	}
}

func TestProxyRecovers(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.Trunks(250))
	server := newTLSServer(t, api, nil)
	proxy := &connectProxy{to: server.Listener.Addr().String(), status: http.StatusServiceUnavailable, failures: 1}
	client := newProxiedClient(t, server, newServer(t, proxy).URL, Config{MaxRetries: 1})

	listing, err := client.List(t.Context(), "")
	if err != nil || len(listing.Trunks) != 250 {
		t.Fatal(err)
	}

	asked, seen := proxy.seen()
	if len(asked) < 2 || slices.ContainsFunc(asked, func(host string) bool { return host != "example.com:443" }) {
		t.Errorf("the proxy connected to %q, want example.com:443", asked)
	}

	wantNoKey(t, seen)
}

// The tunnel through a proxy goes silent in mid-listing.
func TestProxyDeadConnection(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.Trunks(250))
	server := newTLSServer(t, api, nil)
	between := newRelay(t, server.Listener.Addr().String())
	client := newProxiedClient(t, server, newServer(t, &connectProxy{to: between.Addr().String(), status: http.StatusOK}).URL,
		Config{MaxRetries: 1, RequestTimeout: deadConnectionTimeout})

	api.OnQuery(func(n int, _ *mockapi.Query) {
		if n == 2 {
			between.silence()
		}
	})

	listing, err := client.List(t.Context(), "")
	if err != nil || len(listing.Trunks) != 250 {
		t.Error(err)
	}
}

// Something that is no working proxy. The error names the proxy, and shows nothing of what it
// sent: that repeats the credentials here.
func TestProxyFails(t *testing.T) {
	t.Parallel()

	echo := base64.StdEncoding.EncodeToString([]byte("me:" + proxyPassword))

	for name, test := range map[string]struct {
		handle func(conn net.Conn)
		kind   error
		says   string
	}{
		"it hangs":                   {func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }, ErrAttemptTimeout, "no complete response within the request timeout of 100ms"},
		"it closes the connection":   {func(net.Conn) {}, nil, "it closed the connection"},
		"it resets the connection":   {resetConn, nil, "it closed the connection"},
		"it speaks another protocol": {respond("SSH-2.0-OpenSSH_9.6 " + echo + "\r\n"), nil, "it does not respond as a proxy does"},
		"it responds in HTTP, not TLS": {func(conn net.Conn) {
			respond("HTTP/1.1 200 OK\r\n\r\n")(conn)
			_, _ = conn.Read(make([]byte, 1000))
			respond("HTTP/1.1 400 " + echo + "\r\n\r\n")(conn)
		}, nil, "it does not respond as a proxy does"},
		"it repeats credentials in a 407":   {respond("HTTP/1.1 407 No " + echo + " me:" + proxyPassword + "\r\nContent-Length: 0\r\n\r\n"), ErrProxyRefused, "407 Proxy Authentication Required"},
		"it repeats credentials in a 502":   {respond("HTTP/1.1 502 No " + echo + " me:" + proxyPassword + "\r\nContent-Length: 0\r\n\r\n"), nil, "502 Bad Gateway"},
		"it repeats credentials as header":  {respond("HTTP/1.1 200 OK\r\n" + echo + "\r\n\r\n"), nil, "it does not respond as a proxy does"},
		"it repeats credentials as version": {respond(echo + " 200 OK\r\n\r\n"), nil, "it does not respond as a proxy does"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			baseURL := newConnServer(t, func(conn net.Conn) {
				if name != "it hangs" {
					_, _ = http.ReadRequest(bufio.NewReader(conn))
				}

				test.handle(conn)
			})
			config := Config{}
			if name == "it hangs" {
				config.RequestTimeout = 100 * time.Millisecond
			}

			client := newProxiedClient(t, newTLSServer(t, twoTrunks(), nil), baseURL.String(), config)

			_, err := fetchFirstPage(t.Context(), client)
			failure := requestError(t, err, test.kind)

			if !errors.Is(err, ErrProxyFailed) && !errors.Is(err, ErrProxyRefused) {
				t.Errorf("got %v, want an error of the proxy", err)
			}

			wantText(t, err, "the proxy", baseURL.Host, test.says)
			wantNoPassword(t, err.Error())

			if want := !errors.Is(test.kind, ErrProxyRefused); failure.retryable() != want {
				t.Errorf("retryable: %t, want %t", failure.retryable(), want)
			}
		})
	}

	t.Run("nothing listens", func(t *testing.T) {
		t.Parallel()

		server := newServer(t, http.NotFoundHandler())
		server.Close()

		_, err := fetchFirstPage(t.Context(), newProxiedClient(t, newTLSServer(t, twoTrunks(), nil), server.URL, Config{}))
		wantError(t, err, ErrProxyFailed, "connection refused")
		wantNoPassword(t, err.Error())
	})

	t.Run("its host is not found", func(t *testing.T) {
		t.Parallel()

		_, err := fetchFirstPage(t.Context(), newProxiedClient(t, newTLSServer(t, twoTrunks(), nil), "https://proxy.invalid:3128", Config{}))
		wantError(t, err, ErrProxyFailed, "its host is not found")
		wantNoPassword(t, err.Error())
	})
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

// A proxy that intercepts TLS responds instead of the API, and repeats its credentials.
func TestProxyInterceptsTLS(t *testing.T) {
	t.Parallel()

	basic := base64.StdEncoding.EncodeToString([]byte("me:" + proxyPassword))

	for name, handler := range map[string]http.HandlerFunc{
		"in text": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "Blocked. Proxy-Authorization: Basic "+basic)
		},
		"in a title": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusProxyAuthRequired)
			_, _ = io.WriteString(w, "<html><title>Access denied for me:"+proxyPassword+"</title>")
		},
		"in a Location": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://me:"+proxyPassword+"@proxy.example.com/login")
			w.WriteHeader(http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server := newTLSServer(t, handler, nil)
			proxy := newServer(t, &connectProxy{to: server.Listener.Addr().String(), status: http.StatusOK})

			_, err := fetchFirstPage(t.Context(), newProxiedClient(t, server, proxy.URL, Config{}))
			wantError(t, err, nil, "(redacted)")
			wantNoPassword(t, err.Error())
		})
	}
}

// The certificate of a proxy that uses TLS itself is not that of the API.
func TestProxyOverTLS(t *testing.T) {
	t.Parallel()

	server := newTLSServer(t, twoTrunks(), nil)
	proxy := newTLSServer(t, &connectProxy{to: server.Listener.Addr().String(), status: http.StatusOK}, nil)
	client := newProxiedClient(t, server, proxy.URL, Config{})
	client.pool.open = func() http.RoundTripper { return client.pool.newTransport() }

	_, err := fetchFirstPage(t.Context(), client)
	wantError(t, err, ErrProxyFailed, "its TLS certificate is not trusted")
}

// The API, not the proxy, has a certificate that does not verify.
func TestProxyUntrustedCertificate(t *testing.T) {
	server := newTLSServer(t, twoTrunks(), nil)
	client := newProxiedClient(t, server, newServer(t, &connectProxy{to: server.Listener.Addr().String(), status: http.StatusOK}).URL, Config{})
	client.pool.open = func() http.RoundTripper { return client.pool.newTransport() }

	_, err := fetchFirstPage(t.Context(), client)
	wantError(t, err, nil, "failed to verify certificate")
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
	t.Setenv("HTTPS_PROXY", "http://upper.test")
	t.Setenv("https_proxy", "http://lower.test")
	t.Setenv("NO_PROXY", "upper.test")
	t.Setenv("no_proxy", "example.com")

	proxy, err := proxyFromEnvironment()(&http.Request{URL: &url.URL{Scheme: "https", Host: "example.com"}})
	if err != nil || proxy == nil || proxy.Host != "upper.test" {
		t.Errorf("got %v and %v, want upper.test", proxy, err)
	}
}

// inChild is set for a child process of a test. A process reads the proxy and the certificates from
// its environment only once.
const inChild = "TELEPATH_TEST_IN_CHILD"

func TestProxyAndCertificateFromEnvironment(t *testing.T) {
	if os.Getenv(inChild) != "" {
		listThroughProxy(t)
		return
	}

	api := mockapi.New(mockapi.Trunks(250))
	server := newTLSServer(t, api, nil)
	proxy := newServer(t, &connectProxy{to: server.Listener.Addr().String(), status: http.StatusOK})

	echo := newRawServer(t, "HTTP/1.1 502 me:s3cret\r\nContent-Length: 0\r\n\r\n")

	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}

	for name, test := range map[string]struct{ proxy, certFile, want string }{
		"HTTPS_PROXY, and SSL_CERT_FILE": {strings.TrimSuffix(proxy.URL, "/v1"), file, "250 trunks"},
		"without SSL_CERT_FILE":          {strings.TrimSuffix(proxy.URL, "/v1"), os.DevNull, "failed to verify certificate"},
		"credentials that a 502 repeats": {"http://me:s3cret@" + strings.TrimPrefix(strings.TrimSuffix(echo.String(), "/v1"), "http://"), file, "its response is 502 Bad Gateway"},
	} {
		t.Run(name, func(t *testing.T) {
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxyAndCertificateFromEnvironment$", "-test.v") //nolint:gosec // It is this binary.
			child.Env = append(os.Environ(),
				inChild+"=1",
				"HTTPS_PROXY="+test.proxy, "https_proxy=", "NO_PROXY=", "no_proxy=",
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

// listThroughProxy is the child's part of TestProxyAndCertificateFromEnvironment.
func listThroughProxy(t *testing.T) {
	t.Helper()

	client := newTestClient(t, Config{BaseURL: mustParseBaseURL(t, "https://example.com/v1"), MaxRetries: 1})

	got, err := client.List(t.Context(), "")
	if err != nil {
		t.Log(err)
		return
	}

	t.Logf("%d trunks", len(got.Trunks))
}

// connectProxy is a proxy that connects to one place, whatever the request asks for, unless it has a
// status other than 200.
type connectProxy struct {
	to     string
	status int
	// failures is how many requests get the status, 0 means all.
	failures int

	mu      sync.Mutex
	asked   []string
	headers bytes.Buffer
}

// seen returns the requested hosts, and all headers.
func (p *connectProxy) seen() (asked []string, headers string) {
	p.mu.Lock()
	defer p.mu.Unlock()

	return p.asked, p.headers.String()
}

func (p *connectProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, r.Host)
	_ = r.Header.Write(&p.headers)
	recovered := p.failures > 0 && len(p.asked) > p.failures
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

	// What the client sends next must not get into a buffer of the server.
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
