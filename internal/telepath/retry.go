// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// fetchPage requests a page until it succeeds, at most [Config.MaxRetries] times after the first
// attempt, with exponential backoff and jitter. The error is that of the last attempt.
//
// A status 429 does not count as a retry: the limiter makes every request wait, until the
// deadline of the read forbids it.
func (l *lister) fetchPage(ctx context.Context, query pageQuery) (*page, error) {
	c := l.client
	delays := &backoff.ExponentialBackOff{
		InitialInterval:     500 * time.Millisecond,
		RandomizationFactor: 0.5,
		Multiplier:          2,
		MaxInterval:         8 * time.Second,
	}

	ctx = c.redactLog(ctx)
	previous := c.newError(query, 0, nil, nil)

	for retries := 0; ; {
		if err := c.limiter.acquire(ctx, &l.waited); err != nil {
			return nil, c.interrupted(previous, err)
		}

		delay := delays.NextBackOff()

		result, failure := c.attempt(ctx, query, previous.Attempts+1, delay)
		if failure == nil {
			return result, nil
		}

		if ctx.Err() != nil {
			if previous.Attempts == 0 {
				return nil, failure
			}

			// The error of the attempt before says more than that this one was interrupted.
			previous.Attempts = failure.Attempts

			return nil, c.interrupted(previous, causeOf(ctx))
		}

		previous = failure

		switch {
		case !previous.retryable():
			return nil, previous
		case previous.Status == http.StatusTooManyRequests:
			continue // The limiter waits.
		case retries >= c.config.MaxRetries:
			return nil, previous
		}

		retries++

		delay = max(delay, previous.retryAfter)
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < delay {
			return nil, c.interrupted(previous, errors.New("the next attempt would start after the deadline of the read"))
		}

		tflog.Info(ctx, "Waiting before the next attempt at a Telepath API request", map[string]any{
			"offset":  query.offset,
			"attempt": previous.Attempts,
			"wait_ms": delay.Milliseconds(),
		})

		if err := sleep(ctx, delay); err != nil {
			return nil, c.interrupted(previous, err)
		}
	}
}

// isTemporary reports whether a status may change when the request is sent again.
func isTemporary(status int) bool {
	switch status {
	case http.StatusRequestTimeout,
		http.StatusTooManyRequests,
		http.StatusInternalServerError,
		http.StatusBadGateway,
		http.StatusServiceUnavailable,
		http.StatusGatewayTimeout,
		// Of content delivery networks: their origin is down, overloaded or not reachable.
		520, 521, 522, 523, 524, 527, 529, 530:
		return true
	}

	return false
}

// retryable reports whether the same request may succeed later.
func (e *Error) retryable() bool {
	if e.Status != 0 && e.Status != http.StatusOK {
		return isTemporary(e.Status)
	}

	// No response, or a part of one. A complete response that is wrong would be so again, and so
	// would a certificate.
	var certErr *tls.CertificateVerificationError

	if errors.As(e.Err, &certErr) {
		return false
	}

	for _, permanent := range []error{
		ErrPlainHTTP, ErrProxyAddress, ErrProxyRefused, ErrNotJSON, ErrInvalidJSON, ErrUnexpectedResponse, ErrWrongPage, ErrTooLarge, ErrEncoding, ErrDamagedEncoding,
	} {
		if errors.Is(e.Err, permanent) {
			return false
		}
	}

	return true
}

// sleep waits, or returns why the context ended first.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return causeOf(ctx)
	}
}
