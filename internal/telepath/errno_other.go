// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package telepath

import "syscall"

// errRefused is the error of a socket to which nothing listens.
const errRefused = syscall.ECONNREFUSED

// errsClosed are the errors of a socket that the peer closed or reset.
var errsClosed = []error{syscall.ECONNRESET, syscall.EPIPE}
