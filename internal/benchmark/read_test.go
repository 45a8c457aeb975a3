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

// BenchmarkReadDataSource measures the call that Terraform makes, and the client's part of it:
// requests and parsing.
func BenchmarkReadDataSource(b *testing.B) {
	for _, n := range []int{10_000, 50_000} {
		baseURL, _ := startAPI(b, n, 0)
		client := newClient(b, baseURL)

		reads := map[string]func(*testing.B){
			"idiomatic": reader(b, baseURL, idiomatic.New()),
			"provider":  reader(b, baseURL, telepathprovider.New(b.Context(), "bench")()),
			"client":    func(b *testing.B) { b.Helper(); list(b, client) },
		}

		compare(b, fmt.Sprintf("trunks=%d", n), []string{"idiomatic", "provider", "client"}, func(b *testing.B, by string) {
			b.Helper()
			b.ReportAllocs()
			reads[by](b)
		})
	}
}

// reader configures the provider and returns a function that reads all trunks.
func reader(b *testing.B, baseURL string, p provider.Provider) func(*testing.B) {
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

	request := &tfprotov6.ReadDataSourceRequest{
		TypeName: "telepath_trunks",
		Config:   configuration(b, schemas.DataSourceSchemas["telepath_trunks"], nil),
	}

	return func(b *testing.B) {
		b.Helper()

		resp, err := server.ReadDataSource(b.Context(), request)
		if err != nil || len(resp.Diagnostics) > 0 {
			b.Fatal(err, resp.Diagnostics)
		}

		b.ReportMetric(float64(len(resp.State.MsgPack)), "message-B")
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
