// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"os"
	"strings"
	"unicode"
)

// userAgent names the provider and Terraform, and whatever the user wants to be known by
// (TF_APPEND_USER_AGENT, as other providers read it).
func userAgent(providerVersion, terraformVersion string) string {
	agent := "terraform-provider-telepath/" + providerVersion + " terraform/" + terraformVersion

	// A control character would make a header that cannot be sent, and every request fail.
	extra := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}

		return r
	}, os.Getenv("TF_APPEND_USER_AGENT"))

	return strings.TrimSpace(agent + " " + strings.TrimSpace(extra))
}
