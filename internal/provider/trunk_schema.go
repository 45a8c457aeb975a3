// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// includeMetricsAttribute is the attribute include_metrics of both data sources.
func includeMetricsAttribute() schema.Attribute {
	return schema.BoolAttribute{
		MarkdownDescription: "Whether to read `metrics`. They change with every call, so set this to false where a plan must not change with them: `metrics` is null then. Default: true.",
		Optional:            true,
	}
}

// metricsIncluded tells whether the metrics are wanted, which they are if nobody said.
func metricsIncluded(argument types.Bool) bool {
	return argument.IsNull() || argument.ValueBool()
}

// trunkAttributes is what Terraform sees of a trunk.
func trunkAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			MarkdownDescription: "Identifier of the trunk, such as `conn_abc123xyz`.",
			Computed:            true,
		},
		"name": schema.StringAttribute{
			MarkdownDescription: "Friendly name of the trunk. Several trunks may have the same.",
			Computed:            true,
		},
		"status": schema.StringAttribute{
			MarkdownDescription: "Status of the trunk: `active`, `inactive` or `error`, or one that Telepath adds later.",
			Computed:            true,
		},
		"ai_provider": schema.StringAttribute{
			MarkdownDescription: "Provider of the AI voice agent: `openai`, `elevenlabs` or `custom`, or one that Telepath adds later.",
			Computed:            true,
		},
		"sip_username": schema.StringAttribute{
			MarkdownDescription: "User name of SIP authentication, unique within the account. A carrier's origination URI is made of it: `sip:<sip_username>@sip.telepathvoice.com`.",
			Computed:            true,
		},
		"created_at": schema.StringAttribute{
			MarkdownDescription: "When the trunk was created, as an ISO 8601 timestamp.",
			Computed:            true,
		},
		"updated_at": schema.StringAttribute{
			MarkdownDescription: "When the trunk was last updated, as an ISO 8601 timestamp.",
			Computed:            true,
		},
		"metrics": schema.SingleNestedAttribute{
			MarkdownDescription: "How the trunk performs. It changes with every call, and with it whatever refers to it. Null with `include_metrics = false`.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"calls_today": schema.Int64Attribute{
					MarkdownDescription: "Number of calls processed today.",
					Computed:            true,
				},
				"success_rate": schema.Float64Attribute{
					MarkdownDescription: "Call success rate in percent, 0 to 100.",
					Computed:            true,
				},
				"avg_latency_ms": schema.Int64Attribute{
					MarkdownDescription: "Average end-to-end latency in milliseconds.",
					Computed:            true,
				},
			},
		},
	}
}
