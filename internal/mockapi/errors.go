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
	status        int
	code, message string
}

// statusErrors are the errors that do not only repeat the text of their status.
var statusErrors = map[int]apiError{
	400: {400, "invalid_parameters", "The request is invalid"},
	401: {401, "unauthorized", "Invalid or expired API key"},
	403: {403, "forbidden", "The API key does not allow this request"},
	404: {404, "not_found", "The requested resource does not exist"},
	405: {405, "method_not_allowed", "Only GET is allowed on this resource"},
	429: {429, "rate_limited", "Rate limit exceeded"},
	500: {500, "internal_error", "An internal error occurred"},
}

// statusError returns the error that the API sends with a status.
func statusError(status int) *apiError {
	e, ok := statusErrors[status]
	if text := http.StatusText(status); !ok && text != "" {
		e = apiError{status, strings.ReplaceAll(strings.ToLower(text), " ", "_"), text}
	} else if !ok {
		e = apiError{status, "error", fmt.Sprintf("The request failed with status %d", status)}
	}
	return &e
}

func invalidParameters(message string) *apiError {
	return &apiError{http.StatusBadRequest, "invalid_parameters", message}
}

// shortErrorsKey is the context key of [API.SetShortErrors]: a fault has only the
// request to learn the setting from.
type shortErrorsKey struct{}

// writeError sends an error in the selected format.
func writeError(w http.ResponseWriter, r *http.Request, e apiError) {
	type envelope struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Status  int    `json:"status,omitempty"`
	}
	content := envelope{e.code, e.message, e.status}
	if r.Context().Value(shortErrorsKey{}) == true {
		content = envelope{Code: strings.ToUpper(e.code), Message: e.message}
		if e.status == http.StatusUnauthorized {
			content = envelope{Code: "INVALID_API_KEY", Message: "The API key provided is invalid"}
		}
	}
	if e.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodGet)
	}
	writeJSON(w, r, e.status, map[string]envelope{"error": content})
}

// writeJSON sends v as the reference page shows JSON: broken into lines, not indented.
// A value that is not JSON, such as a NaN or a broken [Trunk.JSON], becomes a 500.
func writeJSON(w http.ResponseWriter, r *http.Request, status int, v any) {
	var compact, body bytes.Buffer
	encoder := json.NewEncoder(&compact)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		writeError(w, r, apiError{http.StatusInternalServerError, "internal_error", err.Error()})
		return
	}
	if err := json.Indent(&body, bytes.TrimSpace(compact.Bytes()), "", ""); err != nil {
		panic(err) // The encoder's output is JSON.
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // Fails only if the client has left.
}
