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

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

const (
	// defaultReadTimeout ends a read when timeouts.read is not set.
	defaultReadTimeout = 5 * time.Minute
	// longWait is the wait for the rate limit from which on a user is told, who would else
	// wonder what took so long.
	longWait = 10 * time.Second
)

// timeoutsAttribute is the attribute timeouts. It is not a block, since Terraform cannot mock
// blocks in a data source.
func timeoutsAttribute(ctx context.Context) schema.Attribute {
	return timeouts.AttributesWithOpts(ctx, timeouts.Opts{
		ReadDescription: "How long reading may take in all, with every page, retry and wait for the rate limit, as a [duration](https://pkg.go.dev/time#ParseDuration) such as `30s` or `10m`. Default: `5m`.",
	})
}

// list reads the trunks with a status, all if it is empty, for a data source with these
// timeouts.
func (a *account) list(ctx context.Context, limits timeouts.Value, status string) (*telepath.Listing, diag.Diagnostics) {
	timeout, diags := limits.Read(ctx, defaultReadTimeout)
	if diags.HasError() {
		return nil, diags
	}

	if timeout <= 0 {
		diags.AddAttributeError(path.Root("timeouts").AtName("read"), "Invalid timeout",
			fmt.Sprintf("timeouts.read is %s, which leaves no time to read. Set it to more than 0, such as \"5m\", or leave it out.", timeout))

		return nil, diags
	}

	ctx, cancel := context.WithTimeoutCause(ctx, timeout, telepath.ErrReadTimeout)
	defer cancel()

	listing, err := a.client.List(ctx, status)
	if err != nil {
		diags.Append(a.explain(err, timeout))
		return nil, diags
	}

	if listing.Waited > longWait {
		diags.AddWarning(
			"Waited for the Telepath API's rate limit",
			fmt.Sprintf("Reading trunks waited %s until the API took more requests. The list is complete. "+
				"If this happens often, read less at once: look trunks up from one data source in place of several, run fewer things that use the same account at the same time, or ask Telepath for a higher limit.",
				listing.Waited.Round(time.Second)),
		)
	}

	return listing, diags
}
