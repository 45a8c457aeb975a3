// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
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
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
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
// because a default in its place could read another account. Every argument is known.
func resolveSettings(model providerModel) (settings, diag.Diagnostics) {
	var diags diag.Diagnostics

	resolved := settings{maxRetries: defaultMaxRetries, requestTimeout: telepath.DefaultRequestTimeout}

	diags.Append(resolved.resolveKey(model.APIKey)...)
	diags.Append(resolved.resolveBaseURL(model.BaseURL)...)

	if !model.MaxRetries.IsNull() {
		retries, err := parseRetries(model.MaxRetries.ValueBigFloat())
		if err != nil {
			diags.Append(invalidRetries(path.Root("max_retries"), err))
		}

		resolved.maxRetries = retries
	}

	if !model.RequestTimeout.IsNull() {
		raw := model.RequestTimeout.ValueString()

		timeout, ok := parseDuration(raw)
		if !ok {
			diags.Append(invalidDuration(path.Root("request_timeout"), raw))
		}

		resolved.requestTimeout = timeout
	}

	return resolved, diags
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
			fmt.Sprintf("The API key from %s contains whitespace, a control character or a non-ASCII character. The key is not shown here. "+
				"Copy it again from Telepath, under Settings → API Keys.", s.keySource),
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

	baseURL, err := parseBaseURL(raw)
	if err != nil {
		diags.Append(invalidBaseURL(path.Root("base_url"), source, err))
	}

	s.baseURL = baseURL

	return diags
}

func parseBaseURL(raw string) (*url.URL, error) {
	if strings.TrimSpace(raw) == "" {
		return nil, errors.New("it is empty")
	}

	return telepath.ParseBaseURL(raw)
}

func invalidBaseURL(at path.Path, source string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Invalid Telepath base URL",
		fmt.Sprintf("%s is not a valid base URL: %s. Set it to an absolute https URL without user info, query or fragment, or remove it to use %s. "+
			"Plain http is accepted only for a loopback host, such as localhost.", source, err, telepath.DefaultBaseURL))
}

// parseDuration parses a duration greater than 0.
func parseDuration(raw string) (time.Duration, bool) {
	d, err := time.ParseDuration(raw)

	return d, err == nil && d > 0
}

func invalidDuration(at path.Path, raw string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Invalid duration",
		fmt.Sprintf("%q is not a duration greater than 0. Set %s to a number and a unit, such as \"30s\", \"1m30s\" or \"500ms\".", raw, at))
}

// parseRetries parses Terraform's arbitrary-precision number. For a fraction, the framework's
// own integer attributes report a bug in the provider.
func parseRetries(number *big.Float) (int, error) {
	retries, accuracy := number.Int64()

	switch {
	case accuracy != big.Exact:
		return 0, fmt.Errorf("%s is not a whole number", number.Text('g', 10))
	case retries < 0 || retries > maxMaxRetries:
		return 0, fmt.Errorf("%d is not between 0 and %d", retries, maxMaxRetries)
	}

	return int(retries), nil
}

func invalidRetries(at path.Path, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Invalid number of retries",
		fmt.Sprintf("%s. Set max_retries to a whole number from 0 to %d, or remove it to use %d.", err, maxMaxRetries, defaultMaxRetries))
}

// The validators report what resolveSettings would, as early as `terraform validate`.
var (
	_ validator.String = baseURLValidator{}
	_ validator.String = durationValidator{}
	_ validator.Number = retriesValidator{}
)

type baseURLValidator struct{}

func (baseURLValidator) Description(context.Context) string {
	return "must be an absolute https URL without user info, query or fragment"
}

func (v baseURLValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (baseURLValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}

	if _, err := parseBaseURL(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.Append(invalidBaseURL(req.Path, "The provider's argument base_url", err))
	}
}

type durationValidator struct{}

func (durationValidator) Description(context.Context) string {
	return `must be a duration greater than 0, such as "30s"`
}

func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (durationValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}

	raw := req.ConfigValue.ValueString()
	if _, ok := parseDuration(raw); !ok {
		resp.Diagnostics.Append(invalidDuration(req.Path, raw))
	}
}

type retriesValidator struct{}

func (retriesValidator) Description(context.Context) string {
	return fmt.Sprintf("must be a whole number from 0 to %d", maxMaxRetries)
}

func (v retriesValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (retriesValidator) ValidateNumber(_ context.Context, req validator.NumberRequest, resp *validator.NumberResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}

	if _, err := parseRetries(req.ConfigValue.ValueBigFloat()); err != nil {
		resp.Diagnostics.Append(invalidRetries(req.Path, err))
	}
}
