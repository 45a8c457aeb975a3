// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package telepath

import "syscall"

// errnoRefused is the error of a socket to which nothing listens.
const errnoRefused = syscall.ECONNREFUSED

// errnosClosed are the errors of a socket that the peer closed or reset.
var errnosClosed = []error{syscall.ECONNRESET, syscall.EPIPE}
