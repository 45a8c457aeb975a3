// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import (
	"net/http"
	"strings"
	"unicode"
)

// SetKey makes key the only one that is accepted. The empty key restores the
// default, where any key is that begins with sk_ and has no white space.
func (a *API) SetKey(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settings.key = key
}

// authorized says whether the one Authorization header carries a key that is
// accepted: the wanted one, or any that looks like a key when none is wanted.
func authorized(header http.Header, wanted string) bool {
	values := header.Values("Authorization")
	if len(values) != 1 {
		return false
	}
	key, ok := strings.CutPrefix(values[0], "Bearer ")
	if !ok {
		return false
	}
	if wanted != "" {
		return key == wanted
	}
	return strings.HasPrefix(key, "sk_") && !strings.ContainsFunc(key, unicode.IsSpace)
}
