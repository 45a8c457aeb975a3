// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

// OnQuery sets a hook that is called for each accepted request before its page is
// cut; nil removes it. n is the number of the request, counted from 1 over all
// requests, refused ones too. The hook may alter q: the page is cut by it, and its
// limit and offset are shown in the answer, as a server does that clamps the limit.
//
// No lock is held meanwhile, so the hook may call any method of the API; hooks of
// requests that are under way together run together.
func (a *API) OnQuery(hook func(n int, q *Query)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settings.onQuery = hook
}

// OnPage sets a hook that is called for each accepted request with its page, which
// it may alter at will: a total that lies, a page that is empty. nil removes it.
// n and the locking are as with [API.OnQuery].
func (a *API) OnPage(hook func(n int, p *Page)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settings.onPage = hook
}
