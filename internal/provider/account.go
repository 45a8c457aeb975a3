// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// account is what the provider passes to its data sources: the client of one Telepath account,
// and the settings that errors mention.
type account struct {
	// stopped cancels every read; see New.
	stopped context.Context
	// configErrors are the errors of the settings, which every read reports. If there are any,
	// client is nil.
	configErrors diag.Diagnostics
	client       *telepath.Client
	settings     settings
	// longWait is the wait for the rate limit above which a read returns a warning.
	longWait time.Duration
}

// configuredAccount returns the account that the provider passed. It is nil during validation,
// when no data source is read.
func configuredAccount(req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) *account {
	if req.ProviderData == nil {
		return nil
	}

	configured, ok := req.ProviderData.(*account)
	if !ok {
		resp.Diagnostics.Append(summaryDataUnexpected.newError(
			fmt.Sprintf("The data source expected %T and got %T. This is a bug in the provider. Please report it to the developers.", configured, req.ProviderData),
		))

		return nil
	}

	return configured
}
