// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"encoding/json"
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

// maxBody is the largest body that is read, in bytes. A page of 100 trunks has about 40 kB.
const maxBody = 8 << 20

// pageQuery is the query of GET /trunks (reference page, Query Parameters).
type pageQuery struct {
	// status is empty for all trunks.
	status        string
	offset, limit int
}

// url is the URL of GET /trunks with a query.
func (c *Client) url(query pageQuery) *url.URL {
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

// response is a response with its body.
type response struct {
	status int
	header http.Header
	body   []byte
}

// attempt sends a request and decodes the response. The request, the body and its decoding count
// as one attempt: a connection that breaks in mid-body failed like one that was refused. The
// caller has acquired a permit of the limiter. delay is how long a status 429 without a hint
// blocks the limiter.
func (c *Client) attempt(ctx context.Context, query pageQuery, number int, delay time.Duration) (*page, *Error) {
	attemptCtx, cancel := context.WithTimeoutCause(ctx, c.config.RequestTimeout, fmt.Errorf("%w of %s", ErrAttemptTimeout, c.config.RequestTimeout))
	defer cancel()

	start := time.Now()
	transport, generation := c.pool.get()

	var result *page

	resp, err := c.send(attemptCtx, transport, query, delay)
	if err == nil {
		result, err = decode(c.config.Key, resp, query)
	}

	// Also after the deadline of the read: the next read must not use a silent connection either.
	if cause := causeOf(attemptCtx); errors.Is(cause, ErrAttemptTimeout) || errors.Is(cause, ErrReadTimeout) {
		c.pool.retire(generation)
	}

	fields := map[string]any{
		"offset":      query.offset,
		"attempt":     number,
		"duration_ms": time.Since(start).Milliseconds(),
		"budget_left": c.limiter.budget(),
		"status":      0,
	}
	if resp != nil {
		fields["status"] = resp.status
	}

	if err != nil {
		failure := c.newError(query, number, resp, err)
		fields["error"] = failure.Reason()
		tflog.Debug(ctx, "Telepath API request failed", fields)

		return nil, failure
	}

	tflog.Debug(ctx, "Telepath API request", fields)

	return result, nil
}

// send sends a request and reads the response. If reading the body fails, there is a response
// without a body, and an error.
func (c *Client) send(ctx context.Context, transport http.RoundTripper, query pageQuery, delay time.Duration) (*response, error) {
	var resp *response

	httpResp, err := c.pool.roundTrip(ctx, transport, c.newRequest(query))
	if err == nil {
		defer httpResp.Body.Close() //nolint:errcheck // Nothing was written, nothing can be lost.

		resp = &response{status: httpResp.StatusCode, header: httpResp.Header}
	}

	// Before the body, so that a 429 stops other requests at once.
	c.limiter.observe(resp, delay, time.Now())

	switch {
	case err != nil:
		return nil, err
	case isRedirect(resp.status):
		return resp, nil
	case httpResp.ContentLength > maxBody:
		return resp, ErrTooLarge
	}

	resp.body, err = readBody(ctx, httpResp.Body)

	return resp, err
}

// newRequest creates the request of a page.
func (c *Client) newRequest(query pageQuery) *http.Request {
	header := http.Header{}
	header.Set("Authorization", "Bearer "+c.config.Key.reveal())
	header.Set("Accept", "application/json")
	// A cache between here and the API could serve a list that is no longer complete.
	header.Set("Cache-Control", "no-cache")

	if c.config.UserAgent != "" {
		header.Set("User-Agent", c.config.UserAgent)
	}

	return &http.Request{Method: http.MethodGet, URL: c.url(query), Header: header}
}

// readBody reads a body to its end, but not more than maxBody of it.
func readBody(ctx context.Context, r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxBody+1))

	var corrupt flate.CorruptInputError

	switch {
	case len(body) > maxBody:
		return nil, ErrTooLarge
	case err == nil:
		return body, nil
	case ctx.Err() != nil:
		return nil, causeOf(ctx)
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		return nil, errors.New("the gzip encoding of the response is damaged")
	case isConnectionClosed(err):
		return nil, fmt.Errorf("%w: the connection ended early", ErrTruncated)
	}

	return nil, fmt.Errorf("%w: the rest of it is malformed", ErrTruncated)
}

// decode returns the page in a response, or why there is none. The key is needed to redact it.
func decode(key Key, resp *response, query pageQuery) (*page, error) {
	encoding := resp.header.Get("Content-Encoding")
	// Go's transport has removed the gzip that it requested.
	encoded := encoding != "" && !strings.EqualFold(encoding, "identity")

	switch {
	case isRedirect(resp.status):
		return nil, fmt.Errorf("%w: its Location is %q", ErrRedirect, cleanText(key, resp.header.Get("Location")))
	case encoded:
		return nil, fmt.Errorf("%w: %q", ErrEncoding, cleanText(key, encoding))
	case resp.status != http.StatusOK:
		return nil, decodeError(key, resp)
	}

	result, err := parsePage(key, resp.body)
	if errors.Is(err, ErrNotJSON) {
		return nil, fmt.Errorf("%w, and its Content-Type is %q", err, cleanText(key, resp.header.Get("Content-Type")))
	}

	if err != nil {
		return nil, err
	}

	return result, checkPage(key, result, query)
}

// isRedirect reports whether a status redirects. 304 responds to conditional requests only, which the
// client does not send.
func isRedirect(status int) bool {
	return status >= 300 && status < 400 && status != http.StatusNotModified
}

// decodeError returns the error in a response with a status other than 200: an [apiError], or what
// a body is that does not come from the API.
func decodeError(key Key, resp *response) error {
	envelope, ok := parseErrorEnvelope(resp.body)

	switch {
	case ok:
		return &envelope
	case len(bytes.TrimSpace(resp.body)) == 0:
		return &apiError{} // The status says it all.
	case json.Valid(resp.body):
		return fmt.Errorf("%w: %s", ErrUnexpectedResponse, describeText(key, resp.body))
	}

	return fmt.Errorf("%w: %s", ErrNotJSON, describeText(key, resp.body))
}

// checkPage checks that a page is the requested one. A cache that ignores the query would serve
// the same page again, or trunks of another status.
func checkPage(key Key, result *page, query pageQuery) error {
	if result.offset != nil && int64(*result.offset) != int64(query.offset) {
		return fmt.Errorf("%w: its \"pagination.offset\" is %d instead of %d", ErrUnexpectedResponse, *result.offset, query.offset)
	}

	if len(result.trunks) > query.limit {
		return fmt.Errorf("%w: it has %d trunks, and %d were requested", ErrUnexpectedResponse, len(result.trunks), query.limit)
	}

	if query.status == "" {
		return nil
	}

	for _, trunk := range result.trunks {
		if trunk.Status != nil && *trunk.Status != query.status {
			return fmt.Errorf("%w: its trunk %q has the status %q instead of %q",
				ErrUnexpectedResponse, cleanText(key, trunk.ID), cleanText(key, *trunk.Status), query.status)
		}
	}

	return nil
}
