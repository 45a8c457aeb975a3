// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

// Command command serves the idiomatic provider to Terraform.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/telepathvoice/terraform-provider-telepath/internal/benchmark/idiomatic"
)

func main() {
	debug := flag.Bool("debug", false, "serve until interrupted")

	flag.Parse()

	err := providerserver.Serve(context.Background(), idiomatic.New, providerserver.ServeOpts{
		Address: "registry.terraform.io/telepathvoice/telepath",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
