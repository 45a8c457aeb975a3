// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// The validators here let an empty string pass, as it counts as not set.
var (
	_ validator.String = apiKeyValidator{}
	_ validator.String = baseURLValidator{}
	_ validator.String = durationValidator{}
)

type apiKeyValidator struct{}

func (apiKeyValidator) Description(context.Context) string {
	return "has no white space, control characters or characters other than ASCII inside"
}

func (v apiKeyValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (apiKeyValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if _, err := telepath.ParseKey(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.Append(invalidKey("the provider's argument api_key"))
	}
}

// invalidKey is an error without the path of the attribute: with it, Terraform would quote
// the line of the configuration that may hold the key.
func invalidKey(source string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(
		"Invalid Telepath API key",
		fmt.Sprintf("The API key from %s has white space, a control character or a character other than ASCII inside, so it cannot be one (it is not shown here). "+
			"Copy it again from Telepath, Settings → API Keys; only white space around it is removed.", source),
	)
}

type baseURLValidator struct{}

func (baseURLValidator) Description(context.Context) string {
	return "is an absolute https URL without user, query or fragment"
}

func (v baseURLValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (baseURLValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	raw := req.ConfigValue.ValueString()
	if raw == "" {
		return
	}

	if _, err := telepath.ParseBaseURL(raw); err != nil {
		resp.Diagnostics.Append(invalidBaseURL(req.Path, "", err))
	}
}

// invalidBaseURL is the error of a base URL from an environment variable, or from the
// argument if that is empty.
func invalidBaseURL(at path.Path, variable string, err error) diag.Diagnostic {
	what := "base_url"
	if variable != "" {
		what = "The environment variable " + variable
	}

	return diag.NewAttributeErrorDiagnostic(at, "Invalid Telepath base URL",
		fmt.Sprintf("%s is not usable as the root of the API: %s. Set it to an absolute https URL without user, query or fragment, "+
			"such as %s, or leave it out for that one. Plain http is accepted for localhost, 127.0.0.1 and [::1] only.", what, err, telepath.DefaultBaseURL),
	)
}

type durationValidator struct{}

func (durationValidator) Description(context.Context) string {
	return `is a duration greater than 0, such as "30s"`
}

func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (durationValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	raw := req.ConfigValue.ValueString()
	if raw == "" {
		return
	}

	if _, err := parseDuration(raw); err != nil {
		resp.Diagnostics.Append(invalidDuration(req.Path, raw, err))
	}
}

func parseDuration(raw string) (time.Duration, error) {
	d, err := time.ParseDuration(raw)

	switch {
	case err != nil:
		return 0, errors.New("it is not a number with a unit")
	case d <= 0:
		return 0, errors.New("it is not greater than 0")
	}

	return d, nil
}

func invalidDuration(at path.Path, raw string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Invalid duration",
		fmt.Sprintf("%q is not a duration that can be used here: %s. Write a number and a unit, such as \"30s\", \"1m30s\" or \"500ms\".", raw, err),
	)
}
