// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-telepath serves the Telepath provider to Terraform.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/telepathvoice/terraform-provider-telepath/internal/provider"
)

// version is set at link time with -ldflags "-X main.version=1.2.3".
var version = "dev"

func main() {
	attach := flag.Bool("debug", false, "serve until interrupted, and print what Terraform or OpenTofu needs to use this process, so that a debugger can attach to it")

	flag.Parse()

	// net/http logs what a server sends after its response, and with GODEBUG=http2debug=2 every
	// header. The API key may be in both, and Terraform copies this process's log to its own.
	log.SetOutput(io.Discard)

	// A terminal sends Ctrl-C to this process as well as to Terraform. Terraform asks its providers
	// to stop, but not while it plans for an apply: without this, a read would continue until its
	// timeout.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	if err := serve(ctx, *attach); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // Nothing is left for the deferred call to do.
	}
}

func serve(ctx context.Context, attach bool) error {
	newProvider := provider.New(ctx, version)

	if attach {
		// Terraform and OpenTofu add their own registry to an address without a host, so that both
		// accept the printed value. The framework's Serve requires a host.
		return tf6server.Serve("telepathvoice/telepath", providerserver.NewProtocol6(newProvider()), tf6server.WithManagedDebug())
	}

	//nolint:contextcheck // An interrupt cancels reads, and Terraform ends the server.
	return providerserver.Serve(context.Background(), newProvider, providerserver.ServeOpts{Address: "registry.terraform.io/telepathvoice/telepath"})
}
