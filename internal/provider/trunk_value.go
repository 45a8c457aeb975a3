// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

var (
	trunkTypes   = attributeTypes(schema.NestedAttributeObject{Attributes: trunkAttributes()}.Type())
	metricsTypes = attributeTypes(trunkTypes["metrics"])
)

// attributeTypes takes the types from the schema, so that there is one place to change. It
// panics where the schema has no object, which is at the start of the program if ever.
func attributeTypes(object attr.Type) map[string]attr.Type {
	withTypes, ok := object.(attr.TypeWithAttributeTypes)
	if !ok {
		panic(fmt.Sprintf("%s is not an object", object))
	}

	return withTypes.AttributeTypes()
}

// idsValue is the ids of trunks, in the same order.
func idsValue(trunks []telepath.Trunk) types.List {
	ids := make([]attr.Value, len(trunks))
	for i, trunk := range trunks {
		ids[i] = types.StringValue(trunk.ID)
	}

	return types.ListValueMust(types.StringType, ids)
}

// trunksValue is trunks as Terraform sees them. What the API left out is null, and so are the
// metrics if they are not wanted.
func trunksValue(trunks []telepath.Trunk, includeMetrics bool) types.List {
	values := make([]attr.Value, len(trunks))
	for i, trunk := range trunks {
		values[i] = trunkValue(trunk, includeMetrics)
	}

	return types.ListValueMust(types.ObjectType{AttrTypes: trunkTypes}, values)
}

func trunkValue(trunk telepath.Trunk, includeMetrics bool) types.Object {
	if !includeMetrics {
		trunk.Metrics = nil
	}

	return types.ObjectValueMust(trunkTypes, map[string]attr.Value{
		"id":           types.StringValue(trunk.ID),
		"name":         types.StringPointerValue(trunk.Name),
		"status":       types.StringPointerValue(trunk.Status),
		"ai_provider":  types.StringPointerValue(trunk.AIProvider),
		"sip_username": types.StringPointerValue(trunk.SIPUsername),
		"created_at":   types.StringPointerValue(trunk.CreatedAt),
		"updated_at":   types.StringPointerValue(trunk.UpdatedAt),
		"metrics":      metricsValue(trunk.Metrics),
	})
}

func metricsValue(metrics *telepath.Metrics) types.Object {
	if metrics == nil {
		return types.ObjectNull(metricsTypes)
	}

	return types.ObjectValueMust(metricsTypes, map[string]attr.Value{
		"calls_today":    types.Int64PointerValue((*int64)(metrics.CallsToday)),
		"success_rate":   types.Float64PointerValue(metrics.SuccessRate),
		"avg_latency_ms": types.Int64PointerValue((*int64)(metrics.AvgLatencyMS)),
	})
}
