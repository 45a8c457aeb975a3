// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// maxBody is how many bytes of an answer are read. A page of 100 trunks has about 40 kB.
const maxBody = 8 << 20

// attempt asks once for a page of trunks. What counts as one attempt is the request, the
// answer to its last byte, and reading it: a connection that breaks in mid-body failed like
// one that was refused. The slot is released here.
func (c *Client) attempt(ctx context.Context, free slot, query url.Values, number int) (*page, *Error) {
	failure := c.newError(query)
	failure.Attempts = number

	attemptCtx, cancel := context.WithTimeoutCause(ctx, c.requestTimeout, ErrAttemptTimeout)
	defer cancel()

	start := time.Now()
	result, err := c.exchange(attemptCtx, free, query, failure)

	fields := map[string]any{
		"offset":      query.Get("offset"),
		"attempt":     number,
		"status":      failure.Status,
		"duration_ms": time.Since(start).Milliseconds(),
		"budget_left": c.budget.left(),
	}

	if err != nil || failure.Status != http.StatusOK {
		failure.setCause(c.key, err)
		fields["error"] = failure.Reason()
		tflog.Debug(ctx, "Telepath API request failed", fields)

		return nil, failure
	}

	tflog.Debug(ctx, "Telepath API request", fields)

	return result, nil
}

// newError is an error of a request that was not sent yet.
func (c *Client) newError(query url.Values) *Error {
	return &Error{Method: http.MethodGet, Path: c.url(query).RequestURI()}
}

func (c *Client) url(query url.Values) *url.URL {
	u := c.baseURL.JoinPath("trunks")
	// Behind a host without a path, JoinPath begins without a slash.
	u.Path = "/" + strings.TrimPrefix(u.Path, "/")
	u.RawQuery = query.Encode()

	return u
}

// exchange sends the request and reads the answer. What it learns of the answer it notes in
// failure, in case that it is needed. An answer with a status other than 200 need not come
// with an error.
func (c *Client) exchange(ctx context.Context, free slot, query url.Values, failure *Error) (*page, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url(query).String(), nil)
	if err != nil {
		free.release(rateLimit{}, false, time.Now())
		return nil, err
	}

	req.Header.Set("Authorization", "Bearer "+c.key.reveal())
	req.Header.Set("Accept", "application/json")

	if c.userAgent != "" {
		req.Header.Set("User-Agent", c.userAgent)
	}

	resp, err := c.http.Do(req)
	if err != nil {
		free.release(rateLimit{}, false, time.Now())
		return nil, transportError(ctx, err)
	}
	defer resp.Body.Close() //nolint:errcheck // Nothing was written, nothing can be lost.

	c.hear(resp, free, failure)

	failure.Status = resp.StatusCode
	failure.RequestID = cleanText(c.key, resp.Header.Get("X-Request-Id"))

	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return nil, fmt.Errorf("%w; it leads to %q", ErrRedirect, cleanText(c.key, resp.Header.Get("Location")))
	}

	if resp.ContentLength > maxBody {
		return nil, ErrTooLarge
	}

	body, err := readBody(ctx, resp.Body)
	if err != nil {
		return nil, err
	}

	if resp.StatusCode != http.StatusOK {
		return nil, c.readError(resp, body, failure)
	}

	result, err := parsePage(body)

	switch {
	case errors.Is(err, ErrNotJSON):
		return nil, fmt.Errorf("%w; its Content-Type is %q", err, cleanText(c.key, resp.Header.Get("Content-Type")))
	case err != nil:
		return nil, err
	}

	return result, c.checkAsked(result, query)
}

// checkAsked makes sure that a page is the one that was asked for. A cache that leaves the query
// out of account would hand over the same page again, or trunks that were filtered out.
func (c *Client) checkAsked(result *page, query url.Values) error {
	if offset := query.Get("offset"); result.offset != nil && offset != strconv.FormatInt(int64(*result.offset), 10) {
		return fmt.Errorf("%w: it begins at offset %d in place of %s", ErrUnexpectedAnswer, *result.offset, offset)
	}

	status := query.Get("status")
	if status == "" {
		return nil
	}

	for _, trunk := range result.trunks {
		if trunk.Status != nil && *trunk.Status != status {
			return fmt.Errorf("%w: the trunk %q in it has the status %q, and only %s ones were asked for",
				ErrUnexpectedAnswer, cleanText(c.key, trunk.ID), cleanText(c.key, *trunk.Status), status)
		}
	}

	return nil
}

// hear tells the budget what the headers of an answer say, and notes in failure for how long
// they ask to wait.
func (c *Client) hear(resp *http.Response, free slot, failure *Error) {
	now := time.Now()
	limit, ok := parseRateLimit(resp.Header, now)
	retryAfter, asked := parseRetryAfter(resp.Header, now)

	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		// Retry-After is not documented, but comes from whoever refused the request.
		if failure.wait = limit.resetIn; asked {
			failure.wait = retryAfter
		}

		// First, since release wakes those who wait.
		c.budget.block(now.Add(failure.wait))
	case http.StatusServiceUnavailable:
		failure.wait = retryAfter
	}

	free.release(limit, ok, now)
}

// readError notes in failure what an answer says of the error. Where it speaks no language
// of the API, something between here and there has answered, and the error says so.
func (c *Client) readError(resp *http.Response, body []byte, failure *Error) error {
	if parsed, ok := parseErrorBody(body); ok {
		failure.Code = cleanText(c.key, parsed.code)
		failure.Message = cleanText(c.key, parsed.message)

		return nil
	}

	switch text := bytes.TrimSpace(body); {
	case len(text) == 0:
		return nil
	case text[0] == '<':
		return fmt.Errorf("%w; its Content-Type is %q", ErrNotJSON, cleanText(c.key, resp.Header.Get("Content-Type")))
	default:
		return fmt.Errorf("%w; it says %q", ErrUnexpectedAnswer, cleanText(c.key, string(text)))
	}
}

// readBody reads an answer to its end, but no more than maxBody of it.
func readBody(ctx context.Context, r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxBody+1))

	switch {
	case len(body) > maxBody:
		return nil, ErrTooLarge
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("%w: the connection ended first", ErrTruncated)
	case err != nil:
		return nil, transportError(ctx, err)
	}

	return body, nil
}

// transportError says why an exchange broke off. The transport knows that a context ended,
// and not why: the context does.
func transportError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return causeOf(ctx)
	}

	// url.Error puts the method and the URL in front, which Error does as well.
	var urlErr *url.Error
	if errors.As(err, &urlErr) {
		err = urlErr.Err
	}

	if errors.Is(err, io.EOF) {
		return fmt.Errorf("the connection was closed without an answer: %w", err)
	}

	return err
}
