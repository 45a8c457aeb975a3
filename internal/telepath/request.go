// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// pageQuery is the query of GET /trunks (reference page, Query Parameters).
type pageQuery struct {
	// status is empty for all trunks.
	status        string
	offset, limit int
}

// pageURL is the URL of GET /trunks with a query.
func (c *Client) pageURL(query pageQuery) *url.URL {
	values := url.Values{"limit": {strconv.Itoa(query.limit)}, "offset": {strconv.Itoa(query.offset)}}
	if query.status != "" {
		values.Set("status", query.status)
	}

	u := c.config.BaseURL.JoinPath("trunks")
	// Without a path in the base URL, JoinPath omits the first slash.
	u.Path = "/" + strings.TrimPrefix(u.Path, "/")
	u.RawQuery = values.Encode()

	return u
}

// attempt sends a request and decodes the response: a connection that breaks in mid-body failed like one
// that was refused. The caller has acquired a permit of the limiter, which a status 429 without
// Retry-After or a reset blocks for minDelay.
func (c *Client) attempt(ctx context.Context, query pageQuery, number int, minDelay time.Duration) (*page, *Error) {
	attemptCtx, cancel := context.WithTimeoutCause(ctx, c.config.RequestTimeout, fmt.Errorf("%w of %s", ErrAttemptTimeout, c.config.RequestTimeout))
	defer cancel()

	start := time.Now()
	transport := c.transport.get()

	var result *page

	resp, err := c.send(attemptCtx, transport, query, minDelay)
	if err == nil {
		result, err = decode(c.config.Key, resp, query)
	}

	// Also at the deadline of the read, because the next read must not use a silent connection. Of many
	// idle connections that the server has closed, each attempt would try two.
	if cause := causeOf(attemptCtx); errors.Is(cause, ErrAttemptTimeout) || errors.Is(cause, ErrReadTimeout) || errors.Is(err, errSentTwice) {
		c.transport.renew(transport)
	}

	fields := map[string]any{
		"offset":      query.offset,
		"attempt":     number,
		"duration_ms": time.Since(start).Milliseconds(),
		"budget_left": c.limiter.budget(),
		"status":      resp.status,
	}

	if err == nil {
		tflog.Debug(ctx, "Telepath API request", fields)

		return result, nil
	}

	failure := c.newError(query, number, resp, err)
	fields["error"] = failure.Reason()
	tflog.Debug(ctx, "Telepath API request failed", fields)

	return nil, failure
}

// send sends a request and reads the response. If reading the body fails, there is a response
// without a body, and an error.
func (c *Client) send(ctx context.Context, transport http.RoundTripper, query pageQuery, minDelay time.Duration) (resp response, err error) {
	httpResp, err := c.transport.roundTrip(ctx, transport, c.newRequest(query))
	if err == nil {
		defer httpResp.Body.Close() //nolint:errcheck // Nothing was written, nothing can be lost.

		resp.status, resp.header = httpResp.StatusCode, httpResp.Header
	}

	// Before the body, so that a 429 stops other requests at once.
	c.limiter.observe(resp, minDelay, time.Now())

	switch {
	case err != nil:
		return resp, err
	case isRedirect(resp.status), resp.status == http.StatusSwitchingProtocols:
		// After 101, the body is the connection, and no deadline ends reading from it.
		return resp, nil
	case httpResp.ContentLength > maxBody:
		return resp, errTooLarge
	}

	resp.body, err = readBody(ctx, httpResp.Body)

	return resp, err
}

// newRequest creates the request of a page.
func (c *Client) newRequest(query pageQuery) *http.Request {
	header := http.Header{
		"Authorization": {"Bearer " + c.config.Key.reveal()},
		"Accept":        {"application/json"},
		// A cache between here and the API could serve a list that is no longer complete.
		"Cache-Control": {"no-cache"},
	}
	if c.config.UserAgent != "" {
		header.Set("User-Agent", c.config.UserAgent)
	}

	return &http.Request{Method: http.MethodGet, URL: c.pageURL(query), Header: header}
}
