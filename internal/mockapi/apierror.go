// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import (
	"fmt"
	"net/http"
	"strings"
)

// apiError is an error of the API in the words of its answer: the reference page,
// Error Responses.
type apiError struct {
	code    string
	message string
	status  int
}

var (
	errUnauthorized = apiError{"unauthorized", "Invalid or expired API key", http.StatusUnauthorized}
	errRateLimited  = apiError{"rate_limited", "Rate limit exceeded", http.StatusTooManyRequests}
	errNotFound     = apiError{"not_found", "The requested resource does not exist", http.StatusNotFound}
	errMethod       = apiError{
		"method_not_allowed", "Only GET is allowed on this resource", http.StatusMethodNotAllowed,
	}
)

// errParameters is the 400 for a parameter that is not as the reference page has it.
func errParameters(message string) apiError {
	return apiError{"invalid_parameters", message, http.StatusBadRequest}
}

// errStatus gives an error that fits the status, for faults.
func errStatus(status int) apiError {
	switch status {
	case http.StatusBadRequest:
		return errParameters("The request is invalid")
	case http.StatusUnauthorized:
		return errUnauthorized
	case http.StatusForbidden:
		return apiError{"forbidden", "The API key does not allow this request", status}
	case http.StatusNotFound:
		return errNotFound
	case http.StatusMethodNotAllowed:
		return errMethod
	case http.StatusTooManyRequests:
		return errRateLimited
	case http.StatusInternalServerError:
		return apiError{"internal_error", "An internal error occurred", status}
	}
	text := http.StatusText(status)
	if text == "" {
		return apiError{"error", fmt.Sprintf("The request failed with status %d", status), status}
	}
	return apiError{strings.ReplaceAll(strings.ToLower(text), " ", "_"), text, status}
}

// SetShortErrors chooses the second error shape of the published documentation: an
// upper-case code and no status. It holds for the fault [Status] as well.
func (a *API) SetShortErrors(short bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settings.shortErrors = short
}

// reply gives the error as it is sent, in the shape of the reference page or in
// the short one.
func (e apiError) reply(short bool) reply {
	type long struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Status  int    `json:"status,omitempty"`
	}
	content := long{e.code, e.message, e.status}
	if short {
		content = long{Code: strings.ToUpper(e.code), Message: e.message}
		if e.code == errUnauthorized.code {
			content.Code, content.Message = "INVALID_API_KEY", "The API key provided is invalid"
		}
	}
	body, err := compact(map[string]long{"error": content})
	if err != nil {
		// Two strings and an integer always encode.
		panic(err)
	}
	return jsonReply(e.status, lines(body))
}
