// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// BenchmarkParsePage reads an answer with a full page.
func BenchmarkParsePage(b *testing.B) {
	body := answerOf(b, mockapi.New(mockapi.Trunks(100)), "limit=100&offset=0")

	b.SetBytes(int64(len(body)))
	b.ReportAllocs()

	for b.Loop() {
		if _, err := parsePage(newKey(testKey), body); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkList reads a whole account over loopback, where each answer takes its time, by this
// client and by the loop of the reference page, one page after another.
func BenchmarkList(b *testing.B) {
	for _, latency := range []time.Duration{0, 50 * time.Millisecond} {
		for _, n := range []int{1_000, 10_000} {
			client := benchClient(b, n, latency)

			b.Run(fmt.Sprintf("latency=%s/trunks=%d/by=provider", latency, n), func(b *testing.B) {
				b.ReportAllocs()

				for b.Loop() {
					listing, err := client.List(b.Context(), "")
					if err != nil || len(listing.Trunks) != n {
						b.Fatal(err)
					}
				}
			})
			b.Run(fmt.Sprintf("latency=%s/trunks=%d/by=loop", latency, n), func(b *testing.B) {
				b.ReportAllocs()

				for b.Loop() {
					alone := &lister{client: client}

					var trunks []Trunk

					for total := 1; len(trunks) < total; {
						next, err := alone.fetchPage(b.Context(), pageQuery{offset: len(trunks), limit: maxLimit})
						if err != nil {
							b.Fatal(err)
						}

						trunks = append(trunks, next.trunks...)
						total = next.total
					}

					if len(trunks) != n {
						b.Fatalf("%d trunks", len(trunks))
					}
				}
			})
		}
	}
}

// benchClient is a client of a server that has its answers ready, after the latency: what the
// mock costs is not what is measured.
func benchClient(b *testing.B, n int, latency time.Duration) *Client {
	b.Helper()

	api := mockapi.New(mockapi.Trunks(n))

	var ready sync.Map

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(latency)

		answer, ok := ready.Load(r.URL.RawQuery)
		if !ok {
			answer = answerOf(b, api, r.URL.RawQuery) //nolint:contextcheck // The answer is everybody's.
			ready.Store(r.URL.RawQuery, answer)
		}

		if body, ok := answer.([]byte); ok {
			_, _ = w.Write(body) //nolint:gosec // JSON, and no browser.
		}
	}))
	b.Cleanup(server.Close)

	baseURL, err := ParseBaseURL(server.URL + "/v1")
	if err != nil {
		b.Fatal(err)
	}

	client, err := New(Config{BaseURL: baseURL, Key: newKey("sk_live_test")})
	if err != nil {
		b.Fatal(err)
	}

	b.Cleanup(func() { client.pool.retire(0) })

	return client
}

func answerOf(b *testing.B, api http.Handler, query string) []byte {
	b.Helper()

	recorder := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/v1/trunks?"+query, nil)
	request.Header.Set("Authorization", "Bearer sk_live_test")
	api.ServeHTTP(recorder, request)

	return recorder.Body.Bytes()
}
