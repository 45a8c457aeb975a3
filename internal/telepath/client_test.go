// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"strings"
	"testing"
)

func TestNewRejectsIncompleteConfigurations(t *testing.T) {
	for name, config := range map[string]Config{
		"no base URL": {Key: mustParseKey(testKey)},
		"no API key":  {BaseURL: mustParseBaseURL(t, DefaultBaseURL)},
	} {
		if _, err := New(config); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %q", err, name)
		}
	}
}
