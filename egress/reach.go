package egress

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// Reach is [Dialer.DialContext] over TCP that also tells how the connection came
// about. With an upstream proxy, which looks names up itself, everything but the
// own machine is reached through that.
func (d *Dialer) Reach(ctx context.Context, address string, upstream *Upstream) (net.Conn, Path, error) {
	var path Path
	a, ok := target(address)
	if !ok {
		return nil, path, &DeniedError{Address: address, Reason: Unreadable}
	}
	if upstream != nil && !a.IP.IsLoopback() && !localName(a.Host) {
		if denied := d.Policy.judge(a, nil, d.Purpose); denied != nil {
			return nil, path, denied
		}
		began := time.Now()
		conn, err := upstream.dial(ctx, a)
		path.Connect = time.Since(began)
		return conn, path, err
	}
	began := time.Now()
	ips, err := d.allowed(ctx, a)
	if !a.IP.IsValid() {
		path.DNS = time.Since(began)
	}
	if err != nil {
		return nil, path, err
	}
	began = time.Now()
	conn, err := dial(ctx, "tcp", ips, a.Port)
	if path.Connect = time.Since(began); err != nil {
		return nil, path, err
	}
	if remote, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		path.Remote = remote.AddrPort().Addr().Unmap()
	}
	return conn, path, nil
}

// Resolve looks the host of host:port up and returns its addresses when the
// policy allows all of them, for protocols that are not TCP.
func (d *Dialer) Resolve(ctx context.Context, address string) ([]netip.AddrPort, error) {
	a, ok := target(address)
	if !ok {
		return nil, &DeniedError{Address: address, Reason: Unreadable}
	}
	ips, err := d.allowed(ctx, a)
	out := make([]netip.AddrPort, len(ips))
	for i, ip := range ips {
		out[i] = netip.AddrPortFrom(ip.Unmap(), a.Port)
	}
	return out, err
}

// allowed are the addresses of a host, each of which the policy allows.
func (d *Dialer) allowed(ctx context.Context, a Address) ([]netip.Addr, error) {
	ips, err := d.lookup(ctx, a)
	if err != nil {
		return nil, err
	}
	if denied := d.Policy.judge(a, ips, d.Purpose); denied != nil {
		return nil, denied
	}
	return ips, nil
}
