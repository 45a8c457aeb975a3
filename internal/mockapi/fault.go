// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import (
	"context"
	"net/http"
)

// Fault takes the place of the API for one request. answer writes the real answer,
// to w or to a ResponseWriter of the fault's own. The headers of the rate limit and
// X-Request-Id are already set on w; a fault may change or delete them.
type Fault func(w http.ResponseWriter, r *http.Request, answer http.HandlerFunc)

// Fail gives f to the next n requests, after those that earlier calls have taken;
// below zero it is all requests from then on. The fault comes before the key and
// everything else is checked, as with a proxy in front. A nil f stands for the real
// answer, so that a later request can be made to fail. With n zero all faults are
// cleared, whatever f is.
func (a *API) Fail(n int, f Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if n == 0 {
		a.faults = nil
		return
	}
	a.faults = append(a.faults, queuedFault{n, f})
}

// faultQueue holds the faults of the requests to come.
type faultQueue []queuedFault

type queuedFault struct {
	requests int // Those left; below zero has no end.
	fault    Fault
}

// next takes the fault of the next request off the queue; nil means none.
func (q *faultQueue) next() Fault {
	if len(*q) == 0 {
		return nil
	}
	first := &(*q)[0]
	fault := first.fault
	if first.requests > 0 {
		first.requests--
	}
	if first.requests == 0 {
		*q = (*q)[1:]
	}
	return fault
}

// errorShapeKey is under which a request's context tells a fault the shape that
// errors have, for a fault knows nothing of the API that it is set on.
type errorShapeKey struct{}

func withErrorShape(r *http.Request, short bool) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), errorShapeKey{}, short))
}

func wantsShortErrors(r *http.Request) bool {
	short, ok := r.Context().Value(errorShapeKey{}).(bool)
	return ok && short
}
