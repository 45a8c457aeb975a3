// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"errors"
	"fmt"
	"io"
	"net/http"
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

// without returns the trunks except the one at an index.
func without(trunks []mockapi.Trunk, index int) []mockapi.Trunk {
	return slices.Delete(slices.Clone(trunks), index, index+1)
}

// newTrunk returns a trunk that is not in mockapi.Trunks, and is older or newer than those.
func newTrunk(number int, createdAt string) mockapi.Trunk {
	return mockapi.Trunk{ID: fmt.Sprintf("conn_new_%d", number), CreatedAt: createdAt}
}

const (
	oldest = "1999-01-01T00:00:00Z"
	newest = "2999-01-01T00:00:00Z"
)

func TestListIsComplete(t *testing.T) {
	t.Parallel()

	for _, test := range []struct{ trunks, pageSize, requests int }{
		{0, 100, 1}, {1, 100, 1}, {2, 100, 1}, {99, 100, 1},
		{100, 100, 2}, {101, 100, 2}, {198, 100, 2}, // A full last page is followed by one more.
		{199, 100, 3}, {200, 100, 3}, {297, 100, 3},
		{298, 100, 4}, {1000, 100, 11},
		// The server returns fewer trunks per page than requested.
		{250, 50, 6}, {250, 99, 3}, {250, 3, 125}, {250, 2, 250},
	} {
		t.Run(fmt.Sprintf("%d trunks, %d per page", test.trunks, test.pageSize), func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.Trunks(test.trunks))
			api.OnQuery(func(_ int, q *mockapi.Query) { q.Limit = min(q.Limit, test.pageSize) })

			wantTrunks(t, connectHTTP1(t, api, Config{}), api)
			wantRequests(t, api, test.requests)
		})
	}
}

func TestListReadsEightPagesConcurrently(t *testing.T) {
	t.Parallel()

	for protocol, connect := range protocols {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()

			var (
				mu                           sync.Mutex
				requested, inFlight, maximum int
			)

			api := mockapi.New(mockapi.Trunks(2000))
			eight := make(chan struct{})

			// A client that sends fewer than eight requests hangs. Later pages are served earlier.
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

			wantTrunks(t, connect(t, api, Config{}), api)

			if maximum != 8 {
				t.Errorf("at most %d requests were in flight, want 8", maximum)
			}
		})
	}
}

func TestListFiltersByStatus(t *testing.T) {
	t.Parallel()

	for _, status := range Statuses() {
		t.Run(status, func(t *testing.T) {
			t.Parallel()

			api := mockapi.New(mockapi.Trunks(700))

			listing, err := connectHTTP1(t, api, Config{}).List(t.Context(), status)
			if err != nil {
				t.Fatal(err)
			}

			want := slices.DeleteFunc(api.Trunks(), func(trunk mockapi.Trunk) bool { return trunk.Status != status })
			if diff := cmp.Diff(mockIDs(want), ids(listing.Trunks)); diff != "" {
				t.Error(diff)
			}

			for _, request := range api.Requests() {
				if got := request.Query.Get("status"); got != status {
					t.Errorf("the status of a request is %q", got)
				}
			}
		})
	}

	t.Run("trunks without a status", func(t *testing.T) {
		t.Parallel()

		trunk := mockapi.Trunk{ID: "conn_1", Status: StatusActive, JSON: `{"id":"conn_1"}`}
		client := newInProcessClient(t, mockapi.New([]mockapi.Trunk{trunk}), Config{})

		listing, err := client.List(t.Context(), StatusActive)
		if err != nil || len(listing.Trunks) != 1 {
			t.Errorf("got %v and %v, want 1 trunk", listing, err)
		}
	})

	t.Run("a server that ignores the status", func(t *testing.T) {
		t.Parallel()

		api := mockapi.New(mockapi.Trunks(150))
		api.OnQuery(func(_ int, q *mockapi.Query) { q.Status = "" })

		listing, err := connectHTTP1(t, api, Config{}).List(t.Context(), StatusActive)
		if listing != nil {
			t.Errorf("got a list of %d trunks", len(listing.Trunks))
		}

		wantError(t, err, ErrUnexpectedResponse, `its trunk "conn_def456uvw" has the status "inactive" instead of "active"`)
	})
}

func TestListOfAnAccountThatChangesOnce(t *testing.T) {
	type update = func(trunks []mockapi.Trunk) []mockapi.Trunk

	remove := func(index int) update {
		return func(trunks []mockapi.Trunk) []mockapi.Trunk { return without(trunks, index) }
	}
	add := func(trunks []mockapi.Trunk) []mockapi.Trunk { return append(trunks, newTrunk(1, newest)) }

	for name, test := range map[string]struct {
		trunks   int
		change   update // Before the second page is read.
		listings int
	}{
		"a trunk deleted from a page already read": {250, remove(7), 2},
		"the first trunk deleted":                  {250, remove(0), 2},
		"the trunk at the seam deleted":            {250, remove(99), 2},
		"everything deleted":                       {250, func([]mockapi.Trunk) []mockapi.Trunk { return nil }, 2},
		"a trunk added at the end":                 {250, add, 2},
		"a trunk added after a full first page":    {100, add, 2},
		"a trunk inserted at the front": {
			250, func(trunks []mockapi.Trunk) []mockapi.Trunk {
				return slices.Insert(trunks, 0, newTrunk(1, oldest))
			}, 2,
		},
		"one trunk deleted and one added, with the same total": {
			250, func(trunks []mockapi.Trunk) []mockapi.Trunk { return add(without(trunks, 7)) }, 2,
		},
		"one trunk deleted and one inserted on the page already read": {
			250, func(trunks []mockapi.Trunk) []mockapi.Trunk {
				return slices.Insert(without(trunks, 7), 3, newTrunk(1, oldest))
			}, 1,
		},
		"a trunk renamed": {
			250, func(trunks []mockapi.Trunk) []mockapi.Trunk {
				trunks[7].Name = "renamed"

				return trunks
			}, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				before := mockapi.Trunks(test.trunks)
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
					t.Errorf("%d of %d trunks are in the list twice", len(got)-len(unique), len(got))
				}

				for _, id := range mockIDs(before) {
					if slices.Contains(after, id) && !slices.Contains(got, id) {
						t.Errorf("%s existed throughout, and is not in the list", id)
					}
				}

				if test.listings > 1 && len(got) != len(after) {
					t.Errorf("the second listing has %d trunks, want %d", len(got), len(after))
				}

				wantListings(t, api, test.listings)
			})
		})
	}
}

// listings counts the requests of a first page.
func listings(api *mockapi.API) int {
	n := 0

	for _, request := range api.Requests() {
		if request.Query.Get("offset") == "0" {
			n++
		}
	}

	return n
}

func wantListings(t *testing.T, api *mockapi.API, want int) {
	t.Helper()

	if got := listings(api); got != want {
		t.Errorf("%d listings, want %d", got, want)
	}
}

// The page after a full last page shows that the total lags.
func TestListOfATotalThatLags(t *testing.T) {
	for name, test := range map[string]struct{ size, trunks, total int }{
		"at the end of the first page":             {100, 101, 100},
		"at the end of the second page":            {100, 200, 199},
		"by many":                                  {100, 350, 199},
		"at the end of the first of capped pages":  {50, 51, 50},
		"at the end of the second of capped pages": {50, 100, 99},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(mockapi.Trunks(test.trunks))
				api.OnQuery(func(_ int, q *mockapi.Query) { q.Limit = min(q.Limit, test.size) })
				api.OnPage(func(_ int, p *mockapi.Page) {
					if listings(api) == 1 {
						p.Total = int64(test.total)
					}
				})

				wantTrunks(t, newInProcessClient(t, api, Config{}), api)
				wantListings(t, api, 2)
			})
		})
	}
}

// A server may report any limit for an account without trunks.
func TestListOfNoTrunks(t *testing.T) {
	for _, limit := range []int64{-1, 0, 1, 100} {
		t.Run(fmt.Sprintf("limit %d", limit), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(nil)
				api.OnPage(func(_ int, p *mockapi.Page) { p.Limit = limit })

				listing, err := newInProcessClient(t, api, Config{}).List(t.Context(), "")
				if err != nil || listing.Trunks == nil || len(listing.Trunks) != 0 {
					t.Errorf("got %v and %v, want an empty list", listing, err)
				}

				wantRequests(t, api, 1)
			})
		})
	}
}

// A first page whose limit is missing or wrong may be full: its total is checked like that of a full
// page.
func TestListOfALimitThatIsWrong(t *testing.T) {
	for name, limit := range map[string]string{"missing": "", "zero": `"limit":0,`, "negative": `"limit":-1,`, "above the maximum": `"limit":1000,`, "the cap of the server": `"limit":50,`} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				requests := 0

				handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
					total := 51

					var trunks []string
					for n := offset; n < min(offset+50, total); n++ {
						trunks = append(trunks, fmt.Sprintf(`{"id":"conn_%d"}`, n))
					}

					if requests++; requests < 3 {
						total = 50
					}

					_, _ = fmt.Fprintf(w, `{"trunks":[%s],"pagination":{%s"offset":%d,"total":%d}}`, strings.Join(trunks, ","), limit, offset, total)
				})

				listing, err := newInProcessClient(t, handler, Config{}).List(t.Context(), "")
				if err != nil || len(listing.Trunks) != 51 {
					t.Errorf("got %v and %v after %d requests", listing, err, requests)
				}
			})
		})
	}
}

// No second page can overlap with a single trunk.
func TestListOfOneTrunk(t *testing.T) {
	for name, test := range map[string]struct {
		limit string
		want  error
	}{
		"a limit of 100": {`"limit":100,`, nil},
		"no limit":       {"", nil},
		"a limit of 1":   {`"limit":1,`, ErrUnexpectedResponse},
		"a limit of 0":   {`"limit":0,`, ErrUnexpectedResponse},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					_, _ = fmt.Fprintf(w, `{"trunks":[{"id":"conn_1"}],"pagination":{%s"offset":0,"total":1}}`, test.limit)
				})

				listing, err := newInProcessClient(t, handler, Config{}).List(t.Context(), "")
				if !errors.Is(err, test.want) || err == nil && len(listing.Trunks) != 1 {
					t.Errorf("got %v and %v, want %v", listing, err, test.want)
				}
			})
		})
	}
}

// Where the total lags, a page that the server caps looks like the end of the list.
func TestListOfAPageSizeThatChanges(t *testing.T) {
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

		wantTrunks(t, newInProcessClient(t, api, Config{}), api)
	})
}

func TestListRejectsInconsistentPages(t *testing.T) {
	// at changes the page at an offset.
	at := func(offset int64, change func(p *mockapi.Page)) func(n int, p *mockapi.Page) {
		return func(_ int, p *mockapi.Page) {
			if p.Offset == offset {
				change(p)
			}
		}
	}
	total := func(total int64) func(n int, p *mockapi.Page) {
		return func(_ int, p *mockapi.Page) { p.Total = total }
	}

	for name, test := range map[string]struct {
		update func(n int, trunks []mockapi.Trunk) []mockapi.Trunk
		query  func(q *mockapi.Query)
		page   func(n int, p *mockapi.Page)
		kind   error // Nil is ErrListChanged.
		text   string
	}{
		"a trunk deleted before each request": {
			update: func(_ int, trunks []mockapi.Trunk) []mockapi.Trunk { return without(trunks, 0) },
			text:   "the total is",
		},
		"a trunk inserted before each request": {
			update: func(n int, trunks []mockapi.Trunk) []mockapi.Trunk {
				return slices.Insert(trunks, 0, newTrunk(n, oldest))
			},
			text: "the total is",
		},
		"a trunk deleted and one added before each request": {
			update: func(n int, trunks []mockapi.Trunk) []mockapi.Trunk {
				return append(without(trunks, 0), newTrunk(n, newest))
			},
			text: "starts with",
		},
		"the offset is ignored": {
			query: func(q *mockapi.Query) { q.Offset = 0 },
			kind:  ErrUnexpectedResponse, text: `its "pagination.offset" is 0 instead of`,
		},
		"the offset is ignored, and the response repeats it": {
			page: func(_ int, p *mockapi.Page) { p.Trunks = mockapi.Trunks(len(p.Trunks)) },
			text: `starts with "conn_abc123xyz" instead of`,
		},
		"a total too high by one":      {page: total(251), text: "instead of"},
		"a total of 500,000":           {page: total(maxTotal), text: "instead of 100"},
		"a total too low by one":       {page: total(249), text: "instead of"},
		"a total below the first page": {page: total(3), text: "the first page has 100 trunks, and the total is 3"},
		"a total of 0":                 {page: total(0), text: "the total is 0"},
		"a negative total":             {page: total(-1), kind: ErrUnexpectedResponse, text: "-1"},
		"a total of 10^12":             {page: total(1_000_000_000_000), kind: ErrUnexpectedResponse, text: "1000000000000"},
		"a total that grows with each page": {
			page: func(n int, p *mockapi.Page) { p.Total = int64(250 + n) },
			text: "the total is",
		},
		"an empty first page": {
			page: func(_ int, p *mockapi.Page) { p.Trunks = nil },
			text: "the first page has 0 trunks, and the total is 250",
		},
		"one trunk per page, too few to overlap": {
			query: func(q *mockapi.Query) { q.Limit = 1 },
			kind:  ErrUnexpectedResponse, text: "the first page has 1 trunk, and the total is 250",
		},
		"an empty page": {
			page: at(99, func(p *mockapi.Page) { p.Trunks = nil }),
			text: "the page at offset 99 has 0 trunks instead of 100",
		},
		"a page without one of its trunks": {
			page: at(99, func(p *mockapi.Page) { p.Trunks = without(p.Trunks, 50) }),
			text: "the page at offset 99 has 99 trunks instead of 100",
		},
		"a page with more trunks than requested": {
			page: at(0, func(p *mockapi.Page) { p.Trunks = append(p.Trunks, newTrunk(1, newest)) }),
			kind: ErrUnexpectedResponse, text: "it has 101 trunks, and 100 were requested",
		},
		"a trunk twice on one page": {
			page: at(99, func(p *mockapi.Page) { p.Trunks[50] = p.Trunks[51] }),
			text: "twice",
		},
		"two trunks whose IDs Terraform makes equal": {
			page: at(99, func(p *mockapi.Page) { p.Trunks[50].ID, p.Trunks[51].ID = "caf\u00e9", "cafe\u0301" }),
			text: "twice",
		},
		"the key as an ID, split by an invisible character": {
			page: at(99, func(p *mockapi.Page) {
				p.Trunks[50].ID = testKey[:5] + "\u200b" + testKey[5:]
				p.Trunks[51].ID = p.Trunks[50].ID
			}),
			text: `the trunk "(redacted)" twice`,
		},
		"a trunk on two pages": {
			page: at(198, func(p *mockapi.Page) { p.Trunks[1] = mockapi.Trunks(1)[0] }),
			text: `"conn_abc123xyz" twice`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := mockapi.New(mockapi.Trunks(250))
				api.OnPage(test.page)
				api.OnQuery(func(n int, q *mockapi.Query) {
					if test.update != nil {
						api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk { return test.update(n, trunks) })
					}

					if test.query != nil {
						test.query(q)
					}
				})

				listing, err := newInProcessClient(t, api, Config{}).List(t.Context(), "")
				if listing != nil {
					t.Errorf("got a list of %d trunks", len(listing.Trunks))
				}

				kind, listings := ErrListChanged, 3
				if test.kind != nil {
					kind = test.kind
				}

				if failure := new(Error); errors.As(err, &failure) {
					listings = 1 // One response is enough to reject it.
				}

				if !errors.Is(err, kind) {
					t.Fatalf("got %v, want %v", err, kind)
				}

				wantText(t, err, test.text)
				wantListings(t, api, listings)

				// The first short page ends a listing, also with a large total.
				if got := len(api.Requests()); got > listings*(1+2*maxParallel) {
					t.Errorf("%d requests", got)
				}
			})
		})
	}
}

// The requests of a listing check each page, so that only a bug could lose one.
func TestJoinRejectsAListOfAnotherLength(t *testing.T) {
	first := &page{trunks: []Trunk{{ID: "a"}, {ID: "b"}}, total: 3}

	if listing, err := join(first, nil); err == nil || !strings.Contains(err.Error(), "2 trunks were read, and the total is 3") {
		t.Errorf("got %v and %v, want an error", listing, err)
	}
}

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
				t.Errorf("got a list of %d trunks", len(listing.Trunks))
			}

			if failure := requestError(t, err, nil); failure.Status != http.StatusForbidden {
				t.Errorf("got %v", err)
			}
		})
	}
}

// The context ends at the last byte of the first page, while no page is in flight.
func TestListOfContextThatEndsBetweenPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newTestClient(t, Config{})
		api := &inProcess{mockapi.New(mockapi.Trunks(250))}

		useTransport(client, &roundTripper{func(req *http.Request) (*http.Response, error) {
			resp, err := api.RoundTrip(req)
			if err == nil {
				resp.Body = slowCloser{resp.Body}
			}

			return resp, err
		}})

		listing, err := client.List(readContext(t, time.Second), "")
		if listing != nil || !errors.Is(err, ErrReadTimeout) || errors.Is(err, ErrListChanged) {
			t.Errorf("got %v and %v, want %v alone", listing, err, ErrReadTimeout)
		}

		wantText(t, err, "while trunks were being listed")
	})
}

// A list that changed once has not kept changing.
func TestListOfContextThatEndsBeforeTheNextListing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New(mockapi.Trunks(250))
		api.OnPage(func(n int, p *mockapi.Page) { p.Total += int64(n) })

		_, err := newInProcessClient(t, api, Config{}).List(readContext(t, changeDelay), "")
		if !errors.Is(err, ErrReadTimeout) || errors.Is(err, ErrListChanged) {
			t.Errorf("got %v, want %v alone", err, ErrReadTimeout)
		}

		wantText(t, err, "the list of trunks changed while it was read: the total is 251 on the first page")
	})
}

// slowCloser takes two seconds to close.
type slowCloser struct{ io.ReadCloser }

func (c slowCloser) Close() error {
	time.Sleep(2 * time.Second)

	return c.ReadCloser.Close()
}
