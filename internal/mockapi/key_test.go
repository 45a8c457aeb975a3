// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"net/http"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestKey(t *testing.T) {
	t.Parallel()
	const ok, refused = http.StatusOK, http.StatusUnauthorized
	tests := map[string]struct {
		wanted string
		header []string
		status int
	}{
		"the example key is accepted":              {"", []string{"Bearer " + mockapi.ExampleKey}, ok},
		"any key with the prefix is accepted":      {"", []string{"Bearer sk_test_1"}, ok},
		"the wanted key is accepted":               {"sk_a", []string{"Bearer sk_a"}, ok},
		"a wanted key needs no prefix":             {"tp a", []string{"Bearer tp a"}, ok},
		"no header is refused":                     {"", nil, refused},
		"an empty header is refused":               {"", []string{""}, refused},
		"a key without the scheme is refused":      {"", []string{"sk_test_1"}, refused},
		"the scheme without a key is refused":      {"", []string{"Bearer "}, refused},
		"another scheme is refused":                {"", []string{"Basic sk_test_1"}, refused},
		"the scheme in lower case is refused":      {"", []string{"bearer sk_test_1"}, refused},
		"a key without the prefix is refused":      {"", []string{"Bearer pk_test_1"}, refused},
		"a key with a space inside is refused":     {"", []string{"Bearer sk_test 1"}, refused},
		"a key after two spaces is refused":        {"", []string{"Bearer  sk_test_1"}, refused},
		"a key with a newline after it is refused": {"", []string{"Bearer sk_test_1\n"}, refused},
		"two headers are refused":                  {"", []string{"Bearer sk_a", "Bearer sk_a"}, refused},
		"a key other than the wanted is refused":   {"sk_a", []string{"Bearer sk_b"}, refused},
		"the start of the wanted key is refused":   {"sk_abc", []string{"Bearer sk_ab"}, refused},
		"more than the wanted key is refused":      {"sk_a", []string{"Bearer sk_ab"}, refused},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := mockapi.New(nil)
			api.SetKey(tt.wanted)
			req := request(t, "/v1/trunks")
			req.Header["Authorization"] = tt.header
			rec := record(api, req)
			if rec.Code != tt.status {
				t.Errorf("status %d, want %d", rec.Code, tt.status)
			}
			if tt.status == refused && rec.Body.String() != referenceUnauthorized {
				t.Errorf("body %s, want that of the reference page", rec.Body)
			}
		})
	}
}

func TestEmptyKeyRestoresTheDefault(t *testing.T) {
	t.Parallel()
	api := mockapi.New(nil)
	api.SetKey("sk_other")
	api.SetKey("")
	if rec := ask(t, api, "/v1/trunks"); rec.Code != http.StatusOK {
		t.Errorf("status %d, want 200", rec.Code)
	}
}
