// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package benchmark

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telepathvoice/terraform-provider-telepath/internal/benchmark/idiomatic"
	telepathprovider "github.com/telepathvoice/terraform-provider-telepath/internal/provider"
)

// BenchmarkReadDataSource measures the call that Terraform makes, including the listing.
func BenchmarkReadDataSource(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 50_000} {
		baseURL, _ := startAPI(b, n, 0)

		for _, subject := range []struct {
			name string
			new  func() provider.Provider
		}{
			{"provider", telepathprovider.New(b.Context(), "bench")},
			{"idiomatic", idiomatic.New},
		} {
			b.Run(fmt.Sprintf("trunks=%d/by=%s", n, subject.name), func(b *testing.B) {
				server, request := configure(b, baseURL, subject.new())

				b.ReportAllocs()

				var message int

				for b.Loop() {
					resp, err := server.ReadDataSource(b.Context(), request)
					if err != nil || len(resp.Diagnostics) > 0 {
						b.Fatal(err, resp.Diagnostics)
					}

					message = len(resp.State.MsgPack)
				}

				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/trunk")
				b.ReportMetric(float64(message)/float64(n), "message-B/trunk")
			})
		}
	}
}

// configure returns a configured server of the provider and a request to read all trunks.
func configure(b *testing.B, baseURL string, p provider.Provider) (tfprotov6.ProviderServer, *tfprotov6.ReadDataSourceRequest) {
	b.Helper()

	server := providerserver.NewProtocol6(p)()

	schemas, err := server.GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		b.Fatal(err)
	}

	resp, err := server.ConfigureProvider(b.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: configuration(b, schemas.Provider, map[string]string{"api_key": testKey, "base_url": baseURL}),
	})
	if err != nil || len(resp.Diagnostics) > 0 {
		b.Fatal(err, resp.Diagnostics)
	}

	return server, &tfprotov6.ReadDataSourceRequest{
		TypeName: "telepath_trunks",
		Config:   configuration(b, schemas.DataSourceSchemas["telepath_trunks"], nil),
	}
}

// configuration is a block with these string arguments. All others are null.
func configuration(b *testing.B, schema *tfprotov6.Schema, arguments map[string]string) *tfprotov6.DynamicValue {
	b.Helper()

	values := map[string]tftypes.Value{}

	for _, attribute := range schema.Block.Attributes {
		values[attribute.Name] = tftypes.NewValue(attribute.ValueType(), nil)
		if argument, ok := arguments[attribute.Name]; ok {
			values[attribute.Name] = tftypes.NewValue(tftypes.String, argument)
		}
	}

	value, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), values))
	if err != nil {
		b.Fatal(err)
	}

	return &value
}
