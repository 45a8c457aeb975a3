// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestRequestHeaders(t *testing.T) {
	for name, test := range map[string]struct {
		connect         connectFunc
		userAgent, want string
	}{
		"HTTP/1.1":                     {connectHTTP1, "terraform-provider-telepath/1.0.0", "terraform-provider-telepath/1.0.0"},
		"HTTP/2":                       {connectHTTP2, "terraform-provider-telepath/1.0.0", "terraform-provider-telepath/1.0.0"},
		"HTTP/1.1, without User-Agent": {connectHTTP1, "", "Go-http-client/1.1"},
	} {
		t.Run(name, func(t *testing.T) {
			api := twoTrunks()
			api.SetKey(testKey)

			client := test.connect(t, api, Config{UserAgent: test.userAgent})
			if _, err := fetchFirstPage(t.Context(), client); err != nil {
				t.Fatal(err)
			}

			want := mockapi.Request{
				Method: http.MethodGet,
				Path:   "/v1/trunks",
				Query:  url.Values{"limit": {"100"}, "offset": {"0"}},
				Header: http.Header{
					"Authorization":   {"Bearer " + testKey},
					"Accept":          {"application/json"},
					"Accept-Encoding": {"gzip"},
					"Cache-Control":   {"no-cache"},
					"User-Agent":      {test.want},
				},
			}
			if diff := cmp.Diff([]mockapi.Request{want}, api.Requests()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRequestTimeout(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		fault mockapi.Fault
		phase string
	}{
		"no response":            {mockapi.Hang(), "while waiting for the response"},
		"a byte at a time":       {mockapi.Drip(5 * time.Millisecond), "while reading the response"},
		"a body that stops":      {mockapi.HangInBody(), "while reading the response"},
		"headers without a body": {hangWithStatus(http.StatusOK), "while reading the response"},
	} {
		for protocol, connect := range protocols {
			t.Run(name+" over "+protocol, func(t *testing.T) {
				t.Parallel()

				api := twoTrunks()
				client := connect(t, api, Config{})
				// A busy machine takes long to connect, so the connection is open before.
				wantTrunks(t, client, api)

				api.Fail(-1, test.fault)

				client.config.RequestTimeout = 300 * time.Millisecond

				var err error

				// A busy machine may not get to the body in time.
				for range 20 {
					if _, err = fetchFirstPage(t.Context(), client); err != nil && strings.Contains(err.Error(), test.phase) {
						break
					}
				}

				failure := requestError(t, err, ErrAttemptTimeout, "no complete response within the request timeout of 300ms "+test.phase)
				if !failure.retryable() {
					t.Error("it is not retried")
				}
			})
		}
	}

	t.Run("a TLS handshake without a response", func(t *testing.T) {
		t.Parallel()

		baseURL := newConnServer(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
		baseURL.Scheme = "https"

		_, err := fetchFirstPage(t.Context(), newTestClient(t, Config{BaseURL: baseURL, RequestTimeout: 300 * time.Millisecond}))
		wantError(t, err, ErrConnectTimeout, "timed out while connecting")
	})

	for protocol, connect := range protocols {
		t.Run("the context ends in a body over "+protocol, func(t *testing.T) {
			t.Parallel()

			ctx, cancel := context.WithTimeoutCause(t.Context(), 40*time.Millisecond, errGaveUp)
			defer cancel()

			_, err := fetchFirstPage(ctx, connect(t, faulty(mockapi.HangInBody()), Config{}))
			wantError(t, err, errGaveUp)

			if errors.Is(err, ErrAttemptTimeout) {
				t.Errorf("%v is a timeout of the attempt", err)
			}
		})
	}
}

func TestRequestConnectionRefused(t *testing.T) {
	server := newServer(t, http.NotFoundHandler())
	server.Close()

	_, err := fetchFirstPage(t.Context(), newTestClient(t, Config{BaseURL: mustParseBaseURL(t, server.URL)}))

	// The text is that of the system.
	failure := requestError(t, err, nil, "connecting to "+server.Listener.Addr().String()+": ", "refused")
	if failure.Status != 0 || failure.Attempts != 1 || !failure.retryable() {
		t.Errorf("got %+v, want an error that is retried", failure)
	}
}
