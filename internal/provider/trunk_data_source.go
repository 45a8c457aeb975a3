// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ datasource.DataSource                     = (*trunkDataSource)(nil)
	_ datasource.DataSourceWithConfigure        = (*trunkDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*trunkDataSource)(nil)
)

// trunkDataSource is telepath_trunk.
type trunkDataSource struct {
	account *account
}

func newTrunkDataSource() datasource.DataSource {
	return &trunkDataSource{}
}

func (d *trunkDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_trunk"
}

func (d *trunkDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := schemaOf(trunkAttributes)
	attributes["include_metrics"] = includeMetricsAttribute()
	attributes["timeouts"] = timeoutsAttribute(ctx)

	// The lookup arguments that are not set are read from the trunk.
	for _, key := range lookupKeys {
		attributes[key.attribute] = schema.StringAttribute{
			MarkdownDescription: attributes[key.attribute].GetMarkdownDescription() + " Set this to look up the trunk; the match is exact.",
			Optional:            true,
			Computed:            true,
			// An empty value comes from a variable that is not set.
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		}
	}

	resp.Schema = schema.Schema{
		MarkdownDescription: "Looks up one SIP trunk of the account. Exactly one of `id`, `name` or `sip_username` must be set. " +
			"If no trunk matches, or several do, the read fails. An attribute that the API omitted is null.",
		Attributes: attributes,
	}
}

func (d *trunkDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	var paths []path.Expression
	for _, key := range lookupKeys {
		paths = append(paths, path.MatchRoot(key.attribute))
	}

	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(paths...)}
}

func (d *trunkDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.account = configuredAccount(req, resp)
}

func (d *trunkDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var (
		includeMetrics types.Bool
		limits         timeouts.Value
	)

	wanted, diags := configuredLookup(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("include_metrics"), &includeMetrics)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("timeouts"), &limits)...)

	if resp.Diagnostics.HasError() {
		return
	}

	listing, diags := d.account.list(ctx, limits, "")
	resp.Diagnostics.Append(diags...)

	if resp.Diagnostics.HasError() {
		return
	}

	trunk, notFound := wanted.find(listing.Trunks)
	if notFound != nil {
		resp.Diagnostics.Append(notFound)

		return
	}

	for name, value := range trunkValues(trunk, metricsIncluded(includeMetrics)) {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
}

// configuredLookup returns the lookup that is configured. ConfigValidators checks that there is
// exactly one.
func configuredLookup(ctx context.Context, config tfsdk.Config) (lookup, diag.Diagnostics) {
	var diags diag.Diagnostics

	for _, key := range lookupKeys {
		var value types.String

		diags.Append(config.GetAttribute(ctx, path.Root(key.attribute), &value)...)

		if !value.IsNull() {
			return lookup{key: key, value: value.ValueString()}, diags
		}
	}

	diags.Append(summaryLookupMissing.newError("None of id, name and sip_username is set. Set exactly one of them."))

	return lookup{}, diags
}
