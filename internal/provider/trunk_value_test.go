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
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

func trunksSchema(t testing.TB) schema.Schema {
	t.Helper()

	var resp datasource.SchemaResponse

	newTrunksDataSource().Schema(t.Context(), datasource.SchemaRequest{}, &resp)

	if diags := resp.Schema.ValidateImplementation(t.Context()); diags.HasError() {
		t.Fatal(diags)
	}

	return resp.Schema
}

// idiomaticTrunk, and the two below, are how a provider would do it who goes by the book:
// structs, which the framework reads by reflection. They are what the mapping is held against.
type idiomaticTrunk struct {
	ID          types.String      `tfsdk:"id"`
	Name        types.String      `tfsdk:"name"`
	Status      types.String      `tfsdk:"status"`
	AIProvider  types.String      `tfsdk:"ai_provider"`
	SIPUsername types.String      `tfsdk:"sip_username"`
	CreatedAt   types.String      `tfsdk:"created_at"`
	UpdatedAt   types.String      `tfsdk:"updated_at"`
	Metrics     *idiomaticMetrics `tfsdk:"metrics"`
}

type idiomaticMetrics struct {
	CallsToday   types.Int64   `tfsdk:"calls_today"`
	SuccessRate  types.Float64 `tfsdk:"success_rate"`
	AvgLatencyMS types.Int64   `tfsdk:"avg_latency_ms"`
}

func idiomaticTrunks(trunks []telepath.Trunk, includeMetrics bool) []idiomaticTrunk {
	list := make([]idiomaticTrunk, len(trunks))

	for i, trunk := range trunks {
		list[i] = idiomaticTrunk{
			ID:          types.StringValue(trunk.ID),
			Name:        types.StringPointerValue(trunk.Name),
			Status:      types.StringPointerValue(trunk.Status),
			AIProvider:  types.StringPointerValue(trunk.AIProvider),
			SIPUsername: types.StringPointerValue(trunk.SIPUsername),
			CreatedAt:   types.StringPointerValue(trunk.CreatedAt),
			UpdatedAt:   types.StringPointerValue(trunk.UpdatedAt),
		}
		if includeMetrics && trunk.Metrics != nil {
			list[i].Metrics = &idiomaticMetrics{
				CallsToday:   types.Int64PointerValue((*int64)(trunk.Metrics.CallsToday)),
				SuccessRate:  types.Float64PointerValue(trunk.Metrics.SuccessRate),
				AvgLatencyMS: types.Int64PointerValue((*int64)(trunk.Metrics.AvgLatencyMS)),
			}
		}
	}

	return list
}

func idiomaticIDs(trunks []telepath.Trunk) []types.String {
	ids := make([]types.String, len(trunks))
	for i, trunk := range trunks {
		ids[i] = types.StringValue(trunk.ID)
	}

	return ids
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
		idiomatic := tfsdk.State{Schema: trunksSchema, Raw: empty}

		for attribute, values := range map[string][2]any{
			"ids":    {idsValue(trunks), idiomaticIDs(trunks)},
			"trunks": {trunksValue(trunks, includeMetrics), idiomaticTrunks(trunks, includeMetrics)},
		} {
			diags := fast.SetAttribute(t.Context(), path.Root(attribute), values[0])
			diags.Append(idiomatic.SetAttribute(t.Context(), path.Root(attribute), values[1])...)

			if diags.HasError() {
				t.Fatalf("seed %d: %v", seed, diags)
			}
		}

		diff, err := fast.Raw.Diff(idiomatic.Raw)
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
