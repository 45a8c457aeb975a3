// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// maxBody is the largest body that is read, in bytes. A page of 100 trunks has about 40 kB.
const maxBody = 8 << 20

var errTooLarge = fmt.Errorf("%w: it is larger than %d MiB", ErrUnexpectedResponse, maxBody>>20)

// response is a response with its body.
type response struct {
	// status is 0 without a response.
	status int
	header http.Header
	body   []byte
}

// page is one page of trunks (reference page, Response Fields).
type page struct {
	trunks []Trunk
	// limit and offset are those that the server used, nil if it did not send them.
	limit, offset *Integer
	// total is the number of trunks on all pages.
	total int
	// age is how long a cache has had the page, 0 if it came from the API.
	age time.Duration
}

// readBody reads a body to its end, but not more than maxBody of it.
func readBody(ctx context.Context, r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxBody+1))

	var corrupt flate.CorruptInputError

	switch {
	case len(body) > maxBody:
		return nil, errTooLarge
	case err == nil:
		// A byte order mark may be ignored (RFC 8259, section 8.1). Whitespace instead keeps the
		// positions of bytes.
		if bytes.HasPrefix(body, []byte("\ufeff")) {
			copy(body, "   ")
		}

		return body, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%w while reading the response", causeOf(ctx))
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		return nil, fmt.Errorf("%w: its gzip encoding is damaged", ErrUnexpectedResponse)
	}

	return nil, fmt.Errorf("%w: %w", ErrTruncated, connectionError(err))
}

// decode returns the page in a response, or why there is none. The key is needed to redact it.
func decode(key Key, resp response, query pageQuery) (*page, error) {
	encoding := resp.header.Get("Content-Encoding")
	// Go's transport has removed the gzip that it requested.
	encoded := encoding != "" && !strings.EqualFold(encoding, "identity")

	switch {
	case isRedirect(resp.status):
		return nil, fmt.Errorf("%w: its Location is %q", ErrRedirect, cleanText(key, resp.header.Get("Location")))
	case resp.status != http.StatusOK:
		return nil, decodeError(key, resp)
	case encoded:
		return nil, fmt.Errorf("%w: its Content-Encoding %q was not requested", ErrUnexpectedResponse, cleanText(key, encoding))
	}

	result, err := parsePage(key, resp.body)
	if err != nil {
		return nil, err
	}

	result.age = parseAge(resp.header)

	return result, checkPage(key, result, query)
}

// isRedirect reports whether a status redirects. 304 is the response to a conditional request,
// which the client does not send.
func isRedirect(status int) bool {
	return status >= 300 && status < 400 && status != http.StatusNotModified
}

// decodeError returns the error in a response with a status other than 200: an [apiError], or what
// a body is that has none.
func decodeError(key Key, resp response) error {
	envelope := parseErrorEnvelope(resp.body)

	switch {
	case envelope != apiError{}, len(bytes.TrimSpace(resp.body)) == 0:
		return &envelope // Without an envelope, the status is the whole error.
	case isJSON(resp.body):
		return fmt.Errorf("%w: %s", ErrUnexpectedResponse, describeText(key, resp.body))
	}

	return fmt.Errorf("%w: %s", ErrNotJSON, describeText(key, resp.body))
}
