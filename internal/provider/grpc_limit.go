// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

const (
	// messageLimit is how large a message a provider can send, in bytes. terraform-plugin-go sets
	// it; Terraform takes larger ones. Above it, a user would see a read end with
	// ResourceExhausted after all the work was done, and nothing about trunks.
	messageLimit = 256 << 20
	// messageRest is left in it for what comes along with the trunks: arguments and warnings.
	messageRest = 64 << 10
	// trunkRest is more than a trunk takes in a message beyond its texts: names of attributes,
	// lengths and numbers.
	trunkRest = 256
)

// fitMessage is an error if trunks take more than limit bytes in the message to Terraform.
func fitMessage(trunks []telepath.Trunk, includeMetrics bool, limit int) diag.Diagnostics {
	room := limit - messageRest

	// Encoding them takes time, so it is not done where a glance shows that they fit.
	if atMost(trunks) <= room {
		return nil
	}

	size, err := encodedSize(trunks, includeMetrics)

	switch {
	case err != nil:
		return diag.Diagnostics{diag.NewErrorDiagnostic("Cannot encode the trunks", err.Error())}
	case size <= room:
		return nil
	}

	advice := "Read fewer at a time: set status, with one data source for each status."
	if includeMetrics {
		advice += " Without metrics they are smaller: set include_metrics = false."
	}

	return diag.Diagnostics{diag.NewErrorDiagnostic(
		"Too many trunks for Terraform to receive",
		fmt.Sprintf("The API listed %d trunks, which take %d bytes. A provider can send Terraform %d bytes at a time, in which there is room for about %d trunks like these.\n\n%s",
			len(trunks), size, limit, int64(len(trunks))*int64(room)/int64(size), advice),
	)}
}

// atMost is a size in bytes that trunks do not exceed in the message, however they are encoded.
func atMost(trunks []telepath.Trunk) int {
	size := trunkRest * len(trunks)
	for _, trunk := range trunks {
		// The id is in ids as well.
		size += 2 * len(trunk.ID)
		for _, text := range []*string{trunk.Name, trunk.Status, trunk.AIProvider, trunk.SIPUsername, trunk.CreatedAt, trunk.UpdatedAt} {
			if text != nil {
				size += len(*text)
			}
		}
	}

	return size
}

// encodedSize is the size of trunks in the message, in bytes. It encodes them in small parts,
// for the whole may be more than memory should have to hold.
func encodedSize(trunks []telepath.Trunk, includeMetrics bool) (int, error) {
	size := 0

	for part := range slices.Chunk(trunks, 1000) {
		for _, value := range []tftypes.Value{idsValue(part), trunksValue(part, includeMetrics)} {
			encoded, err := tfprotov6.NewDynamicValue(value.Type(), value)
			if err != nil {
				return 0, err
			}

			size += len(encoded.MsgPack)
		}
	}

	return size, nil
}
