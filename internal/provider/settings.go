// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
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
	keySource string
	baseURL   *url.URL
	// rawBaseURL is baseURL as it was set: a URL prints a host in Unicode with percent escapes.
	rawBaseURL     string
	maxRetries     int
	requestTimeout time.Duration
}

// resolveSettings resolves each setting, and returns an error for each that is missing, empty,
// invalid or unknown. An empty or unknown argument is set, so neither the environment nor a default
// may replace it: they could select another account.
//
// An error has a path if its argument is invalid, unless it is api_key: Terraform quotes the line
// at the path, which may contain the key.
func resolveSettings(model providerModel) (settings, diag.Diagnostics) {
	var diags diag.Diagnostics

	resolved := settings{maxRetries: defaultMaxRetries, requestTimeout: telepath.DefaultRequestTimeout}

	for _, argument := range []struct {
		name     string
		value    attr.Value
		variable string
		resolve  func() diag.Diagnostic
	}{
		{"api_key", model.APIKey, envAPIKey, func() diag.Diagnostic { return resolved.resolveKey(model.APIKey) }},
		{"base_url", model.BaseURL, envBaseURL, func() diag.Diagnostic { return resolved.resolveBaseURL(model.BaseURL) }},
		{"max_retries", model.MaxRetries, "", func() diag.Diagnostic { return resolved.resolveMaxRetries(model.MaxRetries) }},
		{"request_timeout", model.RequestTimeout, "", func() diag.Diagnostic { return resolved.resolveRequestTimeout(model.RequestTimeout) }},
	} {
		if !argument.value.IsUnknown() {
			diags.Append(argument.resolve())

			continue
		}

		detail := fmt.Sprintf("The value of the provider's argument %s is known after apply, but trunks are read during planning. "+
			"Use a value that is known during planning, or first apply the resource that it depends on, with -target. "+
			"To read trunks during apply instead, add that resource to depends_on of this data source.", argument.name)
		if argument.variable != "" {
			detail += fmt.Sprintf(" Or remove %s and set the environment variable %s.", argument.name, argument.variable)
		}

		diags.Append(summarySettingUnknown.newError(detail))
	}

	return resolved, diags
}

func (s *settings) resolveKey(argument types.String) diag.Diagnostic {
	raw := argument.ValueString()
	s.keySource = "the provider's argument api_key"

	if argument.IsNull() {
		raw = os.Getenv(envAPIKey)
		s.keySource = "the environment variable " + envAPIKey
	}

	var err error

	s.key, err = telepath.ParseKey(raw)

	switch {
	case err != nil:
		return summaryKeyInvalid.newError(fmt.Sprintf("The API key from %s is invalid: %s. The key is not shown here. "+
			"Copy it again from Telepath, under Settings → API Keys.", s.keySource, err))
	case s.key.IsEmpty() && !argument.IsNull():
		return summaryKeyEmpty.newError(fmt.Sprintf("The provider's argument api_key is empty or contains only whitespace. "+
			"Set api_key to an API key. To use the environment variable %s instead, remove api_key or set it to null.", envAPIKey))
	case s.key.IsEmpty():
		return summaryKeyMissing.newError(fmt.Sprintf("Neither the provider's argument api_key nor the environment variable %[1]s is set. "+
			"Create a key in Telepath, under Settings → API Keys, and set %[1]s to it. A read-only key is enough.", envAPIKey))
	}

	return nil
}

func (s *settings) resolveBaseURL(argument types.String) diag.Diagnostic {
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
		s.rawBaseURL = raw
	}

	if err == nil {
		return nil
	}

	invalid := summaryBaseURLInvalid.newError(fmt.Sprintf("%s is not a valid base URL: %s. Set it to an absolute https URL without user info, query or fragment, or remove it to use %s. "+
		"Plain http is accepted only for a loopback host, such as localhost.", source, err, telepath.DefaultBaseURL))
	if argument.IsNull() {
		return invalid
	}

	return diag.WithPath(path.Root("base_url"), invalid)
}

// resolveMaxRetries parses Terraform's arbitrary-precision number. For a fraction, the
// framework's own integer attributes report a bug in the provider.
func (s *settings) resolveMaxRetries(argument types.Number) diag.Diagnostic {
	if argument.IsNull() {
		return nil
	}

	var problem string

	number := argument.ValueBigFloat()
	retries, _ := number.Int64() // The nearest one, if the number is out of range.

	switch {
	case !number.IsInt():
		problem = "is not a whole number"
	case retries < 0 || retries > maxMaxRetries:
		problem = fmt.Sprintf("is not between 0 and %d", maxMaxRetries)
	default:
		s.maxRetries = int(retries)

		return nil
	}

	return summaryRetriesInvalid.newErrorAt(path.Root("max_retries"), fmt.Sprintf("%s %s. Set max_retries to a whole number from 0 to %d, or remove it to use %d.", number.Text('g', 10), problem, maxMaxRetries, defaultMaxRetries))
}

func (s *settings) resolveRequestTimeout(argument types.String) diag.Diagnostic {
	if argument.IsNull() {
		return nil
	}

	var err error

	s.requestTimeout, err = time.ParseDuration(argument.ValueString())
	if err != nil || s.requestTimeout <= 0 {
		return invalidDuration(path.Root("request_timeout"), argument.ValueString())
	}

	return nil
}

func invalidDuration(at path.Path, raw string) diag.Diagnostic {
	return summaryDurationInvalid.newErrorAt(at, fmt.Sprintf("%q is not a duration greater than 0. Set %s to a number and a unit, such as \"30s\", \"1m30s\" or \"500ms\".", raw, at))
}
