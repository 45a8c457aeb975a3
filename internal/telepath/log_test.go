// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-log/tflog"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// Each request and each wait is one line, without the key, which the server repeats in an error.
func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := mockapi.New(mockapi.Trunks(150))
		api.SetRateLimit(2, time.Minute)
		api.Fail(1, mockapi.Body(503, "application/json", `{"error":{"code":"unavailable","message":"no `+"sk_live_secret"+`"}}`))

		api.OnPage(func(n int, p *mockapi.Page) { p.Total = min(p.Total, 75*int64(n-1)) })

		client := newInProcessClient(t, api, Config{Key: mustParseKey("sk_live_secret"), MaxRetries: 1})

		var output bytes.Buffer

		if _, err := client.List(tflogtest.RootLogger(t.Context(), &output), ""); err != nil {
			t.Fatal(err)
		}

		if strings.Contains(output.String(), "secret") {
			t.Errorf("the key is in the log:\n%s", output.String())
		}

		lines, err := tflogtest.MultilineJSONDecode(&output)
		if err != nil {
			t.Fatal(err)
		}

		for _, line := range lines {
			delete(line, "@module")
			delete(line, "@caller")

			if _, ok := line["wait_ms"]; ok {
				line["wait_ms"] = "some"
			}
		}

		want := []map[string]any{
			{
				"@level": "debug", "@message": "Telepath API request failed", "offset": 0.0, "attempt": 1.0, "status": 503.0, "duration_ms": 0.0, "budget_left": 1.0,
				"error": "503 Service Unavailable: unavailable: no (redacted) (request ID req_000001)",
			},
			{"@level": "info", "@message": "Waiting before the next attempt at a Telepath API request", "offset": 0.0, "attempt": 1.0, "wait_ms": "some"},
			{"@level": "debug", "@message": "Telepath API request", "offset": 0.0, "attempt": 2.0, "status": 200.0, "duration_ms": 0.0, "budget_left": 0.0},
			{
				"@level": "info", "@message": "The list of trunks changed while it was read, listing again",
				"reason": "the first page has 100 trunks, and the total is 75",
			},
			{"@level": "info", "@message": "Waiting for the rate limit of the Telepath API", "wait_ms": "some"},
			{"@level": "debug", "@message": "Telepath API request", "offset": 0.0, "attempt": 1.0, "status": 200.0, "duration_ms": 0.0, "budget_left": 1.0},
			{"@level": "debug", "@message": "Telepath API request", "offset": 99.0, "attempt": 1.0, "status": 200.0, "duration_ms": 0.0, "budget_left": 0.0},
		}
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Error(diff)
		}
	})
}

// The lines that the client logs contain no key, except one that is a word of the client's own texts.
func TestLogRedactsTheKey(t *testing.T) {
	var output bytes.Buffer

	client := newInProcessClient(t, faulty(mockapi.Status(http.StatusBadRequest)), Config{Key: mustParseKey("request")})
	_, _ = fetchFirstPage(tflogtest.RootLogger(t.Context(), &output), client)

	if text := output.String(); strings.Contains(text, "request") || !strings.Contains(text, "Telepath API *** failed") || !strings.Contains(text, `"error":"`) {
		t.Errorf("the log is %s, want one line without the key", text)
	}
}

// tflog writes to the fields of a log when it redacts. The race detector reports concurrent writes,
// and a large listing crashes.
func TestLogOfConcurrentPages(t *testing.T) {
	t.Parallel()

	client := connectHTTP1(t, mockapi.New(mockapi.Trunks(5_000)), Config{})

	var output bytes.Buffer

	ctx := tflog.SetField(tflogtest.RootLogger(t.Context(), &output), "tf_rpc", "ReadDataSource")

	if _, err := client.List(ctx, ""); err != nil {
		t.Fatal(err)
	}

	if got := strings.Count(output.String(), "Telepath API request"); got != 51 {
		t.Errorf("%d requests were logged, want 51", got)
	}
}
