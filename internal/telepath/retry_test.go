// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"errors"
	"fmt"
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

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// arrivals records when requests arrive.
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

// delays returns the times between the requests.
func (a *arrivals) delays() []time.Duration {
	var delays []time.Duration
	for i := 1; i < len(a.at); i++ {
		delays = append(delays, a.at[i].Sub(a.at[i-1]))
	}

	return delays
}

func TestRetries(t *testing.T) {
	for name, test := range map[string]struct {
		fault mockapi.Fault
		text  string
	}{
		"408":                     {mockapi.Status(http.StatusRequestTimeout), "408 Request Timeout"},
		"500":                     {mockapi.Status(http.StatusInternalServerError), "internal_error"},
		"502 in HTML":             {mockapi.HTML(http.StatusBadGateway), "HTML page"},
		"503":                     {mockapi.Status(http.StatusServiceUnavailable), "503 Service Unavailable"},
		"504":                     {mockapi.Empty(http.StatusGatewayTimeout), "504 Gateway Timeout"},
		"520":                     {mockapi.HTML(520), "520: the response is not JSON"},
		"521":                     {mockapi.Empty(521), "521"},
		"522":                     {mockapi.Empty(522), "522"},
		"523":                     {mockapi.Empty(523), "523"},
		"524":                     {mockapi.Empty(524), "524"},
		"527":                     {mockapi.Empty(527), "527"},
		"529":                     {mockapi.Empty(529), "529"},
		"530":                     {mockapi.Empty(530), "530"},
		"a closed connection":     {mockapi.Drop(), "connection was closed"},
		"a body that is cut off":  {mockapi.CutBody(), "the response was cut off"},
		"JSON that ends early":    {mockapi.Body(http.StatusOK, "application/json", `{"trunks":[{"id":"conn_a"`), "its JSON ends early"},
		"a timeout of an attempt": {mockapi.Hang(), "no complete response within the request timeout"},
	} {
		t.Run(name+" is retried until it succeeds", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := twoTrunks()
				api.Fail(3, test.fault)

				got, err := fetchFirstPage(t.Context(), newInProcessClient(t, api, Config{MaxRetries: 3}))
				if err != nil || len(got.trunks) != 2 {
					t.Errorf("got %v and %v, want 2 trunks", got, err)
				}

				wantRequests(t, api, 4)
			})
		})

		for _, retries := range []int{0, 1, 4} {
			t.Run(fmt.Sprintf("%s is retried %d times", name, retries), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					api := twoTrunks()
					api.Fail(-1, test.fault)

					_, err := fetchFirstPage(t.Context(), newInProcessClient(t, api, Config{MaxRetries: retries}))

					failure := requestError(t, err, nil, test.text)
					if failure.Attempts != 1+retries {
						t.Errorf("%d attempts, want %d", failure.Attempts, 1+retries)
					}

					if retries > 0 {
						wantText(t, err, fmt.Sprintf("%d attempts", 1+retries))
					}

					wantRequests(t, api, 1+retries)
				})
			})
		}
	}
}

func TestRetries429(t *testing.T) {
	for name, fault := range map[string]mockapi.Fault{
		"429 of the API":                  mockapi.Status(http.StatusTooManyRequests),
		"429 of a proxy":                  mockapi.HTML(http.StatusTooManyRequests),
		"429 of a proxy with Retry-After": mockapi.WithHeader("Retry-After", "3", mockapi.Empty(http.StatusTooManyRequests)),
	} {
		t.Run(name+" is retried more often than MaxRetries", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := twoTrunks()
				api.Fail(10, fault)
				api.Fail(1, mockapi.Drop()) // The only failure that counts as a retry.

				got, err := fetchFirstPage(t.Context(), newInProcessClient(t, api, Config{MaxRetries: 1}))
				if err != nil || len(got.trunks) != 2 {
					t.Errorf("got %v and %v, want 2 trunks", got, err)
				}

				wantRequests(t, api, 12)
			})
		})

		t.Run(name+" is retried until the deadline", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := twoTrunks()
				api.Fail(-1, fault)

				_, err := fetchFirstPage(readContext(t, 5*time.Minute), newInProcessClient(t, api, Config{}))
				failure := requestError(t, err, nil)

				var limitErr *RateLimitError
				if !errors.As(err, &limitErr) || failure.Status != http.StatusTooManyRequests || failure.Attempts < 5 {
					t.Errorf("got %v after %d attempts", err, failure.Attempts)
				}
			})
		})
	}
}

func TestRetriesOfClientsThatShareALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New(mockapi.Trunks(1000))
		api.SetRateLimit(20, time.Minute)

		ctx := readContext(t, 15*time.Minute)

		var group sync.WaitGroup

		for range 8 {
			client := newInProcessClient(t, api, Config{MaxRetries: 1})

			group.Go(func() {
				listing, err := client.List(ctx, "")
				if err != nil || len(listing.Trunks) != 1000 {
					t.Error(err)
				}
			})
		}

		group.Wait()
	})
}

func TestPermanentErrorsAreNotRetried(t *testing.T) {
	faults := map[string]mockapi.Fault{
		"HTML":                          mockapi.HTML(http.StatusOK),
		"JSON of another structure":     mockapi.Body(http.StatusOK, "application/json", `{"data":[]}`),
		"a page that was not requested": mockapi.Body(http.StatusOK, "application/json", `{"trunks":[],"pagination":{"offset":100,"total":0}}`),
		"a body above 8 MiB":            mockapi.Body(http.StatusOK, "application/json", strings.Repeat(" ", maxBody+1)),
		"an unexpected encoding":        mockapi.WithHeader("Content-Encoding", "br", mockapi.Body(http.StatusOK, "application/json", "{}")),
		"a redirect with a Location":    mockapi.Redirect(http.StatusFound, "https://example.com/"),
	}
	for _, status := range []int{201, 202, 204, 206, 300, 304, 400, 401, 402, 403, 404, 405, 406, 409, 410, 418, 422, 425, 451, 499, 501, 505, 511, 519, 525, 526, 528, 531, 599} {
		faults[strconv.Itoa(status)] = mockapi.Empty(status)
		faults[strconv.Itoa(status)+" with a body that is cut off"] = func(http.Handler) http.Handler {
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

				if failure := requestError(t, err, nil); failure.Attempts != 1 || failure.Status == 0 {
					t.Errorf("got %+v, want one attempt", failure)
				}

				wantRequests(t, api, 1)
			})
		})
	}
}

func TestRetryBackoff(t *testing.T) {
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
		// The delay doubles up to 8 s, with a jitter of half of it.
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
			t.Errorf("delay %d is always %s, without jitter", n+1, nth[0])
		}
	}
}

func TestRetryWaits(t *testing.T) {
	after := func(wait string, f mockapi.Fault) mockapi.Fault { return mockapi.WithHeader("Retry-After", wait, f) }

	limited, proxy := mockapi.Status(http.StatusTooManyRequests), mockapi.Empty(http.StatusTooManyRequests)
	unavailable := mockapi.Empty(http.StatusServiceUnavailable)

	const backoff = 0

	for name, test := range map[string]struct {
		fault mockapi.Fault
		want  time.Duration // backoff is the first delay without a header.
	}{
		"429 waits for Retry-After in seconds":        {after("7", limited), 7 * time.Second},
		"429 waits for Retry-After with a date":       {after("Sat, 01 Jan 2000 00:00:07 GMT", limited), 7 * time.Second},
		"429 of a proxy waits for Retry-After":        {after("7", proxy), 7 * time.Second},
		"429 without Retry-After waits for the reset": {limited, time.Minute},
		"429 with Retry-After 0 waits for the reset":  {after("0", limited), time.Minute},
		"429 of a proxy without headers":              {proxy, backoff},
		"429 of a proxy with a negative Retry-After":  {after("-7", proxy), backoff},
		"429 with a reset in milliseconds":            {mockapi.WithHeader("X-RateLimit-Reset", "946684860000", limited), backoff},
		"503 waits for Retry-After in seconds":        {after("7", unavailable), 7 * time.Second},
		"503 waits for Retry-After with a date":       {after("Sat, 01 Jan 2000 00:00:07 GMT", unavailable), 7 * time.Second},
		"503 with a Retry-After shorter than backoff": {after("Sat, 01 Jan 2000 00:00:00 GMT", unavailable), backoff},
		"503 does not wait for the reset":             {mockapi.Status(http.StatusServiceUnavailable), backoff},
		"500 does not wait for Retry-After":           {after("7", mockapi.Empty(http.StatusInternalServerError)), backoff},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := twoTrunks()
				api.Fail(1, test.fault)

				seen := &arrivals{Handler: api}
				if _, err := fetchFirstPage(t.Context(), newInProcessClient(t, seen, Config{MaxRetries: 1})); err != nil {
					t.Fatal(err)
				}

				low, high := test.want, test.want+resetJitter-1
				if test.want == backoff {
					low, high = 250*time.Millisecond, 751*time.Millisecond+resetJitter
				}

				if got := seen.delays()[0]; got < low || got > high {
					t.Errorf("a delay of %s, want %s to %s", got, low, high)
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
				latency /= 2 // The 429 is the first response of eight.
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

		// The first page, and eight concurrent pages.
		early := 0

		for _, at := range seen.at {
			if sent := at.Sub(start); sent < 30*time.Second {
				early++
			}
		}

		if early != 1+maxParallel {
			t.Errorf("%d requests were sent during the wait, want %d", early, 1+maxParallel)
		}
	})
}

func TestRetryObserves429BeforeItsBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		body, end := io.Pipe()

		client := newTestClient(t, Config{})
		useTransport(client, &roundTripper{func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusTooManyRequests, Header: headerOf("Retry-After", "30"), Body: body}, nil
		}})

		go func() {
			_, err := fetchFirstPage(t.Context(), client)
			if err == nil {
				t.Error("no error")
			}
		}()

		synctest.Wait()
		limiterTest{t, client.limiter}.wantWait(30 * time.Second)

		if err := end.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestRetryEndsWithTheContext(t *testing.T) {
	unavailable := func(retryAfter string) mockapi.Fault {
		return mockapi.WithHeader("Retry-After", retryAfter, mockapi.Status(http.StatusServiceUnavailable))
	}

	for name, test := range map[string]struct {
		faults   []mockapi.Fault // The last one repeats.
		timeout  time.Duration
		noCause  bool
		kind     error
		took     time.Duration
		attempts int
		texts    []string
	}{
		"a delay beyond the deadline does not start": {
			faults: []mockapi.Fault{unavailable("1800")}, timeout: 5 * time.Minute, attempts: 1,
			texts: []string{"503 Service Unavailable", "the next attempt would start after the deadline of the read", "the server asks to wait 30m0s"},
		},
		"a backoff beyond the deadline does not start": {
			faults: []mockapi.Fault{mockapi.Status(http.StatusInternalServerError)}, timeout: 200 * time.Millisecond, attempts: 1,
			texts: []string{"500 Internal Server Error", "the next attempt would start after the deadline of the read"},
		},
		"a wait for the reset beyond the deadline does not start": {
			faults: []mockapi.Fault{mockapi.Status(http.StatusTooManyRequests)}, timeout: 30 * time.Second, attempts: 1,
			texts: []string{"429 Too Many Requests", "rate_limited", "the rate limit resets in 1m0s, at 2000-01-01T00:01:00Z"},
		},
		"the deadline ends the first attempt": {
			faults: []mockapi.Fault{mockapi.Hang()}, timeout: 5 * time.Second, kind: ErrReadTimeout, took: 5 * time.Second, attempts: 1,
			texts: []string{"the deadline of the read was exceeded"},
		},
		"the deadline ends the third attempt, and the error is that of the second": {
			faults:  []mockapi.Fault{mockapi.Status(http.StatusInternalServerError), unavailable("2"), mockapi.Hang()},
			timeout: 6 * time.Second, kind: ErrReadTimeout, took: 6 * time.Second, attempts: 3,
			texts: []string{"503 Service Unavailable", "3 attempts", "the deadline of the read was exceeded"},
		},
		"a deadline without a cause is that of the read": {
			faults:  []mockapi.Fault{mockapi.Drop(), mockapi.Hang()},
			timeout: 6 * time.Second, noCause: true, kind: ErrReadTimeout, took: 6 * time.Second, attempts: 2,
			texts: []string{"connection was closed", "then the deadline of the read was exceeded", "2 attempts"},
		},
		"a long text of the server does not displace the deadline": {
			faults:  []mockapi.Fault{mockapi.Body(http.StatusInternalServerError, "text/plain", strings.Repeat("boom ", 1000)), mockapi.Hang()},
			timeout: 6 * time.Second, kind: ErrReadTimeout, took: 6 * time.Second, attempts: 2,
			texts: []string{"500 Internal Server Error", "boom", "then the deadline of the read was exceeded"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := twoTrunks()
				for _, fault := range test.faults[:len(test.faults)-1] {
					api.Fail(1, fault)
				}

				api.Fail(-1, test.faults[len(test.faults)-1])

				ctx := readContext(t, test.timeout)
				if test.noCause {
					var cancel context.CancelFunc

					ctx, cancel = context.WithTimeout(t.Context(), test.timeout)
					defer cancel()
				}

				start := time.Now()
				_, err := fetchFirstPage(ctx, newInProcessClient(t, api, Config{MaxRetries: 10, RequestTimeout: time.Hour}))
				took := time.Since(start)

				failure := requestError(t, err, test.kind, test.texts...)
				if n := strings.Count(err.Error(), ErrReadTimeout.Error()); n > 1 {
					t.Errorf("the error names the deadline %d times: %v", n, err)
				}

				if errors.Is(err, ErrReadTimeout) && took < test.timeout {
					t.Errorf("the deadline was not exceeded after %s: %v", took, err)
				}

				if failure.Attempts != test.attempts || took != test.took {
					t.Errorf("%d attempts in %s, want %d in %s", failure.Attempts, took, test.attempts, test.took)
				}

				wantRequests(t, api, test.attempts)
			})
		})
	}
}

// The status and the request ID tell more than the deadline alone.
func TestRetryKeepsTheStatusOfAnInterruptedBody(t *testing.T) {
	client := connectHTTP1(t, faulty(mockapi.HangInBody()), Config{MaxRetries: 4})

	var err error

	// A busy machine may not get to the body in time.
	for range 20 {
		if _, err = fetchFirstPage(readContext(t, 300*time.Millisecond), client); strings.Contains(err.Error(), "200 OK") {
			break
		}
	}

	wantError(t, err, ErrReadTimeout, "200 OK: the deadline of the read was exceeded while reading the response (request ID req_")
}

func TestRetryIsCancelled(t *testing.T) {
	for name, fault := range map[string]mockapi.Fault{
		"during an attempt":             mockapi.Hang(),
		"during a body":                 mockapi.HangInBody(),
		"during a delay":                mockapi.WithHeader("Retry-After", "60", mockapi.Empty(http.StatusServiceUnavailable)),
		"during a wait for the limiter": mockapi.WithHeader("Retry-After", "60", mockapi.Empty(http.StatusTooManyRequests)),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := twoTrunks()
				api.Fail(-1, fault)

				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(7*time.Second, cancel)

				start := time.Now()
				_, err := fetchFirstPage(ctx, newInProcessClient(t, api, Config{MaxRetries: 4}))
				wantError(t, err, ErrCancelled)

				if took := time.Since(start); took != 7*time.Second || errors.Is(err, ErrConnectTimeout) {
					t.Errorf("it took %s, want 7s: %v", took, err)
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
	if failure.Attempts != 0 || failure.Method != http.MethodGet || failure.Path != "/v1/trunks?limit=100&offset=0" || errors.Is(err, ErrReadTimeout) {
		t.Errorf("got %+v", failure)
	}

	wantRequests(t, api, 0)
}
