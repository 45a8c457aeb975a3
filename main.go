// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-telepath serves the Telepath provider to Terraform.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/telepathvoice/terraform-provider-telepath/internal/provider"
)

// version is set at link time, by -ldflags "-X main.version=1.2.3".
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve until interrupted, and print what Terraform needs to use this process, so that a debugger can attach to it")
	flag.Parse()

	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/telepathvoice/telepath",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
