// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import "net/http"

const trunksPath = "/v1/trunks"

// respond gives the real answer to a request.
func (a *API) respond(r *http.Request, v visit) reply {
	if v.budget.exceeded {
		return errRateLimited.reply(v.shortErrors)
	}
	if r.URL.Path != trunksPath {
		return errNotFound.reply(v.shortErrors)
	}
	if r.Method != http.MethodGet {
		refusal := errMethod.reply(v.shortErrors)
		refusal.header.Set("Allow", http.MethodGet)
		return refusal
	}
	if !authorized(r.Header, v.key) {
		return errUnauthorized.reply(v.shortErrors)
	}
	q, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return errParameters(err.Error()).reply(v.shortErrors)
	}
	return a.list(q, v)
}

// list answers an accepted request, with the hooks around it.
func (a *API) list(q Query, v visit) reply {
	if v.onQuery != nil {
		v.onQuery(v.number, &q)
	}
	page := cutPage(a.account(), q)
	if v.onPage != nil {
		v.onPage(v.number, &page)
	}
	body, err := page.encode()
	if err != nil {
		refusal := errStatus(http.StatusInternalServerError)
		refusal.message = err.Error()
		return refusal.reply(v.shortErrors)
	}
	return jsonReply(http.StatusOK, body)
}
