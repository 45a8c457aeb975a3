// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// readInProcess configures the provider and reads all trunks over Terraform's protocol, without a
// Terraform process. Arguments that are not given are null.
func readInProcess(t *testing.T, arguments map[string]tftypes.Value) []*tfprotov6.Diagnostic {
	t.Helper()

	_, diags := readTrunksInProcess(t, New(t.Context(), "test")(), arguments, nil)

	return diags
}

// readTrunksInProcess is readInProcess with arguments of telepath_trunks, and returns its values.
func readTrunksInProcess(t *testing.T, p provider.Provider, arguments, query map[string]tftypes.Value) (map[string]tftypes.Value, []*tfprotov6.Diagnostic) {
	t.Helper()

	server := providerserver.NewProtocol6(p)()

	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}

	config := dynamicValue(t, schemas.Provider.ValueType(), arguments)

	validated, err := server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: config})
	if err != nil {
		t.Fatal(err)
	} else if len(validated.Diagnostics) > 0 {
		return nil, validated.Diagnostics
	}

	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config})
	if err != nil {
		t.Fatal(err)
	} else if len(configured.Diagnostics) > 0 {
		t.Fatalf("the provider reports %v, want errors of the data source only", configured.Diagnostics)
	}

	trunksType := schemas.DataSourceSchemas["telepath_trunks"].ValueType()

	read, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: "telepath_trunks",
		Config:   dynamicValue(t, trunksType, query),
	})
	if err != nil {
		t.Fatal(err)
	} else if len(read.Diagnostics) > 0 {
		return nil, read.Diagnostics
	}

	state, err := read.State.Unmarshal(trunksType)
	if err != nil {
		t.Fatal(err)
	}

	var values map[string]tftypes.Value
	if err := state.As(&values); err != nil {
		t.Fatal(err)
	}

	return values, nil
}

func stringArguments(arguments map[string]string) map[string]tftypes.Value {
	values := map[string]tftypes.Value{}
	for name, value := range arguments {
		values[name] = tftypes.NewValue(tftypes.String, value)
	}

	return values
}

// dynamicValue encodes an object for Terraform's protocol. Attributes that are not given are null.
func dynamicValue(tb testing.TB, objectType tftypes.Type, given map[string]tftypes.Value) *tfprotov6.DynamicValue {
	tb.Helper()

	object, ok := objectType.(tftypes.Object)
	if !ok {
		tb.Fatalf("%s is not an object", objectType)
	}

	values := map[string]tftypes.Value{}

	for name, attributeType := range object.AttributeTypes {
		values[name] = tftypes.NewValue(attributeType, nil)
		if value, ok := given[name]; ok {
			values[name] = value
		}
	}

	value, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
	if err != nil {
		tb.Fatal(err)
	}

	return &value
}

// wantError checks that there is one error, that it has all texts and shows no key.
func wantError(t *testing.T, diags []*tfprotov6.Diagnostic, summary string, details ...string) {
	t.Helper()

	if len(diags) != 1 || diags[0].Severity != tfprotov6.DiagnosticSeverityError || diags[0].Summary != summary {
		t.Fatalf("the diagnostics are %v, want one error %q", diags, summary)
	}

	for _, detail := range details {
		if !strings.Contains(diags[0].Detail, detail) {
			t.Errorf("the error does not contain %q: %s", detail, diags[0].Detail)
		}
	}

	if strings.Contains(diags[0].Detail, "sk_live_") {
		t.Errorf("the error shows a key: %s", diags[0].Detail)
	}
}

// wantInOrder checks that the text contains the parts in this order.
func wantInOrder(t *testing.T, text string, parts []string) {
	t.Helper()

	rest := text
	for _, part := range parts {
		_, after, ok := strings.Cut(rest, part)
		if !ok {
			t.Errorf("it does not contain %q in this order: %s", part, text)

			return
		}

		rest = after
	}
}
