// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

func TestResponseErrors(t *testing.T) {
	const (
		path = "/v1/trunks?limit=100&offset=0"
		id   = "req_000001"
	)

	for name, test := range map[string]struct {
		fault mockapi.Fault
		short bool // The second documented form of an error.
		kind  error
		want  Error
		texts []string
	}{
		"401": {
			fault: mockapi.Status(http.StatusUnauthorized), want: Error{Status: 401, Code: "unauthorized", Message: "Invalid or expired API key", RequestID: id},
			texts: []string{"GET " + path + ": 401 Unauthorized: unauthorized: Invalid or expired API key (request ID req_000001)"},
		},
		"401 in the second form": {
			fault: mockapi.Status(http.StatusUnauthorized), short: true, want: Error{Status: 401, Code: "INVALID_API_KEY", Message: "The API key provided is invalid", RequestID: id},
			texts: []string{"401 Unauthorized: INVALID_API_KEY: The API key provided is invalid"},
		},
		"an unknown status": {
			fault: mockapi.Empty(599), want: Error{Status: 599},
			texts: []string{"GET " + path + ": 599"},
		},
		"an error in HTML": {
			fault: mockapi.HTML(http.StatusForbidden), kind: ErrNotJSON, want: Error{Status: 403},
			texts: []string{`403 Forbidden: the response is not JSON: it is an HTML page with the title "403 Forbidden"`},
		},
		"an error in text": {
			fault: mockapi.Body(http.StatusBadGateway, "text/plain", "upstream connect error"), kind: ErrNotJSON, want: Error{Status: 502, RequestID: id},
			texts: []string{`502 Bad Gateway: the response is not JSON: it begins with "upstream connect error"`},
		},
		"an error in JSON of another structure": {
			fault: mockapi.Body(http.StatusForbidden, "application/json", `{"reason":"blocked"}`), kind: ErrUnexpectedResponse, want: Error{Status: 403, RequestID: id},
			texts: []string{"403 Forbidden: the response is not the documented one: it begins with", "blocked"},
		},
		"an error in JSON that ends early": {
			fault: mockapi.Body(http.StatusForbidden, "application/json", `{"error":{"code":"forbidden"`), want: Error{Status: 403, Code: "forbidden", RequestID: id},
			texts: []string{"403 Forbidden: forbidden (request ID req_000001)"},
		},
		"an error whose code is its status": {
			fault: mockapi.Body(http.StatusForbidden, "application/json", `{"error":{"code":403,"message":"Key lacks scope trunks:read"}}`), want: Error{Status: 403, Code: "403", Message: "Key lacks scope trunks:read", RequestID: id},
			texts: []string{"403 Forbidden: Key lacks scope trunks:read (request ID req_000001)"},
		},
		"an error with status 200": {
			fault: mockapi.Body(http.StatusOK, "application/json", `{"error":{"code":"unauthorized","message":"Invalid or expired API key"}}`), kind: ErrUnexpectedResponse,
			want:  Error{Status: 200, Code: "unauthorized", Message: "Invalid or expired API key", RequestID: id},
			texts: []string{"200 OK: unauthorized: Invalid or expired API key (request ID req_000001)"},
		},
		"invalid JSON": {
			fault: mockapi.Body(http.StatusOK, "application/json", `{"trunks":[{"id":"a","metrics":{"success_rate":NaN}}]}`), kind: ErrUnexpectedResponse, want: Error{Status: 200, RequestID: id},
			texts: []string{"200 OK: the response is not the documented one: invalid character 'N' at start of value at /trunks/0/metrics/success_rate, byte 47 (request ID"},
		},
		"304 is not a redirect": {
			fault: mockapi.Empty(http.StatusNotModified), want: Error{Status: 304},
			texts: []string{"GET " + path + ": 304 Not Modified"},
		},
		"HTML instead of a page": {
			fault: mockapi.HTML(http.StatusOK), kind: ErrNotJSON, want: Error{Status: 200},
			texts: []string{`200 OK: the response is not JSON: it is an HTML page with the title "200 OK"`},
		},
		"an encoding that was not requested": {
			fault: mockapi.WithHeader("Content-Encoding", "br", mockapi.Body(http.StatusOK, "application/json", "\x1b\x00")), kind: ErrUnexpectedResponse, want: Error{Status: 200, RequestID: id},
			texts: []string{`200 OK: the response is not the documented one: its Content-Encoding "br" was not requested`},
		},
		"an empty body": {
			fault: mockapi.Empty(http.StatusOK), kind: ErrNotJSON, want: Error{Status: 200},
			texts: []string{"empty"},
		},
		"a page that was not requested": {
			fault: mockapi.Body(http.StatusOK, "application/json", `{"trunks":[],"pagination":{"offset":100,"total":0}}`), kind: ErrUnexpectedResponse, want: Error{Status: 200, RequestID: id},
			texts: []string{`its "pagination.offset" is 100 instead of 0`},
		},
		"JSON that ends early": {
			fault: mockapi.Body(http.StatusOK, "application/json", `{"trunks":[`), kind: ErrTruncated, want: Error{Status: 200, RequestID: id},
			texts: []string{"the response was cut off"},
		},
		"a body that is cut off": {
			fault: mockapi.CutBody(), kind: ErrTruncated, want: Error{Status: 200, RequestID: id},
			texts: []string{"the response was cut off: the connection was closed before the response was complete"},
		},
		"a redirect": {
			fault: mockapi.Redirect(http.StatusFound, "https://example.com/elsewhere"), kind: ErrRedirect, want: Error{Status: 302},
			texts: []string{"302 Found: the response is a redirect, and redirects are not followed", "https://example.com/elsewhere"},
		},
		"no response": {
			fault: mockapi.Drop(), kind: ErrConnectionClosed, want: Error{},
			texts: []string{"GET " + path + ": the connection was closed before the response was complete"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for protocol, connect := range protocols {
				t.Run(protocol, func(t *testing.T) {
					api := twoTrunks()
					api.SetShortErrors(test.short)
					api.Fail(-1, test.fault)

					_, err := fetchFirstPage(t.Context(), connect(t, api, Config{}))
					failure := requestError(t, err, test.kind, test.texts...)

					want := test.want
					want.Method, want.Path, want.Attempts = http.MethodGet, path, 1

					if diff := cmp.Diff(&want, failure, cmpopts.IgnoreFields(Error{}, "Err", "retryAfter")); diff != "" {
						t.Error(diff)
					}

					for _, kind := range []error{ErrNotJSON, ErrUnexpectedResponse, ErrTruncated, ErrRedirect, ErrAttemptTimeout, ErrReadTimeout, ErrNotHTTP} {
						if errors.Is(err, kind) && !errors.Is(test.kind, kind) {
							t.Errorf("%v is also %v", err, kind)
						}
					}
				})
			}
		})
	}
}

func TestResponseRedirect(t *testing.T) {
	var elsewhere atomic.Int64

	other := newServer(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))

	for _, status := range []int{300, 301, 308, 399} {
		for name, test := range map[string]struct{ location, text string }{
			"to another host":           {other.URL + "/trunks", other.URL + "/trunks"},
			"to the same host":          {"/v2/trunks", "/v2/trunks"},
			"without a Location":        {"", `its Location is ""`},
			"with the key":              {other.URL + "/?key=" + testKey, "/?key=" + redacted},
			"with the key, escaped":     {other.URL + "/?key=" + url.QueryEscape(testKey), "/?key=" + redacted},
			"with a malformed Location": {"http://[::1", "http://[::1"},
			"with a file":               {"file:///etc/passwd", "file:///etc/passwd"},
		} {
			t.Run(strconv.Itoa(status)+" "+name, func(t *testing.T) {
				api := twoTrunks()
				api.Fail(-1, mockapi.Redirect(status, test.location))

				_, err := fetchFirstPage(t.Context(), connectHTTP1(t, api, Config{}))
				wantError(t, err, ErrRedirect, test.text)
				wantRequests(t, api, 1)
			})
		}
	}

	if n := elsewhere.Load(); n != 0 {
		t.Errorf("the other host received %d requests", n)
	}
}

func TestResponseTooLarge(t *testing.T) {
	const size = 1 << 30

	for _, status := range []int{http.StatusOK, http.StatusBadRequest} {
		for _, announced := range []bool{true, false} {
			for protocol, connect := range protocols {
				t.Run(fmt.Sprintf("%d, announced %t, over %s", status, announced, protocol), func(t *testing.T) {
					written := make(chan int, 1)
					client := connect(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						if announced {
							w.Header().Set("Content-Length", strconv.Itoa(size))
						}

						w.WriteHeader(status)

						sum := 0
						for block := bytes.Repeat([]byte(" "), 1<<16); sum < size; {
							n, err := w.Write(block)
							if sum += n; err != nil {
								break
							}
						}

						written <- sum
					}), Config{})

					_, err := fetchFirstPage(t.Context(), client)
					wantError(t, err, ErrUnexpectedResponse, "it is larger than 8 MiB")

					// The buffers of two sockets may hold more than the client reads.
					if n := <-written; n > maxBody+32<<20 {
						t.Errorf("the server wrote %d bytes", n)
					}
				})
			}
		}
	}
}

func TestResponseAnnouncedTooLargeIsNotRead(t *testing.T) {
	client := newTestClient(t, Config{})
	useTransport(client, &roundTripper{func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, ContentLength: maxBody + 1, Body: io.NopCloser(iotest.ErrReader(errors.New("it was read")))}, nil
	}})

	_, err := fetchFirstPage(t.Context(), client)
	wantError(t, err, errTooLarge)
}

func TestResponseAtTheLimit(t *testing.T) {
	const page = `{"trunks":[],"pagination":{"total":0}}`

	for size, want := range map[int]error{maxBody: nil, maxBody + 1: errTooLarge} {
		for _, announced := range []bool{true, false} {
			t.Run(fmt.Sprintf("%d bytes, announced %t", size, announced), func(t *testing.T) {
				client := connectHTTP1(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if announced {
						w.Header().Set("Content-Length", strconv.Itoa(size))
					}

					_, _ = io.WriteString(w, page+strings.Repeat(" ", size-len(page)))
				}), Config{})

				if _, err := fetchFirstPage(t.Context(), client); !errors.Is(err, want) {
					t.Errorf("got %v, want %v", err, want)
				}
			})
		}
	}
}

func TestResponseGzip(t *testing.T) {
	zip := func(text []byte) string {
		var zipped bytes.Buffer

		w := gzip.NewWriter(&zipped)
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}

		if err := w.Close(); err != nil {
			t.Fatal(err)
		}

		return zipped.String()
	}
	page := zip([]byte(`{"trunks":[],"pagination":{"total":0}}`))

	for name, test := range map[string]struct {
		body string
		want error
		text string // Empty is success.
	}{
		"a page":               {page, nil, ""},
		"64 MiB":               {zip(make([]byte, 64<<20)), errTooLarge, "8 MiB"},
		"data that ends early": {page[:len(page)/2], ErrTruncated, "cut off"},
		"no checksum":          {page[:len(page)-8], ErrTruncated, "cut off"},
		"not compressed":       {`{"trunks":[]}`, ErrUnexpectedResponse, "its gzip encoding is damaged"},
		"damaged data":         {page[:12] + "\xff\xff\xff" + page[15:], ErrUnexpectedResponse, "its gzip encoding is damaged"},
		"a wrong checksum":     {page[:len(page)-8] + "12345678", ErrUnexpectedResponse, "its gzip encoding is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			err := fetchRaw(t, rawResponse("200 OK", test.body, "Content-Encoding: gzip"))
			if test.text == "" {
				if err != nil {
					t.Error(err)
				}

				return
			}

			wantError(t, err, test.want, test.text)
		})
	}
}

func TestResponseKeyIsRedacted(t *testing.T) {
	quoted := strconv.Quote(testKey) // Also valid JSON.
	escaped := ""

	for _, r := range testKey {
		escaped += fmt.Sprintf(`\u%04x`, r)
	}

	for name, response := range map[string]string{
		"in the status line":           rawResponse("500 "+testKey, ""),
		"in the status":                rawResponse(testKey, ""),
		"in the protocol":              testKey + " 200 OK\r\n\r\n",
		"instead of a response":        testKey + "\r\n\r\n",
		"in a malformed header":        "HTTP/1.1 200 OK\r\n" + testKey + "\r\n\r\n",
		"in the name of a header":      "HTTP/1.1 200 OK\r\n" + testKey + ": x\r\n\r\n",
		"in a length":                  "HTTP/1.1 200 OK\r\nContent-Length: " + testKey + "\r\n\r\n",
		"in an encoding":               "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + testKey + "\r\n\r\n",
		"in a chunk":                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + testKey + "\r\n\r\n",
		"in the request id":            rawResponse("500 No", "", "X-Request-Id: "+testKey),
		"in an error's content type":   rawResponse("500 No", "<html>", "Content-Type: "+testKey),
		"in a Location":                rawResponse("302 Found", "", "Location: https://example.com/"+testKey),
		"in a Location, escaped":       rawResponse("302 Found", "", "Location: https://example.com/"+url.PathEscape(testKey)),
		"in a Location, split":         rawResponse("302 Found", "", "Location: https://example.com/"+testKey[:12]+"\xff"+testKey[12:]),
		"in a malformed Location":      rawResponse("302 Found", "", "Location: http://["+testKey),
		"in a code":                    rawResponse("400 No", `{"error":{"code":`+quoted+`}}`),
		"in a message":                 rawResponse("400 No", `{"error":{"message":`+quoted+`}}`),
		"in a message, escaped":        rawResponse("400 No", `{"error":{"message":"`+escaped+`"}}`),
		"in an error of another shape": rawResponse("400 No", `{"key":`+quoted+`}`),
		"in text":                      rawResponse("400 No", "Bearer "+testKey),
		"in text, split":               rawResponse("400 No", "Bearer "+testKey[:12]+"\x00"+testKey[12:]),
		"in HTML":                      rawResponse("200 OK", "<html>"+testKey),
		"in JSON of another type":      rawResponse("200 OK", `{"trunks":`+quoted+`}`),
		"in a key of JSON":             rawResponse("200 OK", `{`+quoted+`:{"a":1,"a":2}}`),
		"in a duplicate key":           rawResponse("200 OK", `{`+quoted+`:1,`+quoted+`:2}`),
		"in invalid JSON":              rawResponse("200 OK", `{"x":`+quoted+`,,}`),
		"in invalid JSON, cut":         rawResponse("200 OK", `{"x":`+quoted+strings.Repeat(" ", 15)+`,,}`),
		"in invalid JSON, split":       rawResponse("200 OK", `{"x":"`+testKey[:12]+"\x00"+testKey[12:]),
		"with status 200":              rawResponse("200 OK", `{"error":{"code":`+quoted+`,"message":`+quoted+`}}`),
		"in a number too large":        rawResponse("200 OK", testKey),
		"behind 290 characters":        rawResponse("400 No", strings.Repeat("x", 290)+testKey),
	} {
		t.Run(name, func(t *testing.T) {
			failure := requestError(t, fetchRaw(t, response), nil)
			for _, text := range []string{failure.Code, failure.Message, failure.RequestID, failure.Path, failure.Reason()} {
				wantNoKey(t, text)
			}
		})
	}
}

func TestResponseWithoutReadingItsBody(t *testing.T) {
	for name, test := range map[string]struct {
		response string
		kind     error
		text     string
	}{
		"101, whose body is the connection": {
			"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", nil, "101 Switching Protocols",
		},
		"a redirect whose body never arrives": {
			"HTTP/1.1 302 Found\r\nLocation: /v2\r\nContent-Length: 100\r\n\r\n", ErrRedirect, "/v2",
		},
	} {
		t.Run(name, func(t *testing.T) {
			base := newConnServer(t, func(conn net.Conn) {
				_, _ = http.ReadRequest(bufio.NewReader(conn))
				respond(test.response)(conn)
				_, _ = io.Copy(io.Discard, conn)
			})

			_, err := fetchFirstPage(t.Context(), newTestClient(t, Config{BaseURL: base, MaxRetries: 4}))
			if failure := requestError(t, err, test.kind, test.text); failure.Attempts != 1 {
				t.Errorf("%d attempts, want 1", failure.Attempts)
			}
		})
	}
}

func TestResponseWithTheIdentityEncoding(t *testing.T) {
	api := twoTrunks()
	api.Fail(1, mockapi.WithHeader("Content-Encoding", "identity", nil))
	wantTrunks(t, newInProcessClient(t, api, Config{}), api)
}

func TestResponseByteOrderMark(t *testing.T) {
	const mark = "\ufeff"

	if err := fetchRaw(t, rawResponse("200 OK", mark+`{"trunks":[],"pagination":{"total":0}}`)); err != nil {
		t.Error(err)
	}

	wantError(t, fetchRaw(t, rawResponse("200 OK", mark+`{"trunks":{}}`)), ErrUnexpectedResponse, "at /trunks, byte 13")
	wantError(t, fetchRaw(t, rawResponse("403 No", mark+`{"message":"Blocked"}`)), nil, "Blocked")
	wantError(t, fetchRaw(t, rawResponse("200 OK", mark+mark+"{}")), ErrNotJSON, "it begins with")
}

func TestResponseMalformed(t *testing.T) {
	const page = `{"trunks":[],"pagination":{"total":0}}`

	for name, test := range map[string]struct {
		response string
		status   int
		kind     error
		text     string
	}{
		"not HTTP":             {"SSH-2.0-OpenSSH_9.6\r\n", 0, ErrNotHTTP, `the server does not speak HTTP: malformed HTTP response "SSH-2.0-OpenSSH_9.6"`},
		"SIP":                  {"SIP/2.0 400 Bad Request\r\n\r\n", 0, ErrNotHTTP, `"SIP/2.0"`},
		"SMTP":                 {"220 mail.example.com ESMTP\r\n", 0, ErrNotHTTP, `"mail.example.com"`},
		"ICY":                  {"ICY 200 OK\r\n\r\n", 0, ErrNotHTTP, "ICY"},
		"half a status line":   {"HTTP/1.1 200", 0, ErrConnectionClosed, "was closed"},
		"status 000":           {"HTTP/1.1 000 No\r\nContent-Length: 0\r\n\r\n", 0, ErrNotHTTP, "malformed HTTP status 000"},
		"a malformed header":   {"HTTP/1.1 200 OK\r\nno header\r\n\r\n", 0, nil, "malformed MIME header"},
		"endless headers":      {"HTTP/1.1 200 OK\r\n" + strings.Repeat("X-A: "+strings.Repeat("a", 1000)+"\r\n", 11_000), 0, nil, "header"},
		"a short body":         {"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + page, 200, ErrTruncated, "the connection was closed"},
		"no last chunk":        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n26\r\n" + page + "\r\n", 200, ErrTruncated, "the connection was closed"},
		"a malformed chunk":    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 200, ErrTruncated, "invalid byte in chunk length"},
		"no length, half JSON": {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + page[:20], 200, ErrTruncated, "its JSON ends early"},
	} {
		t.Run(name, func(t *testing.T) {
			failure := requestError(t, fetchRaw(t, test.response), test.kind, test.text)
			if failure.Status != test.status || !failure.retryable() {
				t.Errorf("status %d, retried: %t; want %d, retried", failure.Status, failure.retryable(), test.status)
			}
		})
	}
}
