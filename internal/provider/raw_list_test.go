// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// A raw list behaves like the framework's list of the same value.
func TestRawListEqualsFrameworkList(t *testing.T) {
	list, ok := trunksSchema(t).Attributes["trunks"].GetType().(rawListType)
	if !ok {
		t.Fatal("trunks is not a raw list")
	}

	trunks := make([]telepath.Trunk, 20)
	for i := range trunks {
		randomize(rand.New(rand.NewPCG(1, uint64(i))), reflect.ValueOf(&trunks[i]).Elem()) //nolint:gosec // It must be repeatable.
	}

	ofType := list.TerraformType(t.Context())
	values := map[string]tftypes.Value{
		"null":    tftypes.NewValue(ofType, nil),
		"unknown": tftypes.NewValue(ofType, tftypes.UnknownValue),
		"empty":   trunksValue(nil, true),
		"trunks":  trunksValue(trunks, true),
	}

	for name, value := range values {
		t.Run(name, func(t *testing.T) {
			raw := rawListOf(t, list, value)

			plain, err := list.ListType.ValueFromTerraform(t.Context(), value)
			if err != nil {
				t.Fatal(err)
			}

			if raw.IsNull() != plain.IsNull() || raw.IsUnknown() != plain.IsUnknown() {
				t.Errorf("null: %t, unknown: %t; the list: %t, %t", raw.IsNull(), raw.IsUnknown(), plain.IsNull(), plain.IsUnknown())
			}

			if got, err := raw.ToTerraformValue(t.Context()); err != nil || !got.Equal(value) {
				t.Errorf("the value is %s: %v", got, err)
			}

			got, diags := raw.ToListValue(t.Context())
			if diags.HasError() || !got.Equal(plain) {
				t.Errorf("the list is %s: %v", got, diags)
			}

			again, diags := list.ValueFromList(t.Context(), got)
			if diags.HasError() || !again.Equal(raw) {
				t.Errorf("from the list, the value is %s: %v", again, diags)
			}

			for other, value := range values {
				if equal := raw.Equal(rawListOf(t, list, value)); equal != (other == name) {
					t.Errorf("equal to %s: %t", other, equal)
				}
			}
		})
	}
}

func rawListOf(t *testing.T, list rawListType, value tftypes.Value) rawList {
	t.Helper()

	raw, err := list.ValueFromTerraform(t.Context(), value)
	if err != nil {
		t.Fatal(err)
	}

	of, ok := raw.(rawList)
	if !ok {
		t.Fatalf("the value is a %T", raw)
	}

	return of
}

func TestRawListOfOtherTypes(t *testing.T) {
	texts, numbers := rawListType{types.ListType{ElemType: types.StringType}}, rawListType{types.ListType{ElemType: types.NumberType}}

	if texts.Equal(numbers) || texts.Equal(texts.ListType) || !texts.Equal(rawListType{types.ListType{ElemType: types.StringType}}) {
		t.Error("different types are equal, or equal types differ")
	}

	empty := rawList{of: texts}
	if !empty.IsNull() || !empty.Equal(rawListOf(t, texts, tftypes.NewValue(texts.TerraformType(t.Context()), nil))) {
		t.Error("a list without a value is not null")
	}

	for _, other := range []attr.Value{types.ListNull(types.StringType), types.StringNull(), rawList{of: numbers}} {
		if empty.Equal(other) {
			t.Errorf("equal to %T %s", other, other)
		}
	}

	if _, diags := rawListOf(t, texts, tftypes.NewValue(tftypes.String, "one")).ToListValue(t.Context()); !diags.HasError() {
		t.Error("a string was converted to a list")
	}
}
