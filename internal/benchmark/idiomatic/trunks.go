// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package idiomatic

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

type trunk struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Status      types.String `tfsdk:"status"`
	AIProvider  types.String `tfsdk:"ai_provider"`
	SIPUsername types.String `tfsdk:"sip_username"`
	CreatedAt   types.String `tfsdk:"created_at"`
	UpdatedAt   types.String `tfsdk:"updated_at"`
	Metrics     *metrics     `tfsdk:"metrics"`
}

type metrics struct {
	CallsToday   types.Int64   `tfsdk:"calls_today"`
	SuccessRate  types.Float64 `tfsdk:"success_rate"`
	AvgLatencyMS types.Int64   `tfsdk:"avg_latency_ms"`
}

// trunksOf returns the value of the attribute trunks, never nil.
func trunksOf(listed []telepath.Trunk, includeMetrics bool) []trunk {
	trunks := make([]trunk, len(listed))

	for i, from := range listed {
		trunks[i] = trunk{
			ID:          types.StringValue(from.ID),
			Name:        types.StringPointerValue(from.Name),
			Status:      types.StringPointerValue(from.Status),
			AIProvider:  types.StringPointerValue(from.AIProvider),
			SIPUsername: types.StringPointerValue(from.SIPUsername),
			CreatedAt:   types.StringPointerValue(from.CreatedAt),
			UpdatedAt:   types.StringPointerValue(from.UpdatedAt),
		}
		if includeMetrics && from.Metrics != nil {
			trunks[i].Metrics = &metrics{
				CallsToday:   types.Int64PointerValue((*int64)(from.Metrics.CallsToday)),
				SuccessRate:  types.Float64PointerValue(from.Metrics.SuccessRate),
				AvgLatencyMS: types.Int64PointerValue((*int64)(from.Metrics.AvgLatencyMS)),
			}
		}
	}

	return trunks
}

// idsOf returns the value of the attribute ids, never nil.
func idsOf(trunks []telepath.Trunk) []types.String {
	ids := make([]types.String, len(trunks))
	for i, trunk := range trunks {
		ids[i] = types.StringValue(trunk.ID)
	}

	return ids
}
