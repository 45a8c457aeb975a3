// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

// This fake of Twilio's Terraform provider has the attributes that the guide "Connect trunks to a
// carrier" uses, as Twilio documents them. It stores resources in the state only.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return twilio{} }, providerserver.ServeOpts{
		Address: "registry.terraform.io/twilio/twilio",
	})
	if err != nil {
		log.Fatal(err)
	}
}

type twilio struct{}

func (twilio) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "twilio"
}

// Schema has no arguments, because the guide sets the credentials in the environment.
func (twilio) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (twilio) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (twilio) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (twilio) Resources(context.Context) []func() resource.Resource {
	var (
		required = schema.StringAttribute{Required: true}
		computed = schema.StringAttribute{Computed: true}
	)

	return []func() resource.Resource{
		func() resource.Resource {
			return stored{"_trunking_trunks_v1", map[string]schema.Attribute{
				"sid":           computed,
				"friendly_name": schema.StringAttribute{Optional: true, Computed: true},
			}}
		},
		func() resource.Resource {
			return stored{"_trunking_trunks_origination_urls_v1", map[string]schema.Attribute{
				"trunk_sid":     required,
				"friendly_name": required,
				"sip_url":       required,
				"enabled":       schema.BoolAttribute{Required: true},
				"priority":      schema.Int64Attribute{Required: true},
				"weight":        schema.Int64Attribute{Required: true},
			}}
		},
	}
}

// stored is a resource that exists in the state only.
type stored struct {
	name       string
	attributes map[string]schema.Attribute
}

func (r stored) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + r.name
}

func (r stored) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: r.attributes}
}

func (stored) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = known(req.Plan.Raw)
}

func (stored) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (stored) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = known(req.Plan.Raw)
}

func (stored) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// known replaces the values that are known after apply.
func known(planned tftypes.Value) tftypes.Value {
	value, err := tftypes.Transform(planned, func(_ *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if value.IsKnown() {
			return value, nil
		}

		return tftypes.NewValue(tftypes.String, "TK0123456789"), nil
	})
	if err != nil {
		panic(err)
	}

	return value
}
