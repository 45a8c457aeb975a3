// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestTLS(t *testing.T) {
	untrusted := "certificate signed by unknown authority"
	if runtime.GOOS == "darwin" {
		untrusted = "certificate is not trusted"
	}

	for name, test := range map[string]struct {
		config    *tls.Config
		host      string
		distrust  bool
		http      bool // The server speaks plain HTTP.
		kind      error
		retryable bool
		texts     []string // Nil is success.
	}{
		"TLS 1.3":                          {},
		"TLS 1.2":                          {config: &tls.Config{MaxVersion: tls.VersionTLS12}}, //nolint:gosec // The oldest version that is accepted.
		"HTTP/1.1 is negotiated":           {config: &tls.Config{NextProtos: []string{"http/1.1"}}},
		"a client certificate is optional": {config: &tls.Config{ClientAuth: tls.RequestClientCert}},
		"TLS 1.1": {
			config: &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, //nolint:gosec // It must be rejected.
			kind:   ErrTLS, retryable: true, texts: []string{"the TLS connection failed", "protocol version"},
		},
		"a client certificate is required": {
			config: &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}, //nolint:gosec // With TLS 1.3, the end of the connection may overtake the alert.
			kind:   ErrTLS, retryable: true, texts: []string{"handshake failure"},
		},
		"an unknown authority": {distrust: true, texts: []string{"offset=0: tls: failed to verify certificate", untrusted}},
		"another host":         {host: "localhost", texts: []string{"failed to verify certificate", "not localhost"}},
		"a server without TLS": {http: true, kind: ErrPlainHTTP, texts: []string{"the server responded in plain HTTP to a TLS handshake"}},
	} {
		t.Run(name, func(t *testing.T) {
			api := twoTrunks()
			client := newTestClient(t, Config{})

			if test.http {
				client.config.BaseURL = mustParseBaseURL(t, strings.Replace(newServer(t, api).URL, "http:", "https:", 1))
			} else {
				server := newTLSServer(t, api, test.config)
				client.config.BaseURL = mustParseBaseURL(t, server.URL)

				if !test.distrust {
					trust(client, server)
				}
			}

			if test.host != "" {
				client.config.BaseURL.Host = net.JoinHostPort(test.host, client.config.BaseURL.Port())
			}

			_, err := fetchFirstPage(t.Context(), client)
			if test.texts == nil {
				if err != nil {
					t.Error(err)
				}

				return
			}

			failure := requestError(t, err, test.kind, test.texts...)
			if failure.retryable() != test.retryable {
				t.Errorf("retryable: %t, want %t", failure.retryable(), test.retryable)
			}

			wantRequests(t, api, 0)
		})
	}
}

// relay is a TCP relay to a server. It can silence its connections: they stay open, and all bytes on
// them are dropped, as after a NAT timeout.
type relay struct {
	baseURL *url.URL
	// accepted is the number of connections; those up to silenced are silent.
	accepted, silenced atomic.Int64
}

func newRelay(t *testing.T, server *httptest.Server) *relay {
	t.Helper()

	r := new(relay)
	r.baseURL = newConnServer(t, func(from net.Conn) {
		to, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		if err != nil {
			return
		}

		n := r.accepted.Add(1)
		silent := func() bool { return n <= r.silenced.Load() }

		tunnel(&silentConn{from, silent}, &silentConn{to, silent})
	})

	return r
}

// silence silences the connections accepted so far.
func (r *relay) silence() { r.silenced.Store(r.accepted.Load()) }

// silentConn drops writes while it is silent.
type silentConn struct {
	net.Conn
	silent func() bool
}

func (c *silentConn) Write(b []byte) (int, error) {
	if c.silent() {
		return len(b), nil
	}

	return c.Conn.Write(b)
}

// connectThroughRelay serves the handler over TLS behind a relay.
func connectThroughRelay(t *testing.T, handler http.Handler, serverConfig *tls.Config, config Config) (*Client, *relay) {
	t.Helper()

	server := newTLSServer(t, handler, serverConfig)
	between := newRelay(t, server)
	config.BaseURL = between.baseURL
	config.BaseURL.Scheme = "https"
	client := newTestClient(t, config)
	trust(client, server)

	return client, between
}

// deadConnectionConfig allows retries of pages that a busy machine does not serve in time. On the dead
// connection, each of them would time out too.
var deadConnectionConfig = Config{MaxRetries: 4, RequestTimeout: 3 * time.Second}

// An attempt after a timeout uses a new connection, so that a silent connection costs one attempt.
func TestDeadConnection(t *testing.T) {
	t.Parallel()

	http1 := &tls.Config{NextProtos: []string{"http/1.1"}}

	for name, test := range map[string]struct {
		config *tls.Config
		trunks int
		// silenceAt is the request at whose arrival all connections go silent.
		silenceAt int
	}{
		"on the first request":                  {nil, 250, 1},
		"in mid-listing":                        {nil, 250, 2},
		"in mid-listing over HTTP/1.1":          {http1, 250, 2},
		"with eight concurrent pages on HTTP/2": {nil, 2000, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.Trunks(test.trunks))
			client, between := connectThroughRelay(t, api, test.config, deadConnectionConfig)

			api.OnQuery(func(n int, _ *mockapi.Query) {
				if n == test.silenceAt {
					between.silence()
				}
			})

			wantTrunks(t, client, api)
		})
	}
}

func TestDeadConnectionThatRespondsToPings(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.Trunks(250))

	var stalled sync.Map

	client := connectHTTP2(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The streams of the first connection stall after the first page.
		if len(api.Requests()) > 0 {
			if conn, _ := stalled.LoadOrStore("connection", r.RemoteAddr); conn == r.RemoteAddr {
				<-r.Context().Done()

				return
			}
		}

		api.ServeHTTP(w, r)
	}), deadConnectionConfig)

	wantTrunks(t, client, api)
}

func TestTLSHandshakeWithAnotherProtocol(t *testing.T) {
	client := newTestClient(t, Config{})
	client.config.BaseURL = newConnServer(t, respond("SSH-2.0-OpenSSH_9.6\r\n"))
	client.config.BaseURL.Scheme = "https"

	_, err := fetchFirstPage(t.Context(), client)
	wantError(t, err, ErrNotHTTP, "the server does not speak HTTP")
}

func TestTransportConnectTimeout(t *testing.T) {
	for requestTimeout, want := range map[time.Duration]time.Duration{3 * time.Second: 4 * time.Second, 15 * time.Second: 5 * time.Second, time.Hour: 10 * time.Second} {
		if got := newTransport(nil, requestTimeout).TLSHandshakeTimeout; got != want {
			t.Errorf("%s for a request timeout of %s, want %s", got, requestTimeout, want)
		}
	}
}

func TestRenewClosesIdleConnections(t *testing.T) {
	closed := make(chan struct{})

	server := httptest.NewUnstartedServer(twoTrunks())
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			close(closed)
		}
	}
	startServer(t, server, (*httptest.Server).Start)

	client := newTestClient(t, Config{BaseURL: mustParseBaseURL(t, server.URL)})
	if _, err := fetchFirstPage(t.Context(), client); err != nil {
		t.Fatal(err)
	}

	failed := client.transport.get()
	client.transport.renew(failed)

	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Error("the idle connection remains open")
	}

	renewed := client.transport.get()
	if client.transport.renew(failed); client.transport.get() != renewed {
		t.Error("the second failure of a transport renews another one")
	}
}

// Of eight requests on one connection, none fails when later requests get another.
func TestRenewKeepsRequestsInFlight(t *testing.T) {
	for protocol, connect := range protocols {
		t.Run(protocol, func(t *testing.T) {
			var arrived, pages sync.WaitGroup

			renewed := make(chan struct{})
			api := twoTrunks()
			client := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				arrived.Done()
				<-renewed
				api.ServeHTTP(w, r)
			}), Config{})

			for range maxParallel {
				arrived.Add(1)
				pages.Go(func() {
					if _, err := fetchFirstPage(t.Context(), client); err != nil {
						t.Error(err)
					}
				})
			}

			arrived.Wait()
			client.transport.renew(client.transport.get())
			close(renewed)
			pages.Wait()
			wantRequests(t, api, maxParallel)
		})
	}
}

// The deadline of the read comes before the request timeout.
func TestDeadConnectionAtTheDeadlineOfARead(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.Trunks(250))
	client, between := connectThroughRelay(t, api, nil, Config{})

	wantTrunks(t, client, api)
	between.silence()

	// A busy machine may not send the request in time.
	for failure := new(Error); failure.Attempts == 0; {
		_, err := client.List(readContext(t, 200*time.Millisecond), "")
		if !errors.As(err, &failure) && !errors.Is(err, ErrReadTimeout) {
			t.Fatal(err)
		}
	}

	wantTrunks(t, client, api)
}
