// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// The exit codes of the command.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// stopGrace is how long answers that are under way may take to end once the command
// is told to stop.
const stopGrace = 3 * time.Second

// run is the command: it serves until ctx ends and gives the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cfg, err := parseConfig(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		complain(stderr, fmt.Errorf("%w; -h explains the flags", err))
		return exitUsage
	}
	if err := serve(ctx, cfg, stdout, stderr); err != nil {
		complain(stderr, err)
		return exitFailed
	}
	return exitOK
}

// complain reports the one error that ends the command.
func complain(stderr io.Writer, err error) {
	// Without a stderr there is nowhere else to report to; the exit code tells.
	_, _ = fmt.Fprintf(stderr, "telepath-mock: %v\n", err)
}

// serve answers requests until ctx ends.
func serve(ctx context.Context, cfg config, stdout, stderr io.Writer) error {
	// An end of ctx while it starts is a stop like any other, not a failure to listen.
	listener, err := new(net.ListenConfig).Listen(context.WithoutCancel(ctx), "tcp", cfg.addr)
	if err != nil {
		return fmt.Errorf("cannot listen: %w; choose another -addr, port 0 picks a free one", err)
	}
	server := &http.Server{
		Handler:           logRequests(newAPI(cfg), stderr, cfg.key),
		ReadHeaderTimeout: 10 * time.Second,
		// An end of ctx is thereby the end of each request, also of one that hangs.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	if _, err := fmt.Fprintf(stdout, "listening on http://%s/v1\n", reachable(listener.Addr())); err != nil {
		return errors.Join(fmt.Errorf("cannot say on stdout where it listens: %w", err), listener.Close())
	}

	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("cannot serve any longer: %w", err)
	case <-ctx.Done():
	}

	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		// A client that keeps an answer waiting does not keep the command running.
		complain(stderr, fmt.Errorf("cutting off answers that do not end: %w", errors.Join(err, server.Close())))
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving ended on its own: %w", err)
	}
	return nil
}

// reachable gives the address to connect to: one that stands for all interfaces is
// none, and becomes the loopback one.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	return (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: tcp.Port}).String()
}
