// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

const faultHelp = `  400 to 599    an error of the API with this HTTP status
  html          the HTML error page of a proxy, status 502
  empty         status 502 without a body
  cut           the connection breaks in the middle of the body
  hang          no answer ever
  hang-in-body  half of the body and no more
  drip          the body a byte at a time
  drop          the connection is closed without an answer`

// dripPause makes the reference answer last about half a minute: longer than a
// person waits, and as long as the provider does for one attempt.
const dripPause = 40 * time.Millisecond

// parseFault reads the value of -fault. The empty kind is no fault: nil.
func parseFault(kind string) (mockapi.Fault, error) {
	switch kind {
	case "":
		return nil, nil //nolint:nilnil // No fault is a valid choice, and a nil Fault is how mockapi spells it.
	case "html":
		return mockapi.HTML(http.StatusBadGateway), nil
	case "empty":
		return mockapi.Empty(http.StatusBadGateway), nil
	case "cut":
		return mockapi.CutBody(), nil
	case "hang":
		return mockapi.Hang(), nil
	case "hang-in-body":
		return mockapi.HangInBody(), nil
	case "drip":
		return mockapi.Drip(dripPause), nil
	case "drop":
		return mockapi.Drop(), nil
	}
	status, err := strconv.Atoi(kind)
	if err != nil || status < 400 || status > 599 {
		return nil, fmt.Errorf("-fault %q: give an HTTP status from 400 to 599, "+
			"or html, empty, cut, hang, hang-in-body, drip or drop", kind)
	}
	return mockapi.Status(status), nil
}
