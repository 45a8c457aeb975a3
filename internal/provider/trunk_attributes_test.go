// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

func trunksSchema(tb testing.TB) schema.Schema {
	tb.Helper()

	var resp datasource.SchemaResponse

	newTrunksDataSource().Schema(tb.Context(), datasource.SchemaRequest{}, &resp)

	if diags := resp.Schema.ValidateImplementation(tb.Context()); diags.HasError() {
		tb.Fatal(diags)
	}

	return resp.Schema
}

// Every field of telepath.Trunk and telepath.Metrics is an attribute with the field's JSON name,
// type and value, and there is no other attribute.
func TestTrunkValuesHaveEveryField(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // It must be repeatable.

		var trunk telepath.Trunk

		randomize(random, reflect.ValueOf(&trunk).Elem())

		got := tftypes.NewValue(trunkType, trunkValues(trunk, true))
		want := fieldsValue(t, reflect.ValueOf(trunk))

		if !got.Type().Equal(want.Type()) {
			t.Fatalf("the attributes are %s, the fields of telepath.Trunk are %s", got.Type(), want.Type())
		}

		if diff, err := got.Diff(want); err != nil || len(diff) > 0 {
			t.Fatalf("seed %d: attributes and fields differ: %v %v", seed, diff, err)
		}
	}
}

// The mock API sends every field that the client reads, and no other.
func TestMockHasEveryField(t *testing.T) {
	for _, pair := range [][2]any{{telepath.Trunk{}, mockapi.Trunk{}}, {telepath.Metrics{}, mockapi.Metrics{}}} {
		if diff := cmp.Diff(jsonNames(pair[0]), jsonNames(pair[1])); diff != "" {
			t.Errorf("%T and %T have different fields: %s", pair[0], pair[1], diff)
		}
	}
}

// jsonNames returns the names that the fields of a struct have in JSON.
func jsonNames(value any) []string {
	var names []string

	for i := range reflect.TypeOf(value).NumField() {
		if name := reflect.TypeOf(value).Field(i).Tag.Get("json"); name != "-" {
			names = append(names, name)
		}
	}

	return names
}

// randomize sets a field to a random value, or leaves it nil.
func randomize(random *rand.Rand, field reflect.Value) {
	switch field.Kind() { //nolint:exhaustive // A field of another kind fails the test.
	case reflect.Pointer:
		if random.IntN(3) > 0 {
			field.Set(reflect.New(field.Type().Elem()))
			randomize(random, field.Elem())
		}
	case reflect.Struct:
		for i := range field.NumField() {
			randomize(random, field.Field(i))
		}
	case reflect.String:
		field.SetString([]string{"", "A", "📞 \"\n", fmt.Sprint(random.Int())}[random.IntN(4)])
	case reflect.Int64:
		field.SetInt([]int64{0, -1, random.Int64()}[random.IntN(3)])
	case reflect.Float64:
		field.SetFloat([]float64{0, 98.6, random.Float64() * 100}[random.IntN(3)])
	default:
		panic("no random value for " + field.Type().String())
	}
}

// fieldsValue converts a field to a Terraform value by its Go type alone.
func fieldsValue(t *testing.T, field reflect.Value) tftypes.Value {
	t.Helper()

	switch field.Kind() { //nolint:exhaustive // A field of another kind fails the test.
	case reflect.Pointer:
		if field.IsNil() {
			return tftypes.NewValue(fieldsValue(t, reflect.Zero(field.Type().Elem())).Type(), nil)
		}

		return fieldsValue(t, field.Elem())
	case reflect.Struct:
		types, values := map[string]tftypes.Type{}, map[string]tftypes.Value{}

		for i := range field.NumField() {
			name, _, _ := strings.Cut(field.Type().Field(i).Tag.Get("json"), ",")
			values[name] = fieldsValue(t, field.Field(i))
			types[name] = values[name].Type()
		}

		return tftypes.NewValue(tftypes.Object{AttributeTypes: types}, values)
	case reflect.String:
		return tftypes.NewValue(tftypes.String, field.String())
	case reflect.Int64:
		return tftypes.NewValue(tftypes.Number, field.Int())
	case reflect.Float64:
		return tftypes.NewValue(tftypes.Number, field.Float())
	}

	t.Fatalf("a field has the type %s, which this test can't convert", field.Type())

	return tftypes.Value{}
}

func TestTrunkValuesWithoutMetrics(t *testing.T) {
	trunk := telepath.Trunk{ID: "conn_1", Metrics: &telepath.Metrics{}}

	if metrics := trunkValues(trunk, false)["metrics"]; !metrics.IsNull() {
		t.Errorf("metrics is %s, want null", metrics)
	}

	if trunk.Metrics == nil {
		t.Error("the trunk, which other readers share, was modified")
	}
}

// Terraform rejects values that differ from the schema.
func TestTrunksValueFitsSchema(t *testing.T) {
	trunksSchema := trunksSchema(t)

	for name, got := range map[string]tftypes.Value{
		"ids":    idsValue(nil),
		"trunks": trunksValue(nil, true),
	} {
		if want := trunksSchema.Attributes[name].GetType().TerraformType(t.Context()); !got.Type().Equal(want) {
			t.Errorf("%s is of type %s, the schema has %s", name, got.Type(), want)
		}

		if got.IsNull() {
			t.Errorf("%s of no trunks is null", name)
		}
	}
}

// A list of objects has no descriptions of attributes, so its own description contains them.
func TestTrunksDescribesEveryAttribute(t *testing.T) {
	description := trunksSchema(t).Attributes["trunks"].GetMarkdownDescription()

	for _, want := range []string{
		"\n  - `id`: ID of the trunk,",
		"\n  - `metrics`: Performance metrics",
		"\n    - `calls_today`: Number of phone calls",
	} {
		if !strings.Contains(description, want) {
			t.Errorf("the description of trunks is %q, want %q in it", description, want)
		}
	}

	if got, want := strings.Count(description, "- `"), len(trunkAttributes)+len(metricsAttributes); got != want {
		t.Errorf("the description has %d attributes, want %d", got, want)
	}
}
