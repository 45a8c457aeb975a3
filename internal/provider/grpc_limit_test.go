// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// The message is the whole state, encoded at once.
func messageSize(t *testing.T, trunks []telepath.Trunk, includeMetrics bool) int {
	t.Helper()

	ofType := trunksSchema(t).Type().TerraformType(t.Context())

	encoded, err := tfprotov6.NewDynamicValue(ofType, tftypes.NewValue(ofType, map[string]tftypes.Value{
		"status":          tftypes.NewValue(tftypes.String, "inactive"),
		"include_metrics": tftypes.NewValue(tftypes.Bool, includeMetrics),
		"timeouts":        tftypes.NewValue(timeoutsAttribute().GetType().TerraformType(t.Context()), nil),
		"ids":             idsValue(trunks),
		"trunks":          trunksValue(trunks, includeMetrics),
	}))
	if err != nil {
		t.Fatal(err)
	}

	return len(encoded.MsgPack)
}

func TestFitMessage(t *testing.T) {
	trunks := benchTrunks(2_500)

	for _, includeMetrics := range []bool{true, false} {
		size, err := encodedSize(trunks, includeMetrics)
		if err != nil {
			t.Fatal(err)
		}

		if diags := fitMessage(trunks, includeMetrics, size+messageRest); len(diags) > 0 {
			t.Errorf("trunks that just fit: %v", diags)
		}

		diags := fitMessage(trunks, includeMetrics, size+messageRest-1)
		if !diags.HasError() {
			t.Fatal("trunks that just do not fit are no error")
		}

		detail := diags[0].Detail()
		for _, want := range []string{"2500 trunks", "2499 trunks", fmt.Sprint(size), "set status"} {
			if !strings.Contains(detail, want) {
				t.Errorf("%q does not say %q", detail, want)
			}
		}

		if advised := strings.Contains(detail, "include_metrics = false"); advised != includeMetrics {
			t.Errorf("with include_metrics = %t: %q", includeMetrics, detail)
		}
	}
}

// A message is no larger than was foreseen, whatever the trunks are, and not much smaller.
func TestEncodedSizeIsThatOfTheMessage(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // It has to be repeatable.
		trunks := randomTrunks(random, random.IntN(2_500))
		includeMetrics := random.IntN(4) > 0

		// The longer a text, the longer its length.
		for i := range trunks {
			trunks[i].Name = new(strings.Repeat("n", random.IntN(1<<random.IntN(12))))
		}

		size, err := encodedSize(trunks, includeMetrics)
		if err != nil {
			t.Fatal(err)
		}

		if sent := messageSize(t, trunks, includeMetrics); sent > size+messageRest/2 || sent < size-messageRest/2 {
			t.Errorf("seed %d: a message of %d bytes, where %d were foreseen", seed, sent, size)
		}

		if glance := atMost(trunks) + messageRest; glance < size {
			t.Errorf("seed %d: %d trunks take %d bytes, and at most %d at a glance", seed, len(trunks), size, glance)
		}
	}
}

// No trunk is too odd for the limit to be known at a glance.
func TestAtMostIsNotLess(t *testing.T) {
	odd := telepath.Trunk{
		ID: "", Name: new(strings.Repeat("n", 70_000)), Status: new(""), AIProvider: new(""), SIPUsername: new(""), CreatedAt: new(""), UpdatedAt: new(""),
		Metrics: &telepath.Metrics{CallsToday: new(telepath.Integer(-1 << 63)), SuccessRate: new(1e-300), AvgLatencyMS: new(telepath.Integer(1<<63 - 1))},
	}

	for _, trunk := range []telepath.Trunk{odd, {}} {
		size, err := encodedSize([]telepath.Trunk{trunk}, true)
		if err != nil {
			t.Fatal(err)
		}

		if glance := atMost([]telepath.Trunk{trunk}); glance < size {
			t.Errorf("a trunk takes %d bytes, and at most %d at a glance", size, glance)
		}
	}
}
