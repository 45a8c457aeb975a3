// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// API is the Telepath API with one account in memory. [New] makes one.
type API struct {
	// updating is held during a whole update, while mu is held for moments only: a
	// callback may look at the API.
	updating sync.Mutex

	mu       sync.Mutex
	trunks   []Trunk // Replaced, never modified.
	settings settings
	rate     rateLimit
	faults   faultQueue
	record   record
	count    int // Requests ever.
}

// settings are what a request takes a copy of when it arrives.
type settings struct {
	key         string
	shortErrors bool
	latency     time.Duration
	onQuery     func(n int, q *Query)
	onPage      func(n int, p *Page)
}

// New makes an API whose account holds a copy of the trunks. They are listed in the
// order given; the real API lists by date of creation.
func New(trunks []Trunk) *API {
	return &API{
		trunks: slices.Clone(trunks),
		rate:   rateLimit{limit: defaultRateLimit, window: defaultRateWindow},
	}
}

// visit is one request on its way through the API.
type visit struct {
	settings

	number int
	budget budget
	fault  Fault // nil means none.
}

// ServeHTTP answers a request. Where the connection is to break without a whole
// answer it panics with [http.ErrAbortHandler], which a server takes as the order
// to do that.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := a.arrive(r)
	leave := sync.OnceFunc(a.leave)
	defer leave()

	v.budget.setHeaders(w.Header())
	w.Header().Set(headerRequestID, fmt.Sprintf("req_%06d", v.number))
	if !wait(r.Context(), v.latency) {
		panic(http.ErrAbortHandler)
	}
	if v.fault != nil {
		v.fault(w, withErrorShape(r, v.shortErrors), func(w http.ResponseWriter, r *http.Request) {
			a.respond(r, v).write(w)
		})
		return
	}
	ready := a.respond(r, v)
	// Before the answer goes out: see MaxInFlight.
	leave()
	ready.write(w)
}

// arrive counts and records a request and draws what is in store for it, all at
// once: requests that come together each get a number, a budget and a fault that fit.
func (a *API) arrive(r *http.Request) visit {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count++
	a.record.enter(r)
	return visit{
		settings: a.settings,
		number:   a.count,
		budget:   a.rate.charge(time.Now()),
		fault:    a.faults.next(),
	}
}

// leave marks a request as no longer under way.
func (a *API) leave() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.record.inFlight--
}
