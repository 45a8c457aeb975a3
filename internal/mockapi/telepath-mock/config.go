// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// maxTrunks is where the provider stops to believe a total.
const maxTrunks = 1_000_000

const usage = `telepath-mock serves the Telepath API (GET /v1/trunks) from memory.

It says on stdout where it listens and logs each request on stderr, and stops on
SIGINT or SIGTERM. Two examples:

  go run ./internal/mockapi/telepath-mock -addr 127.0.0.1:8080 -trunks 250
  go run ./internal/mockapi/telepath-mock -trunks 250 -fault cut -fault-requests 2

Flags:
`

// config is what the flags say.
type config struct {
	addr          string
	trunks        int
	key           string
	latency       time.Duration
	rateLimit     int
	rateWindow    time.Duration
	shortErrors   bool
	fault         string
	faultRequests int
	change        bool
}

// parseConfig reads and checks the flags. Asked for help, it prints it to stdout and
// gives flag.ErrHelp; every other error says in one line what is wrong with which flag.
func parseConfig(args []string, stdout io.Writer) (config, error) {
	var cfg config
	flags := flag.NewFlagSet("telepath-mock", flag.ContinueOnError)
	// The flag package would print each error with the whole help after it.
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.StringVar(&cfg.addr, "addr", "127.0.0.1:8080", "`host:port` to listen on; port 0 picks a free one")
	flags.IntVar(&cfg.trunks, "trunks", 2,
		"`number` of trunks in the account, 0 to 1000000;\nthe first two are those of the reference page")
	flags.StringVar(&cfg.key, "key", "", "the only API `key` to accept; empty accepts any that begins with sk_")
	flags.DurationVar(&cfg.latency, "latency", 0, "`time` that each answer waits first, such as 200ms")
	flags.IntVar(&cfg.rateLimit, "rate-limit", 1_000_000, "`number` of requests allowed in a window, 1 or more")
	flags.DurationVar(&cfg.rateWindow, "rate-window", time.Minute, "`length` of a window, such as 10s")
	flags.BoolVar(&cfg.shortErrors, "short-errors", false,
		"send errors in the second documented shape:\nan upper-case code, no status")
	flags.StringVar(&cfg.fault, "fault", "", "`kind` of fault the next requests meet:\n"+faultHelp)
	flags.IntVar(&cfg.faultRequests, "fault-requests", 1, "`number` of requests that meet the fault, -1 for all")
	flags.BoolVar(&cfg.change, "change", false,
		"before each request after the first, delete the oldest trunk\nand add a new one: the list shifts while it is read")

	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return cfg, errors.Join(err, printHelp(flags, stdout))
	}
	if err != nil {
		return cfg, err
	}
	if flags.NArg() > 0 {
		// Not shown: it may be a key that slipped out of -key.
		return cfg, fmt.Errorf("only flags are allowed, but %d other argument(s) follow them", flags.NArg())
	}
	return cfg, cfg.check()
}

func printHelp(flags *flag.FlagSet, stdout io.Writer) error {
	if _, err := io.WriteString(stdout, usage); err != nil {
		return fmt.Errorf("printing the help: %w", err)
	}
	flags.SetOutput(stdout)
	flags.PrintDefaults()
	return nil
}

// check finds the first flag whose value cannot work.
func (c config) check() error {
	if err := checkAddr(c.addr); err != nil {
		return err
	}
	switch {
	case c.trunks < 0 || c.trunks > maxTrunks:
		return fmt.Errorf("-trunks %d: give a number from 0 to %d", c.trunks, maxTrunks)
	case strings.ContainsFunc(c.key, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		// Not shown: keys never are.
		return errors.New("-key: give a key without white space and control characters")
	case c.latency < 0:
		return fmt.Errorf("-latency %v: give a time of 0 or more", c.latency)
	case c.rateLimit < 1:
		return fmt.Errorf("-rate-limit %d: give a number of 1 or more", c.rateLimit)
	case c.rateWindow <= 0:
		return fmt.Errorf("-rate-window %v: give a time above 0", c.rateWindow)
	case c.faultRequests == 0 || c.faultRequests < -1:
		return fmt.Errorf("-fault-requests %d: give a number of 1 or more, or -1 for all", c.faultRequests)
	}
	_, err := parseFault(c.fault)
	return err
}

// checkAddr finds what is wrong with the form of an address; whether its host is one
// of this machine shows when it listens.
func checkAddr(addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("-addr %q: give host:port, such as 127.0.0.1:8080", addr)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("-addr %q: give a port from 0 to 65535", addr)
	}
	return nil
}

// newAPI makes the API that the flags describe.
func newAPI(cfg config) *mockapi.API {
	api := mockapi.New(mockapi.Trunks(cfg.trunks))
	api.SetKey(cfg.key)
	api.SetLatency(cfg.latency)
	api.SetRateLimit(cfg.rateLimit, cfg.rateWindow)
	api.SetShortErrors(cfg.shortErrors)
	if fault, err := parseFault(cfg.fault); err == nil && fault != nil {
		api.Fail(cfg.faultRequests, fault)
	}
	if cfg.change {
		changeBetweenRequests(api)
	}
	return api
}
