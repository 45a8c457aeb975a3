// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// page reads a page of trunks, again and again if it has to: at most [Config.MaxRetries]
// times after the first, with a pause before each that grows and is never the same, so that
// many clients that failed together do not come back together. The error is the last
// attempt's, with the number of attempts.
func (l *listing) page(ctx context.Context, query url.Values) (*page, error) {
	pauses := &backoff.ExponentialBackOff{
		InitialInterval:     500 * time.Millisecond,
		RandomizationFactor: 0.5,
		Multiplier:          2,
		MaxInterval:         8 * time.Second,
	}

	ctx = l.client.maskLog(ctx)
	last := l.client.newError(query)

	for {
		free, err := l.client.budget.acquire(ctx, &l.waits)
		if err != nil {
			return nil, last.interrupted(l.client.key, err)
		}

		result, failure := l.client.attempt(ctx, free, query, last.Attempts+1)
		if failure == nil {
			return result, nil
		}

		if ctx.Err() != nil && last.Attempts > 0 {
			// What the attempt before ended with says more than that this one was broken off.
			last.Attempts = failure.Attempts
			return nil, last.interrupted(l.client.key, causeOf(ctx))
		}

		last = failure
		pause := max(pauses.NextBackOff(), failure.wait)

		if failure.Status == http.StatusTooManyRequests {
			// Every other request would be refused as well, so all of them wait, in acquire.
			l.client.budget.block(time.Now().Add(pause))

			pause = 0
		}

		if ctx.Err() != nil || !failure.retryable() || failure.Attempts > l.client.maxRetries {
			return nil, failure
		}

		if pause > 0 {
			tflog.Info(ctx, "Pausing before the next attempt at a Telepath API request", map[string]any{
				"offset":  query.Get("offset"),
				"attempt": failure.Attempts,
				"wait_ms": pause.Milliseconds(),
			})
		}

		if err := sleep(ctx, pause); err != nil {
			return nil, failure.interrupted(l.client.key, err)
		}
	}
}

// retryable tells whether the same request may fare better a little later.
func (e *Error) retryable() bool {
	switch e.Status {
	case http.StatusRequestTimeout,
		http.StatusTooManyRequests,
		http.StatusInternalServerError,
		http.StatusBadGateway,
		http.StatusServiceUnavailable,
		http.StatusGatewayTimeout:
		return true
	case 0, http.StatusOK:
	default:
		return false
	}

	// No answer, or a part of one. An answer that is complete and wrong would be so again, and
	// so would a certificate.
	var certErr *tls.CertificateVerificationError

	switch {
	case errors.As(e.Err, &certErr),
		errors.Is(e.Err, http.ErrSchemeMismatch),
		errors.Is(e.Err, ErrProxyRefused),
		errors.Is(e.Err, ErrNotJSON),
		errors.Is(e.Err, ErrUnexpectedAnswer),
		errors.Is(e.Err, ErrTooLarge):
		return false
	}

	return true
}

// interrupted is the error after something ended the attempts early: the deadline, somebody
// who no longer wants to know, a wait that is too long. It says this, and what was wrong
// before.
func (e *Error) interrupted(key Key, cause error) *Error {
	interrupted := *e
	interrupted.setCause(key, cause)

	if e.Err != nil {
		// Cleaned one by one, lest a long text from the server cuts off what came then.
		interrupted.Err = fmt.Errorf("%w; then %w", e.Err, cause)
		interrupted.cause = e.cause + "; then " + interrupted.cause
	}

	return &interrupted
}

// sleep waits, unless the context ends first or is known to: then it is an error at once, for
// nobody is served by waiting in vain.
func sleep(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return fmt.Errorf("%w, before the %s of pause that the next attempt needed", ErrReadTimeout, d.Round(time.Millisecond))
	}

	timer := time.NewTimer(d)
	defer timer.Stop()

	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return causeOf(ctx)
	}
}

// causeOf is why a context ended. A deadline that says nothing more is that of the read.
func causeOf(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", ErrReadTimeout, cause)
	}

	return cause
}
