// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

func TestParseKey(t *testing.T) {
	for name, test := range map[string]struct{ raw, want string }{
		"unchanged":               {"sk_live_abc123", "sk_live_abc123"},
		"the last character ~":    {"sk_live_abc12~", "sk_live_abc12~"},
		"a trailing newline":      {"sk_live_abc123\r\n", "sk_live_abc123"},
		"whitespace on each side": {"\t sk_live_abc123  ", "sk_live_abc123"},
		"empty":                   {"", ""},
		"only whitespace":         {" \n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			key, err := ParseKey(test.raw)
			if err != nil || key.IsEmpty() != (test.want == "") || test.want != "" && key.reveal() != test.want {
				t.Errorf("got another key, or %v, want %q", err, test.want)
			}
		})
	}

	for name, raw := range map[string]string{
		"a newline inside":      "sk_live_\nabc123",
		"NUL inside":            "sk_live_\x00abc123",
		"DEL inside":            "sk_live_abc\x7f123",
		"a space inside":        "sk_live_ abc123",
		"a letter not in ASCII": "sk_live_äbc123",
		"a byte order mark":     "\ufeffsk_live_abc123",
		"invalid UTF-8":         "sk_live_\xff\xfe",
	} {
		t.Run(name+" is an error", func(t *testing.T) {
			_, err := ParseKey(raw)
			if err == nil || strings.Contains(err.Error(), "sk_live") {
				t.Errorf("got %v, want an error without the key", err)
			}
		})
	}
}

func TestKeyIsNeverPrinted(t *testing.T) {
	key, err := ParseKey("sk_live_abc123")
	if err != nil {
		t.Fatal(err)
	}

	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for name, value := range map[string]any{
			"key":     key,
			"pointer": &key,
			"Config":  Config{Key: key},
			"Client":  &Client{config: Config{Key: key}},
		} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, "abc123") {
				t.Errorf("%s of %s shows the key: %s", verb, name, text)
			}
		}
	}
}

// Go prints the panic value, and each goroutine with its arguments.
func TestKeyIsNotInACrash(t *testing.T) {
	const key = "sk_live_abc123"

	if os.Getenv(inChild) != "" {
		listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // The panic closes it.
		if err != nil {
			t.Fatal(err)
		}

		client, err := New(Config{BaseURL: &url.URL{Scheme: "http", Host: listener.Addr().String()}, Key: mustParseKey(key), MaxRetries: 10})
		if err != nil {
			t.Fatal(err)
		}

		go func() { _, _ = client.List(context.Background(), "") }()

		// A connection shows that the listing has started. Its request gets no response.
		if _, err := listener.Accept(); err != nil {
			t.Fatal(err)
		}

		panic(fmt.Sprintf("%v %+v %#v", client, client, client))
	}

	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKeyIsNotInACrash$") //nolint:gosec // It is this binary.

	child.Env = append(os.Environ(), inChild+"=1", "GOTRACEBACK=all")

	output, err := child.CombinedOutput()
	if err == nil || !strings.Contains(string(output), "goroutine ") || !strings.Contains(string(output), "telepath.(*lister)") {
		t.Errorf("no crash during a listing: %v\n%s", err, output)
	}

	if strings.Contains(string(output), "abc123") {
		t.Errorf("the crash shows the key:\n%s", output)
	}
}

func TestKeyIsRedacted(t *testing.T) {
	const raw = `sk_live_g"h\e/i+m<&=`

	inHTML, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}

	for name, form := range map[string]string{
		"as it is":         raw,
		"in a query":       url.QueryEscape(raw),
		"in a path":        url.PathEscape(raw),
		"in HTML":          html.EscapeString(raw),
		"in JSON":          `sk_live_g\"h\\e/i+m<&=`,
		"in JSON for HTML": string(inHTML[1 : len(inHTML)-1]),
		"in a Go string":   strings.Trim(strconv.Quote(raw), `"`),
	} {
		if got, want := mustParseKey(raw).redact("a"+form+"b"+form), "a"+redacted+"b"+redacted; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}

	// The text that replaces a short key contains it.
	if got, want := mustParseKey("e").redact("yes"), "y"+redacted+"s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
