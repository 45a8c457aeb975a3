// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telepathvoice/terraform-provider-telepath/internal/provider/testdata/idiomatic"
	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

func trunksSchema(tb testing.TB) schema.Schema {
	tb.Helper()

	var resp datasource.SchemaResponse

	newTrunksDataSource().Schema(tb.Context(), datasource.SchemaRequest{}, &resp)

	if diags := resp.Schema.ValidateImplementation(tb.Context()); diags.HasError() {
		tb.Fatal(diags)
	}

	return resp.Schema
}

// The fast mapping and the idiomatic one give the same state, whatever the trunks are.
func TestTrunksValueIsTheIdiomaticOne(t *testing.T) {
	trunksSchema := trunksSchema(t)
	empty := tftypes.NewValue(trunksSchema.Type().TerraformType(t.Context()), nil)

	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // It has to be repeatable.
		trunks := randomTrunks(random, random.IntN(20))
		includeMetrics := random.IntN(4) > 0

		fast := tfsdk.State{Schema: trunksSchema, Raw: empty}
		byTheBook := tfsdk.State{Schema: trunksSchema, Raw: empty}

		for attribute, values := range map[string][2]any{
			"ids":    {idsValue(trunks), idiomatic.IDs(trunks)},
			"trunks": {trunksValue(trunks, includeMetrics), idiomatic.Trunks(trunks, includeMetrics)},
		} {
			diags := fast.SetAttribute(t.Context(), path.Root(attribute), values[0])
			diags.Append(byTheBook.SetAttribute(t.Context(), path.Root(attribute), values[1])...)

			if diags.HasError() {
				t.Fatalf("seed %d: %v", seed, diags)
			}
		}

		diff, err := fast.Raw.Diff(byTheBook.Raw)
		if err != nil {
			t.Fatal(err)
		}

		if len(diff) > 0 {
			t.Fatalf("seed %d: they differ: %v", seed, diff)
		}
	}
}

// randomTrunks are trunks in which anything may be missing.
func randomTrunks(random *rand.Rand, n int) []telepath.Trunk {
	text := func() *string {
		return [...]*string{nil, new(""), new("A"), new("📞 \"\n"), new(fmt.Sprint(random.Int()))}[random.IntN(5)]
	}
	integer := func() *telepath.Integer {
		return [...]*telepath.Integer{nil, new(telepath.Integer(0)), new(telepath.Integer(-1)), new(telepath.Integer(random.Int64()))}[random.IntN(4)]
	}

	trunks := make([]telepath.Trunk, n)
	for i := range trunks {
		trunks[i] = telepath.Trunk{
			ID: fmt.Sprintf("conn_%d", i), Name: text(), Status: text(), AIProvider: text(), SIPUsername: text(), CreatedAt: text(), UpdatedAt: text(),
		}
		if random.IntN(3) > 0 {
			trunks[i].Metrics = &telepath.Metrics{
				CallsToday:   integer(),
				SuccessRate:  [...]*float64{nil, new(0.0), new(98.6), new(random.Float64() * 100)}[random.IntN(4)],
				AvgLatencyMS: integer(),
			}
		}
	}

	return trunks
}

// The mapping and the schema agree on the types: Terraform would refuse the values otherwise.
func TestTrunksValueFitsSchema(t *testing.T) {
	trunksSchema := trunksSchema(t)

	for name, got := range map[string]tftypes.Value{
		"ids":    idsValue(nil),
		"trunks": trunksValue(nil, true),
	} {
		if want := trunksSchema.Attributes[name].GetType().TerraformType(t.Context()); !got.Type().Equal(want) {
			t.Errorf("%s is of type %s, and the schema says %s", name, got.Type(), want)
		}

		if got.IsNull() {
			t.Errorf("%s of no trunks is null", name)
		}
	}
}
