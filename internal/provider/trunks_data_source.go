// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

var (
	_ datasource.DataSource              = (*trunksDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*trunksDataSource)(nil)
)

// trunksDataSource is telepath_trunks.
type trunksDataSource struct {
	account *account
}

func newTrunksDataSource() datasource.DataSource {
	return &trunksDataSource{}
}

func (d *trunksDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_trunks"
}

// trunksModel is the configuration and state of telepath_trunks.
type trunksModel struct {
	Status         types.String   `tfsdk:"status"`
	IncludeMetrics types.Bool     `tfsdk:"include_metrics"`
	Timeouts       timeouts.Value `tfsdk:"timeouts"`
	IDs            types.List     `tfsdk:"ids"`
	Trunks         rawList        `tfsdk:"trunks"`
}

func (d *trunksDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	trunk := schema.SingleNestedAttribute{Attributes: schemaOf(trunkAttributes)}

	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists all SIP trunks of the account, or all trunks with one status. Trunks are ordered by creation time, so that a new trunk comes last. " +
			"A trunk without `created_at` comes first.",
		Attributes: map[string]schema.Attribute{
			"status": schema.StringAttribute{
				MarkdownDescription: "Return only trunks with this status: `active`, `inactive` or `error`. Default: all trunks.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(telepath.Statuses()...)},
			},
			"include_metrics": includeMetricsAttribute(),
			"timeouts":        timeoutsAttribute(ctx),
			"ids": schema.ListAttribute{
				MarkdownDescription: "IDs of the trunks, in the same order as `trunks`. An empty list if there are none.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			// A list of objects, because Terraform can't mock a list of nested attributes. Once it
			// can, this becomes a ListNestedAttribute with schemaOf(trunkAttributes):
			// https://github.com/hashicorp/terraform/issues/38369
			"trunks": schema.ListAttribute{
				MarkdownDescription: "Trunks in order of creation. An empty list if there are none. Each trunk has these attributes:\n\n" +
					bulletsOf(trunk.Attributes, "  ") + "\n  An attribute that the API omitted is null.",
				CustomType: rawListType{types.ListType{ElemType: trunk.GetType()}},
				Computed:   true,
			},
		},
	}
}

func (d *trunksDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.account = configuredAccount(req, resp)
}

func (d *trunksDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model trunksModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)

	if resp.Diagnostics.HasError() {
		return
	}

	listing, diags := d.account.list(ctx, model.Timeouts, model.Status.ValueString())
	resp.Diagnostics.Append(diags...)

	if resp.Diagnostics.HasError() {
		return
	}

	includeMetrics := metricsIncluded(model.IncludeMetrics)

	// trunks is set last, because SetAttribute walks all values that are already set.
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("ids"), idsValue(listing.Trunks))...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("trunks"), trunksValue(listing.Trunks, includeMetrics))...)
}
