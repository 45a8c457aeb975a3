// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// defaultReadTimeout applies if timeouts.read is not set.
const defaultReadTimeout = 5 * time.Minute

// includeMetricsAttribute is the argument include_metrics of both data sources.
func includeMetricsAttribute() schema.Attribute {
	return schema.BoolAttribute{
		MarkdownDescription: "Whether to include `metrics`, which change with every phone call. Set to `false` to keep plans stable. `metrics` is null in this case. Default: `true`.",
		Optional:            true,
	}
}

// metricsIncluded returns the argument's value or its default.
func metricsIncluded(argument types.Bool) bool {
	return argument.IsNull() || argument.ValueBool()
}

// timeoutsAttribute is the argument timeouts of both data sources. It is an attribute, because
// Terraform can't mock blocks of a data source.
func timeoutsAttribute(ctx context.Context) schema.Attribute {
	attribute := timeouts.AttributesWithOpts(ctx, timeouts.Opts{
		ReadDescription: "Maximum duration of the whole read, including every page, retry and rate limit wait: a " +
			"[duration](https://pkg.go.dev/time#ParseDuration) greater than 0, such as `30s` or `10m`. Default: `5m`.",
	})

	// The library has no option for this description.
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "Timeouts, for example `timeouts = { read = \"10m\" }`."

		return nested
	}

	return attribute
}

// list lists the trunks with a status, or all trunks if it is empty, within timeouts.read.
func (a *account) list(ctx context.Context, limits timeouts.Value, status string) (*telepath.Listing, diag.Diagnostics) {
	if a.configErrors.HasError() {
		return nil, a.configErrors
	}

	timeout, diags := limits.Read(ctx, defaultReadTimeout)
	if timeout <= 0 {
		// The library accepts every duration.
		diags.Append(invalidDuration(path.Root("timeouts").AtName("read"), timeout.String()))
	}

	if diags.HasError() {
		return nil, diags
	}

	ctx, cancel := context.WithTimeoutCause(ctx, timeout, telepath.ErrReadTimeout)
	defer cancel()
	defer context.AfterFunc(a.stopped, cancel)() //nolint:contextcheck // Two contexts can cancel a read.

	listing, err := a.client.List(ctx, status)
	if err != nil {
		diags.Append(a.explain(err, timeout))

		return nil, diags
	}

	if listing.Waited > a.longWait {
		diags.Append(summaryRateLimitWaited.newWarning(fmt.Sprintf("The read waited %s for the rate limit. The list is complete. "+
			"If the configuration has many telepath_trunk data sources, replace them with one telepath_trunks, which sends fewer requests. "+
			"Otherwise, run fewer pipelines of this account concurrently, or ask Telepath for a higher limit.",
			listing.Waited.Round(time.Second))))
	}

	if listing.Age > 0 {
		diags.Append(summaryListFromCache.newWarning(fmt.Sprintf("The list is up to %s old, according to the Age header of a response. It may lack trunks that were created since then, and contain deleted ones. "+
			"Exclude %s from the cache between this machine and the API.",
			listing.Age, a.settings.baseURL.Host)))
	}

	return listing, diags
}
