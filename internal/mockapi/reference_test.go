// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	_ "embed"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// The blocks of the reference page, Example Response and Error Responses, as they
// stand there.
var (
	//go:embed testdata/trunks.json
	referenceAnswer string
	//go:embed testdata/unauthorized.json
	referenceUnauthorized string
	//go:embed testdata/invalid_parameters.json
	referenceInvalid string
)

func TestAnswersOfTheReferencePage(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		target, key string
		status      int
		want        string
	}{
		"the example request gets the example response": {
			"/v1/trunks?limit=20&offset=0", "Bearer " + mockapi.ExampleKey, http.StatusOK, referenceAnswer,
		},
		"no parameters get the same as the defaults": {
			"/v1/trunks", "Bearer " + mockapi.ExampleKey, http.StatusOK, referenceAnswer,
		},
		"no key gets the example of 401": {
			"/v1/trunks", "", http.StatusUnauthorized, referenceUnauthorized,
		},
		"a limit above the range gets the example of 400": {
			"/v1/trunks?limit=101", "Bearer " + mockapi.ExampleKey, http.StatusBadRequest, referenceInvalid,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := serve(t, mockapi.New(mockapi.ReferenceTrunks()))
			req := request(t, base[:len(base)-len("/v1")]+tt.target)
			req.Header.Del("Authorization")
			if tt.key != "" {
				req.Header.Set("Authorization", tt.key)
			}
			got := do(t, req)
			if got.status != tt.status {
				t.Errorf("status %d, want %d", got.status, tt.status)
			}
			if diff := cmp.Diff(tt.want, got.body); diff != "" {
				t.Errorf("body differs from the reference page (-want +got):\n%s", diff)
			}
			if got := got.header.Get("Content-Type"); got != "application/json" {
				t.Errorf("Content-Type %q, want application/json", got)
			}
		})
	}
}
