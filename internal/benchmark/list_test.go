// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package benchmark

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// BenchmarkList lists an account over a network with a latency: with the client, and with the
// loop of the API's reference page, which requests one page after another.
func BenchmarkList(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		baseURL, _ := startAPI(b, n, 50*time.Millisecond)
		client := newClient(b, baseURL)

		compare(b, fmt.Sprintf("trunks=%d", n), []string{"loop", "provider"}, func(b *testing.B, by string) {
			b.Helper()

			var trunks []telepath.Trunk
			if by == "loop" {
				trunks = loop(b, baseURL)
			} else {
				trunks = list(b, client)
			}

			if len(trunks) != n {
				b.Fatalf("%d trunks", len(trunks))
			}
		})
	}
}

func list(b *testing.B, client *telepath.Client) []telepath.Trunk {
	b.Helper()

	listing, err := client.List(b.Context(), "")
	if err != nil {
		b.Fatal(err)
	}

	return listing.Trunks
}

func newClient(b *testing.B, baseURL string) *telepath.Client {
	b.Helper()

	parsed, err := telepath.ParseBaseURL(baseURL)
	if err != nil {
		b.Fatal(err)
	}

	key, err := telepath.ParseKey(testKey)
	if err != nil {
		b.Fatal(err)
	}

	client, err := telepath.New(telepath.Config{BaseURL: parsed, Key: key})
	if err != nil {
		b.Fatal(err)
	}

	return client
}

// loop is get_all_trunks of the reference page (Usage Examples, Pagination).
func loop(b *testing.B, baseURL string) []telepath.Trunk {
	b.Helper()

	const limit = 100

	var trunks []telepath.Trunk

	for offset := 0; ; offset += limit {
		var page struct {
			Trunks     []telepath.Trunk
			Pagination struct{ Total int }
		}

		getJSON(b, fmt.Sprintf("%s/trunks?limit=%d&offset=%d", baseURL, limit, offset), &page)

		trunks = append(trunks, page.Trunks...)
		if offset+limit >= page.Pagination.Total {
			return trunks
		}
	}
}

func getJSON(b *testing.B, address string, into any) {
	b.Helper()

	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, address, nil)
	if err != nil {
		b.Fatal(err)
	}

	req.Header.Set("Authorization", "Bearer "+testKey)

	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // The body was only read.

	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		b.Fatal(err)
	}
}
