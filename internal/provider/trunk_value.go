// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// Trunks become values of Terraform's own type system. The framework's attr.Value, and structs
// all the more, would have to be turned into these in the end, and with ten thousand trunks
// that takes longer than everything else that the provider does: see PERFORMANCE.md.

var (
	metricsTypes = typesOf(metricsAttributes)
	trunkTypes   = typesOf(trunkAttributes)
	trunkType    = tftypes.Object{AttributeTypes: trunkTypes}
)

// typesOf takes the types from the schema, so that there is one place to change.
func typesOf[T any](attributes []attribute[T]) map[string]tftypes.Type {
	types := make(map[string]tftypes.Type, len(attributes))
	for _, a := range attributes {
		types[a.name] = a.schema.GetType().TerraformType(context.Background())
	}

	return types
}

// valuesOf is the values of all attributes, by name.
func valuesOf[T any](types map[string]tftypes.Type, attributes []attribute[T], of *T) map[string]tftypes.Value {
	values := make(map[string]tftypes.Value, len(attributes))
	for _, a := range attributes {
		values[a.name] = tftypes.NewValue(types[a.name], a.value(of))
	}

	return values
}

// trunkValues is a trunk as Terraform sees it. What the API left out is null, and so are the
// metrics if they are not wanted.
func trunkValues(trunk telepath.Trunk, includeMetrics bool) map[string]tftypes.Value {
	if !includeMetrics {
		trunk.Metrics = nil
	}

	return valuesOf(trunkTypes, trunkAttributes, &trunk)
}

// trunksValue is a list of trunks as Terraform sees them, never null.
func trunksValue(trunks []telepath.Trunk, includeMetrics bool) tftypes.Value {
	values := make([]tftypes.Value, len(trunks))
	for i, trunk := range trunks {
		values[i] = tftypes.NewValue(trunkType, trunkValues(trunk, includeMetrics))
	}

	return tftypes.NewValue(tftypes.List{ElementType: trunkType}, values)
}

// idsValue is the ids of trunks, in the same order, never null.
func idsValue(trunks []telepath.Trunk) tftypes.Value {
	ids := make([]tftypes.Value, len(trunks))
	for i, trunk := range trunks {
		ids[i] = tftypes.NewValue(tftypes.String, trunk.ID)
	}

	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, ids)
}
