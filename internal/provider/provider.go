// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

// Package provider implements the Terraform provider: schemas, configuration and diagnostics.
// HTTP is the concern of package telepath.
package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

var (
	_ provider.Provider                   = (*telepathProvider)(nil)
	_ provider.ProviderWithValidateConfig = (*telepathProvider)(nil)
)

type telepathProvider struct {
	// stopped cancels every read; see New.
	stopped context.Context
	version string
	// longWait is the wait for the rate limit above which a read returns a warning.
	longWait time.Duration
}

// New returns a constructor of the provider for the plugin framework. Cancelling the context
// cancels all reads, current and future. The version is that of the provider, for the
// User-Agent of its requests.
func New(ctx context.Context, version string) func() provider.Provider {
	return func() provider.Provider {
		return &telepathProvider{stopped: ctx, version: version, longWait: 10 * time.Second}
	}
}

func (p *telepathProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "telepath"
	resp.Version = p.version
}

// providerModel is the provider block.
type providerModel struct {
	APIKey         types.String `tfsdk:"api_key"`
	BaseURL        types.String `tfsdk:"base_url"`
	MaxRetries     types.Number `tfsdk:"max_retries"`
	RequestTimeout types.String `tfsdk:"request_timeout"`
}

func (p *telepathProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the SIP trunks of a Telepath account.",
		Attributes: map[string]schema.Attribute{
			"api_key": schema.StringAttribute{
				MarkdownDescription: "API key of the account. Create one in Telepath, under Settings → API Keys; a read-only key is enough. " +
					"If not set, the environment variable `TELEPATH_API_KEY` applies, which keeps the key out of files. An empty string is an error.",
				Optional:  true,
				Sensitive: true,
			},
			"base_url": schema.StringAttribute{
				MarkdownDescription: "Base URL of the API: an absolute `https` URL, or `http` on a loopback host, without user info, query or fragment. " +
					"If not set, the environment variable `TELEPATH_BASE_URL` applies. Default: `" + telepath.DefaultBaseURL + "`.",
				Optional: true,
			},
			"max_retries": schema.NumberAttribute{
				MarkdownDescription: fmt.Sprintf("Maximum number of retries of a request that failed temporarily, 0 to %d. Retries after status 429 do not count. Default: `%d`.", maxMaxRetries, defaultMaxRetries),
				Optional:            true,
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "Maximum duration of one attempt, including the connection and the last byte of the response: a [duration](https://pkg.go.dev/time#ParseDuration) " +
					"greater than 0, such as `30s` or `1m30s`. Default: `30s`.",
				Optional: true,
			},
		},
	}
}

// ValidateConfig reports the arguments that are known and invalid, at their lines.
func (p *telepathProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var model providerModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)

	_, diags := resolveSettings(model)
	for _, found := range diags {
		if _, ok := found.(diag.DiagnosticWithPath); ok {
			resp.Diagnostics.Append(found)
		}
	}
}

// Configure creates the client that the data sources share. It sends no request. The data sources
// report the errors of the settings, because Terraform also configures a provider from which it
// reads nothing. Terraform would quote the first line of the provider block with an error from
// here, and the line may contain the key: provider "telepath" { api_key = "sk_live_..." }.
func (p *telepathProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	if req.ClientCapabilities.DeferralAllowed && !req.Config.Raw.IsFullyKnown() {
		resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}

		return
	}

	var model providerModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)

	configured := &account{stopped: p.stopped, longWait: p.longWait}
	configured.settings, configured.configErrors = resolveSettings(model)
	resp.DataSourceData = configured

	if configured.configErrors.HasError() {
		return
	}

	client, err := telepath.New(telepath.Config{
		BaseURL:        configured.settings.baseURL,
		Key:            configured.settings.key,
		UserAgent:      userAgent(p.version, req.TerraformVersion),
		RequestTimeout: configured.settings.requestTimeout,
		MaxRetries:     configured.settings.maxRetries,
	})
	if err != nil {
		configured.configErrors.Append(configured.explain(err, 0))
	}

	configured.client = client
}

func (p *telepathProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newTrunkDataSource,
		newTrunksDataSource,
	}
}

// Resources returns none: the provider only reads.
func (p *telepathProvider) Resources(context.Context) []func() resource.Resource {
	return nil
}
