// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

// Command telepath-mock serves the Telepath API from memory, to try the provider or
// any other client without an account. Run it with -h for its flags.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// stopTimeout is how long requests in flight may take to end after a signal.
const stopTimeout = 3 * time.Second

func main() {
	// Without SIGPIPE, a log reader that ends, such as head, does not stop the server.
	signal.Ignore(syscall.SIGPIPE)

	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// run serves until ctx ends or a signal arrives, and returns the exit code: 2 for invalid flags, 1 for
// other errors.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	logger := log.New(stderr, "", 0)

	cfg, err := parseFlags(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}

	if err != nil {
		logger.Printf("telepath-mock: %v. Run telepath-mock -h for help.", err)

		return 2
	}

	if err := serve(ctx, cfg, stdout, logger); err != nil {
		logger.Printf("telepath-mock: %s.", clause(err))

		return 1
	}

	return 0
}

// newAPI returns the API that the flags describe.
func newAPI(cfg config, logger *log.Logger) (*mockapi.API, error) {
	api := mockapi.New(nil)
	api.SetKey(cfg.key)
	api.SetLatency(cfg.latency)
	api.SetRateLimit(cfg.rateLimit, cfg.rateWindow)
	api.SetShortErrors(cfg.shortErrors)

	if cfg.fault != nil {
		api.Fail(cfg.faultRequests, cfg.fault)
	}

	if cfg.data != "" {
		return api, serveFile(api, cfg.data, logger)
	}

	api.Update(func([]mockapi.Trunk) []mockapi.Trunk { return mockapi.Trunks(cfg.trunks) })

	if cfg.change {
		changeBetweenRequests(api, cfg.trunks)
	}

	return api, nil
}

// changeBetweenRequests deletes the oldest trunk and adds a new one before each request
// after the first, so that the list shifts during a listing.
func changeBetweenRequests(api *mockapi.API, newest int) {
	api.OnQuery(func(n int, _ *mockapi.Query) {
		if n == 1 {
			return
		}

		api.Update(func(trunks []mockapi.Trunk) []mockapi.Trunk {
			newest++

			return append(trunks[min(1, len(trunks)):], mockapi.GeneratedTrunk(newest))
		})
	})
}

// serve responds to requests until ctx ends or a signal arrives.
func serve(ctx context.Context, cfg config, stdout io.Writer, logger *log.Logger) error {
	api, err := newAPI(cfg, logger)
	if err != nil {
		return err
	}
	// From here on, because a signal must end the command while it waits for the data of a pipe.
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()

	// Without cancellation, because a signal during the start is not a failure to listen.
	listener, err := new(net.ListenConfig).Listen(context.WithoutCancel(ctx), "tcp", cfg.addr)
	if err != nil {
		return fmt.Errorf("cannot listen: %s. Set -addr to a free host:port; port 0 picks a free port", clause(err))
	}

	server := &http.Server{
		Handler:           logRequests(api, logger, cfg.key),
		ReadHeaderTimeout: 10 * time.Second,
		// The end of ctx ends every request, including one that hangs.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}

	if tcp, ok := listener.Addr().(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		logger.Printf("telepath-mock: listening on %s, which other machines can reach.", tcp)
	}

	_, _ = fmt.Fprintf(stdout, "listening on http://%s/v1\n", reachable(listener.Addr()))

	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	select {
	case err := <-served:
		return fmt.Errorf("serving failed: %w", err)
	case <-ctx.Done():
	}

	timeout, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()

	if server.Shutdown(timeout) != nil {
		// A client that doesn't read its response must not keep the command running.
		return server.Close()
	}

	return nil
}

// reachable returns the address for clients: loopback, if the server listens on all
// interfaces.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}

	return (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: tcp.Port}).String()
}
