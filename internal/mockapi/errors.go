// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// apiError is an error of the API: the reference page, Error Responses.
type apiError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Status  int    `json:"status,omitempty"`
}

// statusErrors are the errors that do not only repeat the text of their status.
var statusErrors = map[int]apiError{
	400: {"invalid_parameters", "The request is invalid", 400},
	401: {"unauthorized", "Invalid or expired API key", 401},
	403: {"forbidden", "The API key does not allow this request", 403},
	404: {"not_found", "The requested resource does not exist", 404},
	405: {"method_not_allowed", "Only GET is allowed on this resource", 405},
	429: {"rate_limited", "Rate limit exceeded", 429},
	500: {"internal_error", "An internal error occurred", 500},
}

// statusError returns the error that the API sends with a status.
func statusError(status int) *apiError {
	if e, ok := statusErrors[status]; ok {
		return &e
	}

	text := http.StatusText(status)
	if text == "" {
		return &apiError{"error", fmt.Sprintf("The request failed with status %d", status), status}
	}

	return &apiError{strings.ReplaceAll(strings.ToLower(text), " ", "_"), text, status}
}

func invalidParameters(message string) *apiError {
	return &apiError{"invalid_parameters", message, http.StatusBadRequest}
}

// shortErrorsKey is the context key of [API.SetShortErrors]: a fault has only the
// request to learn the setting from.
type shortErrorsKey struct{}

// writeError sends an error in the selected format.
func writeError(w http.ResponseWriter, r *http.Request, e apiError) {
	status := e.Status
	if r.Context().Value(shortErrorsKey{}) == true {
		e = apiError{Code: strings.ToUpper(e.Code), Message: e.Message}
		if status == http.StatusUnauthorized {
			e = apiError{Code: "INVALID_API_KEY", Message: "The API key provided is invalid"}
		}
	}

	if status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodGet)
	}

	writeJSON(w, r, status, map[string]apiError{"error": e})
}

// writeJSON sends v as the reference page shows JSON: broken into lines, not indented.
// A value that is not JSON, such as a NaN or a broken [Trunk.JSON], becomes a 500.
func writeJSON(w http.ResponseWriter, r *http.Request, status int, v any) {
	var compact, body bytes.Buffer

	encoder := json.NewEncoder(&compact)
	encoder.SetEscapeHTML(false)

	if err := encoder.Encode(v); err != nil {
		writeError(w, r, apiError{"internal_error", err.Error(), http.StatusInternalServerError})

		return
	}

	_ = json.Indent(&body, bytes.TrimSpace(compact.Bytes()), "", "") // The encoder's output is JSON.

	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // Fails only if the client has left.
}
