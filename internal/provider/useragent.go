// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"os"
	"strings"
	"unicode"
)

// userAgent names the provider and Terraform, followed by TF_APPEND_USER_AGENT, the variable
// that HashiCorp's providers support.
func userAgent(providerVersion, terraformVersion string) string {
	agent := "terraform-provider-telepath/" + providerVersion + " terraform/" + terraformVersion

	// net/http rejects header values with control characters.
	extra := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}

		return r
	}, os.Getenv("TF_APPEND_USER_AGENT"))

	return strings.TrimSpace(agent + " " + strings.TrimSpace(extra))
}
