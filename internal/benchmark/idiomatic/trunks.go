// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package idiomatic

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// Trunk is an element of the attribute trunks.
type Trunk struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Status      types.String `tfsdk:"status"`
	AIProvider  types.String `tfsdk:"ai_provider"`
	SIPUsername types.String `tfsdk:"sip_username"`
	CreatedAt   types.String `tfsdk:"created_at"`
	UpdatedAt   types.String `tfsdk:"updated_at"`
	Metrics     *Metrics     `tfsdk:"metrics"`
}

// Metrics is the attribute metrics of a trunk.
type Metrics struct {
	CallsToday   types.Int64   `tfsdk:"calls_today"`
	SuccessRate  types.Float64 `tfsdk:"success_rate"`
	AvgLatencyMS types.Int64   `tfsdk:"avg_latency_ms"`
}

// Trunks returns the value of the attribute trunks, never nil.
func Trunks(trunks []telepath.Trunk, includeMetrics bool) []Trunk {
	list := make([]Trunk, len(trunks))

	for i, trunk := range trunks {
		list[i] = Trunk{
			ID:          types.StringValue(trunk.ID),
			Name:        types.StringPointerValue(trunk.Name),
			Status:      types.StringPointerValue(trunk.Status),
			AIProvider:  types.StringPointerValue(trunk.AIProvider),
			SIPUsername: types.StringPointerValue(trunk.SIPUsername),
			CreatedAt:   types.StringPointerValue(trunk.CreatedAt),
			UpdatedAt:   types.StringPointerValue(trunk.UpdatedAt),
		}
		if includeMetrics && trunk.Metrics != nil {
			list[i].Metrics = &Metrics{
				CallsToday:   types.Int64PointerValue((*int64)(trunk.Metrics.CallsToday)),
				SuccessRate:  types.Float64PointerValue(trunk.Metrics.SuccessRate),
				AvgLatencyMS: types.Int64PointerValue((*int64)(trunk.Metrics.AvgLatencyMS)),
			}
		}
	}

	return list
}

// IDs returns the value of the attribute ids, never nil.
func IDs(trunks []telepath.Trunk) []types.String {
	ids := make([]types.String, len(trunks))
	for i, trunk := range trunks {
		ids[i] = types.StringValue(trunk.ID)
	}

	return ids
}
