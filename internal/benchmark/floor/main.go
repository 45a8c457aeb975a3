// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

// Command floor is a provider that does only what Terraform requires: the data source
// telepath_trunks on terraform-plugin-go, without the framework, and with trunks from memory
// instead of an API. The time that remains is Terraform's own.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"strconv"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

var (
	metricsType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"calls_today":    tftypes.Number,
		"success_rate":   tftypes.Number,
		"avg_latency_ms": tftypes.Number,
	}}
	trunkType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"id":           tftypes.String,
		"name":         tftypes.String,
		"status":       tftypes.String,
		"ai_provider":  tftypes.String,
		"sip_username": tftypes.String,
		"created_at":   tftypes.String,
		"updated_at":   tftypes.String,
		"metrics":      metricsType,
	}}

	idsType      = tftypes.List{ElementType: tftypes.String}
	trunksType   = tftypes.List{ElementType: trunkType}
	trunksSchema = &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{
		{Name: "status", Type: tftypes.String, Optional: true},
		{Name: "include_metrics", Type: tftypes.Bool, Optional: true},
		{Name: "timeouts", Optional: true, NestedType: &tfprotov6.SchemaObject{
			Nesting:    tfprotov6.SchemaObjectNestingModeSingle,
			Attributes: []*tfprotov6.SchemaAttribute{{Name: "read", Type: tftypes.String, Optional: true}},
		}},
		{Name: "ids", Type: idsType, Computed: true},
		{Name: "trunks", Type: trunksType, Computed: true},
	}}}
)

// floor is the provider. Terraform calls no method that is missing here.
type floor struct{ tfprotov6.ProviderServer }

func (floor) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{
		Provider:           &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}},
		DataSourceSchemas:  map[string]*tfprotov6.Schema{"telepath_trunks": trunksSchema},
		ServerCapabilities: &tfprotov6.ServerCapabilities{GetProviderSchemaOptional: true},
	}, nil
}

func (floor) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{}, nil
}

func (floor) ValidateProviderConfig(_ context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: req.Config}, nil
}

func (floor) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (floor) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func (floor) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

// ReadDataSource returns as many trunks as the environment variable FLOOR_TRUNKS says.
func (floor) ReadDataSource(_ context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	n, err := strconv.Atoi(os.Getenv("FLOOR_TRUNKS"))
	if err != nil {
		return nil, err
	}

	config, err := req.Config.Unmarshal(trunksSchema.ValueType())
	if err != nil {
		return nil, err
	}

	state := map[string]tftypes.Value{}
	if err := config.As(&state); err != nil {
		return nil, err
	}

	ids, trunks := make([]tftypes.Value, n), make([]tftypes.Value, n)
	for i, trunk := range mockapi.Trunks(n) {
		ids[i] = tftypes.NewValue(tftypes.String, trunk.ID)
		trunks[i] = tftypes.NewValue(trunkType, map[string]tftypes.Value{
			"id":           ids[i],
			"name":         tftypes.NewValue(tftypes.String, trunk.Name),
			"status":       tftypes.NewValue(tftypes.String, trunk.Status),
			"ai_provider":  tftypes.NewValue(tftypes.String, trunk.AIProvider),
			"sip_username": tftypes.NewValue(tftypes.String, trunk.SIPUsername),
			"created_at":   tftypes.NewValue(tftypes.String, trunk.CreatedAt),
			"updated_at":   tftypes.NewValue(tftypes.String, trunk.UpdatedAt),
			"metrics": tftypes.NewValue(metricsType, map[string]tftypes.Value{
				"calls_today":    tftypes.NewValue(tftypes.Number, trunk.Metrics.CallsToday),
				"success_rate":   tftypes.NewValue(tftypes.Number, trunk.Metrics.SuccessRate),
				"avg_latency_ms": tftypes.NewValue(tftypes.Number, trunk.Metrics.AvgLatencyMS),
			}),
		})
	}

	state["ids"] = tftypes.NewValue(idsType, ids)
	state["trunks"] = tftypes.NewValue(trunksType, trunks)

	encoded, err := tfprotov6.NewDynamicValue(trunksSchema.ValueType(), tftypes.NewValue(trunksSchema.ValueType(), state))
	if err != nil {
		return nil, err
	}

	return &tfprotov6.ReadDataSourceResponse{State: &encoded}, nil
}

func main() {
	debug := flag.Bool("debug", false, "serve until interrupted")

	flag.Parse()

	var opts []tf6server.ServeOpt
	if *debug {
		opts = append(opts, tf6server.WithManagedDebug())
	}

	if err := tf6server.Serve("registry.terraform.io/telepathvoice/telepath", func() tfprotov6.ProviderServer { return floor{} }, opts...); err != nil {
		log.Fatal(err)
	}
}
