// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// maxTrunks bounds the memory of the command.
const maxTrunks = 1_000_000

// dripDelay stretches the reference response to 30 s, the provider's default timeout
// for an attempt.
const dripDelay = 40 * time.Millisecond

const usage = `telepath-mock serves the Telepath API (GET /v1/trunks) from memory.

It prints its base URL to stdout and one line for each request to stderr. SIGINT
(Ctrl+C) or SIGTERM stops it. Examples:

  telepath-mock -addr 127.0.0.1:8080 -trunks 250
  telepath-mock -data trunks.json
  telepath-mock -trunks 250 -fault cut -fault-requests 2

Flags:
`

// config holds the values of the flags.
type config struct {
	addr          string
	data          string
	trunks        int
	change        bool
	key           string
	latency       time.Duration
	rateLimit     int
	rateWindow    time.Duration
	shortErrors   bool
	fault         mockapi.Fault // nil means none.
	faultRequests int
}

// parseFlags parses and checks the flags. Its error is one line without a period. For
// -h, it prints the help to stdout and returns flag.ErrHelp.
func parseFlags(args []string, stdout io.Writer) (config, error) {
	var cfg config

	flags := flag.NewFlagSet("telepath-mock", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // The flag package prints the whole help after each error.
	flags.StringVar(&cfg.addr, "addr", "127.0.0.1:8080", "`host:port` to listen on; port 0 picks a free port")
	flags.StringVar(&cfg.data, "data", "",
		"JSON `file` with the trunks of the account, in the format of the API's\n"+
			"response; pagination is optional and ignored. The file is read again for\n"+
			"each request. While it is invalid, the last valid account is served.\n"+
			"A pipe, or a path in /dev, is read once. Not with -trunks or -change.")
	flags.IntVar(&cfg.trunks, "trunks", 2,
		"`number` of trunks in the account, 0 to 1000000; the first two are those\nof the API's reference page")
	flags.BoolVar(&cfg.change, "change", false,
		"delete the oldest trunk and add a new one before each request after the\nfirst, so that the list shifts during a listing")
	flags.StringVar(&cfg.key, "key", "", "only API `key` to accept (default any key that starts with sk_)")
	flags.DurationVar(&cfg.latency, "latency", 0, "`delay` before each response, for example 200ms")
	flags.IntVar(&cfg.rateLimit, "rate-limit", 1_000_000, "`number` of requests in each -rate-window, 1 or more")
	flags.DurationVar(&cfg.rateWindow, "rate-window", time.Minute, "`duration` of a rate limit window, for example 10s")
	flags.BoolVar(&cfg.shortErrors, "short-errors", false,
		"send errors in the second documented format: upper-case code, no status")
	flags.Func("fault", "`kind` of fault to inject into the next requests:\n"+faultHelp(), func(kind string) (err error) {
		cfg.fault, err = parseFault(kind)

		return err
	})
	flags.IntVar(&cfg.faultRequests, "fault-requests", 1, "`number` of requests with the fault; -1 means all")

	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, _ = io.WriteString(stdout, usage)
		flags.SetOutput(stdout)
		flags.PrintDefaults()

		return cfg, err
	case err != nil:
		return cfg, err
	case flags.NArg() > 0:
		// Not shown, because an argument may be an API key.
		return cfg, fmt.Errorf("%d unexpected argument(s) after the flags", flags.NArg())
	}

	set := map[string]bool{}

	flags.Visit(func(f *flag.Flag) { set[f.Name] = true })

	return cfg, cfg.check(set)
}

// check returns an error for the first invalid value. set names the flags that were
// given.
func (c config) check(set map[string]bool) error {
	switch {
	case c.addr == "":
		return errors.New("-addr is empty: set it to host:port")
	case set["data"] && c.data == "":
		return errors.New("-data is empty: set it to the path of a file")
	case set["key"] && c.key == "":
		return errors.New("-key is empty: set it to an API key, or remove it to accept any key")
	case set["data"] && (set["trunks"] || set["change"]):
		return errors.New("-data cannot be combined with -trunks or -change: remove one of the flags")
	case c.trunks < 0 || c.trunks > maxTrunks:
		return fmt.Errorf("-trunks is %d: set it to 0 to %d", c.trunks, maxTrunks)
	case strings.ContainsFunc(c.key, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return errors.New("-key contains whitespace or control characters: remove them")
	case c.latency < 0:
		return fmt.Errorf("-latency is %v: set it to 0 or more", c.latency)
	case c.rateLimit < 1:
		return fmt.Errorf("-rate-limit is %d: set it to 1 or more", c.rateLimit)
	case c.rateWindow <= 0:
		return fmt.Errorf("-rate-window is %v: set it to more than 0", c.rateWindow)
	case c.faultRequests == 0 || c.faultRequests < -1:
		return fmt.Errorf("-fault-requests is %d: set it to 1 or more, or to -1 for all", c.faultRequests)
	}

	return nil
}

// faults are the values of -fault besides a status.
var faults = []struct {
	kind  string
	fault mockapi.Fault
	help  string
}{
	{"html", mockapi.HTML(http.StatusBadGateway), "HTML error page of a proxy, status 502"},
	{"html-200", mockapi.SignInPage(), "HTML sign-in page, status 200"},
	{"empty", mockapi.Empty(http.StatusBadGateway), "status 502 without a body"},
	{"cut", mockapi.CutBody(), "connection breaks in the middle of the body"},
	{"hang", mockapi.Hang(), "no response"},
	{"hang-in-body", mockapi.HangInBody(), "no more than half of the body"},
	{"drip", mockapi.Drip(dripDelay), "body arrives byte by byte"},
	{"drop", mockapi.Drop(), "connection closes without a response"},
}

func faultHelp() string {
	help := fmt.Sprintf("  %-13s error of the API with this HTTP status", "400 to 599")
	for _, f := range faults {
		help += fmt.Sprintf("\n  %-13s %s", f.kind, f.help)
	}

	return help
}

// parseFault parses the value of -fault.
func parseFault(kind string) (mockapi.Fault, error) {
	var kinds []string

	for _, f := range faults {
		if f.kind == kind {
			return f.fault, nil
		}

		kinds = append(kinds, f.kind)
	}

	status, err := strconv.Atoi(kind)
	if err != nil || status < 400 || status > 599 {
		return nil, fmt.Errorf("set it to an HTTP status from 400 to 599 or to %s", strings.Join(kinds, ", "))
	}

	return mockapi.Status(status), nil
}
