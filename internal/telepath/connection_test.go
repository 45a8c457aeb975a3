// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestTLS(t *testing.T) {
	for name, test := range map[string]struct {
		config   *tls.Config
		host     string
		distrust bool
		http     bool // The server speaks plain HTTP.
		kind     error
		attempts int      // With one retry.
		want     []string // Nil is success.
	}{
		"TLS 1.3": {},
		"TLS 1.2": {config: &tls.Config{MaxVersion: tls.VersionTLS12}}, //nolint:gosec // The oldest version that is accepted.
		"TLS 1.1": {
			config: &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, //nolint:gosec // It must be rejected.
			kind:   ErrTLSVersion, attempts: 2, want: []string{"the server does not support TLS 1.2 or later"},
		},
		"a client certificate is required, TLS 1.3": {
			config: &tls.Config{ClientAuth: tls.RequireAnyClientCert},
			kind:   ErrClientCertificate, attempts: 2, want: []string{"the server requested a client certificate"},
		},
		"a client certificate is required, TLS 1.2": {
			config: &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}, //nolint:gosec // The oldest version that is accepted.
			kind:   ErrClientCertificate, attempts: 2, want: []string{"the server requested a client certificate"},
		},
		"no common cipher suite": {
			config: &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_RC4_128_SHA}, NextProtos: []string{"http/1.1"}}, //nolint:gosec // It must be rejected.
			kind:   ErrTLS, attempts: 2, want: []string{"the TLS handshake failed", "handshake failure"},
		},
		"a client certificate is optional": {config: &tls.Config{ClientAuth: tls.RequestClientCert}},
		"an unknown authority":             {distrust: true, attempts: 1, want: []string{"failed to verify certificate", "unknown authority"}},
		"another host":                     {host: "localhost", attempts: 1, want: []string{"failed to verify certificate", "not localhost"}},
		"a server without TLS":             {http: true, kind: ErrPlainHTTP, attempts: 1, want: []string{"the server responded in plain HTTP to a TLS handshake"}},
		"HTTP/1.1 is negotiated":           {config: &tls.Config{NextProtos: []string{"http/1.1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			api := twoTrunks()
			client := newTestClient(t, Config{MaxRetries: 1})

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
			if test.want == nil {
				if err != nil {
					t.Error(err)
				}

				return
			}

			failure := requestError(t, err, test.kind, test.want...)

			if failure.Attempts != test.attempts {
				t.Errorf("%d attempts, want %d", failure.Attempts, test.attempts)
			}

			if n := len(api.Requests()); n != 0 {
				t.Errorf("the server got %d requests", n)
			}
		})
	}
}

// relay is a TCP relay to a server. It can silence its connections: they stay open, and what
// arrives on them is dropped, as after a NAT timeout.
type relay struct {
	net.Listener

	to string
	// accepted is the number of connections; those up to silenced are silent.
	accepted, silenced atomic.Int64
	copying            sync.WaitGroup
}

func newRelay(t *testing.T, to string) *relay {
	t.Helper()

	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	r := &relay{Listener: listener, to: to}

	var (
		mu    sync.Mutex
		conns []net.Conn
	)

	r.copying.Go(func() {
		for {
			from, err := r.Accept()
			if err != nil {
				return
			}

			to, err := new(net.Dialer).DialContext(t.Context(), "tcp", r.to)
			if err != nil {
				_ = from.Close()
				return
			}

			mu.Lock()
			conns = append(conns, from, to)
			mu.Unlock()

			n := r.accepted.Add(1)

			r.copying.Go(func() { r.copy(to, from, n) })
			r.copying.Go(func() { r.copy(from, to, n) })
		}
	})

	t.Cleanup(func() {
		_ = listener.Close()

		mu.Lock()
		for _, conn := range conns {
			_ = conn.Close()
		}
		mu.Unlock()
		r.copying.Wait()
	})

	return r
}

// copy copies from one side of connection n to the other, unless that is silenced.
func (r *relay) copy(to, from net.Conn, n int64) {
	defer to.Close() //nolint:errcheck // The other side may have closed it first.

	buffer := make([]byte, 64<<10)

	for {
		size, err := from.Read(buffer)
		if err != nil {
			return
		}

		if n <= r.silenced.Load() {
			continue
		}

		if _, err := to.Write(buffer[:size]); err != nil {
			return
		}
	}
}

// silence silences the connections accepted so far.
func (r *relay) silence() { r.silenced.Store(r.accepted.Load()) }

// deadConnectionTimeout is long enough for a page on a busy machine.
const deadConnectionTimeout = 1500 * time.Millisecond

// After an attempt that timed out, the next one uses a new connection, so that one silent
// connection costs one attempt, and not all of them.
func TestDeadConnection(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		trunks int
		// silenceAt is the request at whose arrival all connections go silent.
		silenceAt int
	}{
		"on the first request":         {250, 1},
		"in mid-listing":               {250, 2},
		"with eight pages in flight":   {2000, 5},
		"on the only page of a lookup": {2, 1},
	} {
		for protocol, config := range map[string]*tls.Config{
			"HTTP/2":   nil,
			"HTTP/1.1": {NextProtos: []string{"http/1.1"}},
		} {
			if protocol == "HTTP/1.1" && name != "in mid-listing" {
				continue // Each of its requests has a connection of its own.
			}

			t.Run(name+" over "+protocol, func(t *testing.T) {
				t.Parallel()

				api := mockapi.New(mockapi.Trunks(test.trunks))

				var between *relay

				api.OnQuery(func(n int, _ *mockapi.Query) {
					if n == test.silenceAt {
						between.silence()
					}
				})

				server := newTLSServer(t, api, config)
				between = newRelay(t, server.Listener.Addr().String())

				client := newTestClient(t, Config{
					BaseURL:    mustParseBaseURL(t, "https://"+between.Addr().String()+"/v1"),
					MaxRetries: 1, RequestTimeout: deadConnectionTimeout,
				})
				trust(client, server)

				listing, err := client.List(t.Context(), "")
				if err != nil {
					t.Fatal(err)
				}

				if diff := cmp.Diff(mockIDs(api.Trunks()), ids(listing.Trunks)); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// A server that stalls the streams of its first connection, and still responds to pings.
func TestDeadConnectionThatRespondsToPings(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.Trunks(250))

	var first sync.Map

	client := connectHTTP2(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(api.Requests()) > 0 {
			if conn, _ := first.LoadOrStore("stalled", r.RemoteAddr); conn == r.RemoteAddr {
				<-r.Context().Done()
				return
			}
		}

		api.ServeHTTP(w, r)
	}), Config{MaxRetries: 1, RequestTimeout: deadConnectionTimeout})

	listing, err := client.List(t.Context(), "")
	if err != nil || len(listing.Trunks) != 250 {
		t.Error(err)
	}
}

// A server, or what stands in front of it, that negotiates HTTP/2 and then never speaks.
func TestDeadConnectionThatNeverSpeaks(t *testing.T) {
	t.Parallel()

	server := newTLSServer(t, mockapi.New(mockapi.Trunks(250)), nil)
	between := newRelay(t, server.Listener.Addr().String())

	client := newTestClient(t, Config{
		BaseURL:    mustParseBaseURL(t, "https://"+between.Addr().String()+"/v1"),
		MaxRetries: 1, RequestTimeout: deadConnectionTimeout,
	})
	trust(client, server)

	open := client.pool.open

	var silence sync.Once

	client.pool.open = func() http.RoundTripper {
		transport, _ := open().(*http.Transport)
		config := transport.TLSClientConfig
		config.VerifyConnection = func(tls.ConnectionState) error {
			silence.Do(between.silence)
			return nil
		}

		return transport
	}

	listing, err := client.List(t.Context(), "")
	if err != nil || len(listing.Trunks) != 250 {
		t.Error(err)
	}
}

// Pages that arrive on the old connection are not failed by another one that timed out there.
func TestDeadConnectionSparesPagesInFlight(t *testing.T) {
	t.Parallel()

	for protocol, connect := range protocols {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()

			const (
				pages   = 17
				timeout = 3 * time.Second
			)

			api := mockapi.New(mockapi.Trunks(pages * 99))

			var (
				requests atomic.Int64
				stalled  atomic.Value
			)

			retried := make(chan struct{})
			client := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				offset := r.URL.Query().Get("offset")

				switch n := requests.Add(1); {
				case n == 1:
				case n == 2:
					// One of eight pages stalls, and times out.
					stalled.Store(offset)
					<-r.Context().Done()

					return
				case offset == stalled.Load():
					close(retried)
				case n <= 1+maxParallel:
					time.Sleep(timeout / 2)
				case n <= 2*maxParallel:
					// These are sent before that, and served after it.
					select {
					case <-retried:
					case <-r.Context().Done():
					}
				}

				api.ServeHTTP(w, r)
			}), Config{MaxRetries: 1, RequestTimeout: timeout})

			listing, err := client.List(t.Context(), "")
			if err != nil || len(listing.Trunks) != pages*99 {
				t.Fatal(err)
			}

			if n := len(api.Requests()); n != pages {
				t.Errorf("the API served %d requests, want each of %d pages once", n, pages)
			}
		})
	}
}

// A read whose deadline comes before the request timeout does not leave a silent connection to the
// next read.
func TestDeadConnectionAtTheDeadlineOfARead(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.Trunks(250))
	server := newTLSServer(t, api, nil)
	between := newRelay(t, server.Listener.Addr().String())
	client := newTestClient(t, Config{BaseURL: mustParseBaseURL(t, "https://"+between.Addr().String()+"/v1")})
	trust(client, server)

	if _, err := client.List(t.Context(), ""); err != nil {
		t.Fatal(err)
	}

	between.silence()

	ctx, cancel := context.WithTimeoutCause(t.Context(), 200*time.Millisecond, ErrReadTimeout)
	defer cancel()

	_, err := client.List(ctx, "")
	wantError(t, err, ErrReadTimeout)

	if _, err := client.List(t.Context(), ""); err != nil {
		t.Error(err)
	}
}
