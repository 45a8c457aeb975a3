// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// Trunks become tftypes values directly. The framework converts its own attr.Value and structs
// to these in the end, which takes longer than the rest of a read of ten thousand trunks.
// See PERFORMANCE.md.

// attribute maps a field of T to an attribute. Schemas, types, descriptions and values are
// derived from the tables below, so that a new field of the API is one entry.
type attribute[T any] struct {
	name   string
	schema schema.Attribute
	// value returns what tftypes.NewValue accepts for the type. A nil pointer is null.
	value func(*T) any
}

// trunkAttributes are the attributes of a trunk.
var trunkAttributes = []attribute[telepath.Trunk]{
	stringAttribute("id", "ID of the trunk, for example `conn_abc123xyz`.", func(trunk *telepath.Trunk) any { return trunk.ID }),
	stringAttribute("name", "Friendly name of the trunk. Names are not necessarily unique.", func(trunk *telepath.Trunk) any { return trunk.Name }),
	stringAttribute("status", "Status of the trunk: `active`, `inactive` or `error`. Telepath may add others.", func(trunk *telepath.Trunk) any { return trunk.Status }),
	stringAttribute("ai_provider", "AI provider of the trunk: `openai`, `elevenlabs` or `custom`. Telepath may add others.", func(trunk *telepath.Trunk) any { return trunk.AIProvider }),
	stringAttribute("sip_username", "SIP authentication username, unique within the account. A carrier's origination URI contains it: `sip:<sip_username>@<host>`. The Telepath dashboard shows the host.", func(trunk *telepath.Trunk) any { return trunk.SIPUsername }),
	stringAttribute("created_at", "ISO 8601 timestamp when the trunk was created.", func(trunk *telepath.Trunk) any { return trunk.CreatedAt }),
	stringAttribute("updated_at", "ISO 8601 timestamp of the last update.", func(trunk *telepath.Trunk) any { return trunk.UpdatedAt }),
	{
		"metrics",
		schema.SingleNestedAttribute{
			MarkdownDescription: "Performance metrics of the trunk. They change with every phone call. Null if `include_metrics` is `false`.",
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

// stringAttribute is an attribute of a trunk that is a string.
func stringAttribute(name, description string, value func(*telepath.Trunk) any) attribute[telepath.Trunk] {
	return attribute[telepath.Trunk]{name, schema.StringAttribute{MarkdownDescription: description, Computed: true}, value}
}

// metricsAttributes are the attributes of a trunk's metrics.
var metricsAttributes = []attribute[telepath.Metrics]{
	{
		"calls_today",
		schema.Int64Attribute{
			MarkdownDescription: "Number of phone calls processed today.",
			Computed:            true,
		},
		func(metrics *telepath.Metrics) any { return (*int64)(metrics.CallsToday) },
	},
	{
		"success_rate",
		schema.Float64Attribute{
			MarkdownDescription: "Call success rate as a percentage, 0 to 100.",
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

var (
	metricsTypes = typesOf(metricsAttributes)
	trunkTypes   = typesOf(trunkAttributes)
	trunkType    = tftypes.Object{AttributeTypes: trunkTypes}
)

// schemaOf returns the attributes for a schema.
func schemaOf[T any](attributes []attribute[T]) map[string]schema.Attribute {
	schemas := make(map[string]schema.Attribute, len(attributes))
	for _, a := range attributes {
		schemas[a.name] = a.schema
	}

	return schemas
}

// typesOf returns Terraform's type of each attribute.
func typesOf[T any](attributes []attribute[T]) map[string]tftypes.Type {
	tfTypes := make(map[string]tftypes.Type, len(attributes))
	for _, a := range attributes {
		tfTypes[a.name] = a.schema.GetType().TerraformType(context.Background())
	}

	return tfTypes
}

// bulletsOf renders a Markdown list of the attributes, in alphabetical order as in the rest of the
// docs. The indentation keeps it inside the list item of the attribute that it describes.
func bulletsOf(attributes map[string]schema.Attribute, indent string) string {
	var list strings.Builder

	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		fmt.Fprintf(&list, "%s- `%s`: %s\n", indent, name, attributes[name].GetMarkdownDescription())

		if nested, ok := attributes[name].(schema.SingleNestedAttribute); ok {
			list.WriteString(bulletsOf(nested.Attributes, indent+"  "))
		}
	}

	return list.String()
}

// valuesOf returns the value of each attribute.
func valuesOf[T any](types map[string]tftypes.Type, attributes []attribute[T], of *T) map[string]tftypes.Value {
	values := make(map[string]tftypes.Value, len(attributes))
	for _, a := range attributes {
		values[a.name] = tftypes.NewValue(types[a.name], a.value(of))
	}

	return values
}

// trunkValues returns the attributes of a trunk. A field that the API omitted is null, and so
// are the metrics unless they are included.
func trunkValues(trunk telepath.Trunk, includeMetrics bool) map[string]tftypes.Value {
	if !includeMetrics {
		trunk.Metrics = nil
	}

	return valuesOf(trunkTypes, trunkAttributes, &trunk)
}

// trunksValue returns a list of objects, never null.
func trunksValue(trunks []telepath.Trunk, includeMetrics bool) tftypes.Value {
	values := make([]tftypes.Value, len(trunks))
	for i, trunk := range trunks {
		values[i] = tftypes.NewValue(trunkType, trunkValues(trunk, includeMetrics))
	}

	return tftypes.NewValue(tftypes.List{ElementType: trunkType}, values)
}

// idsValue returns the IDs of the trunks in the same order, never null.
func idsValue(trunks []telepath.Trunk) tftypes.Value {
	ids := make([]tftypes.Value, len(trunks))
	for i, trunk := range trunks {
		ids[i] = tftypes.NewValue(tftypes.String, trunk.ID)
	}

	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, ids)
}
