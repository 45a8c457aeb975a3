// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// serve starts the API on loopback and returns its base URL.
func serve(t *testing.T, api *mockapi.API) string {
	t.Helper()
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	return server.URL + "/v1"
}

// request returns a GET request with the key of the reference page.
func request(t *testing.T, url string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+mockapi.ExampleKey)
	return req
}

// get sends a GET request for a target such as /v1/trunks?limit=1 without a network.
func get(t *testing.T, api http.Handler, target string) *httptest.ResponseRecorder {
	t.Helper()
	return record(api, request(t, target))
}

// record sends a request without a network.
func record(api http.Handler, req *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	api.ServeHTTP(rec, req)
	return rec
}

// recordAborted is record for a response that must break the connection.
func recordAborted(t *testing.T, api http.Handler, req *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	rec := httptest.NewRecorder()
	func() {
		defer func() {
			if got, ok := recover().(error); !ok || !errors.Is(got, http.ErrAbortHandler) {
				t.Errorf("the handler ended with %v, want a broken connection", got)
			}
		}()
		api.ServeHTTP(rec, req)
	}()
	return rec
}

// list is the part of a response that the tests decode.
type list struct {
	Trunks []struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Status  string `json:"status"`
		Metrics struct {
			SuccessRate  float64 `json:"success_rate"`
			AvgLatencyMS int64   `json:"avg_latency_ms"`
		} `json:"metrics"`
	} `json:"trunks"`
	Pagination struct {
		Limit  int `json:"limit"`
		Offset int `json:"offset"`
		Total  int `json:"total"`
	} `json:"pagination"`
}

func (l list) ids() []string {
	ids := make([]string, 0, len(l.Trunks))
	for _, trunk := range l.Trunks {
		ids = append(ids, trunk.ID)
	}
	return ids
}

func decode(t *testing.T, body io.Reader) list {
	t.Helper()
	var l list
	if err := json.NewDecoder(body).Decode(&l); err != nil {
		t.Fatal(err)
	}
	return l
}

// received is a response as a client receives it.
type received struct {
	status int
	header http.Header
	body   string
	err    error // Of reading the body.
}

// do sends a request over the network, without following redirects.
func do(t *testing.T, req *http.Request) received {
	t.Helper()
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if closeErr := resp.Body.Close(); closeErr != nil {
		t.Error(closeErr)
	}
	return received{resp.StatusCode, resp.Header, string(body), err}
}
