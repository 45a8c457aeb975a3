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
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
)

const (
	// maxBody is the largest body that is read, in bytes. A page of 100 trunks has about 40 kB.
	maxBody = 8 << 20
	// maxTotal is the largest accepted total. A list of that many ordinary trunks fits into one gRPC
	// message to Terraform.
	maxTotal = 500_000
)

// response is a response with its body.
type response struct {
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

	return nil, fmt.Errorf("%w: the rest of the body is malformed", ErrTruncated)
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

// isRedirect reports whether a status redirects. 304 is the response to a conditional request,
// which the client does not send.
func isRedirect(status int) bool {
	return status >= 300 && status < 400 && status != http.StatusNotModified
}

// decodeError returns the error in a response with a status other than 200: an [apiError], or what
// a body is that does not come from the API.
func decodeError(key Key, resp *response) error {
	envelope := parseErrorEnvelope(resp.body)

	switch {
	case envelope != apiError{}:
		return &envelope
	case len(bytes.TrimSpace(resp.body)) == 0:
		return &apiError{} // The status is the whole error.
	case json.Valid(resp.body):
		return fmt.Errorf("%w: %s", ErrUnexpectedResponse, describeText(key, resp.body))
	}

	return fmt.Errorf("%w: %s", ErrNotJSON, describeText(key, resp.body))
}

// parsePage parses a page as a whole: one undocumented trunk makes the page an error, because a
// list without that trunk would not be complete.
func parsePage(key Key, body []byte) (*page, error) {
	var parsed struct {
		Trunks     *[]Trunk `json:"trunks"`
		Pagination *struct {
			Limit  *Integer `json:"limit"`
			Offset *Integer `json:"offset"`
			Total  *Integer `json:"total"`
		} `json:"pagination"`
	}
	if err := json.Unmarshal(body, &parsed); err != nil {
		return nil, jsonError(key, body, err)
	}

	switch {
	case parsed.Trunks == nil:
		return nil, fmt.Errorf("%w: it has no \"trunks\"", ErrUnexpectedResponse)
	case parsed.Pagination == nil || parsed.Pagination.Total == nil:
		return nil, fmt.Errorf("%w: it has no \"pagination.total\"", ErrUnexpectedResponse)
	}

	total := *parsed.Pagination.Total

	switch {
	case total < 0:
		return nil, fmt.Errorf("%w: its \"pagination.total\" is %d", ErrUnexpectedResponse, total)
	case total > maxTotal:
		return nil, fmt.Errorf("%w: its \"pagination.total\" is %d, and at most %d is supported", ErrUnexpectedResponse, total, maxTotal)
	}

	for i, trunk := range *parsed.Trunks {
		if trunk.ID == "" {
			return nil, fmt.Errorf("%w: trunk %d on the page has no \"id\"", ErrUnexpectedResponse, i+1)
		}
	}

	return &page{
		trunks: *parsed.Trunks,
		limit:  parsed.Pagination.Limit,
		offset: parsed.Pagination.Offset,
		total:  int(total),
	}, nil
}

// jsonError distinguishes a body that is not JSON, JSON that was cut off, and JSON of another
// structure: they differ in what to do next.
func jsonError(key Key, body []byte, err error) error {
	var (
		syntaxErr *json.SyntaxError
		typeErr   *json.UnmarshalTypeError
		value     json.RawMessage
	)

	if errors.As(err, &syntaxErr) {
		// Unlike json.Unmarshal, a decoder has an error of its own for JSON that ends early.
		if errors.Is(json.NewDecoder(bytes.NewReader(body)).Decode(&value), io.ErrUnexpectedEOF) {
			return fmt.Errorf("%w: its JSON ends early", ErrTruncated)
		}

		return fmt.Errorf("%w: %s", ErrNotJSON, describeText(key, body))
	}

	switch {
	case !errors.As(err, &typeErr):
		return fmt.Errorf("%w: %w", ErrUnexpectedResponse, err)
	case typeErr.Field == "":
		return fmt.Errorf("%w: it is of type %s", ErrUnexpectedResponse, typeErr.Value)
	}

	return fmt.Errorf("%w: its %q is of type %s", ErrUnexpectedResponse, typeErr.Field, typeErr.Value)
}

var htmlTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// describeText describes an unexpected body, without the terms of encoding/json.
func describeText(key Key, body []byte) string {
	text := cleanText(key, string(body))

	switch title := htmlTitle.FindSubmatch(body); {
	case text == "":
		return "it is empty"
	case title != nil:
		return fmt.Sprintf("it is an HTML page with the title %q", cleanText(key, html.UnescapeString(string(title[1]))))
	case strings.HasPrefix(text, "<"):
		return "it is an HTML page"
	}

	return fmt.Sprintf("it begins with %q", truncate(text, 100))
}
