// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"math/big"
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

// The environment variables that apply if the argument is null.
const (
	envAPIKey  = "TELEPATH_API_KEY" //nolint:gosec // The name of a variable, not a key.
	envBaseURL = "TELEPATH_BASE_URL"
)

const (
	defaultMaxRetries = 4
	maxMaxRetries     = 10
)

// settings is the provider's configuration, resolved from arguments, environment and defaults in
// this order.
type settings struct {
	key telepath.Key
	// keySource names the argument or the environment variable that the key came from.
	keySource      string
	baseURL        *url.URL
	maxRetries     int
	requestTimeout time.Duration
}

// unknownArguments returns an error for each argument whose value is unknown. Such an argument is
// set, so neither the environment nor a default may replace it.
func unknownArguments(model providerModel) diag.Diagnostics {
	var diags diag.Diagnostics

	for _, argument := range []struct {
		name     string
		value    attr.Value
		variable string
	}{
		{"api_key", model.APIKey, envAPIKey},
		{"base_url", model.BaseURL, envBaseURL},
		{"max_retries", model.MaxRetries, ""},
		{"request_timeout", model.RequestTimeout, ""},
	} {
		if !argument.value.IsUnknown() {
			continue
		}

		detail := fmt.Sprintf("The value of %s is known after apply, but trunks are read during planning. "+
			"Use a value that is known during planning, or first apply the resource that it depends on, with -target.", argument.name)
		if argument.variable != "" {
			detail += fmt.Sprintf(" Or remove %s and set the environment variable %s.", argument.name, argument.variable)
		}

		diags.AddAttributeError(path.Root(argument.name), "Unknown "+argument.name, detail)
	}

	return diags
}

// resolveSettings resolves each setting. A null argument is unset; an empty one is an error,
// because a default instead of it could read another account. Every argument is known.
func resolveSettings(model providerModel) (settings, diag.Diagnostics) {
	var diags diag.Diagnostics

	resolved := settings{maxRetries: defaultMaxRetries, requestTimeout: telepath.DefaultRequestTimeout}

	diags.Append(resolved.resolveKey(model.APIKey)...)
	diags.Append(resolved.resolveBaseURL(model.BaseURL)...)
	diags.Append(resolved.resolveMaxRetries(model.MaxRetries)...)
	diags.Append(resolved.resolveRequestTimeout(model.RequestTimeout)...)

	return resolved, diags
}

// validateSettings checks what `terraform validate` can check: the arguments that are known. It
// does not check the environment, nor api_key, because Terraform would quote its line.
func validateSettings(model providerModel) diag.Diagnostics {
	var (
		diags    diag.Diagnostics
		resolved settings
	)

	if !model.BaseURL.IsNull() && !model.BaseURL.IsUnknown() {
		diags.Append(resolved.resolveBaseURL(model.BaseURL)...)
	}

	if !model.MaxRetries.IsUnknown() {
		diags.Append(resolved.resolveMaxRetries(model.MaxRetries)...)
	}

	if !model.RequestTimeout.IsUnknown() {
		diags.Append(resolved.resolveRequestTimeout(model.RequestTimeout)...)
	}

	return diags
}

// resolveKey reports an invalid key without a path, because Terraform quotes the line at the
// path, and the key may be part of it.
func (s *settings) resolveKey(argument types.String) diag.Diagnostics {
	var diags diag.Diagnostics

	raw := argument.ValueString()
	s.keySource = "the provider's argument api_key"

	if argument.IsNull() {
		raw = os.Getenv(envAPIKey)
		s.keySource = "the environment variable " + envAPIKey
	}

	key, err := telepath.ParseKey(raw)

	switch {
	case err != nil:
		diags.AddError(
			"Invalid Telepath API key",
			fmt.Sprintf("The API key from %s is invalid: %s. The key is not shown here. "+
				"Copy it again from Telepath, under Settings → API Keys.", s.keySource, err),
		)
	case key.IsEmpty() && !argument.IsNull():
		diags.AddError(
			"Empty Telepath API key",
			fmt.Sprintf("The provider's argument api_key is empty or contains only whitespace. "+
				"Set api_key to an API key. To use the environment variable %s instead, remove api_key or set it to null.", envAPIKey),
		)
	case key.IsEmpty():
		diags.AddAttributeError(
			path.Root("api_key"),
			"Missing Telepath API key",
			fmt.Sprintf("Neither the provider's argument api_key nor the environment variable %[1]s is set. "+
				"Create a key in Telepath, under Settings → API Keys, and set %[1]s to it. A read-only key is enough.", envAPIKey),
		)
	}

	s.key = key

	return diags
}

func (s *settings) resolveBaseURL(argument types.String) diag.Diagnostics {
	var diags diag.Diagnostics

	raw, source := argument.ValueString(), "The provider's argument base_url"

	if argument.IsNull() {
		raw, source = os.Getenv(envBaseURL), "The environment variable "+envBaseURL
		if strings.TrimSpace(raw) == "" {
			raw = telepath.DefaultBaseURL
		}
	}

	err := errors.New("it is empty")
	if strings.TrimSpace(raw) != "" {
		s.baseURL, err = telepath.ParseBaseURL(raw)
	}

	if err != nil {
		diags.AddAttributeError(path.Root("base_url"), "Invalid Telepath base URL",
			fmt.Sprintf("%s is not a valid base URL: %s. Set it to an absolute https URL without user info, query or fragment, or remove it to use %s. "+
				"Plain http is accepted only for a loopback host, such as localhost.", source, err, telepath.DefaultBaseURL))
	}

	return diags
}

// resolveMaxRetries parses Terraform's arbitrary-precision number. For a fraction, the
// framework's own integer attributes report a bug in the provider.
func (s *settings) resolveMaxRetries(argument types.Number) diag.Diagnostics {
	if argument.IsNull() {
		return nil
	}

	var (
		diags   diag.Diagnostics
		problem string
	)

	retries, accuracy := argument.ValueBigFloat().Int64()

	switch {
	case accuracy != big.Exact:
		problem = argument.ValueBigFloat().Text('g', 10) + " is not a whole number"
	case retries < 0 || retries > maxMaxRetries:
		problem = fmt.Sprintf("%d is not between 0 and %d", retries, maxMaxRetries)
	}

	if problem != "" {
		diags.AddAttributeError(path.Root("max_retries"), "Invalid number of retries",
			fmt.Sprintf("%s. Set max_retries to a whole number from 0 to %d, or remove it to use %d.", problem, maxMaxRetries, defaultMaxRetries))
	}

	s.maxRetries = int(retries)

	return diags
}

func (s *settings) resolveRequestTimeout(argument types.String) diag.Diagnostics {
	if argument.IsNull() {
		return nil
	}

	var diags diag.Diagnostics

	timeout, err := time.ParseDuration(argument.ValueString())
	if err != nil || timeout <= 0 {
		diags.Append(invalidDuration(path.Root("request_timeout"), argument.ValueString()))
	}

	s.requestTimeout = timeout

	return diags
}

func invalidDuration(at path.Path, raw string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Invalid duration",
		fmt.Sprintf("%q is not a duration greater than 0. Set %s to a number and a unit, such as \"30s\", \"1m30s\" or \"500ms\".", raw, at))
}
