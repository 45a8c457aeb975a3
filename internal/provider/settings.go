// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// The environment variables that stand in for arguments that are not set.
const (
	envAPIKey  = "TELEPATH_API_KEY" //nolint:gosec // The name of a variable, not a key.
	envBaseURL = "TELEPATH_BASE_URL"
)

const defaultMaxRetries = 4

// settings is the provider's configuration after everything was taken into account: the
// arguments, then the environment, then the defaults.
type settings struct {
	key telepath.Key
	// keySource says in words where the key came from.
	keySource      string
	baseURL        *url.URL
	maxRetries     int
	requestTimeout time.Duration
}

// unknownArguments names the arguments whose values are not known yet.
func unknownArguments(model providerModel) []string {
	var names []string

	for _, argument := range []struct {
		name  string
		value attr.Value
	}{
		{"api_key", model.APIKey},
		{"base_url", model.BaseURL},
		{"max_retries", model.MaxRetries},
		{"request_timeout", model.RequestTimeout},
	} {
		if argument.value.IsUnknown() {
			names = append(names, argument.name)
		}
	}

	return names
}

// unknownDiagnostics says that arguments are unknown: they are set, to something that is
// made in the same run, so that calling them missing would send people looking for the wrong
// mistake.
func unknownDiagnostics(names []string) diag.Diagnostics {
	var diags diag.Diagnostics

	for _, name := range names {
		detail := fmt.Sprintf("The value of %s depends on something that Terraform only knows after it has applied it, and the trunks are read before that. "+
			"Set it to a value that is known while planning, or apply what it depends on first, with -target.", name)

		switch name {
		case "api_key":
			detail += fmt.Sprintf(" Or leave it out and set the environment variable %s.", envAPIKey)
		case "base_url":
			detail += fmt.Sprintf(" Or leave it out and set the environment variable %s.", envBaseURL)
		}

		diags.AddAttributeError(path.Root(name), "Unknown "+name, detail)
	}

	return diags
}

// resolveSettings takes each setting from where it is set: the configuration wins over the
// environment, and an empty string counts as not set. Every argument is known.
func resolveSettings(model providerModel) (settings, diag.Diagnostics) {
	var (
		resolved settings
		diags    diag.Diagnostics
	)

	diags.Append(resolved.resolveKey(model.APIKey)...)
	diags.Append(resolved.resolveBaseURL(model.BaseURL)...)

	resolved.maxRetries = defaultMaxRetries
	if !model.MaxRetries.IsNull() {
		retries, err := parseRetries(model.MaxRetries.ValueBigFloat())
		if err != nil {
			diags.Append(invalidRetries(path.Root("max_retries"), err))
		}

		resolved.maxRetries = retries
	}

	resolved.requestTimeout = telepath.DefaultRequestTimeout

	if raw := model.RequestTimeout.ValueString(); raw != "" {
		timeout, err := parseDuration(raw)
		if err != nil {
			diags.Append(invalidDuration(path.Root("request_timeout"), raw, err))
		}

		resolved.requestTimeout = timeout
	}

	return resolved, diags
}

func (s *settings) resolveKey(argument types.String) diag.Diagnostics {
	var diags diag.Diagnostics

	raw := strings.TrimSpace(argument.ValueString())
	s.keySource = "the provider's argument api_key"

	if raw == "" {
		raw = os.Getenv(envAPIKey)
		s.keySource = "the environment variable " + envAPIKey
	}

	key, err := telepath.ParseKey(raw)

	switch {
	case err != nil:
		diags.Append(invalidKey(s.keySource))
	case key.IsEmpty():
		diags.AddAttributeError(
			path.Root("api_key"),
			"Missing Telepath API key",
			fmt.Sprintf("Neither the provider's argument api_key nor the environment variable %s is set to anything. "+
				"Make a key in Telepath under Settings → API Keys, a read-only one is enough, and set the environment variable to it, so that it is in no file.", envAPIKey),
		)
	}

	s.key = key

	return diags
}

func (s *settings) resolveBaseURL(argument types.String) diag.Diagnostics {
	var diags diag.Diagnostics

	raw, source := argument.ValueString(), ""

	if raw == "" {
		raw, source = os.Getenv(envBaseURL), envBaseURL
	}

	if raw == "" {
		raw = telepath.DefaultBaseURL
	}

	baseURL, err := telepath.ParseBaseURL(raw)
	if err != nil {
		diags.Append(invalidBaseURL(path.Root("base_url"), source, err))
	}

	s.baseURL = baseURL

	return diags
}
