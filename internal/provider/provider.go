// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

// Package provider is the Terraform provider: what it offers, how it is configured, and how
// it says what went wrong. All that it knows of HTTP it leaves to the telepath package.
package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

var _ provider.Provider = (*telepathProvider)(nil)

type telepathProvider struct {
	// interrupt ends every read; see New.
	interrupt context.Context
	version   string
}

// New returns a constructor of the provider, as the plugin framework wants it. The end of
// the context ends every read that the provider is at, and those to come. The version is the
// provider's own; it goes into the User-Agent of its requests.
func New(ctx context.Context, version string) func() provider.Provider {
	return func() provider.Provider {
		return &telepathProvider{interrupt: ctx, version: version}
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
		MarkdownDescription: "Looks up the SIP trunks of a Telepath account.",
		Attributes: map[string]schema.Attribute{
			"api_key": schema.StringAttribute{
				MarkdownDescription: "API key of the account, made under Settings → API Keys. A read-only key is all that is needed. " +
					"Better not written into a file: set the environment variable `TELEPATH_API_KEY`, which is read when this is not set.",
				Optional:  true,
				Sensitive: true,
			},
			"base_url": schema.StringAttribute{
				MarkdownDescription: "Root of the API: an absolute URL with `https`, or with `http` on a loopback address, without user, query or fragment. " +
					"When not set, the environment variable `TELEPATH_BASE_URL`, or else `" + telepath.DefaultBaseURL + "`.",
				Optional:   true,
				Validators: []validator.String{baseURLValidator{}},
			},
			"max_retries": schema.NumberAttribute{
				MarkdownDescription: "How many times a request is sent again after it failed in a way that may pass, 0 to 10. Default: 4.",
				Optional:            true,
				Validators:          []validator.Number{retriesValidator{}},
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "How long one attempt at a request may take, to the last byte of the answer, as a [duration](https://pkg.go.dev/time#ParseDuration) " +
					"such as `30s` or `1m30s`. Default: `30s`.",
				Optional:   true,
				Validators: []validator.String{durationValidator{}},
			},
		},
	}
}

// Configure makes the client that the data sources share. It sends nothing.
func (p *telepathProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model providerModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)

	if resp.Diagnostics.HasError() {
		return
	}

	if unknown := unknownArguments(model); len(unknown) > 0 {
		if req.ClientCapabilities.DeferralAllowed {
			resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
			return
		}

		resp.Diagnostics.Append(unknownDiagnostics(unknown)...)

		return
	}

	settings, diags := resolveSettings(model)
	if diags.HasError() {
		if model.APIKey.IsNull() {
			resp.Diagnostics.Append(diags...)
			return
		}

		// With every error of a provider Terraform quotes the line where its block begins, and the
		// key may stand on it: provider "telepath" { api_key = "sk_live_..." }.
		resp.DataSourceData = &account{problems: diags}

		return
	}

	client, err := telepath.New(telepath.Config{
		BaseURL:        settings.baseURL,
		Key:            settings.key,
		UserAgent:      userAgent(p.version, req.TerraformVersion),
		RequestTimeout: settings.requestTimeout,
		MaxRetries:     settings.maxRetries,
	})
	if err != nil {
		resp.Diagnostics.AddError("Cannot make the Telepath client", err.Error())
		return
	}

	resp.DataSourceData = &account{interrupt: p.interrupt, client: client, settings: settings}
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
