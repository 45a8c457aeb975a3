// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
	"github.com/telepathvoice/terraform-provider-telepath/internal/provider/testdata/idiomatic"
	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// BenchmarkMapping is from trunks to the state, by this provider and as the book has it.
func BenchmarkMapping(b *testing.B) {
	trunksSchema := trunksSchema(b)
	empty := tftypes.NewValue(trunksSchema.Type().TerraformType(b.Context()), nil)

	for _, n := range []int{100, 1_000, 10_000} {
		trunks := benchTrunks(n)

		for _, mapping := range []struct {
			name   string
			values func() map[string]any
		}{
			{"provider", func() map[string]any {
				return map[string]any{"ids": idsValue(trunks), "trunks": trunksValue(trunks, true)}
			}},
			{"idiomatic", func() map[string]any {
				return map[string]any{"ids": idiomatic.IDs(trunks), "trunks": idiomatic.Trunks(trunks, true)}
			}},
		} {
			b.Run(fmt.Sprintf("trunks=%d/by=%s", n, mapping.name), func(b *testing.B) {
				b.ReportAllocs()

				for b.Loop() {
					state := tfsdk.State{Schema: trunksSchema, Raw: empty}
					values := mapping.values()

					for _, name := range []string{"ids", "trunks"} {
						if diags := state.SetAttribute(b.Context(), path.Root(name), values[name]); diags.HasError() {
							b.Fatal(diags)
						}
					}
				}
			})
		}
	}
}

// BenchmarkReadDataSource is the whole call as Terraform makes it, with the listing over
// loopback from a server that has its answers ready.
func BenchmarkReadDataSource(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		baseURL := startReadyAPI(b, n)

		for _, by := range []struct {
			name string
			make func() provider.Provider
		}{
			{"provider", New(b.Context(), "bench")},
			{"idiomatic", idiomatic.New},
		} {
			b.Run(fmt.Sprintf("trunks=%d/by=%s", n, by.name), func(b *testing.B) {
				server, request := configured(b, baseURL, by.make())

				b.ReportAllocs()

				for b.Loop() {
					resp, err := server.ReadDataSource(b.Context(), request)
					if err != nil || len(resp.Diagnostics) > 0 {
						b.Fatal(err, resp.Diagnostics)
					}
				}
			})
		}
	}
}

// BenchmarkCurve is the same call with more trunks, to see whether one costs more then.
func BenchmarkCurve(b *testing.B) {
	for _, n := range []int{1_000, 2_000, 5_000, 10_000, 20_000, 50_000} {
		baseURL := startReadyAPI(b, n)

		b.Run(fmt.Sprintf("trunks=%d", n), func(b *testing.B) {
			server, request := configured(b, baseURL, New(b.Context(), "bench")())

			b.ReportAllocs()

			for b.Loop() {
				resp, err := server.ReadDataSource(b.Context(), request)
				if err != nil || len(resp.Diagnostics) > 0 {
					b.Fatal(err, resp.Diagnostics)
				}
			}

			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/trunk")
		})
	}
}

// configured is a server of a provider, and a request to read all trunks.
func configured(tb testing.TB, baseURL string, of provider.Provider) (tfprotov6.ProviderServer, *tfprotov6.ReadDataSourceRequest) {
	tb.Helper()

	server := providerserver.NewProtocol6(of)()

	schemas, err := server.GetProviderSchema(tb.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		tb.Fatal(err)
	}

	resp, err := server.ConfigureProvider(tb.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: dynamic(tb, schemas.Provider.ValueType(), map[string]tftypes.Value{
			"api_key":  tftypes.NewValue(tftypes.String, testKey),
			"base_url": tftypes.NewValue(tftypes.String, baseURL),
		}),
	})
	if err != nil || len(resp.Diagnostics) > 0 {
		tb.Fatal(err, resp.Diagnostics)
	}

	return server, &tfprotov6.ReadDataSourceRequest{
		TypeName: "telepath_trunks",
		Config:   dynamic(tb, schemas.DataSourceSchemas["telepath_trunks"].ValueType(), nil),
	}
}

// startReadyAPI serves an account of n trunks, and makes each answer once: what the mock costs
// is not what is measured.
func startReadyAPI(b *testing.B, n int) string {
	b.Helper()

	api := mockapi.New(mockapi.Trunks(n))

	var ready sync.Map

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := ready.Load(r.URL.RawQuery)
		if !ok {
			recorder := httptest.NewRecorder()
			api.ServeHTTP(recorder, r)
			answer = recorder.Body.Bytes()
			ready.Store(r.URL.RawQuery, answer)
		}

		if body, ok := answer.([]byte); ok {
			_, _ = w.Write(body) //nolint:gosec // Nobody looks at it in a browser.
		}
	}))
	b.Cleanup(server.Close)

	return server.URL + "/v1"
}

// benchTrunks are n trunks as the API would list them.
func benchTrunks(n int) []telepath.Trunk {
	trunks := make([]telepath.Trunk, n)
	for i, trunk := range mockapi.Trunks(n) {
		trunks[i] = telepath.Trunk{
			ID: trunk.ID, Name: new(trunk.Name), Status: new(trunk.Status), AIProvider: new(trunk.AIProvider), SIPUsername: new(trunk.SIPUsername),
			CreatedAt: new(trunk.CreatedAt), UpdatedAt: new(trunk.UpdatedAt),
			Metrics: &telepath.Metrics{
				CallsToday:   new(telepath.Integer(trunk.Metrics.CallsToday)),
				SuccessRate:  new(trunk.Metrics.SuccessRate),
				AvgLatencyMS: new(telepath.Integer(trunk.Metrics.AvgLatencyMS)),
			},
		}
	}

	return trunks
}
