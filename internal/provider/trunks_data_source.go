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

// trunksModel is the data block of telepath_trunks.
type trunksModel struct {
	Status         types.String   `tfsdk:"status"`
	IncludeMetrics types.Bool     `tfsdk:"include_metrics"`
	Timeouts       timeouts.Value `tfsdk:"timeouts"`
	IDs            types.List     `tfsdk:"ids"`
	Trunks         rawList        `tfsdk:"trunks"`
}

func (d *trunksDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	trunk := schema.NestedAttributeObject{Attributes: schemaOf(trunkAttributes)}

	resp.Schema = schema.Schema{
		MarkdownDescription: "All SIP trunks of the account, or all with one status. The list is complete, whatever the number of trunks, or reading it is an error. " +
			"Trunks are ordered by when they were created, so that a new one comes last.",
		Attributes: map[string]schema.Attribute{
			"status": schema.StringAttribute{
				MarkdownDescription: "Only trunks with this status: `active`, `inactive` or `error`. All trunks when not set.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(telepath.Statuses()...)},
			},
			"include_metrics": includeMetricsAttribute(),
			"timeouts":        timeoutsAttribute(ctx),
			"ids": schema.ListAttribute{
				MarkdownDescription: "Identifiers of the trunks, in the order of `trunks`. Empty, never null, when there are none.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"trunks": schema.ListNestedAttribute{
				MarkdownDescription: "The trunks. Empty, never null, when there are none. An attribute that Telepath did not send is null.",
				NestedObject:        trunk,
				CustomType:          rawListType{types.ListType{ElemType: trunk.Type()}},
				Computed:            true,
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

	// The largest one comes last: setting an attribute goes through all that is set.
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("ids"), idsValue(listing.Trunks))...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("trunks"), trunksValue(listing.Trunks, includeMetrics))...)
}
