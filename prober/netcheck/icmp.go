package netcheck

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"gengfu"
)

// pause is the distance of two packets to one host.
const pause = 200 * time.Millisecond

// icmp pings a host from an unprivileged socket, or from a raw one where the
// former is not allowed.
func (e *errand) icmp(ctx context.Context) error {
	v, err := e.resolve(e.st.Address)
	if err != nil {
		return err
	}
	e.check.Address = v.Text
	d := e.dialer(e.st.Address, false)
	began := time.Now()
	ips, err := d.Resolve(ctx, net.JoinHostPort(v.Text, "0"))
	e.check.Phases.DNS = time.Since(began)
	if err != nil {
		return err
	}
	ip := ips[0].Addr()
	e.check.Remote = ip.String()
	p, err := newPinger(ip)
	if err != nil {
		return err
	}
	defer func() { _ = p.conn.Close() }()
	return e.ping(ctx, p)
}

// ping sends one packet after the other; each may be answered until its share
// of the step's time is over.
func (e *errand) ping(ctx context.Context, p *pinger) error {
	until, _ := ctx.Deadline()
	share := min(time.Until(until)/time.Duration(e.st.Count), 2*time.Second)
	var total time.Duration
	for seq := range e.st.Count {
		began := time.Now()
		e.check.Sent++
		took, err := p.once(seq, began.Add(share))
		switch {
		case err == nil:
			e.check.Received++
			total += took
		case !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, syscall.EHOSTUNREACH):
			return err
		}
		if seq+1 == e.st.Count {
			break
		}
		select {
		case <-time.After(min(pause, time.Until(began.Add(share)))):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if e.check.Received == 0 {
		return &stopError{gengfu.Failure{Fault: gengfu.FaultTimeout, Reason: gengfu.ReasonNoAnswer, Waited: time.Since(e.began)}}
	}
	e.check.Latency = total / time.Duration(e.check.Received)
	return nil
}

// pinger sends echo requests to one address.
type pinger struct {
	conn   *icmp.PacketConn
	to     net.Addr
	id     int
	raw    bool // the socket hears the echoes of others too
	ask    icmp.Type
	answer icmp.Type
	number int // of the protocol, for parsing
}

// remedy is what an operator does about a machine that may not ping.
const remedy = `sysctl -w net.ipv4.ping_group_range="0 2147483647"`

func newPinger(ip netip.Addr) (*pinger, error) {
	p := &pinger{id: os.Getpid() & 0xffff, ask: ipv4.ICMPTypeEcho, answer: ipv4.ICMPTypeEchoReply, number: 1}
	network, raw, here := "udp4", "ip4:icmp", "0.0.0.0"
	if ip.Is6() {
		p.ask, p.answer, p.number = ipv6.ICMPTypeEchoRequest, ipv6.ICMPTypeEchoReply, 58
		network, raw, here = "udp6", "ip6:ipv6-icmp", "::"
	}
	p.to = &net.UDPAddr{IP: ip.AsSlice()}
	var err error
	if p.conn, err = icmp.ListenPacket(network, here); err == nil {
		return p, nil
	}
	if p.conn, err = icmp.ListenPacket(raw, here); err == nil {
		p.to, p.raw = &net.IPAddr{IP: ip.AsSlice()}, true
		return p, nil
	}
	if errors.Is(err, os.ErrPermission) {
		return nil, &stopError{gengfu.Failure{Fault: gengfu.FaultMachine, Reason: gengfu.ReasonPing, Detail: remedy}}
	}
	return nil, err
}

// once sends one echo and waits for its answer.
func (p *pinger) once(seq int, until time.Time) (time.Duration, error) {
	if err := p.conn.SetDeadline(until); err != nil {
		return 0, err
	}
	out, err := (&icmp.Message{Type: p.ask, Body: &icmp.Echo{ID: p.id, Seq: seq, Data: []byte("gengfu")}}).Marshal(nil)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if _, err := p.conn.WriteTo(out, p.to); err != nil {
		return 0, err
	}
	in := make([]byte, 1500)
	for {
		n, _, err := p.conn.ReadFrom(in)
		if err != nil {
			return 0, err
		}
		m, err := icmp.ParseMessage(p.number, in[:n])
		if err != nil || m.Type != p.answer {
			continue
		}
		if echo, ok := m.Body.(*icmp.Echo); ok && echo.Seq == seq && (!p.raw || echo.ID == p.id) {
			return time.Since(began), nil
		}
	}
}
