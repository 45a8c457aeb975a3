// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

// Package mockapi is the Telepath API in memory: GET /v1/trunks as an http.Handler
// that checks each request strictly and injects faults.
//
// It is an independent reading of the API's reference page and imports neither the
// client nor the provider, because a mistake that both sides share passes every test.
// Where the reference page is silent, the mock refuses the request.
//
// Each request goes through the same steps in the same order:
//
//  1. it is counted, recorded and charged to the rate limit,
//  2. the latency passes,
//  3. a fault set with [API.Fail] takes over, as a proxy would,
//  4. over the rate limit, the response is 429,
//  5. path, method, key and parameters are checked,
//  6. the [API.OnQuery] hook runs, the page is cut, the [API.OnPage] hook runs.
//
// All methods of [API] are safe for concurrent use.
package mockapi

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
)

// ExampleKey is the key in the reference page's examples. It is not a real key.
const ExampleKey = "sk_live_abc123def456..."

const trunksPath = "/v1/trunks"

// API is the Telepath API with one account. Create it with [New].
type API struct {
	mu       sync.Mutex
	trunks   []Trunk // Replaced, never modified: requests read it without the lock.
	settings settings
	rate     rateLimit
	faults   []queuedFault
	requests []Request
	count    int // Of all requests, also those that Reset forgot.
}

// Request is a request that the API received. Query lacks malformed parameters, and
// Header includes the key.
type Request struct {
	Method string
	Path   string // Unescaped.
	Query  url.Values
	Header http.Header
}

// settings are copied for each request when it arrives.
type settings struct {
	key         string
	shortErrors bool
	latency     time.Duration
	onQuery     func(n int, q *Query)
	onPage      func(n int, p *Page)
}

// New returns an API whose account holds a copy of the trunks. They are listed in the
// order given; the real API lists them by creation date.
func New(trunks []Trunk) *API {
	return &API{
		trunks: slices.Clone(trunks),
		rate:   rateLimit{limit: defaultRateLimit, window: defaultRateWindow},
	}
}

// Trunks returns a copy of the account.
func (a *API) Trunks() []Trunk {
	a.mu.Lock()
	defer a.mu.Unlock()

	return slices.Clone(a.trunks)
}

// Update replaces the account with what change returns. change receives a copy that
// it may modify, and must not call methods of the API. A request sees the account
// either before or after the update.
func (a *API) Update(change func(trunks []Trunk) []Trunk) {
	a.mu.Lock()
	defer a.mu.Unlock()
	// The result is copied, because its owner may modify it later.
	a.trunks = slices.Clone(change(slices.Clone(a.trunks)))
}

// SetKey makes key the only accepted API key. The empty key restores the default:
// any key that starts with sk_ and contains no whitespace.
func (a *API) SetKey(key string) { a.set(func(s *settings) { s.key = key }) }

// SetShortErrors selects the second documented error format, which has an upper-case
// code and no status. It also applies to [Status].
func (a *API) SetShortErrors(short bool) { a.set(func(s *settings) { s.shortErrors = short }) }

// SetLatency delays each response by d, also that of a fault. Zero or less means no
// delay. If the client leaves during the delay, the connection is closed.
func (a *API) SetLatency(d time.Duration) { a.set(func(s *settings) { s.latency = d }) }

// OnQuery sets a hook that is called for each accepted request before its page is
// cut; nil removes it. n is the number of the request, counted from 1 and including
// refused requests. The hook may modify q: the page follows q, and so do the limit and
// the offset in the response. Hooks of concurrent requests run concurrently, and may
// call any method of the API.
func (a *API) OnQuery(hook func(n int, q *Query)) { a.set(func(s *settings) { s.onQuery = hook }) }

// OnPage sets a hook that is called for each accepted request with its page, which it
// may modify: a wrong total, an empty page. nil removes it. Otherwise as [API.OnQuery].
func (a *API) OnPage(hook func(n int, p *Page)) { a.set(func(s *settings) { s.onPage = hook }) }

func (a *API) set(change func(s *settings)) {
	a.mu.Lock()
	defer a.mu.Unlock()

	change(&a.settings)
}

// Requests returns all requests since the last [API.Reset] in order of arrival,
// including those that were refused or met a fault. Its maps must not be modified.
func (a *API) Requests() []Request {
	a.mu.Lock()
	defer a.mu.Unlock()

	return slices.Clone(a.requests)
}

// Reset forgets the requests. Everything else stays: account, settings, faults, rate
// limit and the numbering of requests.
func (a *API) Reset() {
	a.mu.Lock()
	defer a.mu.Unlock()

	a.requests = nil
}

// call is one request and what applies to it.
type call struct {
	settings

	number   int
	exceeded bool // The request exceeds the rate limit.
	fault    Fault
}

// ServeHTTP responds to a request. To break the connection, it panics with
// [http.ErrAbortHandler].
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := a.begin(w.Header(), r)
	if !sleep(r.Context(), c.latency) {
		panic(http.ErrAbortHandler)
	}

	var handler http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.respond(w, r, c)
	})
	if c.fault != nil {
		handler = c.fault(handler)
	}

	handler.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), shortErrorsKey{}, c.shortErrors)))
}

// begin registers a request in one step, so that concurrent requests each get their own
// number, share of the rate limit and fault.
func (a *API) begin(header http.Header, r *http.Request) call {
	a.mu.Lock()
	defer a.mu.Unlock()

	a.requests = append(a.requests, Request{r.Method, r.URL.Path, r.URL.Query(), r.Header.Clone()})
	a.count++
	header.Set(headerRequestID, fmt.Sprintf("req_%06d", a.count))

	return call{
		settings: a.settings,
		number:   a.count,
		exceeded: a.rate.charge(time.Now(), header),
		fault:    a.nextFault(),
	}
}

// respond sends the page that a request asks for, or the error.
func (a *API) respond(w http.ResponseWriter, r *http.Request, c call) {
	q, apiErr := c.parse(r)
	if apiErr != nil {
		writeError(w, r, *apiErr)

		return
	}

	if c.onQuery != nil {
		c.onQuery(c.number, &q)
	}

	a.mu.Lock()
	trunks := a.trunks
	a.mu.Unlock()

	page := cutPage(trunks, q)
	if c.onPage != nil {
		c.onPage(c.number, &page)
	}

	writeJSON(w, r, http.StatusOK, page.response())
}

// parse checks a request and returns its parameters.
func (c *call) parse(r *http.Request) (Query, *apiError) {
	switch {
	case c.exceeded:
		return Query{}, statusError(http.StatusTooManyRequests)
	case r.URL.Path != trunksPath:
		return Query{}, statusError(http.StatusNotFound)
	case r.Method != http.MethodGet:
		return Query{}, statusError(http.StatusMethodNotAllowed)
	case !authorized(r.Header, c.key):
		return Query{}, statusError(http.StatusUnauthorized)
	}

	return parseQuery(r.URL.RawQuery)
}

// authorized checks that the one Authorization header carries the wanted key, or
// anything that looks like a key if wanted is empty.
func authorized(header http.Header, wanted string) bool {
	values := header.Values("Authorization")
	if len(values) != 1 {
		return false
	}

	key, ok := strings.CutPrefix(values[0], "Bearer ")
	if wanted != "" {
		return ok && key == wanted
	}

	return ok && strings.HasPrefix(key, "sk_") && !strings.ContainsFunc(key, unicode.IsSpace)
}

// sleep waits for d and reports whether it passed before ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil // Without a timer, which would wait for a test's fake clock.
	}

	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
