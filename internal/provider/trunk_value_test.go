// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// The mapping and the schema name the same attributes with the same types: the values below
// would panic otherwise, and the framework would refuse them.
func TestTrunksValueFitsSchema(t *testing.T) {
	var resp datasource.SchemaResponse

	newTrunksDataSource().Schema(t.Context(), datasource.SchemaRequest{}, &resp)

	if diags := resp.Schema.ValidateImplementation(t.Context()); diags.HasError() {
		t.Fatal(diags)
	}

	trunks := []telepath.Trunk{{ID: "conn_a"}, {ID: "conn_b", Metrics: &telepath.Metrics{}}}

	for name, got := range map[string]types.List{"ids": idsValue(trunks), "trunks": trunksValue(trunks, true)} {
		if want := resp.Schema.Attributes[name].GetType(); !got.Type(t.Context()).Equal(want) {
			t.Errorf("%s is of type %s, and the schema says %s", name, got.Type(t.Context()), want)
		}
	}
}

func TestTrunksValueOfNothing(t *testing.T) {
	for name, got := range map[string]types.List{"ids": idsValue(nil), "trunks": trunksValue(nil, true)} {
		if got.IsNull() || len(got.Elements()) != 0 {
			t.Errorf("%s is %s, want an empty list", name, got)
		}
	}
}
