// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/iotest"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// newRawServer responds to each request with the bytes, and closes the connection. Its URL has the
// path of the API.
func newRawServer(t *testing.T, bytes string) *url.URL {
	t.Helper()

	return newConnServer(t, func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			_, _ = io.WriteString(conn, bytes)
		}
	})
}

// newConnServer handles each connection, and closes it. Its URL has the path of the API.
func newConnServer(t *testing.T, handle func(conn net.Conn)) *url.URL {
	t.Helper()

	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	var serving sync.WaitGroup

	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}

			serving.Go(func() {
				defer conn.Close() //nolint:errcheck // The client may have closed it first.

				handle(conn)
			})
		}
	})

	t.Cleanup(func() {
		if err := listener.Close(); err != nil {
			t.Error(err)
		}

		serving.Wait()
	})

	return mustParseBaseURL(t, "http://"+listener.Addr().String()+"/v1")
}

// rawResponse is a response of HTTP/1.1 with the headers that a body needs.
func rawResponse(status string, body string, headers ...string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n%s",
		status, len(body), strings.Join(append(headers, ""), "\r\n"), body)
}

func TestRequestHeaders(t *testing.T) {
	for name, test := range map[string]struct {
		connect         connectFunc
		userAgent, want string
	}{
		"HTTP/1.1":                     {connectHTTP1, "terraform-provider-telepath/1.0.0", "terraform-provider-telepath/1.0.0"},
		"HTTP/2":                       {connectHTTP2, "terraform-provider-telepath/1.0.0", "terraform-provider-telepath/1.0.0"},
		"HTTP/1.1, without User-Agent": {connectHTTP1, "", "Go-http-client/1.1"},
	} {
		t.Run(name, func(t *testing.T) {
			api := twoTrunks()
			api.SetKey(testKey)

			client := test.connect(t, api, Config{UserAgent: test.userAgent})
			if _, err := fetchFirstPage(t.Context(), client); err != nil {
				t.Fatal(err)
			}

			want := mockapi.Request{
				Method: http.MethodGet,
				Path:   "/v1/trunks",
				Query:  url.Values{"limit": {"100"}, "offset": {"0"}},
				Header: http.Header{
					"Authorization":   {"Bearer " + testKey},
					"Accept":          {"application/json"},
					"Accept-Encoding": {"gzip"},
					"Cache-Control":   {"no-cache"},
					"User-Agent":      {test.want},
				},
			}
			if diff := cmp.Diff([]mockapi.Request{want}, api.Requests()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestRequestFails shows what each fault looks like to who called.
func TestRequestFails(t *testing.T) {
	const (
		path = "/v1/trunks?limit=100&offset=0"
		id   = "req_000001"
	)

	for name, test := range map[string]struct {
		fault mockapi.Fault
		short bool // The second of the documented shapes of an error.
		kind  error
		want  Error
		says  []string
	}{
		"401": {
			fault: mockapi.Status(http.StatusUnauthorized),
			want:  Error{Status: 401, Code: "unauthorized", Message: "Invalid or expired API key", RequestID: id},
			says:  []string{"GET " + path + ": 401 Unauthorized: unauthorized: Invalid or expired API key (request ID req_000001)"},
		},
		"401 in the other shape": {
			fault: mockapi.Status(http.StatusUnauthorized), short: true,
			want: Error{Status: 401, Code: "INVALID_API_KEY", Message: "The API key provided is invalid", RequestID: id},
			says: []string{"401 Unauthorized: INVALID_API_KEY: The API key provided is invalid"},
		},
		"400": {
			fault: mockapi.Status(http.StatusBadRequest),
			want:  Error{Status: 400, Code: "invalid_parameters", Message: "The request is invalid", RequestID: id},
		},
		"an unknown status": {
			fault: mockapi.Empty(599),
			want:  Error{Status: 599},
			says:  []string{"GET " + path + ": 599"},
		},
		"an error in HTML": {
			fault: mockapi.HTML(http.StatusForbidden), kind: ErrNotJSON,
			want: Error{Status: 403},
			says: []string{`403 Forbidden: the response is not JSON: it is an HTML page with the title "403 Forbidden"`},
		},
		"an error in text": {
			fault: mockapi.Body(http.StatusBadGateway, "text/plain", "upstream connect error"), kind: ErrNotJSON,
			want: Error{Status: 502, RequestID: id},
			says: []string{`502 Bad Gateway: the response is not JSON: it begins with "upstream connect error"`},
		},
		"an error in JSON of another structure": {
			fault: mockapi.Body(http.StatusForbidden, "application/json", `{"message":"blocked"}`), kind: ErrUnexpectedResponse,
			want: Error{Status: 403, RequestID: id},
			says: []string{"403 Forbidden: the response is not the documented one: it begins with", "blocked"},
		},
		"a 304, which is not a redirect": {
			fault: mockapi.Empty(http.StatusNotModified),
			want:  Error{Status: 304},
			says:  []string{"GET " + path + ": 304 Not Modified"},
		},
		"HTML instead of a page": {
			fault: mockapi.HTML(http.StatusOK), kind: ErrNotJSON,
			want: Error{Status: 200},
			says: []string{`200 OK: the response is not JSON: it is an HTML page with the title "200 OK", and its Content-Type is "text/html"`},
		},
		"an encoding that was not requested": {
			fault: mockapi.WithHeader("Content-Encoding", "br", mockapi.Body(http.StatusOK, "application/json", "\x1b\x00")), kind: ErrEncoding,
			want: Error{Status: 200, RequestID: id},
			says: []string{`200 OK: the response has a Content-Encoding that was not requested: "br"`},
		},
		"nothing instead of a page": {
			fault: mockapi.Empty(http.StatusOK), kind: ErrNotJSON,
			want: Error{Status: 200},
			says: []string{"empty"},
		},
		"another shape": {
			fault: mockapi.Body(http.StatusOK, "application/json", "[]"), kind: ErrUnexpectedResponse,
			want: Error{Status: 200, RequestID: id},
			says: []string{"the response is not the documented one: it is of type array"},
		},
		"a page that was not asked for": {
			fault: mockapi.Body(http.StatusOK, "application/json", `{"trunks":[],"pagination":{"offset":100,"total":0}}`), kind: ErrUnexpectedResponse,
			want: Error{Status: 200, RequestID: id},
			says: []string{`its "pagination.offset" is 100 instead of 0`},
		},
		"JSON that stops": {
			fault: mockapi.Body(http.StatusOK, "application/json", `{"trunks":[`), kind: ErrTruncated,
			want: Error{Status: 200, RequestID: id},
			says: []string{"the response was cut off"},
		},
		"a body that is cut": {
			fault: mockapi.CutBody(), kind: ErrTruncated,
			want: Error{Status: 200, RequestID: id},
			says: []string{"the response was cut off: the connection ended early"},
		},
		"a redirect": {
			fault: mockapi.Redirect(http.StatusFound, "https://example.com/elsewhere"), kind: ErrRedirect,
			want: Error{Status: 302},
			says: []string{"302 Found: the response is a redirect, and redirects are not followed", "https://example.com/elsewhere"},
		},
		"no response": {
			fault: mockapi.Drop(), kind: ErrConnectionClosed,
			want: Error{},
			says: []string{"GET " + path + ": the connection was closed before the response was complete"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for protocol, connect := range protocols {
				t.Run(protocol, func(t *testing.T) {
					api := twoTrunks()
					api.SetShortErrors(test.short)
					api.Fail(-1, test.fault)

					_, err := fetchFirstPage(t.Context(), connect(t, api, Config{}))
					failure := requestError(t, err, test.kind)

					want := test.want
					want.Method, want.Path, want.Attempts = http.MethodGet, path, 1

					if diff := cmp.Diff(&want, failure, cmpopts.IgnoreFields(Error{}, "Err", "cause", "retryAfter")); diff != "" {
						t.Error(diff)
					}

					for _, kind := range []error{ErrNotJSON, ErrUnexpectedResponse, ErrTruncated, ErrTooLarge, ErrRedirect, ErrAttemptTimeout, ErrReadTimeout, ErrConnectionClosed, ErrEncoding} {
						if errors.Is(err, kind) && !errors.Is(test.kind, kind) {
							t.Errorf("%v is also called %v", err, kind)
						}
					}

					wantText(t, err, test.says...)
				})
			}
		})
	}
}

func TestRequestTimeout(t *testing.T) {
	for name, handler := range map[string]http.Handler{
		"a server that never responds":     faulty(mockapi.Hang()),
		"a byte at a time":                 faulty(mockapi.Drip(5 * time.Millisecond)),
		"a body that stops in the middle":  faulty(mockapi.HangInBody()),
		"a body that never begins":         faulty(hangWithStatus(http.StatusOK)),
		"an error whose body never begins": faulty(hangWithStatus(http.StatusInternalServerError)),
	} {
		t.Run(name, func(t *testing.T) {
			for protocol, connect := range protocols {
				t.Run(protocol, func(t *testing.T) {
					_, err := fetchFirstPage(t.Context(), connect(t, handler, Config{RequestTimeout: 40 * time.Millisecond}))
					wantError(t, err, ErrAttemptTimeout, "no complete response within the request timeout of 40ms")
				})
			}
		})
	}

	t.Run("an open port that is not served", func(t *testing.T) {
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}

		t.Cleanup(func() {
			if err := listener.Close(); err != nil {
				t.Error(err)
			}
		})

		for _, scheme := range []string{"http", "https"} {
			client := newTestClient(t, Config{BaseURL: mustParseBaseURL(t, scheme+"://"+listener.Addr().String()), RequestTimeout: 40 * time.Millisecond})

			_, err := fetchFirstPage(t.Context(), client)
			wantError(t, err, ErrAttemptTimeout)
		}
	})

	t.Run("the end of the context is not called a timeout", func(t *testing.T) {
		for protocol, connect := range protocols {
			t.Run(protocol, func(t *testing.T) {
				client := connect(t, faulty(mockapi.HangInBody()), Config{})

				ctx, cancel := context.WithTimeoutCause(t.Context(), 40*time.Millisecond, errGaveUp)
				defer cancel()

				_, err := fetchFirstPage(ctx, client)
				wantError(t, err, errGaveUp)

				if errors.Is(err, ErrAttemptTimeout) {
					t.Errorf("%v is called a timeout", err)
				}
			})
		}
	})
}

// faulty is the API with a fault on every request.
func faulty(fault mockapi.Fault) http.Handler {
	api := twoTrunks()
	api.Fail(-1, fault)

	return api
}

func hangWithStatus(status int) mockapi.Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
	}
}

func TestRequestRefusesRedirects(t *testing.T) {
	var elsewhere atomic.Int64

	other := newServer(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))

	for _, status := range []int{301, 308} {
		for name, test := range map[string]struct{ target, says string }{
			"to another host":         {other.URL + "/trunks", other.URL + "/trunks"},
			"to the same host":        {"/v2/trunks", "/v2/trunks"},
			"to itself":               {"", `its Location is ""`},
			"with the key":            {other.URL + "/?key=" + testKey, "/?key=" + redacted},
			"with the key, escaped":   {other.URL + "/?key=" + url.QueryEscape(testKey), `its Location is "` + redacted + `"`},
			"with a bracket":          {"http://[::1", "http://[::1"},
			"with a colon":            {":", `":"`},
			"with a port of letters":  {"https://example.com:port/", "https://example.com:port/"},
			"with a bad escape":       {"https://example.com/%zz", "https://example.com/%zz"},
			"with a space":            {"https://exam ple.com/", "https://exam ple.com/"},
			"with a bracket and key":  {"http://[" + testKey, "http://[" + redacted},
			"to a user of some host":  {"https://me@example.com/", "https://me@example.com/"},
			"to an address too long":  {"https://example.com/" + strings.Repeat("x", 1000), "https://example.com/xxx"},
			"to another kind of host": {"file:///etc/passwd", "file:///etc/passwd"},
		} {
			t.Run(strconv.Itoa(status)+" "+name, func(t *testing.T) {
				api := twoTrunks()
				api.Fail(-1, mockapi.Redirect(status, test.target))

				_, err := fetchFirstPage(t.Context(), newTestClient(t, Config{BaseURL: mustParseBaseURL(t, newServer(t, api).URL)}))
				wantError(t, err, nil, test.says)

				if n := len(api.Requests()); n != 1 {
					t.Errorf("%d requests, want 1", n)
				}
			})
		}
	}

	if n := elsewhere.Load(); n != 0 {
		t.Errorf("the other host got %d requests", n)
	}
}

func TestRequestRefusesLargeBodies(t *testing.T) {
	const announced = 1 << 30

	for name, test := range map[string]struct {
		status int
		header http.Header
	}{
		"announced":           {http.StatusOK, headerOf("Content-Length", strconv.Itoa(announced))},
		"not announced":       {http.StatusOK, nil},
		"an error, announced": {http.StatusBadRequest, headerOf("Content-Length", strconv.Itoa(announced))},
		"an error, not so":    {http.StatusBadRequest, nil},
	} {
		t.Run(name, func(t *testing.T) {
			for protocol, connect := range protocols {
				t.Run(protocol, func(t *testing.T) {
					written := make(chan int, 1)
					client := connect(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						for key := range test.header {
							w.Header().Set(key, test.header.Get(key))
						}

						w.WriteHeader(test.status)

						sum := 0
						for block := bytes.Repeat([]byte(" "), 1<<16); sum < announced; {
							n, err := w.Write(block)
							if sum += n; err != nil {
								break
							}
						}

						written <- sum
					}), Config{})

					_, err := fetchFirstPage(t.Context(), client)
					wantError(t, err, ErrTooLarge, "larger than 8 MiB")

					// The rest is on its way, in the buffers of two sockets.
					if n := <-written; n > maxBody+32<<20 {
						t.Errorf("the server wrote %d bytes", n)
					}
				})
			}
		})
	}
}

func TestRequestReadsNothingOfWhatIsAnnouncedTooLarge(t *testing.T) {
	client := newTestClient(t, Config{})
	useTransport(client, roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, ContentLength: maxBody + 1, Body: io.NopCloser(iotest.ErrReader(errors.New("it was read")))}, nil
	}))

	_, err := fetchFirstPage(t.Context(), client)
	wantError(t, err, ErrTooLarge)
}

func TestRequestBodyOfJustTheLimit(t *testing.T) {
	const page = `{"trunks":[],"pagination":{"total":0}}`

	for name, test := range map[string]struct {
		size int
		want error
	}{
		"exactly the limit": {maxBody, nil},
		"one byte more":     {maxBody + 1, ErrTooLarge},
	} {
		for _, announce := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, announced: %t", name, announce), func(t *testing.T) {
				body := page + strings.Repeat(" ", test.size-len(page))
				client := connectHTTP1(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if announce {
						w.Header().Set("Content-Length", strconv.Itoa(len(body)))
					}

					_, _ = io.WriteString(w, body)
				}), Config{})

				_, err := fetchFirstPage(t.Context(), client)
				if !errors.Is(err, test.want) {
					t.Errorf("got %v, want %v", err, test.want)
				}
			})
		}
	}
}

func TestRequestGzip(t *testing.T) {
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
		says string // Empty is success.
	}{
		"a page":                   {page, nil, ""},
		"a bomb of 64 MiB":         {zip(make([]byte, 64<<20)), ErrTooLarge, "8 MiB"},
		"what stops in the middle": {page[:len(page)/2], ErrTruncated, "cut off"},
		"what has no checksum":     {page[:len(page)-8], ErrTruncated, "cut off"},
		"what is not compressed":   {`{"trunks":[]}`, nil, "the gzip encoding of the response is damaged"},
		"damaged data":             {page[:12] + "\xff\xff\xff" + page[15:], nil, "the gzip encoding of the response is damaged"},
		"a wrong checksum":         {page[:len(page)-8] + "12345678", nil, "the gzip encoding of the response is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			baseURL := newRawServer(t, rawResponse("200 OK", test.body, "Content-Encoding: gzip"))

			_, err := fetchFirstPage(t.Context(), newTestClient(t, Config{BaseURL: baseURL}))
			if test.says == "" {
				if err != nil {
					t.Error(err)
				}

				return
			}

			wantError(t, err, test.want, test.says)
		})
	}
}

func TestRequestHidesTheKey(t *testing.T) {
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
		"in the content type":          rawResponse("200 OK", "<html>", "Content-Type: "+testKey),
		"in an error's content type":   rawResponse("500 No", "<html>", "Content-Type: "+testKey),
		"in a Location":                rawResponse("302 Found", "", "Location: https://example.com/"+testKey),
		"in a Location, escaped":       rawResponse("302 Found", "", "Location: https://example.com/"+url.PathEscape(testKey)),
		"in a Location, split":         rawResponse("302 Found", "", "Location: https://example.com/"+testKey[:12]+"\xff"+testKey[12:]),
		"in a malformed Location":      rawResponse("302 Found", "", "Location: http://["+testKey),
		"in a code":                    rawResponse("400 No", `{"error":{"code":`+quoted+`}}`),
		"in a message":                 rawResponse("400 No", `{"error":{"message":`+quoted+`}}`),
		"in a message of HTML escapes": rawResponse("400 No", `{"error":{"message":"`+escaped+`"}}`),
		"in an error of another shape": rawResponse("400 No", `{"key":`+quoted+`}`),
		"in text":                      rawResponse("400 No", "Bearer "+testKey),
		"in text, split":               rawResponse("400 No", "Bearer "+testKey[:12]+"\x00"+testKey[12:]),
		"in HTML":                      rawResponse("200 OK", "<html>"+testKey),
		"in JSON of another type":      rawResponse("200 OK", `{"trunks":`+quoted+`}`),
		"in a number too large":        rawResponse("200 OK", testKey),
		"behind 290 characters":        rawResponse("400 No", strings.Repeat("x", 290)+testKey),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := fetchFirstPage(t.Context(), newTestClient(t, Config{BaseURL: newRawServer(t, response)}))

			failure := requestError(t, err, nil)
			for _, text := range []string{failure.Code, failure.Message, failure.RequestID, failure.Path, failure.Reason()} {
				wantNoKey(t, text)
			}
		})
	}
}

func TestRequestCleansText(t *testing.T) {
	const escape = "\x1b[31mred\u202e\u0007"

	for name, test := range map[string]struct {
		response string
		max      int // Of the texts together; each is cut at 300.
	}{
		"a message":      {rawResponse("400 No", `{"error":{"code":"`+strings.Repeat("c", 1000)+`","message":"\u001b[31m\u202e`+strings.Repeat("鍵", 1000)+`"}}`), 600},
		"text":           {rawResponse("400 No", escape+strings.Repeat("x", 1<<20)), 300},
		"HTML":           {rawResponse("200 OK", "<html>"+escape, "Content-Type: "+strings.Repeat("x", 1000)), 300},
		"a request id":   {rawResponse("400 No", "", "X-Request-Id: "+strings.Repeat("x", 1000)), 300},
		"a Location":     {rawResponse("302 Found", "", "Location: https://example.com/"+strings.Repeat("x", 1000)), 300},
		"no HTTP at all": {escape + strings.Repeat("x", 2000) + "\r\n\r\n", 300},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := fetchFirstPage(t.Context(), newTestClient(t, Config{BaseURL: newRawServer(t, test.response)}))
			text := requestError(t, err, nil).Error()

			if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
				t.Errorf("%q has control characters", text)
			}

			// The request, the status and the request id's label go with it.
			if n := utf8.RuneCountInString(text); n > test.max+100 {
				t.Errorf("the error has %d characters", n)
			}
		})
	}
}

func TestRequestMalformedResponses(t *testing.T) {
	const page = `{"trunks":[],"pagination":{"total":0}}`

	for name, test := range map[string]struct {
		response string
		status   int
		kind     error
		says     string
	}{
		"nothing":                         {"", 0, ErrConnectionClosed, "was closed"},
		"no HTTP":                         {"SSH-2.0-OpenSSH_9.6\r\n", 0, nil, "malformed HTTP"},
		"half a status line":              {"HTTP/1.1 200", 0, ErrConnectionClosed, "was closed"},
		"no end of headers":               {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n", 0, ErrConnectionClosed, "was closed"},
		"a status that is no number":      {rawResponse("OK", ""), 0, nil, "malformed HTTP"},
		"a header that is none":           {"HTTP/1.1 200 OK\r\nno header\r\n\r\n", 0, nil, "malformed MIME header"},
		"headers without end":             {"HTTP/1.1 200 OK\r\n" + strings.Repeat("X-A: "+strings.Repeat("a", 1000)+"\r\n", 11_000), 0, nil, "header"},
		"a negative length":               {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", 0, nil, "bad Content-Length"},
		"two lengths":                     {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 0, nil, "Content-Length"},
		"less than the length":            {"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + page, 200, ErrTruncated, "the connection ended early"},
		"a chunk too short":               {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + page, 200, ErrTruncated, "the connection ended early"},
		"no last chunk":                   {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n26\r\n" + page + "\r\n", 200, ErrTruncated, "the connection ended early"},
		"a chunk of no size":              {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 200, ErrTruncated, "the rest of it is malformed"},
		"a body without length that ends": {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + page[:20], 200, ErrTruncated, "its JSON ends early"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := fetchFirstPage(t.Context(), newTestClient(t, Config{BaseURL: newRawServer(t, test.response)}))

			failure := requestError(t, err, test.kind)
			if failure.Status != test.status || !failure.retryable() {
				t.Errorf("status %d, retried: %t; want %d, retried", failure.Status, failure.retryable(), test.status)
			}

			wantText(t, err, test.says)
		})
	}
}

func TestRequestConnectionRefused(t *testing.T) {
	server := newServer(t, http.NotFoundHandler())
	server.Close()

	_, err := fetchFirstPage(t.Context(), newTestClient(t, Config{BaseURL: mustParseBaseURL(t, server.URL)}))

	failure := requestError(t, err, syscall.ECONNREFUSED)
	if failure.Status != 0 || failure.Attempts != 1 || !failure.retryable() {
		t.Errorf("got %+v, want an error that is retried", failure)
	}

	wantText(t, err, "connection refused")
}
