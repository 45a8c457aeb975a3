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
	"reflect"
	"strconv"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// The type of a trunk, and its values. Both have the fields of the mock API, so that a new field
// needs no change here.
var trunkType, trunkValue = converter(reflect.TypeFor[mockapi.Trunk]())

var (
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
		trunks[i] = trunkValue(reflect.ValueOf(trunk))
	}

	state["ids"] = tftypes.NewValue(idsType, ids)
	state["trunks"] = tftypes.NewValue(trunksType, trunks)

	encoded, err := tfprotov6.NewDynamicValue(trunksSchema.ValueType(), tftypes.NewValue(trunksSchema.ValueType(), state))
	if err != nil {
		return nil, err
	}

	return &tfprotov6.ReadDataSourceResponse{State: &encoded}, nil
}

// converter returns the Terraform type of a Go type and a function that converts its values.
func converter(t reflect.Type) (tftypes.Type, func(reflect.Value) tftypes.Value) {
	switch t.Kind() { //nolint:exhaustive // The mock API has no other kinds.
	case reflect.String:
		return tftypes.String, func(v reflect.Value) tftypes.Value { return tftypes.NewValue(tftypes.String, v.String()) }
	case reflect.Int64:
		return tftypes.Number, func(v reflect.Value) tftypes.Value { return tftypes.NewValue(tftypes.Number, v.Int()) }
	case reflect.Float64:
		return tftypes.Number, func(v reflect.Value) tftypes.Value { return tftypes.NewValue(tftypes.Number, v.Float()) }
	}

	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}
	fields := map[string]func(reflect.Value) tftypes.Value{}

	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("json"); name != "-" {
			fieldType, value := converter(t.Field(i).Type)
			object.AttributeTypes[name] = fieldType
			fields[name] = func(v reflect.Value) tftypes.Value { return value(v.Field(i)) }
		}
	}

	return object, func(v reflect.Value) tftypes.Value {
		attributes := make(map[string]tftypes.Value, len(fields))
		for name, value := range fields {
			attributes[name] = value(v)
		}

		return tftypes.NewValue(object, attributes)
	}
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
