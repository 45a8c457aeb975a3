// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import (
	"net/http"
	"net/url"
)

// Request is what the API saw of a request.
type Request struct {
	// Method is the HTTP method.
	Method string
	// Path is the path, unescaped.
	Path string
	// Query are the parameters; what is malformed is left out.
	Query url.Values
	// Header are the headers, the key among them; Host is not.
	Header http.Header
}

// record is what the API remembers of its requests.
type record struct {
	requests    []Request
	inFlight    int
	maxInFlight int
}

// enter remembers a request that arrives.
func (rec *record) enter(r *http.Request) {
	rec.requests = append(rec.requests, Request{
		Method: r.Method,
		Path:   r.URL.Path,
		Query:  r.URL.Query(),
		Header: r.Header.Clone(),
	})
	rec.inFlight++
	rec.maxInFlight = max(rec.maxInFlight, rec.inFlight)
}

// Requests gives copies of all requests since the last [API.Reset], refused and
// faulty ones too, in order of arrival.
func (a *API) Requests() []Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	requests := make([]Request, 0, len(a.record.requests))
	for _, r := range a.record.requests {
		r.Query = url.Values(http.Header(r.Query).Clone())
		r.Header = r.Header.Clone()
		requests = append(requests, r)
	}
	return requests
}

// MaxInFlight gives the most requests that were under way at once since the last
// [API.Reset]. A request is under way until its answer is ready to be sent, so that
// a client's next one never counts together with the one that it has just finished.
// Under a fault it is until the fault has ended.
func (a *API) MaxInFlight() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.record.maxInFlight
}

// Reset forgets the requests and MaxInFlight; those that are under way still count
// for the latter. The account, the settings, the faults, the rate limit and the
// numbers of the requests stay as they are.
func (a *API) Reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.record.requests = nil
	a.record.maxInFlight = a.record.inFlight
}
