// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/telepathvoice/terraform-provider-telepath/internal/telepath"
)

// The validators here let an empty string pass, as it counts as not set.
var (
	_ validator.String = baseURLValidator{}
	_ validator.String = durationValidator{}
	_ validator.Number = retriesValidator{}
)

// invalidKey is the error of a key that is none. It has no path, lest Terraform quotes the line
// that the key stands on.
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

	detail := fmt.Sprintf("%s is not usable as the root of the API: %s. Set it to an absolute https URL without user, query or fragment, "+
		"such as %s, or leave it out for that one. Plain http is accepted for localhost, 127.0.0.1 and [::1] only.", what, err, telepath.DefaultBaseURL)

	return diag.NewAttributeErrorDiagnostic(at, "Invalid Telepath base URL", detail)
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
		return 0, errors.New("it is not a number with a unit, or too long")
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

type retriesValidator struct{}

func (retriesValidator) Description(context.Context) string {
	return "is a whole number from 0 to 10"
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

// parseRetries takes the number as Terraform has it. The framework's own integers would call a
// fraction a fault of the provider.
func parseRetries(number *big.Float) (int, error) {
	retries, accuracy := number.Int64()

	switch {
	case accuracy != big.Exact:
		return 0, fmt.Errorf("%s is not a whole number", number.Text('g', 10))
	case retries < 0 || retries > 10:
		return 0, fmt.Errorf("%d is not between 0 and 10", retries)
	}

	return int(retries), nil
}

func invalidRetries(at path.Path, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Invalid number of retries",
		fmt.Sprintf("%s. Set max_retries to a whole number from 0 to 10, or leave it out for %d.", err, defaultMaxRetries))
}
