// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// TestMain fails if a test leaves a goroutine behind.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// testKey is a key with every kind of character that Go, URLs or JSON escape.
const testKey = `sk_live_g"h\e/i+m<&=`

// newTestClient creates a client with a default base URL and key, and closes its connections after
// the test.
func newTestClient(t *testing.T, config Config) *Client {
	t.Helper()

	if config.BaseURL == nil {
		config.BaseURL = mustParseBaseURL(t, "https://api.example.com/v1")
	}

	if config.Key.IsEmpty() {
		config.Key = mustParseKey(testKey)
	}

	client, err := New(config)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		client.transport.renew(client.transport.get())
	})

	return client
}

// newInProcessClient is newTestClient for a handler that is called without a network.
func newInProcessClient(t *testing.T, api http.Handler, config Config) *Client {
	t.Helper()

	client := newTestClient(t, config)
	useTransport(client, &inProcess{api})

	return client
}

// useTransport replaces the transport of a client.
func useTransport(client *Client, transport http.RoundTripper) {
	client.transport.open = func() http.RoundTripper { return transport }
	client.transport.renew(client.transport.get())
}

// changeTransport changes each real transport of a client before it connects.
func changeTransport(client *Client, change func(*http.Transport)) {
	open := client.transport.open
	client.transport.open = func() http.RoundTripper {
		transport, _ := open().(*http.Transport)
		change(transport)

		return transport
	}
	client.transport.renew(client.transport.get())
}

// mustParseKey parses a valid key.
func mustParseKey(raw string) Key {
	key, err := ParseKey(raw)
	if err != nil {
		panic(err)
	}

	return key
}

func mustParseBaseURL(t *testing.T, raw string) *url.URL {
	t.Helper()

	u, err := ParseBaseURL(raw)
	if err != nil {
		t.Fatal(err)
	}

	return u
}

// newServer serves the handler on loopback. Its URL has the path of the API.
func newServer(t *testing.T, handler http.Handler) *httptest.Server {
	t.Helper()

	return startServer(t, httptest.NewUnstartedServer(handler), (*httptest.Server).Start)
}

func startServer(t *testing.T, server *httptest.Server, listen func(*httptest.Server)) *httptest.Server {
	t.Helper()

	// Clients break connections on purpose.
	server.Config.ErrorLog = log.New(io.Discard, "", 0)

	listen(server)
	server.URL += "/v1"

	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})

	return server
}

// connectFunc serves a handler, and returns a client of it with its real transport.
type connectFunc func(t *testing.T, handler http.Handler, config Config) *Client

// protocols are HTTP/1.1 and, as in production, HTTP/2 over TLS.
var protocols = map[string]connectFunc{"HTTP/1.1": connectHTTP1, "HTTP/2": connectHTTP2}

func connectHTTP1(t *testing.T, handler http.Handler, config Config) *Client {
	t.Helper()

	config.BaseURL = mustParseBaseURL(t, newServer(t, handler).URL)

	return newTestClient(t, config)
}

func connectHTTP2(t *testing.T, handler http.Handler, config Config) *Client {
	t.Helper()

	server := newTLSServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("the request came over %s", r.Proto)
		}

		handler.ServeHTTP(w, r)
	}), nil)
	config.BaseURL = mustParseBaseURL(t, server.URL)
	client := newTestClient(t, config)
	trust(client, server)

	return client
}

// newTLSServer serves the handler on loopback over TLS, with HTTP/2 unless the configuration has
// other protocols. Its certificate, which no client trusts, is for 127.0.0.1 and example.com. Its
// URL has the path of the API.
func newTLSServer(t *testing.T, handler http.Handler, config *tls.Config) *httptest.Server {
	t.Helper()

	server := httptest.NewUnstartedServer(handler)
	server.TLS = config
	server.EnableHTTP2 = config == nil || config.NextProtos == nil

	return startServer(t, server, (*httptest.Server).StartTLS)
}

// trust makes the client trust the certificate of a server.
func trust(client *Client, server *httptest.Server) {
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())

	changeTransport(client, func(transport *http.Transport) { transport.TLSClientConfig.RootCAs = roots })
}

// fetchFirstPage requests the first page, with the limiter and retries.
func fetchFirstPage(ctx context.Context, client *Client) (*page, error) {
	return (&lister{client: client}).fetchPage(ctx, firstPage)
}

// firstPage is the query of the first page.
var firstPage = pageQuery{limit: maxLimit}

// wantError checks that an error is an [*Error] with the kind as its cause and with the texts, and
// does not show the key.
func wantError(t *testing.T, err error, kind error, texts ...string) {
	t.Helper()

	_ = requestError(t, err, kind, texts...)
}

// requestError is wantError, and returns the error.
func requestError(t *testing.T, err error, kind error, texts ...string) *Error {
	t.Helper()

	var failure *Error
	if !errors.As(err, &failure) {
		t.Fatalf("got a %T, want an *Error: %v", err, err)
	}

	if kind != nil && !errors.Is(err, kind) {
		t.Errorf("got %v, want %v", err, kind)
	}

	wantNoKey(t, err.Error())
	wantText(t, err, texts...)

	return failure
}

// wantNoKey checks that text shows neither the key nor a part of it.
func wantNoKey(t *testing.T, text string) {
	t.Helper()

	for _, secret := range []string{`sk_live_g`, `h\e`, `h\\e`, `i+m`, `i%2Bm`} {
		if strings.Contains(text, secret) {
			t.Errorf("%q shows the key", text)
		}
	}
}

// wantText checks that an error contains each of the texts.
func wantText(t *testing.T, err error, texts ...string) {
	t.Helper()

	for _, text := range texts {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("the error does not contain %q: %v", text, err)
		}
	}
}

// readContext is the context of a read with a timeout.
func readContext(t *testing.T, timeout time.Duration) context.Context {
	t.Helper()

	ctx, cancel := context.WithTimeoutCause(t.Context(), timeout, ErrReadTimeout)
	t.Cleanup(cancel)

	return ctx
}

// wantTrunks lists the account, and checks that each trunk of the API is in the list.
func wantTrunks(t *testing.T, client *Client, api *mockapi.API) {
	t.Helper()

	listing, err := client.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(mockIDs(api.Trunks()), ids(listing.Trunks)); diff != "" {
		t.Error(diff)
	}
}

// wantRequests checks how many requests the API received.
func wantRequests(t *testing.T, api *mockapi.API, want int) {
	t.Helper()

	if got := len(api.Requests()); got != want {
		t.Errorf("%d requests, want %d", got, want)
	}
}

func ids(trunks []Trunk) []string {
	ids := make([]string, len(trunks))
	for i, trunk := range trunks {
		ids[i] = trunk.ID
	}

	return ids
}

func mockIDs(trunks []mockapi.Trunk) []string {
	ids := make([]string, len(trunks))
	for i, trunk := range trunks {
		ids[i] = trunk.ID
	}

	return ids
}

// twoTrunks is the API with the account of the reference page.
func twoTrunks() *mockapi.API { return mockapi.New(mockapi.ReferenceTrunks()) }

// roundTripper is a function as a transport. It is a struct, because transports are compared.
type roundTripper struct {
	roundTrip func(req *http.Request) (*http.Response, error)
}

func (f *roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f.roundTrip(req) }

// inProcess is a transport without a network, for fake time: a bubble of synctest never blocks
// durably while a connection is open. Like a connection, it ends with the context of the request,
// and breaks where a handler panics with [http.ErrAbortHandler].
type inProcess struct{ api http.Handler }

// RoundTrip implements [http.RoundTripper].
func (p *inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	aborted := aborts(p.api, recorder, req)

	if err := req.Context().Err(); err != nil {
		return nil, err
	}

	if aborted && !recorder.Flushed {
		return nil, io.EOF
	}

	resp := recorder.Result()
	if resp.Header.Get("Date") == "" {
		resp.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	}

	if aborted {
		resp.Body = io.NopCloser(io.MultiReader(resp.Body, iotest.ErrReader(io.ErrUnexpectedEOF)))
	}

	return resp, nil
}

// aborts calls the handler and reports whether it broke the connection.
func aborts(handler http.Handler, w http.ResponseWriter, req *http.Request) (aborted bool) {
	defer func() {
		switch reason := recover(); reason {
		case nil:
		case http.ErrAbortHandler:
			aborted = true
		default:
			panic(reason)
		}
	}()

	handler.ServeHTTP(w, req)

	return false
}

// newRawServer responds to each request with the bytes.
func newRawServer(t *testing.T, bytes string) *url.URL {
	t.Helper()

	return newConnServer(t, func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			_, _ = io.WriteString(conn, bytes)
		}
	})
}

// newConnServer handles each connection, and closes it. The URL has the path of the API.
func newConnServer(t *testing.T, handle func(conn net.Conn)) *url.URL {
	t.Helper()

	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	var serving sync.WaitGroup

	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}

			serving.Go(func() {
				// The context ends before the cleanup, which waits for this connection.
				stop := context.AfterFunc(t.Context(), func() { _ = conn.Close() })
				defer stop()
				defer conn.Close() //nolint:errcheck // The client may have closed it first.

				handle(conn)
			})
		}
	})

	t.Cleanup(func() {
		if err := listener.Close(); err != nil {
			t.Error(err)
		}

		serving.Wait()
	})

	return mustParseBaseURL(t, "http://"+listener.Addr().String()+"/v1")
}

// tunnel copies bytes between two connections until one ends, and closes both.
func tunnel(a, b net.Conn) {
	var copying sync.WaitGroup

	for to, from := range map[net.Conn]net.Conn{a: b, b: a} {
		copying.Go(func() {
			defer to.Close() //nolint:errcheck // The other side may have closed it first.

			_, _ = io.Copy(to, from)
		})
	}

	copying.Wait()
}

// rawResponse returns a response of HTTP/1.1 with a Content-Length.
func rawResponse(status string, body string, headers ...string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n%s",
		status, len(body), strings.Join(append(headers, ""), "\r\n"), body)
}

// fetchRaw requests the first page from a server that responds with the bytes.
func fetchRaw(t *testing.T, response string) error {
	t.Helper()

	_, err := fetchFirstPage(t.Context(), newTestClient(t, Config{BaseURL: newRawServer(t, response)}))

	return err
}

// faulty returns an API whose every request meets a fault.
func faulty(fault mockapi.Fault) http.Handler {
	api := twoTrunks()
	api.Fail(-1, fault)

	return api
}

func hangWithStatus(status int) mockapi.Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			_ = http.NewResponseController(w).Flush()

			<-r.Context().Done()
		})
	}
}
