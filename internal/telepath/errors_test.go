// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestErrorText(t *testing.T) {
	unavailable := Error{Method: "GET", Path: "/v1/trunks?limit=100&offset=0", Status: 503}
	described := unavailable
	described.Code, described.Message, described.RequestID, described.Attempts = "unavailable", "no", "req_1", 5
	lost := Error{Method: "GET", Path: "/v1/trunks", Attempts: 2, Err: ErrConnectionClosed}

	client := newTestClient(t, Config{})
	// The texts of Windows end with a period.
	windows := client.newError(firstPage, 2, response{}, errors.New("An operation was aborted.")) //nolint:revive // As in Windows.

	synctest.Test(t, func(t *testing.T) {
		reset := time.Now().Add(90 * time.Second)

		for want, err := range map[string]error{
			"GET /v1/trunks?limit=100&offset=0: 503 Service Unavailable":                                                                                       &unavailable,
			"GET /v1/trunks?limit=100&offset=0: 503 Service Unavailable: unavailable: no (request ID req_1, 5 attempts)":                                       &described,
			"GET /v1/trunks?limit=100&offset=0: 503 Service Unavailable: the deadline of the read was exceeded":                                                client.withoutRetry(&unavailable, ErrReadTimeout),
			"GET /v1/trunks: the connection was closed before the response was complete; then the deadline of the read was exceeded (2 attempts)":              client.withoutRetry(&lost, ErrReadTimeout),
			"GET /v1/trunks?limit=100&offset=0: An operation was aborted (2 attempts)":                                                                         windows,
			"GET /v1/trunks?limit=100&offset=0: An operation was aborted; then the deadline of the read was exceeded (2 attempts)":                             client.withoutRetry(windows, ErrReadTimeout),
			"the rate limit allows no request before the deadline of the read":                                                                                 &RateLimitError{},
			"the rate limit resets in 1m30s, at 2000-01-01T00:01:30Z, too late to list the trunks before the deadline of the read":                             &RateLimitError{Reset: reset, Wait: 90 * time.Second},
			"the rate limit resets in 1m30s, at 2000-01-01T00:01:30Z, too late to list the trunks before the deadline of the read: the list needs up to 2m20s": &RateLimitError{Reset: reset, Wait: 90 * time.Second, ReadTimeout: 140 * time.Second},
		} {
			time.Sleep(time.Minute) // The text does not depend on when it is displayed.

			if err.Error() != want {
				t.Errorf("got %q, want %q", err, want)
			}
		}
	})

	if err := client.withoutRetry(&lost, ErrReadTimeout); !errors.Is(err, ErrConnectionClosed) || !errors.Is(err, ErrReadTimeout) {
		t.Errorf("got %+v, want both causes", err)
	}
}
