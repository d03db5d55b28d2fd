package egress

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"time"
)

// Resolver looks names up; [net.Resolver] is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Dialer opens TCP connections that the policy allows. The zero value uses the
// default policy and the system's resolver. It may be used by several
// goroutines at once.
type Dialer struct {
	Policy   Policy
	Purpose  Purpose
	Resolver Resolver
}

// DialContext looks the host up once, judges all its addresses, and dials
// those. The error is a [*DeniedError] when the policy refuses.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	a, ok := target(address)
	if !ok {
		return nil, &DeniedError{Address: address, Reason: Unreadable}
	}
	ips, err := d.lookup(ctx, a)
	if err != nil {
		return nil, err
	}
	if denied := d.Policy.judge(a, ips, d.Purpose); denied != nil {
		return nil, denied
	}
	return dial(ctx, network, ips, a.Port)
}

// target reads host:port as a dialer gets it.
func target(address string) (Address, bool) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return Address{}, false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return Address{}, false
	}
	a := Address{Scheme: "tcp", Port: uint16(n)}
	if ip, err := netip.ParseAddr(host); err == nil && ip.Zone() == "" {
		a.Host, a.IP = ip.String(), ip
		return a, true
	}
	var ok bool
	a.Host, a.IP, ok = readHost(host)
	return a, ok
}

// lookup finds the addresses of a host. A local name is never asked for outside.
func (d *Dialer) lookup(ctx context.Context, a Address) ([]netip.Addr, error) {
	switch {
	case a.IP.IsValid():
		return []netip.Addr{a.IP}, nil
	case localName(a.Host):
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, nil
	case d.Policy.judge(a, nil, d.Purpose) != nil:
		return nil, d.Policy.judge(a, nil, d.Purpose) // its very name is refused: nobody need hear of it
	}
	resolver := d.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	ips, err := resolver.LookupNetIP(ctx, "ip", a.Host)
	if err == nil && len(ips) == 0 {
		err = &net.DNSError{Err: "no addresses", Name: a.Host, IsNotFound: true}
	}
	return ips, err
}

// ahead is how long an address may stay silent before the next one is tried
// beside it, after RFC 8305.
const ahead = 250 * time.Millisecond

// dial tries the addresses in order and returns the first connection; the error
// is that of the first address.
func dial(ctx context.Context, network string, ips []netip.Addr, port uint16) (net.Conn, error) {
	if len(ips) == 1 {
		return dialOne(ctx, network, ips[0], port)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		conn net.Conn
		err  error
	}
	results := make(chan result, len(ips))
	var first error
	next, open := 0, 0
	begin := func() {
		ip := ips[next]
		next++
		open++
		go func() {
			conn, err := dialOne(ctx, network, ip, port)
			results <- result{conn, err}
		}()
	}
	begin()
	patience := time.NewTimer(ahead)
	defer patience.Stop()
	for open > 0 {
		select {
		case r := <-results:
			open--
			if r.err == nil {
				cancel()
				for range open { // the others end now; one may have got through as well
					if late := <-results; late.conn != nil {
						_ = late.conn.Close()
					}
				}
				return r.conn, nil
			}
			if first == nil {
				first = r.err
			}
		case <-patience.C:
		}
		if next < len(ips) {
			begin()
			patience.Reset(ahead)
		}
	}
	return nil, errors.Join(first)
}

func dialOne(ctx context.Context, network string, ip netip.Addr, port uint16) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, netip.AddrPortFrom(ip.Unmap(), port).String())
}
