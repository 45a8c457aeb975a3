// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestDropClosesTheConnection(t *testing.T) {
	t.Parallel()
	api := mockapi.New(mockapi.ReferenceTrunks())
	api.Fail(-1, mockapi.Drop())
	// A client of its own: one with idle connections would try again by itself.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(request(t, serve(t, api)+"/trunks"))
	if err == nil {
		err = resp.Body.Close()
		t.Fatalf("status %d (%v), want no answer", resp.StatusCode, err)
	}
	if !errors.Is(err, io.EOF) {
		t.Errorf("error %v, want EOF", err)
	}
}

func TestCutBodyBreaksInTheMiddle(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		trunks int
		target string
		status int
	}{
		"of a small answer": {2, "/trunks", http.StatusOK},
		"of a large answer": {100, "/trunks?limit=100", http.StatusOK},
		"of a refusal":      {2, "/trunks?limit=0", http.StatusBadRequest},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := mockapi.New(mockapi.Trunks(tt.trunks))
			api.Fail(1, mockapi.CutBody())
			base := serve(t, api)
			cut := do(t, request(t, base+tt.target))
			whole := do(t, request(t, base+tt.target))
			if !errors.Is(cut.err, io.ErrUnexpectedEOF) {
				t.Errorf("reading the body ended with %v, want unexpected EOF", cut.err)
			}
			if cut.status != tt.status {
				t.Errorf("status %d, want %d", cut.status, tt.status)
			}
			if got, want := cut.header.Get("Content-Length"), whole.header.Get("Content-Length"); got != want {
				t.Errorf("Content-Length %s, want %s of the whole answer", got, want)
			}
			if cut.body != whole.body[:len(whole.body)/2] {
				t.Errorf("body %q is not half of %q", cut.body, whole.body)
			}
			if cut.header.Get("X-RateLimit-Remaining") == "" {
				t.Error("the headers of the rate limit are missing")
			}
		})
	}
}

func TestHangsEndWithTheClient(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault mockapi.Fault
		body  string
	}{
		"Hang sends nothing":          {mockapi.Hang(), ""},
		"HangInBody sends half of it": {mockapi.HangInBody(), referenceAnswer[:len(referenceAnswer)/2]},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(mockapi.ReferenceTrunks())
				api.Fail(1, tt.fault)
				ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
				defer cancel()
				start := time.Now()
				rec := askAborted(t, api, request(t, "/v1/trunks").WithContext(ctx))
				if got := time.Since(start); got != 24*time.Hour {
					t.Errorf("ended after %v, want it to last until the client leaves", got)
				}
				if got := rec.Body.String(); got != tt.body {
					t.Errorf("body %q, want %q", got, tt.body)
				}
			})
		})
	}
}

// TestHangInBodyOverTheNetwork shows that what is sent also arrives, and that a
// client that leaves frees the server: else serve's Close would not come back.
func TestHangInBodyOverTheNetwork(t *testing.T) {
	t.Parallel()
	api := mockapi.New(mockapi.ReferenceTrunks())
	api.Fail(1, mockapi.HangInBody())
	resp, err := http.DefaultTransport.RoundTrip(request(t, serve(t, api)+"/trunks"))
	if err != nil {
		t.Fatal(err)
	}
	half := make([]byte, len(referenceAnswer)/2)
	if _, err := io.ReadFull(resp.Body, half); err != nil {
		t.Errorf("reading half of the body: %v", err)
	}
	if resp.ContentLength != int64(len(referenceAnswer)) {
		t.Errorf("Content-Length %d, want %d", resp.ContentLength, len(referenceAnswer))
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
}

func TestDripSendsAByteAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New(mockapi.ReferenceTrunks())
		api.Fail(1, mockapi.Drip(time.Second))
		w := &flushCounter{ResponseRecorder: httptest.NewRecorder()}
		start := time.Now()
		api.ServeHTTP(w, request(t, "/v1/trunks"))
		if got, want := time.Since(start), time.Duration(len(referenceAnswer))*time.Second; got != want {
			t.Errorf("took %v, want %v", got, want)
		}
		if w.Body.String() != referenceAnswer {
			t.Errorf("body %s, want the real answer", w.Body)
		}
		if want := len(referenceAnswer) + 1; w.flushes != want {
			t.Errorf("%d flushes, want %d: the head, then each byte", w.flushes, want)
		}
	})
}

func TestDripEndsWithTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New(mockapi.ReferenceTrunks())
		api.Fail(1, mockapi.Drip(time.Second))
		ctx, cancel := context.WithTimeout(t.Context(), 3500*time.Millisecond)
		defer cancel()
		rec := askAborted(t, api, request(t, "/v1/trunks").WithContext(ctx))
		if got := rec.Body.String(); got != referenceAnswer[:3] {
			t.Errorf("body %q, want the first three bytes", got)
		}
	})
}

func TestDripArrivesWhole(t *testing.T) {
	t.Parallel()
	api := mockapi.New(mockapi.ReferenceTrunks())
	api.Fail(1, mockapi.Drip(0))
	if got := do(t, request(t, serve(t, api)+"/trunks")); got.err != nil || got.body != referenceAnswer {
		t.Errorf("body %q (%v), want the real answer", got.body, got.err)
	}
}

// flushCounter counts what is sent in pieces.
type flushCounter struct {
	*httptest.ResponseRecorder

	flushes int
}

func (f *flushCounter) Flush() {
	f.flushes++
	f.ResponseRecorder.Flush()
}
