// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import "golang.org/x/sys/windows"

// Windows Sockets has numbers of its own. Those of package syscall with the names of Unix, such as
// syscall.ECONNREFUSED, are invented there, and no socket returns them.
const errRefused = windows.WSAECONNREFUSED

var errsClosed = []error{windows.WSAECONNRESET, windows.WSAECONNABORTED, windows.WSAESHUTDOWN}
