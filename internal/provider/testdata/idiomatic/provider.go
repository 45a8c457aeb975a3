// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

// Package idiomatic is a provider with telepath_trunks by the book: structs, which the
// framework reads by reflection. It lists with the same client. It is what the mapping of the
// real provider is held against, in its result and in its time.
package idiomatic

import (
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

// New makes the provider.
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

	key, err := telepath.ParseKey(firstOf(model.APIKey.ValueString(), os.Getenv("TELEPATH_API_KEY")))
	if err != nil {
		resp.Diagnostics.AddError("API key", err.Error())
		return
	}

	baseURL, err := telepath.ParseBaseURL(firstOf(model.BaseURL.ValueString(), os.Getenv("TELEPATH_BASE_URL")))
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

func firstOf(configured, fromEnvironment string) string {
	if configured != "" {
		return configured
	}

	return fromEnvironment
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
	Trunks         []Trunk        `tfsdk:"trunks"`
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
		"trunks": dataschema.ListNestedAttribute{Computed: true, NestedObject: dataschema.NestedAttributeObject{Attributes: map[string]dataschema.Attribute{
			"id":           dataschema.StringAttribute{Computed: true},
			"name":         dataschema.StringAttribute{Computed: true},
			"status":       dataschema.StringAttribute{Computed: true},
			"ai_provider":  dataschema.StringAttribute{Computed: true},
			"sip_username": dataschema.StringAttribute{Computed: true},
			"created_at":   dataschema.StringAttribute{Computed: true},
			"updated_at":   dataschema.StringAttribute{Computed: true},
			"metrics": dataschema.SingleNestedAttribute{Computed: true, Attributes: map[string]dataschema.Attribute{
				"calls_today":    dataschema.Int64Attribute{Computed: true},
				"success_rate":   dataschema.Float64Attribute{Computed: true},
				"avg_latency_ms": dataschema.Int64Attribute{Computed: true},
			}},
		}}},
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

	model.IDs = IDs(listing.Trunks)
	model.Trunks = Trunks(listing.Trunks, model.IncludeMetrics.IsNull() || model.IncludeMetrics.ValueBool())
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
