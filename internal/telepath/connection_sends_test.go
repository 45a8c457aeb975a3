// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// closeConnection closes the connection of a request over HTTP/1.1 without a response.
func closeConnection(t *testing.T, w http.ResponseWriter) {
	t.Helper()

	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)

		return
	}

	_ = conn.Close()
}

// A server may close an idle connection at any time. The second send of an attempt is no retry.
func TestAttemptRepeatsOnAReusedConnection(t *testing.T) {
	t.Parallel()

	t.Run("HTTP/1.1", func(t *testing.T) {
		t.Parallel()

		var requests atomic.Int64

		api := twoTrunks()
		client := connectHTTP1(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if requests.Add(1) == 2 {
				closeConnection(t, w)

				return
			}

			api.ServeHTTP(w, r)
		}), Config{})

		for range 2 {
			wantTrunks(t, client, api)
		}

		if got := requests.Load(); got != 3 {
			t.Errorf("%d requests, want 3", got)
		}
	})

	t.Run("HTTP/2", func(t *testing.T) {
		t.Parallel()

		api := twoTrunks()
		server := &http2Server{handle: func(f *framer, n int, stream uint32, path string) bool {
			if n == 2 {
				_ = f.WriteGoAway(stream-2, http2.ErrCodeNo, nil)

				return false
			}

			f.respond(t.Context(), api, stream, path)

			return true
		}}
		client := connectFramed(t, server, Config{})

		for range 2 {
			wantTrunks(t, client, api)
		}

		if got := server.requests.Load(); got != 3 {
			t.Errorf("%d requests, want 3", got)
		}
	})
}

// slowlyClosed is a connection that a request could still be sent on while it is closed.
type slowlyClosed struct{ net.Conn }

func (c *slowlyClosed) Close() error {
	time.Sleep(20 * time.Millisecond)

	return c.Conn.Close()
}

// Of many reused connections that the server closes, an attempt tries two.
func TestAttemptEndsAfterTwoClosedConnections(t *testing.T) {
	t.Parallel()

	const connections = 4

	var (
		requests  atomic.Int64
		connected sync.WaitGroup
	)

	connected.Add(connections)

	api := mockapi.New(mockapi.Trunks(99*connections + 50))
	client := connectHTTP1(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch n := requests.Add(1); {
		case n <= 1:
		case n <= 1+connections:
			// Concurrent pages have a connection each.
			connected.Done()
			connected.Wait()
		default:
			closeConnection(t, w)

			return
		}

		api.ServeHTTP(w, r)
	}), Config{})
	changeTransport(client, func(transport *http.Transport) {
		dial := transport.DialContext
		transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)

			return &slowlyClosed{conn}, err
		}
	})

	wantTrunks(t, client, api)

	_, err := fetchFirstPage(t.Context(), client)
	wantError(t, err, ErrConnectionClosed, "the connection was closed before the response was complete, twice")

	if got := requests.Load() - 1 - connections; got != 2 {
		t.Errorf("%d requests, want 2", got)
	}
}
