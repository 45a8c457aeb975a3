// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

// Command telepath-mock serves the Telepath API from memory, for trying out the
// provider or any other client without an account. Its -h explains the flags.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
