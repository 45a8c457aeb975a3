// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

// Package idiomatic is a provider with telepath_trunks as the framework's documentation shows
// it: structs that the framework reads by reflection. It uses the same client. BenchmarkApply
// checks that the real provider writes the same state, and compares the time.
package idiomatic

import (
	"cmp"
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	dataschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// New returns the provider.
func New() provider.Provider { return &telepathProvider{} }

type telepathProvider struct{}

type providerModel struct {
	APIKey  types.String `tfsdk:"api_key"`
	BaseURL types.String `tfsdk:"base_url"`
}

func (*telepathProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "telepath"
}

func (*telepathProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"api_key":  schema.StringAttribute{Optional: true, Sensitive: true},
		"base_url": schema.StringAttribute{Optional: true},
	}}
}

func (*telepathProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model providerModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)

	key, err := telepath.ParseKey(cmp.Or(model.APIKey.ValueString(), os.Getenv("TELEPATH_API_KEY")))
	if err != nil {
		resp.Diagnostics.AddError("API key", err.Error())

		return
	}

	baseURL, err := telepath.ParseBaseURL(cmp.Or(model.BaseURL.ValueString(), os.Getenv("TELEPATH_BASE_URL")))
	if err != nil {
		resp.Diagnostics.AddError("Base URL", err.Error())

		return
	}

	client, err := telepath.New(telepath.Config{BaseURL: baseURL, Key: key})
	if err != nil {
		resp.Diagnostics.AddError("Client", err.Error())

		return
	}

	resp.DataSourceData = client
}

func (*telepathProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{func() datasource.DataSource { return &trunksDataSource{} }}
}

func (*telepathProvider) Resources(context.Context) []func() resource.Resource { return nil }

type trunksDataSource struct{ client *telepath.Client }

type trunksModel struct {
	Status         types.String   `tfsdk:"status"`
	IncludeMetrics types.Bool     `tfsdk:"include_metrics"`
	Timeouts       timeouts.Value `tfsdk:"timeouts"`
	IDs            []types.String `tfsdk:"ids"`
	Trunks         any            `tfsdk:"trunks"`
}

func (*trunksDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "telepath_trunks"
}

func (*trunksDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dataschema.Schema{Attributes: map[string]dataschema.Attribute{
		"status":          dataschema.StringAttribute{Optional: true},
		"include_metrics": dataschema.BoolAttribute{Optional: true},
		"timeouts":        timeouts.Attributes(ctx),
		"ids":             dataschema.ListAttribute{ElementType: types.StringType, Computed: true},
		"trunks":          dataschema.ListAttribute{Computed: true, ElementType: trunkType},
	}}
}

func (d *trunksDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.client, _ = req.ProviderData.(*telepath.Client)
}

func (d *trunksDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model trunksModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)

	if resp.Diagnostics.HasError() {
		return
	}

	listing, err := d.client.List(ctx, model.Status.ValueString())
	if err != nil {
		resp.Diagnostics.AddError("Listing trunks", err.Error())

		return
	}

	model.IDs = idsOf(listing.Trunks)
	model.Trunks = trunksOf(listing.Trunks, model.IncludeMetrics.IsNull() || model.IncludeMetrics.ValueBool())
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
