// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package idiomatic

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// The struct of a trunk, with a tfsdk tag for each attribute, and its type in the schema. A
// provider usually declares both. Here they are derived from the client's struct, so that a new
// field needs no change. The framework reads a derived struct in the same way.
var trunkStruct, trunkType = modelOf(reflect.TypeFor[telepath.Trunk]())

// modelOf derives from a struct of the client a struct for the framework and its type.
func modelOf(from reflect.Type) (reflect.Type, types.ObjectType) {
	var fields []reflect.StructField

	object := types.ObjectType{AttrTypes: map[string]attr.Type{}}

	for field := range from.Fields() {
		name := field.Tag.Get("json")
		model := reflect.StructField{Name: field.Name, Tag: reflect.StructTag(`tfsdk:"` + name + `"`)}

		if isStruct(field.Type) {
			nested, nestedType := modelOf(field.Type.Elem())
			model.Type, object.AttrTypes[name] = reflect.PointerTo(nested), nestedType
		} else {
			null := valueOf(reflect.Zero(field.Type))
			model.Type, object.AttrTypes[name] = reflect.TypeOf(null), null.Type(context.Background())
		}

		fields = append(fields, model)
	}

	return reflect.StructOf(fields), object
}

// isStruct reports whether a field is an object, such as the metrics of a trunk.
func isStruct(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct
}

// valueOf converts a field to a value of the framework.
func valueOf(field reflect.Value) attr.Value {
	switch value := field.Interface().(type) {
	case *string:
		return types.StringPointerValue(value)
	case *float64:
		return types.Float64PointerValue(value)
	case *telepath.Integer:
		return types.Int64PointerValue((*int64)(value))
	}

	return types.StringValue(field.String())
}

// set sets the fields of a model.
func set(model, from reflect.Value) {
	for i := range from.NumField() {
		switch field := from.Field(i); {
		case !isStruct(field.Type()):
			model.Field(i).Set(reflect.ValueOf(valueOf(field)))
		case !field.IsNil():
			model.Field(i).Set(reflect.New(model.Field(i).Type().Elem()))
			set(model.Field(i).Elem(), field.Elem())
		}
	}
}

// trunksOf returns the value of the attribute trunks, a slice that is never nil.
func trunksOf(listed []telepath.Trunk, includeMetrics bool) any {
	trunks := reflect.MakeSlice(reflect.SliceOf(trunkStruct), len(listed), len(listed))

	for i, trunk := range listed {
		if !includeMetrics {
			trunk.Metrics = nil
		}

		set(trunks.Index(i), reflect.ValueOf(trunk))
	}

	return trunks.Interface()
}

// idsOf returns the value of the attribute ids, never nil.
func idsOf(trunks []telepath.Trunk) []types.String {
	ids := make([]types.String, len(trunks))
	for i, trunk := range trunks {
		ids[i] = types.StringValue(trunk.ID)
	}

	return ids
}
