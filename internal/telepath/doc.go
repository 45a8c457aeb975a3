// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

// Package telepath is a client of the Telepath API that reads the trunks of an account:
// every trunk exactly once, or an error.
//
// It knows HTTP and nothing of Terraform but its log. The contract it reads is the
// reference page "List Trunks" of the API.
package telepath
