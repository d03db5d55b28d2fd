package web

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"gengfu"
)

// ListenLoopback listens on addr ("127.0.0.1:8080", "localhost:0", "[::1]:80").
// Every other address is refused with [gengfu.ErrInvalid]: there are no
// accounts yet, and whoever reaches the pages may act. A host name is resolved
// and must stand for loopback addresses alone.
func ListenLoopback(ctx context.Context, addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: want host:port: %w", addr, gengfu.ErrInvalid)
	}
	ip, err := loopback(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", addr, err)
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", net.JoinHostPort(ip.String(), port))
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", addr, err)
	}
	return ln, nil
}

// loopback returns the address that host stands for. What was checked is what
// is listened on, so a name cannot change between the two.
func loopback(ctx context.Context, host string) (netip.Addr, error) {
	if host == "" {
		return netip.Addr{}, refused("every interface")
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if !ip.Unmap().IsLoopback() {
			return ip, refused(ip.String())
		}
		return ip, nil
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("resolve %q: %w", host, err)
	}
	for _, ip := range ips {
		if !ip.Unmap().IsLoopback() {
			return ip, refused(fmt.Sprintf("%s (%s)", host, ip))
		}
	}
	for _, ip := range ips {
		if ip.Unmap().Is4() {
			return ip.Unmap(), nil
		}
	}
	return ips[0], nil
}

func refused(what string) error {
	return fmt.Errorf("%s can be reached from other machines and the pages have no log-in yet; use 127.0.0.1, and a reverse proxy with authentication for others: %w",
		what, gengfu.ErrInvalid)
}
