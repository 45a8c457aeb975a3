// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
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
			if err != nil || key.reveal() != test.want || key.IsEmpty() != (test.want == "") {
				t.Errorf("got %q and %v, want %q", key.reveal(), err, test.want)
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

		client, err := New(Config{BaseURL: &url.URL{Scheme: "http", Host: listener.Addr().String()}, Key: newKey(key), MaxRetries: 10})
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

// A text that shows the key in another encoding is redacted as a whole.
func TestKeyIsRedactedInEncodedText(t *testing.T) {
	key := newKey("sk_live_abc123").with(`p@ss"w\ord`, "größe 1", "gro\xdfe")

	for name, text := range map[string]string{ //nolint:gosec // Not real credentials.
		"HTML entities":          "k &#115;k_live_abc123",
		"HTML entities, in hex":  "k &#x73;k&lowbar;live_abc123",
		"percent escapes":        "/x?k=%73%6b%5flive_abc123&100%",
		"escapes of JSON":        `{"m":"\u0073\u006B_live_abc123"}`,
		"escapes of Go":          `"\x73k_live_abc123"`,
		"a password in a URL":    "https://me:p%40ss%22w%5cord@proxy",
		"a password in a string": `"p@ss\"w\\ord"`,
		"a password, quoted":     `"gro\xdfe"`,
		"a password in a query":  "/?p=gr%C3%B6%C3%9Fe+1",
		"a password in JSON":     `{"p":"gr\u00f6\u00dfe 1"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if got := key.redact(text); got != redacted {
				t.Errorf("got %q", got)
			}
		})
	}

	for _, text := range []string{"100 % of calls", "%73", `\u0073`, "&#115; sk_live", ""} {
		if got := key.redact(text); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}

	// The text that replaces a short password contains it.
	if got, want := key.with("e").redact("yes"), "y"+redacted+"s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
