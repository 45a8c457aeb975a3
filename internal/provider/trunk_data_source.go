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

func (d *trunkDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := schemaOf(trunkAttributes)
	attributes["include_metrics"] = includeMetricsAttribute()
	attributes["timeouts"] = timeoutsAttribute()

	// What a trunk is looked up by is filled in as well when it is looked up by another.
	for _, key := range lookupKeys() {
		argument := schema.StringAttribute{
			MarkdownDescription: attributes[key.attribute].GetMarkdownDescription() + " Set it to look a trunk up by it, exactly as it is.",
			Optional:            true,
			Computed:            true,
		}

		// A name may be empty. Nothing else may, and is when a variable was forgotten.
		if key.attribute != "name" {
			argument.Validators = []validator.String{stringvalidator.LengthAtLeast(1)}
		}

		attributes[key.attribute] = argument
	}

	resp.Schema = schema.Schema{
		MarkdownDescription: "One SIP trunk of the account, looked up by its `id`, its `name` or its `sip_username`: exactly one of them has to be set. It is an error if there is no such trunk, or if there are several. An attribute that Telepath did not send is null.",
		Attributes:          attributes,
	}
}

func (d *trunkDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	var paths []path.Expression
	for _, key := range lookupKeys() {
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

	trunk, problem := wanted.find(listing.Trunks)
	if problem != nil {
		resp.Diagnostics.Append(problem)
		return
	}

	for name, value := range trunkValues(trunk, metricsIncluded(includeMetrics)) {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
}

// configuredLookup is what a configuration looks up. The validators have seen to it that it is
// one thing.
func configuredLookup(ctx context.Context, config tfsdk.Config) (lookup, diag.Diagnostics) {
	var diags diag.Diagnostics

	for _, key := range lookupKeys() {
		var value types.String

		diags.Append(config.GetAttribute(ctx, path.Root(key.attribute), &value)...)

		if !value.IsNull() {
			return lookup{key: key, value: value.ValueString()}, diags
		}
	}

	diags.AddError("Nothing to look up", "None of id, name and sip_username is set. This is a fault of the provider, which should have said so when validating: please report it.")

	return lookup{}, diags
}
