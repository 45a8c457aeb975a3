// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// account is what the provider hands to its data sources: the way into one Telepath account,
// and how it was configured, which errors mention.
type account struct {
	// interrupt ends every read; see New.
	interrupt context.Context
	// problems are what was wrong with the configuration, to be said by the data sources. Without
	// a client, there are some.
	problems diag.Diagnostics
	client   *telepath.Client
	settings settings
}

// configuredAccount is the account that the provider handed over. It is nil while there is
// none, as when Terraform only validates; no data source is read then.
func configuredAccount(req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) *account {
	if req.ProviderData == nil {
		return nil
	}

	configured, ok := req.ProviderData.(*account)
	if !ok {
		resp.Diagnostics.AddError(
			"Provider data of an unexpected type",
			fmt.Sprintf("The data source expected %T and got %T. This is a fault of the provider: please report it.", configured, req.ProviderData),
		)
	}

	if configured != nil {
		resp.Diagnostics.Append(configured.problems...)
	}

	return configured
}
