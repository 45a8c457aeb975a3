// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
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

// request returns a GET request with the headers of the reference page's examples.
func request(t *testing.T, url string) *http.Request {
	t.Helper()

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}

	req.Header.Set("Authorization", "Bearer "+mockapi.ExampleKey)
	req.Header.Set("Content-Type", "application/json")

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
func recordAborted(t *testing.T, api http.Handler, req *http.Request) (rec *httptest.ResponseRecorder) {
	t.Helper()

	rec = httptest.NewRecorder()

	defer func() {
		if got, ok := recover().(error); !ok || !errors.Is(got, http.ErrAbortHandler) {
			t.Errorf("the handler ended with %v, want a broken connection", got)
		}
	}()

	api.ServeHTTP(rec, req)

	return rec
}

// page is the part of a response that the tests decode.
type page struct {
	Trunks []struct {
		ID string `json:"id"`
	} `json:"trunks"`
	Pagination struct {
		Limit  int   `json:"limit"`
		Offset int64 `json:"offset"`
		Total  int64 `json:"total"`
	} `json:"pagination"`
}

func getPage(t *testing.T, api http.Handler, target string) page {
	t.Helper()

	var p page
	if err := json.Unmarshal(get(t, api, target).Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}

	return p
}

func (p page) ids() []string {
	ids := make([]string, 0, len(p.Trunks))
	for _, trunk := range p.Trunks {
		ids = append(ids, trunk.ID)
	}

	return ids
}

// String returns the IDs, the limit, the offset and the total, such as [a b] 20 0 2.
func (p page) String() string {
	return fmt.Sprint(p.ids(), p.Pagination.Limit, p.Pagination.Offset, p.Pagination.Total)
}

// received is a response as a client receives it.
type received struct {
	status int
	header http.Header
	body   string
	err    error // Of the request or of reading the body.
}

// do sends a request over the network, without following redirects.
func do(req *http.Request) received {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return received{err: err}
	}

	body, err := io.ReadAll(resp.Body)

	return received{resp.StatusCode, resp.Header, string(body), errors.Join(err, resp.Body.Close())}
}
