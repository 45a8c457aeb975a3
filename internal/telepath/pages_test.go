// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// clientOf makes a client of the API, over loopback. It does not retry.
func clientOf(t *testing.T, api http.Handler) *Client {
	t.Helper()

	return connectHTTP1(t, api, Config{})
}

func ids(trunks []Trunk) []string {
	ids := make([]string, len(trunks))
	for i, trunk := range trunks {
		ids[i] = trunk.ID
	}

	return ids
}

func mockIDs(trunks []mockapi.Trunk) []string {
	ids := make([]string, len(trunks))
	for i, trunk := range trunks {
		ids[i] = trunk.ID
	}

	return ids
}

// without is the trunks but the one at the place.
func without(trunks []mockapi.Trunk, place int) []mockapi.Trunk {
	return slices.Delete(slices.Clone(trunks), place, place+1)
}

// newTrunk is one that is not among those of mockapi.Trunks, and older than all of them or
// younger.
func newTrunk(number int, createdAt string) mockapi.Trunk {
	return mockapi.Trunk{ID: fmt.Sprintf("conn_new_%d", number), CreatedAt: createdAt}
}

const (
	longAgo  = "1999-01-01T00:00:00Z"
	inTheEnd = "2999-01-01T00:00:00Z"
)

// listsAll lists the account, and wants all of it in so many requests.
func listsAll(t *testing.T, api *mockapi.API, requests int) {
	t.Helper()

	listing, err := clientOf(t, api).List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(mockIDs(api.Trunks()), ids(listing.Trunks)); diff != "" {
		t.Error(diff)
	}

	if got := len(api.Requests()); got != requests {
		t.Errorf("it took %d requests, want %d", got, requests)
	}
}

func TestListIsComplete(t *testing.T) {
	t.Parallel()

	for n, requests := range map[int]int{
		0: 1, 1: 1, 2: 1, 99: 1,
		100: 2, 101: 2, 198: 2, // A full last page is followed by one more.
		199: 3, 200: 3, 250: 3, 297: 3,
		298: 4, 299: 4, 1000: 11,
	} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.Trunks(n))

			listsAll(t, api, requests)
		})
	}
}

func TestListOfAServerThatClampsPages(t *testing.T) {
	t.Parallel()

	for size, requests := range map[int]int{50: 6, 99: 3, 3: 125, 2: 250} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.Trunks(250))
			api.OnQuery(func(_ int, q *mockapi.Query) { q.Limit = min(q.Limit, size) })

			listsAll(t, api, requests)
		})
	}
}

func TestListReadsPagesInParallel(t *testing.T) {
	t.Parallel()

	for protocol, connect := range protocols {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.Trunks(2000))
			// No page is served before eight were requested, so that fewer would hang, and a later page
			// is served earlier.
			var (
				mu                           sync.Mutex
				requested, inFlight, maximum int
			)

			eight := make(chan struct{})

			api.OnQuery(func(n int, q *mockapi.Query) {
				if n == 1 {
					return
				}

				mu.Lock()
				inFlight++
				maximum = max(maximum, inFlight)

				if requested++; requested == 8 {
					close(eight)
				}
				mu.Unlock()

				<-eight
				time.Sleep(time.Duration(2000-q.Offset) * 10 * time.Microsecond)

				mu.Lock()
				defer mu.Unlock()

				inFlight--
			})

			listing, err := connect(t, api, Config{}).List(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}

			if diff := cmp.Diff(mockIDs(api.Trunks()), ids(listing.Trunks)); diff != "" {
				t.Error(diff)
			}

			if got := maximum; got != 8 {
				t.Errorf("at most %d requests were in flight, want 8", got)
			}
		})
	}
}

func TestListSendsTheFilter(t *testing.T) {
	t.Parallel()

	for _, status := range Statuses() {
		t.Run(status, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.Trunks(700))

			listing, err := clientOf(t, api).List(t.Context(), status)
			if err != nil {
				t.Fatal(err)
			}

			want := slices.DeleteFunc(api.Trunks(), func(trunk mockapi.Trunk) bool { return trunk.Status != status })
			if diff := cmp.Diff(mockIDs(want), ids(listing.Trunks)); diff != "" {
				t.Error(diff)
			}

			for _, request := range api.Requests() {
				if got := request.Query.Get("status"); got != status {
					t.Errorf("a request asked for status %q", got)
				}
			}
		})
	}
}

// offsetLoop is the loop in the example of the reference page.
func offsetLoop(t *testing.T, api http.Handler) []string {
	t.Helper()

	var ids []string

	for offset := 0; ; offset += 100 {
		recorder := httptest.NewRecorder()
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("/v1/trunks?limit=100&offset=%d", offset), nil)
		request.Header.Set("Authorization", "Bearer sk_live_test")
		api.ServeHTTP(recorder, request)

		var parsed struct {
			Trunks     []struct{ ID string }
			Pagination struct{ Total int }
		}
		if err := json.Unmarshal(recorder.Body.Bytes(), &parsed); err != nil {
			t.Fatal(err)
		}

		for _, trunk := range parsed.Trunks {
			ids = append(ids, trunk.ID)
		}

		if offset+100 >= parsed.Pagination.Total {
			return ids
		}
	}
}

// The loop of the reference page misses a trunk when another one is deleted from a page that was
// read. This is why the client exists.
func TestListKeepsTrunkThatOffsetLoopMisses(t *testing.T) {
	t.Parallel()

	deleting := func() *mockapi.API {
		api := mockapi.New(mockapi.Trunks(250))
		api.OnQuery(func(n int, _ *mockapi.Query) {
			if n == 2 {
				api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk { return without(trunks, 7) })
			}
		})

		return api
	}

	// The hundredth trunk has moved to the first page, which was read already.
	const lost = "conn_000101"

	if slices.Contains(offsetLoop(t, deleting()), lost) {
		t.Fatalf("the plain loop has %s, so this test shows nothing", lost)
	}

	listing, err := clientOf(t, deleting()).List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}

	if !slices.Contains(ids(listing.Trunks), lost) {
		t.Errorf("%s is lost", lost)
	}
}

// The account changes once, before the second page is read.
func TestListOfAnAccountThatChangesOnce(t *testing.T) {
	for name, test := range map[string]struct {
		change   func(trunks []mockapi.Trunk) []mockapi.Trunk
		listings int
	}{
		"a trunk deleted from a page already read": {
			func(trunks []mockapi.Trunk) []mockapi.Trunk { return without(trunks, 7) }, 2,
		},
		"the first trunk deleted": {
			func(trunks []mockapi.Trunk) []mockapi.Trunk { return without(trunks, 0) }, 2,
		},
		"the trunk at the seam deleted": {
			func(trunks []mockapi.Trunk) []mockapi.Trunk { return without(trunks, 99) }, 2,
		},
		"a trunk inserted at the front": {
			func(trunks []mockapi.Trunk) []mockapi.Trunk {
				return slices.Insert(trunks, 0, newTrunk(1, longAgo))
			}, 2,
		},
		"one deleted and one added, so that the total stays the same": {
			func(trunks []mockapi.Trunk) []mockapi.Trunk {
				return append(without(trunks, 7), newTrunk(1, inTheEnd))
			}, 2,
		},
		"two deleted and two added": {
			func(trunks []mockapi.Trunk) []mockapi.Trunk {
				return append(without(without(trunks, 7), 20), newTrunk(1, inTheEnd), newTrunk(2, inTheEnd))
			}, 2,
		},
		"one added at the end": {
			func(trunks []mockapi.Trunk) []mockapi.Trunk { return append(trunks, newTrunk(1, inTheEnd)) }, 2,
		},
		"everything deleted": {
			func([]mockapi.Trunk) []mockapi.Trunk { return nil }, 2,
		},
		"one inserted and one deleted on the page already read, where nothing else moves": {
			func(trunks []mockapi.Trunk) []mockapi.Trunk {
				return slices.Insert(without(trunks, 7), 3, newTrunk(1, longAgo))
			}, 1,
		},
		"a trunk renamed": {
			func(trunks []mockapi.Trunk) []mockapi.Trunk {
				trunks[7].Name = "renamed"
				return trunks
			}, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				before := mockapi.Trunks(250)
				api := mockapi.New(before)

				api.OnQuery(func(n int, _ *mockapi.Query) {
					if n == 2 {
						api.Update(test.change)
					}
				})

				listing, err := newInProcessClient(t, api, Config{}).List(t.Context(), "")
				if err != nil {
					t.Fatal(err)
				}

				after := mockIDs(api.Trunks())
				got := ids(listing.Trunks)

				if unique := slices.Compact(slices.Sorted(slices.Values(got))); len(unique) != len(got) {
					t.Errorf("%d of %d trunks are in it twice", len(got)-len(unique), len(got))
				}

				for _, id := range mockIDs(before) {
					if slices.Contains(after, id) && !slices.Contains(got, id) {
						t.Errorf("%s was there all the time and is not in it", id)
					}
				}

				if test.listings > 1 && len(got) != len(after) {
					t.Errorf("the second listing has %d trunks, want %d", len(got), len(after))
				}

				if got := listings(api); got != test.listings {
					t.Errorf("it took %d listings, want %d", got, test.listings)
				}
			})
		})
	}
}

// listings is how often the client began to list.
func listings(api *mockapi.API) int {
	n := 0

	for _, request := range api.Requests() {
		if request.Query.Get("offset") == "0" {
			n++
		}
	}

	return n
}

// A full first page is followed by one more, which shows a trunk that was created after the first.
func TestListOfAnAccountThatGrowsTo101(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New(mockapi.Trunks(100))
		api.OnQuery(func(n int, _ *mockapi.Query) {
			if n == 2 {
				api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk { return append(trunks, newTrunk(1, inTheEnd)) })
			}
		})

		listing, err := newInProcessClient(t, api, Config{}).List(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}

		if got := len(listing.Trunks); got != 101 {
			t.Errorf("%d trunks, want 101", got)
		}
	})
}

// A total that lags behind may end where a full page does. It is not believed: the page after it
// has more than the last trunk.
func TestListOfATotalThatLags(t *testing.T) {
	for name, test := range map[string]struct{ size, trunks, total int }{
		"at the end of the first page":             {100, 101, 100},
		"at the end of the second page":            {100, 200, 199},
		"at the end of the third page":             {100, 299, 298},
		"by many":                                  {100, 350, 199},
		"at the end of the first of capped pages":  {50, 51, 50},
		"at the end of the second of capped pages": {50, 100, 99},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(mockapi.Trunks(test.trunks))
				api.OnQuery(func(_ int, q *mockapi.Query) { q.Limit = min(q.Limit, test.size) })

				// The total is right again in the second listing.
				api.OnPage(func(_ int, p *mockapi.Page) {
					if listings(api) == 1 {
						p.Total = int64(test.total)
					}
				})

				listing, err := newInProcessClient(t, api, Config{}).List(t.Context(), "")
				if err != nil {
					t.Fatal(err)
				}

				if diff := cmp.Diff(mockIDs(api.Trunks()), ids(listing.Trunks)); diff != "" {
					t.Error(diff)
				}

				if got := listings(api); got != 2 {
					t.Errorf("%d listings, want 2", got)
				}
			})
		})
	}
}

// A server may report any limit for an account without trunks.
func TestListOfNoTrunks(t *testing.T) {
	for _, limit := range []int64{-1, 0, 1, 100, 1000} {
		synctest.Test(t, func(t *testing.T) {
			api := mockapi.New(nil)
			api.OnPage(func(_ int, p *mockapi.Page) { p.Limit = limit })

			listing, err := newInProcessClient(t, api, Config{}).List(t.Context(), "")
			if err != nil || listing.Trunks == nil || len(listing.Trunks) != 0 || len(api.Requests()) != 1 {
				t.Errorf("limit %d: got %v and %v after %d requests", limit, listing, err, len(api.Requests()))
			}
		})
	}
}

// A first page whose limit is missing or wrong may be full: its total is checked like that of a full
// page.
func TestListOfALimitThatProvesNothing(t *testing.T) {
	for name, limit := range map[string]string{"missing": "", "0": `"limit":0,`, "below 0": `"limit":-1,`, "that of the server": `"limit":50,`} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var requests []string

				handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					requests = append(requests, r.URL.Query().Get("offset"))

					offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
					total := 51

					var trunks []string
					for n := offset; n < min(offset+50, total); n++ {
						trunks = append(trunks, fmt.Sprintf(`{"id":"conn_%d"}`, n))
					}

					if len(requests) < 3 {
						total = 50
					}

					_, _ = fmt.Fprintf(w, `{"trunks":[%s],"pagination":{%s"offset":%d,"total":%d}}`, strings.Join(trunks, ","), limit, offset, total)
				})

				listing, err := newInProcessClient(t, handler, Config{}).List(t.Context(), "")
				if err != nil || len(listing.Trunks) != 51 {
					t.Errorf("got %v and %v after requests at %v", listing, err, requests)
				}
			})
		})
	}
}

// A page that the server caps at its own end looks like the end of the list, where the total lags.
func TestListOfACapThatChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New(mockapi.Trunks(250))
		api.OnQuery(func(n int, q *mockapi.Query) {
			if q.Offset == 99 && n == 2 {
				q.Limit = 30
			}
		})
		api.OnPage(func(n int, p *mockapi.Page) {
			if n <= 2 {
				p.Total = 129
			}
		})

		listing, err := newInProcessClient(t, api, Config{}).List(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}

		if got := len(listing.Trunks); got != 250 {
			t.Errorf("%d trunks, want 250", got)
		}
	})
}

// A list that never holds still, and an API that cannot count, are errors that say so.
func TestListRefusesWhatIsNotComplete(t *testing.T) {
	for name, test := range map[string]struct {
		query func(api *mockapi.API, n int, q *mockapi.Query)
		page  func(n int, p *mockapi.Page)
		want  error
		text  string
	}{
		"a trunk deleted before each request": {
			query: func(api *mockapi.API, _ int, _ *mockapi.Query) {
				api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk { return without(trunks, 0) })
			},
			want: ErrListChanged, text: "the total is",
		},
		"a trunk inserted before each request": {
			query: func(api *mockapi.API, n int, _ *mockapi.Query) {
				api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk { return slices.Insert(trunks, 0, newTrunk(n, longAgo)) })
			},
			want: ErrListChanged, text: "the total is",
		},
		"one deleted and one added before each request": {
			query: func(api *mockapi.API, n int, _ *mockapi.Query) {
				api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk { return append(without(trunks, 0), newTrunk(n, inTheEnd)) })
			},
			want: ErrListChanged, text: "starts with",
		},
		"an offset that the server ignores": {
			query: func(_ *mockapi.API, _ int, q *mockapi.Query) { q.Offset = 0 },
			want:  ErrUnexpectedResponse, text: `its "pagination.offset" is 0 instead of`,
		},
		"an offset that the server repeats and ignores": {
			page: func(_ int, p *mockapi.Page) { p.Trunks = mockapi.Trunks(len(p.Trunks)) },
			want: ErrListChanged, text: "starts with \"conn_abc123xyz\" instead of",
		},
		"a total that lies high by one": {
			page: func(_ int, p *mockapi.Page) { p.Total = 251 },
			want: ErrListChanged, text: "instead of",
		},
		"a total that lies high by thousands": {
			page: func(_ int, p *mockapi.Page) { p.Total = 500_000 },
			want: ErrListChanged, text: "instead of 100",
		},
		"a total that lies low by one": {
			page: func(_ int, p *mockapi.Page) { p.Total = 249 },
			want: ErrListChanged, text: "instead of",
		},
		"a total below the first page": {
			page: func(_ int, p *mockapi.Page) { p.Total = 3 },
			want: ErrListChanged, text: "the first page has 100 trunks, and the total is 3",
		},
		"a total of nothing": {
			page: func(_ int, p *mockapi.Page) { p.Total = 0 },
			want: ErrListChanged, text: "the total is 0",
		},
		"a total that grows with each page": {
			page: func(n int, p *mockapi.Page) { p.Total = int64(250 + n) },
			want: ErrListChanged, text: "the total is",
		},
		"a total below zero": {
			page: func(_ int, p *mockapi.Page) { p.Total = -1 },
			want: ErrUnexpectedResponse, text: "-1",
		},
		"a total of 10^12": {
			page: func(_ int, p *mockapi.Page) { p.Total = 1_000_000_000_000 },
			want: ErrUnexpectedResponse, text: "1000000000000",
		},
		"an empty page in the middle": {
			page: func(_ int, p *mockapi.Page) {
				if p.Offset == 99 {
					p.Trunks = nil
				}
			},
			want: ErrListChanged, text: "the page at offset 99 has 0 trunks instead of 100",
		},
		"an empty first page": {
			page: func(_ int, p *mockapi.Page) { p.Trunks = nil },
			want: ErrListChanged, text: "the first page has 0 trunks, and the total is 250",
		},
		"one trunk at a time, which leaves no room for a seam": {
			query: func(_ *mockapi.API, _ int, q *mockapi.Query) { q.Limit = 1 },
			want:  ErrPageTooSmall, text: "the first page has 1 trunk, and the total is 250",
		},
		"a page too short": {
			page: func(_ int, p *mockapi.Page) {
				if p.Offset == 99 {
					p.Trunks = p.Trunks[:50]
				}
			},
			want: ErrListChanged, text: "the page at offset 99 has 50 trunks instead of 100",
		},
		"a page that lacks one in its middle": {
			page: func(_ int, p *mockapi.Page) {
				if p.Offset == 99 {
					p.Trunks = without(p.Trunks, 50)
				}
			},
			want: ErrListChanged, text: "the page at offset 99 has 99 trunks instead of 100",
		},
		"a page with more than was asked for": {
			page: func(_ int, p *mockapi.Page) {
				if p.Offset == 0 {
					p.Trunks = append(p.Trunks, newTrunk(1, inTheEnd))
				}
			},
			want: ErrUnexpectedResponse, text: "it has 101 trunks, and 100 were requested",
		},
		"a trunk twice on one page": {
			page: func(_ int, p *mockapi.Page) {
				if p.Offset == 99 {
					p.Trunks[50] = p.Trunks[51]
				}
			},
			want: ErrListChanged, text: "is on two pages",
		},
		"a trunk twice on two pages": {
			page: func(_ int, p *mockapi.Page) {
				if p.Offset == 198 {
					p.Trunks[1] = mockapi.Trunks(1)[0]
				}
			},
			want: ErrListChanged, text: `"conn_abc123xyz" is on two pages`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(mockapi.Trunks(250))
				if test.query != nil {
					api.OnQuery(func(n int, q *mockapi.Query) { test.query(api, n, q) })
				}

				api.OnPage(test.page)

				listing, err := newInProcessClient(t, api, Config{}).List(t.Context(), "")
				if listing != nil {
					t.Errorf("there is a list, of %d trunks", len(listing.Trunks))
				}

				if !errors.Is(err, test.want) {
					t.Fatalf("the error is %v, want %v", err, test.want)
				}

				if !strings.Contains(err.Error(), test.text) {
					t.Errorf("the error does not contain %q: %v", test.text, err)
				}

				want := 1
				if !errors.Is(test.want, ErrUnexpectedResponse) {
					want = 3
				}

				if got := listings(api); got != want {
					t.Errorf("it was listed %d times, want %d", got, want)
				}
			})
		})
	}
}

// A total of 500,000 with 100 trunks causes no more requests than are in flight when the first short
// page arrives.
func TestListDoesNotBelieveATotal(t *testing.T) {
	api := mockapi.New(mockapi.Trunks(100))
	api.OnPage(func(_ int, p *mockapi.Page) { p.Total = maxTotal })

	if _, err := newInProcessClient(t, api, Config{}).List(t.Context(), ""); !errors.Is(err, ErrListChanged) {
		t.Fatal(err)
	}

	if got := len(api.Requests()); got > 3*(1+2*maxParallel) {
		t.Errorf("it took %d requests", got)
	}
}

// The first page that fails cancels the others, which hang here.
func TestListEndsWithTheFirstError(t *testing.T) {
	t.Parallel()

	for protocol, connect := range protocols {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.Trunks(2000))
			api.Fail(1, nil)
			api.Fail(3, mockapi.Hang())
			api.Fail(1, mockapi.Status(http.StatusForbidden))
			api.Fail(-1, mockapi.Hang())

			listing, err := connect(t, api, Config{}).List(t.Context(), "")
			if listing != nil {
				t.Errorf("there is a list, of %d trunks", len(listing.Trunks))
			}

			var apiErr *Error
			if !errors.As(err, &apiErr) || apiErr.Status != http.StatusForbidden {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// A context that ends while no page is in flight, here at the last byte of the first page, is
// not taken for the end of the pages.
func TestListOfContextThatEndsBetweenPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newInProcessClient(t, mockapi.New(mockapi.Trunks(250)), Config{})
		inner, _ := client.pool.get()
		client.pool.retire(0)
		useTransport(client, lateClose{inner})

		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, ErrReadTimeout)
		defer cancel()

		listing, err := client.List(ctx, "")
		if listing != nil {
			t.Errorf("there is a list, of %d trunks", len(listing.Trunks))
		}

		if !errors.Is(err, ErrReadTimeout) {
			t.Errorf("the error is %v", err)
		}
	})
}

// lateClose is a transport whose responses need two seconds to close.
type lateClose struct{ http.RoundTripper }

func (l lateClose) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := l.RoundTripper.RoundTrip(req)
	if err == nil {
		resp.Body = lateCloser{resp.Body}
	}

	return resp, err
}

type lateCloser struct{ io.ReadCloser }

func (l lateCloser) Close() error {
	time.Sleep(2 * time.Second)
	return l.ReadCloser.Close()
}

func TestListRefusesWhatWasFilteredOut(t *testing.T) {
	t.Parallel()

	api := mockapi.New(mockapi.Trunks(150))
	api.OnQuery(func(_ int, q *mockapi.Query) { q.Status = "" })

	listing, err := clientOf(t, api).List(t.Context(), StatusActive)
	if listing != nil || !errors.Is(err, ErrUnexpectedResponse) {
		t.Fatalf("the list is %v and the error %v", listing, err)
	}

	if want := `its trunk "conn_def456uvw" has the status "inactive" instead of "active"`; !strings.Contains(err.Error(), want) {
		t.Errorf("the error does not say %q: %v", want, err)
	}
}
