// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// arrivals is a handler that records when requests arrive.
type arrivals struct {
	http.Handler

	mu sync.Mutex
	at []time.Time
}

func (a *arrivals) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.at = append(a.at, time.Now())
	a.mu.Unlock()

	a.Handler.ServeHTTP(w, r)
}

// delays are the times between the requests.
func (a *arrivals) delays() []time.Duration {
	var delays []time.Duration
	for i := 1; i < len(a.at); i++ {
		delays = append(delays, a.at[i].Sub(a.at[i-1]))
	}

	return delays
}

func TestRetries(t *testing.T) {
	retried := map[string]struct {
		fault mockapi.Fault
		want  string
	}{
		"408":                   {mockapi.Status(http.StatusRequestTimeout), "408 Request Timeout"},
		"500":                   {mockapi.Status(http.StatusInternalServerError), "internal_error"},
		"500 of another shape":  {mockapi.Body(http.StatusInternalServerError, "application/json", `{"message":"boom"}`), "boom"},
		"502":                   {mockapi.Status(http.StatusBadGateway), "502 Bad Gateway"},
		"502 in HTML":           {mockapi.HTML(http.StatusBadGateway), "HTML page"},
		"503":                   {mockapi.Status(http.StatusServiceUnavailable), "503 Service Unavailable"},
		"503 and nothing more":  {mockapi.Empty(http.StatusServiceUnavailable), "503 Service Unavailable"},
		"504":                   {mockapi.Status(http.StatusGatewayTimeout), "504 Gateway Timeout"},
		"a connection dropped":  {mockapi.Drop(), "connection was closed"},
		"a body that is cut":    {mockapi.CutBody(), "the response was cut off"},
		"JSON that stops":       {mockapi.Body(http.StatusOK, "application/json", `{"trunks":[{"id":"conn_a"`), "its JSON ends early"},
		"a server that hangs":   {mockapi.Hang(), "no complete response within the request timeout"},
		"a body that hangs":     {mockapi.HangInBody(), "no complete response within the request timeout"},
		"a body that is slow":   {mockapi.Drip(time.Second), "no complete response within the request timeout"},
		"an error that is slow": {mockapi.WithHeader("Content-Length", "100", mockapi.HangInBody()), "no complete response"},
	}

	for name, test := range retried {
		t.Run(name+" is retried until it works", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := twoTrunks()
				api.Fail(3, test.fault)

				got, err := fetchFirstPage(t.Context(), newInProcessClient(t, api, Config{MaxRetries: 3}))
				if err != nil {
					t.Fatal(err)
				}

				if len(got.trunks) != 2 || len(api.Requests()) != 4 {
					t.Errorf("%d trunks after %d requests, want 2 after 4", len(got.trunks), len(api.Requests()))
				}
			})
		})

		t.Run(name+" is retried no more than configured", func(t *testing.T) {
			for _, retries := range []int{0, 1, 4} {
				synctest.Test(t, func(t *testing.T) {
					api := twoTrunks()
					api.Fail(-1, test.fault)

					_, err := fetchFirstPage(t.Context(), newInProcessClient(t, api, Config{MaxRetries: retries}))
					failure := requestError(t, err, nil)

					if n := len(api.Requests()); n != 1+retries || failure.Attempts != n {
						t.Errorf("%d requests, and the error says %d; want %d", n, failure.Attempts, 1+retries)
					}

					wantText(t, err, test.want)

					if retries > 0 {
						wantText(t, err, strconv.Itoa(1+retries)+" attempts")
					}
				})
			}
		})
	}
}

// What a reset stream of HTTP/2 looks like differs from a closed connection.
func TestRetriesOverEachProtocol(t *testing.T) {
	t.Parallel()

	for name, fault := range map[string]mockapi.Fault{
		"no response":            mockapi.Drop(),
		"a body that is cut off": mockapi.CutBody(),
		"a 503":                  mockapi.Status(http.StatusServiceUnavailable),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			for protocol, connect := range protocols {
				t.Run(protocol, func(t *testing.T) {
					api := mockapi.New(mockapi.Trunks(250))
					api.Fail(1, nil)
					api.Fail(1, fault)

					listing, err := connect(t, api, Config{MaxRetries: 1}).List(t.Context(), "")
					if err != nil {
						t.Fatal(err)
					}

					if diff := cmp.Diff(mockIDs(api.Trunks()), ids(listing.Trunks)); diff != "" {
						t.Error(diff)
					}
				})
			}
		})
	}
}

// A status 429 is not limited by the retries, but by the deadline of the read.
func TestRetries429(t *testing.T) {
	for name, fault := range map[string]mockapi.Fault{
		"of the API":                  mockapi.Status(http.StatusTooManyRequests),
		"of a proxy":                  mockapi.HTML(http.StatusTooManyRequests),
		"of a proxy with Retry-After": mockapi.WithHeader("Retry-After", "3", mockapi.Empty(http.StatusTooManyRequests)),
	} {
		t.Run(name+" is retried more often than configured", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := twoTrunks()
				api.Fail(10, fault)

				got, err := fetchFirstPage(t.Context(), newInProcessClient(t, api, Config{}))
				if err != nil {
					t.Fatal(err)
				}

				if len(got.trunks) != 2 || len(api.Requests()) != 11 {
					t.Errorf("%d trunks after %d requests, want 2 after 11", len(got.trunks), len(api.Requests()))
				}
			})
		})

		t.Run(name+" ends with the deadline", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := twoTrunks()
				api.Fail(-1, fault)

				ctx, cancel := context.WithTimeoutCause(t.Context(), 5*time.Minute, ErrReadTimeout)
				defer cancel()

				_, err := fetchFirstPage(ctx, newInProcessClient(t, api, Config{}))
				failure := requestError(t, err, nil)

				var limitErr *RateLimitError
				if !errors.As(err, &limitErr) || failure.Status != http.StatusTooManyRequests || failure.Attempts < 5 {
					t.Errorf("got %v after %d attempts", err, failure.Attempts)
				}
			})
		})
	}
}

// Clients that share an account's rate limit all get their list, as long as their deadlines allow.
func TestRetriesOfClientsThatShareALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New(mockapi.Trunks(1000))
		api.SetRateLimit(20, time.Minute)

		var group sync.WaitGroup

		for range 8 {
			client := newInProcessClient(t, api, Config{MaxRetries: 1})

			group.Go(func() {
				ctx, cancel := context.WithTimeoutCause(t.Context(), 15*time.Minute, ErrReadTimeout)
				defer cancel()

				listing, err := client.List(ctx, "")
				if err != nil || len(listing.Trunks) != 1000 {
					t.Error(err)
				}
			})
		}

		group.Wait()
	})
}

// The timeout that an error names is also enough for listings that run concurrently.
func TestRateLimitOfConcurrentListings(t *testing.T) {
	list := func(t *testing.T, timeout time.Duration) (enough time.Duration) {
		t.Helper()

		api := mockapi.New(mockapi.Trunks(1000))
		api.SetRateLimit(3, time.Minute)

		client := newInProcessClient(t, api, Config{})

		ctx, cancel := context.WithTimeoutCause(t.Context(), timeout, ErrReadTimeout)
		defer cancel()

		var group sync.WaitGroup

		for _, status := range []string{"", StatusActive} {
			group.Go(func() {
				_, err := client.List(ctx, status)

				var limitErr *RateLimitError
				if errors.As(err, &limitErr) {
					enough = max(enough, limitErr.ReadTimeout)
				} else if err != nil {
					t.Error(err)
				}
			})
		}

		group.Wait()

		return enough
	}

	synctest.Test(t, func(t *testing.T) {
		enough := list(t, 100*time.Second)
		if enough == 0 {
			t.Fatal("no error names a timeout")
		}

		if more := list(t, enough); more != 0 {
			t.Errorf("%s is not enough, but %s", enough, more)
		}
	})
}

// Where a server sends Retry-After, or no limit, no timeout is known to be enough.
func TestRateLimitOfARetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New(mockapi.Trunks(250))
		api.Fail(1, nil)
		api.Fail(-1, mockapi.WithHeader("Retry-After", "600", mockapi.Status(http.StatusTooManyRequests)))

		ctx, cancel := context.WithTimeoutCause(t.Context(), 5*time.Minute, ErrReadTimeout)
		defer cancel()

		_, err := newInProcessClient(t, api, Config{}).List(ctx, "")
		wantText(t, err, "the next request in 10m0s")

		var limitErr *RateLimitError
		if !errors.As(err, &limitErr) || limitErr.ReadTimeout != 0 {
			t.Errorf("got %+v, want no timeout", limitErr)
		}
	})
}

// The error of one page cancels the others, which wait for the limiter.
func TestRateLimitOfAllPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New(mockapi.Trunks(1000))
		api.Fail(1, nil)
		api.Fail(-1, mockapi.Empty(http.StatusTooManyRequests))

		ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Second, ErrReadTimeout)
		defer cancel()

		_, err := newInProcessClient(t, api, Config{}).List(ctx, "")

		var limitErr *RateLimitError
		if !errors.As(err, &limitErr) {
			t.Errorf("got %v", err)
		}
	})
}

// With 1,000 trunks at 3 requests a minute, a read that cannot finish fails after its first page,
// and the timeout that its error names is enough.
func TestRateLimitOfAWholeListing(t *testing.T) {
	list := func(t *testing.T, timeout time.Duration) (took time.Duration, err error) {
		t.Helper()

		api := mockapi.New(mockapi.Trunks(1000))
		api.SetRateLimit(3, time.Minute)

		client := newInProcessClient(t, api, Config{})
		if timeout > time.Hour {
			// The worst time to start: nothing is left of the window.
			for range 3 {
				_, _ = fetchFirstPage(t.Context(), client)
			}

			timeout -= time.Hour
		}

		ctx, cancel := context.WithTimeoutCause(t.Context(), timeout, ErrReadTimeout)
		defer cancel()

		start := time.Now()
		_, err = client.List(ctx, "")

		return time.Since(start), err
	}

	for _, timeout := range []time.Duration{30 * time.Second, 60 * time.Second, 100 * time.Second, 170 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			took, err := list(t, timeout)

			var limitErr *RateLimitError
			if !errors.As(err, &limitErr) || took > time.Second {
				t.Fatalf("got %v after %s, want a rate limit error at once", err, took)
			}

			wantText(t, err, "the next request in 1m1s", "the list needs up to 4m30s")

			if limitErr.ReadTimeout != 270*time.Second {
				t.Errorf("the timeout is %s, want 4m30s", limitErr.ReadTimeout)
			}
		})
	}

	for _, timeout := range []time.Duration{200 * time.Second, 270 * time.Second, time.Hour + 270*time.Second} {
		synctest.Test(t, func(t *testing.T) {
			if took, err := list(t, timeout); err != nil {
				t.Errorf("with %s: %v after %s", timeout, err, took)
			}
		})
	}
}

func TestRetriesNot(t *testing.T) {
	faults := map[string]mockapi.Fault{
		"HTML":               mockapi.HTML(http.StatusOK),
		"nothing":            mockapi.Empty(http.StatusOK),
		"JSON of its own":    mockapi.Body(http.StatusOK, "application/json", `{"data":[]}`),
		"an error in a 200":  mockapi.Body(http.StatusOK, "application/json", `{"error":{"code":"internal_error"}}`),
		"a body without end": mockapi.Body(http.StatusOK, "application/json", strings.Repeat(" ", maxBody+1)),
		"a redirect":         mockapi.Redirect(http.StatusFound, "https://example.com/"),
	}
	for _, status := range []int{201, 202, 204, 206, 300, 304, 400, 401, 402, 403, 404, 405, 406, 409, 410, 418, 422, 425, 451, 499, 501, 505, 511, 520, 599} {
		faults[strconv.Itoa(status)] = mockapi.Empty(status)
		faults[strconv.Itoa(status)+" with a body that is cut"] = func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "100")
				w.WriteHeader(status)
				http.NewResponseController(w).Flush() //nolint:errcheck,gosec // A recorder's cannot fail.
				panic(http.ErrAbortHandler)
			})
		}
	}

	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := twoTrunks()
				api.Fail(-1, fault)

				_, err := fetchFirstPage(t.Context(), newInProcessClient(t, api, Config{MaxRetries: 4}))

				failure := requestError(t, err, nil)
				if n := len(api.Requests()); n != 1 || failure.Attempts != 1 || failure.Status == 0 {
					t.Errorf("%d requests, and the error is %+v; want one", n, failure)
				}
			})
		})
	}
}

func TestRetriesNoCertificate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := 0

		client := newTestClient(t, Config{MaxRetries: 4})
		useTransport(client, roundTripper(func(*http.Request) (*http.Response, error) {
			sent++
			return nil, &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
		}))

		_, err := fetchFirstPage(t.Context(), client)
		wantError(t, err, nil, "certificate signed by unknown authority")

		if sent != 1 {
			t.Errorf("%d requests, want 1", sent)
		}
	})
}

type roundTripper func(req *http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestRetryDelays(t *testing.T) {
	const retries = 10

	var all [][]time.Duration

	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			api := twoTrunks()
			api.Fail(-1, mockapi.Drop())

			seen := &arrivals{Handler: api}
			_, err := fetchFirstPage(t.Context(), newInProcessClient(t, seen, Config{MaxRetries: retries}))
			wantError(t, err, nil)

			all = append(all, seen.delays())
		})
	}

	for n := range retries {
		// Twice as long each time, at most 8 s, plus or minus half of it.
		middle := min(500*time.Millisecond<<n, 8*time.Second)

		var nth []time.Duration
		for _, delays := range all {
			nth = append(nth, delays[n])
		}

		slices.Sort(nth)

		if nth[0] < middle/2 || nth[len(nth)-1] > middle*3/2+1 {
			t.Errorf("delay %d is between %s and %s, want about %s", n+1, nth[0], nth[len(nth)-1], middle)
		}

		if len(slices.Compact(nth)) == 1 {
			t.Errorf("delay %d is always %s, which clients that failed together would share", n+1, nth[0])
		}
	}
}

func TestRetryWaits(t *testing.T) {
	after := func(wait string, f mockapi.Fault) mockapi.Fault { return mockapi.WithHeader("Retry-After", wait, f) }
	reset := func(reset string, f mockapi.Fault) mockapi.Fault {
		return mockapi.WithHeader("X-RateLimit-Reset", reset, f)
	}
	// Dates of synctest's time, which begins here.
	begin := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	in := func(wait time.Duration) string { return begin.Add(wait).Format(http.TimeFormat) }

	tooMany, proxy := mockapi.Status(http.StatusTooManyRequests), mockapi.Empty(http.StatusTooManyRequests)
	unavailable := mockapi.Empty(http.StatusServiceUnavailable)

	const backoff = 0

	for name, test := range map[string]struct {
		fault mockapi.Fault
		want  time.Duration // Or backoff, the first delay without a hint.
	}{
		"429 with seconds":                          {after("7", tooMany), 7 * time.Second},
		"429 with a date":                           {after(in(7*time.Second), tooMany), 7 * time.Second},
		"429 of a proxy with seconds":               {after("7", proxy), 7 * time.Second},
		"429 without either waits for the reset":    {tooMany, time.Minute},
		"429 with 0 seconds waits for the reset":    {after("0", tooMany), time.Minute},
		"429 with a bogus wait waits for the reset": {after("soon", tooMany), time.Minute},
		"429 of a proxy with nothing":               {proxy, backoff},
		"429 of a proxy with 0 seconds":             {after("0", proxy), backoff},
		"429 of a proxy with negative seconds":      {after("-7", proxy), backoff},
		"429 of a proxy with seconds that overflow": {after("-9223372037", proxy), backoff},
		"429 of a proxy with a date in the past":    {after(in(-time.Hour), proxy), backoff},
		"429 with an empty reset":                   {reset("", tooMany), backoff},
		"429 with a negative reset":                 {reset("-1", tooMany), backoff},
		"429 with a reset in milliseconds":          {reset("946684860000", tooMany), backoff},
		"429 with a reset hours away":               {reset("946695600", tooMany), backoff},
		"429 with a reset in the past":              {reset("946684800", tooMany), backoff},
		"503 with seconds":                          {after("7", unavailable), 7 * time.Second},
		"503 with a date":                           {after(in(7*time.Second), unavailable), 7 * time.Second},
		"503 with a bogus wait":                     {after("soon", unavailable), backoff},
		"503 with negative seconds":                 {after("-7", unavailable), backoff},
		"503 does not wait for the reset":           {mockapi.Status(http.StatusServiceUnavailable), backoff},
		"500 ignores Retry-After":                   {after("7", mockapi.Empty(http.StatusInternalServerError)), backoff},
		"a wait shorter than the backoff":           {after(in(0), unavailable), backoff},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := twoTrunks()
				api.Fail(1, test.fault)

				seen := &arrivals{Handler: api}
				if _, err := fetchFirstPage(t.Context(), newInProcessClient(t, seen, Config{MaxRetries: 1})); err != nil {
					t.Fatal(err)
				}

				got := seen.delays()[0]
				if test.want == backoff {
					if got < 250*time.Millisecond || got > 751*time.Millisecond+resetJitter {
						t.Errorf("a delay of %s, want about 500ms", got)
					}
				} else if got < test.want || got >= test.want+resetJitter {
					t.Errorf("a delay of %s, want %s and less than %s of jitter", got, test.want, resetJitter)
				}
			})
		})
	}
}

func TestRetryAfter429StopsOtherPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New(mockapi.Trunks(3000))
		api.Fail(1, nil)
		api.Fail(1, mockapi.WithHeader("Retry-After", "30", mockapi.Empty(http.StatusTooManyRequests)))

		var requests atomic.Int64

		seen := &arrivals{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			latency := time.Second
			if requests.Add(1) == 2 {
				// The 429 is the first response of its eight requests.
				latency /= 2
			}

			time.Sleep(latency)
			api.ServeHTTP(w, r)
		})}
		start := time.Now()

		got, err := newInProcessClient(t, seen, Config{MaxRetries: 1}).List(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}

		if len(got.Trunks) != 3000 || got.Waited < 29*time.Second {
			t.Errorf("%d trunks after a wait of %s, want 3000 after 30s", len(got.Trunks), got.Waited)
		}

		// The first page, and the eight that were sent together after it.
		early := 0
		for _, at := range seen.at {
			if sent := at.Sub(start); sent < 30*time.Second {
				early++
			}
		}

		if early != 1+maxParallel {
			t.Errorf("%d requests were sent before the wait was over, want %d", early, 1+maxParallel)
		}
	})
}

func TestRetryHears429BeforeItsBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		body, end := io.Pipe()

		client := newTestClient(t, Config{})
		useTransport(client, roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusTooManyRequests, Header: headerOf("Retry-After", "30"), Body: body}, nil
		}))

		go func() {
			_, err := fetchFirstPage(t.Context(), client)
			if err == nil {
				t.Error("no error")
			}
		}()

		synctest.Wait()
		trial{t, client.limiter}.waitsFor(30 * time.Second)

		if err := end.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestRetryEndsWithTheContext(t *testing.T) {
	for name, test := range map[string]struct {
		prepare      func(api *mockapi.API)
		timeout      time.Duration
		noCause      bool
		wantErr      error
		wantIn       time.Duration
		wantAttempts int
		says         []string
	}{
		"a delay that the deadline forbids is not started": {
			prepare: func(api *mockapi.API) {
				api.Fail(-1, mockapi.WithHeader("Retry-After", "60", mockapi.Empty(http.StatusServiceUnavailable)))
			},
			timeout: 30 * time.Second, wantErr: ErrReadTimeout, wantAttempts: 1,
			says: []string{"503 Service Unavailable", "the deadline of the read was exceeded", "must wait 1m0s"},
		},
		"a 429 that the deadline forbids to wait for": {
			prepare: func(api *mockapi.API) { api.SetRateLimit(0, time.Minute) },
			timeout: 30 * time.Second, wantErr: nil, wantAttempts: 1,
			says: []string{"429 Too Many Requests", "rate_limited", "the next request in 1m0s, at 2000-01-01T00:01:00Z"},
		},
		"the deadline ends the first attempt": {
			prepare: func(api *mockapi.API) { api.Fail(-1, mockapi.Hang()) },
			timeout: 5 * time.Second, wantErr: ErrReadTimeout, wantIn: 5 * time.Second, wantAttempts: 1,
			says: []string{"the deadline of the read was exceeded"},
		},
		"the deadline ends the third attempt, and the error is the second's": {
			prepare: func(api *mockapi.API) {
				api.Fail(1, mockapi.Status(http.StatusInternalServerError))
				api.Fail(1, mockapi.WithHeader("Retry-After", "2", mockapi.Status(http.StatusServiceUnavailable)))
				api.Fail(-1, mockapi.Hang())
			},
			timeout: 6 * time.Second, wantErr: ErrReadTimeout, wantIn: 6 * time.Second, wantAttempts: 3,
			says: []string{"503 Service Unavailable", "3 attempts", "the deadline of the read was exceeded"},
		},
		"a deadline without a cause has an error in words": {
			prepare: func(api *mockapi.API) { api.Fail(1, mockapi.Drop()); api.Fail(-1, mockapi.Hang()) },
			timeout: 6 * time.Second, noCause: true, wantErr: ErrReadTimeout, wantIn: 6 * time.Second, wantAttempts: 2,
			says: []string{"connection was closed", "then the deadline of the read was exceeded", "2 attempts"},
		},
		"a long text of the server does not hide that time was over": {
			prepare: func(api *mockapi.API) {
				api.Fail(1, mockapi.Body(http.StatusInternalServerError, "text/plain", string(slices.Repeat([]byte("boom "), 1000))))
				api.Fail(-1, mockapi.Hang())
			},
			timeout: 6 * time.Second, wantErr: ErrReadTimeout, wantIn: 6 * time.Second, wantAttempts: 2,
			says: []string{"500 Internal Server Error", "boom", "then the deadline of the read was exceeded"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := twoTrunks()
				test.prepare(api)

				cause := ErrReadTimeout
				if test.noCause {
					cause = nil
				}

				ctx, cancel := context.WithTimeoutCause(t.Context(), test.timeout, cause)
				defer cancel()

				start := time.Now()
				_, err := fetchFirstPage(ctx, newInProcessClient(t, api, Config{MaxRetries: 10, RequestTimeout: time.Hour}))

				failure := requestError(t, err, test.wantErr)
				if failure.Attempts != test.wantAttempts || len(api.Requests()) != test.wantAttempts {
					t.Errorf("%d attempts and %d requests, want %d", failure.Attempts, len(api.Requests()), test.wantAttempts)
				}

				if took := time.Since(start); took != test.wantIn {
					t.Errorf("it took %s, want %s", took, test.wantIn)
				}

				wantText(t, err, test.says...)
			})
		})
	}
}

func TestRetryIsCancelled(t *testing.T) {
	for name, fault := range map[string]mockapi.Fault{
		"in an attempt":             mockapi.Hang(),
		"in a body":                 mockapi.HangInBody(),
		"in a delay":                mockapi.WithHeader("Retry-After", "60", mockapi.Empty(http.StatusServiceUnavailable)),
		"in a wait for the limiter": mockapi.WithHeader("Retry-After", "60", mockapi.Empty(http.StatusTooManyRequests)),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := twoTrunks()
				api.Fail(-1, fault)

				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(7*time.Second, func() { cancel(errGaveUp) })

				start := time.Now()
				_, err := fetchFirstPage(ctx, newInProcessClient(t, api, Config{MaxRetries: 4}))
				wantError(t, err, errGaveUp)

				if took := time.Since(start); took != 7*time.Second {
					t.Errorf("it took %s, want 7s", took)
				}
			})
		})
	}
}

func TestRetryErrorBeforeAnyRequest(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errGaveUp)

	api := twoTrunks()
	_, err := fetchFirstPage(ctx, newInProcessClient(t, api, Config{MaxRetries: 4}))

	failure := requestError(t, err, errGaveUp)
	if failure.Attempts != 0 || failure.Method != http.MethodGet || failure.Path != "/v1/trunks?limit=100&offset=0" || len(api.Requests()) != 0 {
		t.Errorf("got %+v after %d requests", failure, len(api.Requests()))
	}

	if errors.Is(err, ErrReadTimeout) {
		t.Errorf("%v is called a timeout", err)
	}
}
