// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"slices"
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
	ctx = c.redactLog(ctx)

	backoffs := backoff.NewExponentialBackOff() // From 500 ms, with a jitter of half.
	backoffs.Multiplier, backoffs.MaxInterval = 2, 8*time.Second

	var last *Error // Nil before an attempt has failed.

	for attempt, retriesLeft := 1, c.config.MaxRetries; ; attempt++ {
		if err := c.limiter.acquire(ctx, &l.waited); err != nil {
			if last == nil {
				return nil, c.newError(query, 0, response{}, err)
			}

			return nil, c.withoutRetry(last, err)
		}

		minDelay := backoffs.NextBackOff()

		result, failure := c.attempt(ctx, query, attempt, minDelay)

		switch {
		case failure == nil:
			return result, nil
		case ctx.Err() != nil && last == nil:
			return nil, failure
		case ctx.Err() != nil:
			// The error of the attempt before says more than that this one was interrupted.
			last.Attempts = attempt

			return nil, c.withoutRetry(last, causeOf(ctx))
		}

		last = failure

		delay, err := c.retryDelay(ctx, failure, retriesLeft, minDelay)
		if err != nil {
			return nil, err
		}

		if failure.Status == http.StatusTooManyRequests {
			continue // The limiter waits.
		}

		retriesLeft--

		tflog.Info(ctx, "Waiting before the next attempt at a Telepath API request",
			map[string]any{"offset": query.offset, "attempt": attempt, "wait_ms": delay.Milliseconds()})

		_ = sleep(ctx, delay) // The limiter checks the context.
	}
}

// retryDelay returns the delay before the next attempt, or the final error.
func (c *Client) retryDelay(ctx context.Context, failure *Error, retriesLeft int, minDelay time.Duration) (time.Duration, error) {
	switch {
	case !failure.retryable():
		return 0, failure
	case failure.Status == http.StatusTooManyRequests:
		return 0, nil
	case retriesLeft <= 0:
		return 0, failure
	}

	delay := max(minDelay, failure.retryAfter)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < delay {
		return 0, c.withoutRetry(failure, errors.New("the next attempt would start after the deadline of the read"))
	}

	return delay, nil
}

// temporaryStatuses may change when the request is sent again. Those from 520 are of content delivery
// networks: their origin is down, overloaded or not reachable.
var temporaryStatuses = []int{408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 527, 529, 530}

// retryable reports whether the same request may succeed later.
func (e *Error) retryable() bool {
	if e.Status != 0 && e.Status != http.StatusOK {
		return slices.Contains(temporaryStatuses, e.Status)
	}

	// No response, or a part of one. A complete response that is wrong would be so again, and so
	// would a certificate.
	var certErr *tls.CertificateVerificationError

	return !errors.As(e.Err, &certErr) && !slices.ContainsFunc(
		[]error{ErrPlainHTTP, ErrProxyRefused, ErrNotJSON, ErrUnexpectedResponse},
		func(permanent error) bool { return errors.Is(e.Err, permanent) },
	)
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
