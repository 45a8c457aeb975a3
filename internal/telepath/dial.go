// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"cmp"
	"context"
	"net"
	"slices"
	"time"
)

// nextAddressDelay is the Connection Attempt Delay of RFC 8305, section 5.
const nextAddressDelay = 250 * time.Millisecond

// dial connects to the address of a host that responds first. While one does not respond, it tries
// the next one as well, after a delay (RFC 8305, section 5). A [net.Dialer] does so for the first
// addresses of IPv6 and IPv4 only, and spends at least two seconds on each further one.
func (p *connectionPool) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}

	// net/http dials without the deadline of the request.
	ctx, cancel := context.WithTimeout(ctx, p.dialTimeout)
	defer cancel() // It ends the dials that are not needed.

	trace := traceOf(ctx)
	trace.enter(ErrResolving)

	ips, err := p.resolver.LookupIPAddr(ctx, host)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}

	trace.enter(ErrConnecting)

	otherFamilySecond(ips)

	conns, errs := make(chan net.Conn), make(chan error, len(ips))

	for started, failed := 0, 0; failed < len(ips); {
		if started < len(ips) {
			ip := ips[started].String()
			started++

			go func() {
				conn, err := new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(ip, port))
				if err != nil {
					errs <- err

					return
				}

				select {
				case conns <- conn:
				case <-ctx.Done():
					_ = conn.Close()

					errs <- ctx.Err()
				}
			}()
		}

		select {
		case conn := <-conns:
			trace.enter(errWaiting) // For a proxy, until it has connected to the API.

			return conn, nil
		case dialErr := <-errs:
			failed++
			err = cmp.Or(err, dialErr)
		case <-time.After(nextAddressDelay):
		}
	}

	return nil, err
}

// otherFamilySecond moves an address of the family that is not first to the second position, because
// often one of the families does not work (RFC 8305, section 4).
func otherFamilySecond(ips []net.IPAddr) {
	isIPv4 := func(ip net.IPAddr) bool { return ip.IP.To4() != nil }

	if i := slices.IndexFunc(ips, func(ip net.IPAddr) bool { return isIPv4(ip) != isIPv4(ips[0]) }); i > 1 {
		ips[1], ips[i] = ips[i], ips[1]
	}
}
