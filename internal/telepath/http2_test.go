// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// framer is the server's side of a connection of HTTP/2.
type framer struct {
	*http2.Framer

	conn *tls.Conn
}

// respond sends the response of a handler to a stream.
func (f *framer) respond(ctx context.Context, handler http.Handler, stream uint32, path string) {
	recorder := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	request.Header.Set("Authorization", "Bearer "+testKey)
	handler.ServeHTTP(recorder, request)

	var header bytes.Buffer

	_ = hpack.NewEncoder(&header).WriteField(hpack.HeaderField{Name: ":status", Value: strconv.Itoa(recorder.Code)})
	_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: header.Bytes(), EndHeaders: true})

	for body := recorder.Body.Bytes(); ; body = body[16384:] {
		if len(body) <= 16384 {
			_ = f.WriteData(stream, true, body)

			return
		}

		_ = f.WriteData(stream, false, body[:16384])
	}
}

// http2Server is a server that handles the requests of HTTP/2 by frames.
type http2Server struct {
	// handle handles the request with a number, counted from 1, and reports whether the connection stays open.
	handle   func(f *framer, n int, stream uint32, path string) bool
	requests atomic.Int64
}

// connectFramed serves the requests by frames, and returns a client.
func connectFramed(t *testing.T, s *http2Server, config Config) *Client {
	t.Helper()

	server := httptest.NewUnstartedServer(nil)
	server.TLS = &tls.Config{NextProtos: []string{"h2"}}
	server.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){"h2": s.serve}
	server = startServer(t, server, (*httptest.Server).StartTLS)

	config.BaseURL = mustParseBaseURL(t, server.URL)
	client := newTestClient(t, config)
	trust(client, server)

	return client
}

func (s *http2Server) serve(_ *http.Server, conn *tls.Conn, _ http.Handler) {
	if _, err := io.CopyN(io.Discard, conn, int64(len(http2.ClientPreface))); err != nil {
		return
	}

	f := &framer{http2.NewFramer(conn, conn), conn}
	f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	_ = f.WriteSettings()

	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return
		}

		headers, ok := frame.(*http2.MetaHeadersFrame)
		if ok && !s.handle(f, int(s.requests.Add(1)), headers.StreamID, headers.PseudoValue("path")) {
			return
		}
	}
}

// reset resets each stream with a code.
func reset(code http2.ErrCode, keepOpen bool) func(*framer, uint32) bool {
	return func(f *framer, stream uint32) bool {
		_ = f.WriteRSTStream(stream, code)

		return keepOpen
	}
}

// goAway announces the end of the connection before each request (RFC 9113, section 6.8).
func goAway(code http2.ErrCode) func(*framer, uint32) bool {
	return func(f *framer, _ uint32) bool {
		_ = f.WriteGoAway(0, code, nil)

		return false
	}
}

// An attempt sends the request at most twice.
func TestHTTP2Rejects(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		reject func(f *framer, stream uint32) bool
		sends  int64 // At most.
		kind   error
		text   string
	}{
		"PROTOCOL_ERROR, and the connection closes": {reset(http2.ErrCodeProtocol, false), 2, ErrConnectionClosed, "complete"},
		"REFUSED_STREAM, and the connection closes": {reset(http2.ErrCodeRefusedStream, false), 2, ErrConnectionClosed, "complete"},
		"REFUSED_STREAM":                {reset(http2.ErrCodeRefusedStream, true), 2, ErrConnectionClosed, "complete"},
		"GOAWAY without an error":       {goAway(http2.ErrCodeNo), 2, ErrConnectionClosed, "complete, twice"},
		"GOAWAY with PROTOCOL_ERROR":    {goAway(http2.ErrCodeProtocol), 1, ErrConnectionClosed, "PROTOCOL_ERROR"},
		"GOAWAY with ENHANCE_YOUR_CALM": {goAway(http2.ErrCodeEnhanceYourCalm), 1, ErrConnectionClosed, "ENHANCE_YOUR_CALM"},
		"GOAWAY while the request is handled": {func(f *framer, stream uint32) bool {
			_ = f.WriteGoAway(stream, http2.ErrCodeInternal, []byte("sk_live_g\x00"))

			return false
		}, 1, ErrConnectionClosed, "ErrCode=INTERNAL_ERROR"},
		"INTERNAL_ERROR":    {reset(http2.ErrCodeInternal, true), 1, ErrConnectionClosed, "INTERNAL_ERROR; received from peer"},
		"HTTP_1_1_REQUIRED": {reset(http2.ErrCodeHTTP11Required, true), 1, ErrConnectionClosed, "complete"},
		"HTTP/1.1 instead of HTTP/2": {func(f *framer, _ uint32) bool {
			_, _ = io.WriteString(f.conn, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

			return false
		}, 1, ErrConnectionClosed, "complete"},
		"a frame of a wrong size": {func(f *framer, _ uint32) bool {
			_ = f.WriteRawFrame(http2.FramePing, 0, 0, nil)

			return false
		}, 1, ErrConnectionClosed, "complete"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server := &http2Server{handle: func(f *framer, _ int, stream uint32, _ string) bool { return test.reject(f, stream) }}

			_, err := fetchFirstPage(t.Context(), connectFramed(t, server, Config{}))
			if failure := requestError(t, err, test.kind, test.text); !failure.retryable() {
				t.Error("it is not retried")
			}

			if got := server.requests.Load(); got > test.sends {
				t.Errorf("%d requests, want at most %d", got, test.sends)
			}
		})

		t.Run(name+" on later pages", func(t *testing.T) {
			t.Parallel()

			const retries = 1

			api := mockapi.New(mockapi.Trunks(250))
			server := &http2Server{handle: func(f *framer, n int, stream uint32, path string) bool {
				if n > 1 {
					return test.reject(f, stream)
				}

				f.respond(t.Context(), api, stream, path)

				return true
			}}

			_, err := connectFramed(t, server, Config{MaxRetries: retries}).List(t.Context(), "")
			wantError(t, err, nil)

			// Two more pages.
			if got, most := server.requests.Load(), 1+2*2*int64(1+retries); got > most {
				t.Errorf("%d requests, want at most %d", got, most)
			}
		})

		t.Run(name+" once", func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.Trunks(250))
			server := &http2Server{handle: func(f *framer, n int, stream uint32, path string) bool {
				if n == 2 {
					return test.reject(f, stream)
				}

				f.respond(t.Context(), api, stream, path)

				return true
			}}

			wantTrunks(t, connectFramed(t, server, Config{MaxRetries: 1}), api)
		})
	}
}

// The end of an attempt does not break its connection, which other pages share.
func TestHTTP2RejectsOnePage(t *testing.T) {
	t.Parallel()

	var rejected atomic.Int64

	retried := make(chan struct{})
	api := mockapi.New(mockapi.Trunks(250))
	server := &http2Server{handle: func(f *framer, _ int, stream uint32, path string) bool {
		switch {
		case strings.Contains(path, "offset=198"):
			go func() {
				<-retried
				(&framer{http2.NewFramer(f.conn, nil), f.conn}).respond(t.Context(), api, stream, path)
			}()

			return true
		case strings.Contains(path, "offset=99") && rejected.Add(1) <= 2:
			return reset(http2.ErrCodeRefusedStream, true)(f, stream)
		case strings.Contains(path, "offset=99"):
			close(retried)
		}

		f.respond(t.Context(), api, stream, path)

		return true
	}}

	wantTrunks(t, connectFramed(t, server, Config{MaxRetries: 1}), api)

	if got := server.requests.Load(); got != 5 {
		t.Errorf("%d requests, want 5", got)
	}
}

// A connection that has no free stream is no rejection.
func TestHTTP2OneStreamPerConnection(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.Trunks(1700))
	server := httptest.NewUnstartedServer(api)
	server.EnableHTTP2 = true
	server.Config.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: 1}
	server = startServer(t, server, (*httptest.Server).StartTLS)

	client := newTestClient(t, Config{BaseURL: mustParseBaseURL(t, server.URL), MaxRetries: 4})
	trust(client, server)

	wantTrunks(t, client, api)
}
