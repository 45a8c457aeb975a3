// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// defaultReadTimeout ends a read when timeouts.read is not set.
const defaultReadTimeout = 5 * time.Minute

// longWait is the wait for the rate limit from which on a user is told, who would else wonder
// what took so long. It is a variable for the test that has no time for it.
var longWait = 10 * time.Second

// timeoutsAttribute is the attribute timeouts. It is not a block, since Terraform cannot mock
// blocks in a data source.
//
// The library's own attribute says nothing of itself, and takes times that are none.
func timeoutsAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "How long reading may take.",
		Optional:            true,
		CustomType:          timeouts.Type{ObjectType: types.ObjectType{AttrTypes: map[string]attr.Type{"read": types.StringType}}},
		Attributes: map[string]schema.Attribute{
			"read": schema.StringAttribute{
				MarkdownDescription: "How long reading may take in all, with every page, retry and wait for the rate limit, " +
					"as a [duration](https://pkg.go.dev/time#ParseDuration) such as `30s` or `10m`. Default: `5m`.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1), durationValidator{}},
			},
		},
	}
}

// list reads the trunks with a status, all if it is empty, for a data source with these
// timeouts.
func (a *account) list(ctx context.Context, limits timeouts.Value, status string) (*telepath.Listing, diag.Diagnostics) {
	timeout, diags := limits.Read(ctx, defaultReadTimeout)
	if diags.HasError() {
		return nil, diags
	}

	ctx, cancel := context.WithTimeoutCause(ctx, timeout, telepath.ErrReadTimeout)
	defer cancel()
	defer context.AfterFunc(a.interrupt, cancel)() //nolint:contextcheck // Two things can end a read.

	listing, err := a.client.List(ctx, status)
	if err != nil {
		diags.Append(a.explain(err, timeout))
		return nil, diags
	}

	diags.Append(waitWarning(listing.Waited)...)

	return listing, diags
}

// waitWarning says that a read waited long for the rate limit, if it did.
func waitWarning(waited time.Duration) diag.Diagnostics {
	var diags diag.Diagnostics

	if waited > longWait {
		diags.AddWarning(
			"Waited for the Telepath API's rate limit",
			fmt.Sprintf("Reading trunks waited %s until the API took more requests. The list is complete. "+
				"If this happens often, run fewer things that use the same account at the same time, or ask Telepath for a higher limit.",
				waited.Round(time.Second)),
		)
	}

	return diags
}
