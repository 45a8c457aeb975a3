// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"encoding/json"
)

// errorBody is what an answer says of an error.
type errorBody struct{ code, message string }

// parseErrorBody reads the error in an answer. Two shapes of it are documented, which differ
// in the code's case and in a status inside the body; that status is ignored, as the
// answer's own is always there and true. Everything else, be it HTML, nothing, or JSON of
// another shape, is not ok.
func parseErrorBody(body []byte) (parsed errorBody, ok bool) {
	var answer struct {
		Error *struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Error == nil {
		return errorBody{}, false
	}

	if answer.Error.Code == "" && answer.Error.Message == "" {
		return errorBody{}, false
	}

	return errorBody{code: answer.Error.Code, message: answer.Error.Message}, true
}
