// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// attribute is one attribute that Terraform sees of a T: its name, its schema, from which its
// type is taken, and its value.
type attribute[T any] struct {
	name   string
	schema schema.Attribute
	// value is what tftypes.NewValue takes for the type; a nil pointer is null.
	value func(*T) any
}

// trunkAttributes are all that Terraform sees of a trunk.
var trunkAttributes = []attribute[telepath.Trunk]{
	{
		"id",
		schema.StringAttribute{
			MarkdownDescription: "Identifier of the trunk, such as `conn_abc123xyz`.",
			Computed:            true,
		},
		func(trunk *telepath.Trunk) any { return trunk.ID },
	},
	{
		"name",
		schema.StringAttribute{
			MarkdownDescription: "Friendly name of the trunk. Several trunks may have the same.",
			Computed:            true,
		},
		func(trunk *telepath.Trunk) any { return trunk.Name },
	},
	{
		"status",
		schema.StringAttribute{
			MarkdownDescription: "Status of the trunk: `active`, `inactive` or `error`, or one that Telepath adds later.",
			Computed:            true,
		},
		func(trunk *telepath.Trunk) any { return trunk.Status },
	},
	{
		"ai_provider",
		schema.StringAttribute{
			MarkdownDescription: "Provider of the AI voice agent: `openai`, `elevenlabs` or `custom`, or one that Telepath adds later.",
			Computed:            true,
		},
		func(trunk *telepath.Trunk) any { return trunk.AIProvider },
	},
	{
		"sip_username",
		schema.StringAttribute{
			MarkdownDescription: "User name of SIP authentication, unique within the account. A carrier's origination URI is made of it: `sip:<sip_username>@sip.telepathvoice.com`.",
			Computed:            true,
		},
		func(trunk *telepath.Trunk) any { return trunk.SIPUsername },
	},
	{
		"created_at",
		schema.StringAttribute{
			MarkdownDescription: "When the trunk was created, as an ISO 8601 timestamp.",
			Computed:            true,
		},
		func(trunk *telepath.Trunk) any { return trunk.CreatedAt },
	},
	{
		"updated_at",
		schema.StringAttribute{
			MarkdownDescription: "When the trunk was last updated, as an ISO 8601 timestamp.",
			Computed:            true,
		},
		func(trunk *telepath.Trunk) any { return trunk.UpdatedAt },
	},
	{
		"metrics",
		schema.SingleNestedAttribute{
			MarkdownDescription: "How the trunk performs. It changes with every call, and with it whatever refers to it. Null with `include_metrics = false`.",
			Computed:            true,
			Attributes:          schemaOf(metricsAttributes),
		},
		func(trunk *telepath.Trunk) any {
			if trunk.Metrics == nil {
				return nil
			}

			return valuesOf(metricsTypes, metricsAttributes, trunk.Metrics)
		},
	},
}

// metricsAttributes are all that Terraform sees of a trunk's metrics.
var metricsAttributes = []attribute[telepath.Metrics]{
	{
		"calls_today",
		schema.Int64Attribute{
			MarkdownDescription: "Number of calls processed today.",
			Computed:            true,
		},
		func(metrics *telepath.Metrics) any { return (*int64)(metrics.CallsToday) },
	},
	{
		"success_rate",
		schema.Float64Attribute{
			MarkdownDescription: "Call success rate in percent, 0 to 100.",
			Computed:            true,
		},
		func(metrics *telepath.Metrics) any { return metrics.SuccessRate },
	},
	{
		"avg_latency_ms",
		schema.Int64Attribute{
			MarkdownDescription: "Average end-to-end latency in milliseconds, rounded to a whole number.",
			Computed:            true,
		},
		func(metrics *telepath.Metrics) any { return (*int64)(metrics.AvgLatencyMS) },
	},
}

// schemaOf is the attributes as a schema wants them.
func schemaOf[T any](attributes []attribute[T]) map[string]schema.Attribute {
	schemas := make(map[string]schema.Attribute, len(attributes))
	for _, a := range attributes {
		schemas[a.name] = a.schema
	}

	return schemas
}

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
