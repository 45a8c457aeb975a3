// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import (
	"net/http"
	"net/url"
	"slices"
)

// Request is a request that the API received. Query lacks malformed parameters, and
// Header includes the key.
type Request struct {
	Method string
	Path   string // Unescaped.
	Query  url.Values
	Header http.Header
}

// record remembers requests.
type record struct {
	requests []Request
	count    int // Not affected by Reset.
}

// add records a request and returns its number.
func (rec *record) add(r *http.Request) int {
	rec.requests = append(rec.requests, Request{r.Method, r.URL.Path, r.URL.Query(), r.Header.Clone()})
	rec.count++
	return rec.count
}

// Requests returns all requests since the last [API.Reset] in order of arrival,
// including those that were refused or met a fault. Its maps must not be modified.
func (a *API) Requests() []Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.record.requests)
}

// Reset forgets the requests. Everything else stays: account, settings, faults, rate limit and the
// numbering of requests.
func (a *API) Reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.record.requests = nil
}
