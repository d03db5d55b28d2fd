package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Path is how the latest connection to a host and port came about.
type Path struct {
	Remote  netip.Addr    // that was connected to, invalid when none was
	DNS     time.Duration // the wait for the name's addresses, 0 for an address
	Connect time.Duration
	Err     error                // why there is no connection: a [*DeniedError], or what the system said
	TLS     *tls.ConnectionState // with the server, when the proxy speaks it: see [Proxy.Present]
}

// Proxy is a SOCKS5 server (RFC 1928) on loopback through which one browser
// context reaches the network. It looks every name up once in its life and
// stays with the answer. It takes no credentials, because browsers send none:
// who finds the port gets what the policy allows.
type Proxy struct {
	listener net.Listener
	dialer   Dialer
	upstream *Upstream
	ctx      context.Context //nolint:containedctx // the life of the connections, ended by Close
	stop     context.CancelFunc
	tasks    sync.WaitGroup

	mu     sync.Mutex
	policy Policy
	pins   map[string]*pin
	paths  map[string]Path
	closed bool
	conns  map[net.Conn]struct{}

	clients map[string]Client // by host:port, who wants a certificate
}

// pin is what a name stands for, known when done is closed.
type pin struct {
	done chan struct{}
	ips  []netip.Addr
	err  error
}

// Config is what a proxy works with; the zero value is the default policy, the
// system's resolver and no proxy beyond this one.
type Config struct {
	Policy   Policy
	Resolver Resolver
	Upstream *Upstream
}

// Listen starts a proxy on a port of its own; Close ends it.
func Listen(cfg Config) (*Proxy, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the browser's connections: %w", err)
	}
	p := &Proxy{
		listener: l, dialer: Dialer{Purpose: Page, Resolver: cfg.Resolver}, upstream: cfg.Upstream, policy: cfg.Policy,
		pins: map[string]*pin{}, paths: map[string]Path{}, conns: map[net.Conn]struct{}{},
	}
	p.policy.Own = append(slices.Clip(p.policy.Own), netip.MustParseAddrPort(l.Addr().String()))
	p.ctx, p.stop = context.WithCancel(context.Background())
	p.tasks.Go(p.accept)
	return p, nil
}

// Address is what a browser is told to go through.
func (p *Proxy) Address() string { return "socks5://" + p.listener.Addr().String() }

// Name opens the places on the own machine that a scenario names, as host:port.
func (p *Proxy) Name(places ...string) {
	p.mu.Lock()
	p.policy.Named = append(slices.Clip(p.policy.Named), places...)
	p.mu.Unlock()
}

// Decide judges an address that the scenario's author wrote.
func (p *Proxy) Decide(address string) *DeniedError {
	return p.rules().Decide(address, nil, Scenario)
}

// Path tells how the latest connection to the host and port of an address came
// about; false when none was asked for.
func (p *Proxy) Path(address string) (Path, bool) {
	a, reason := Parse(address)
	if reason != "" {
		return Path{}, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	path, ok := p.paths[a.HostPort()]
	return path, ok
}

// Close ends all connections and waits until they are gone. It may be called
// again.
func (p *Proxy) Close() {
	p.stop()
	_ = p.listener.Close()
	p.mu.Lock()
	p.closed = true
	for c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.tasks.Wait()
}

func (p *Proxy) rules() Policy {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.policy
}

// maxConns bounds what one page may hold open, far over what a browser does.
const maxConns = 1024

func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil && (p.ctx.Err() != nil || errors.Is(err, net.ErrClosed)) {
			return
		}
		if err != nil { // out of files, say; the next one may go through
			select {
			case <-time.After(10 * time.Millisecond):
				continue
			case <-p.ctx.Done():
				return
			}
		}
		if !p.keep(c) {
			_ = c.Close()
			continue
		}
		p.tasks.Go(func() { p.serve(c) })
	}
}

// keep notes a connection that Close has to end.
func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.conns) >= maxConns {
		return false
	}
	p.conns[c] = struct{}{}
	return true
}

func (p *Proxy) drop(c net.Conn) {
	_ = c.Close()
	p.mu.Lock()
	delete(p.conns, c)
	p.mu.Unlock()
}

func (p *Proxy) serve(c net.Conn) {
	defer p.drop(c)
	_ = c.SetDeadline(time.Now().Add(handshakeTime))
	a, err := handshake(c)
	if err != nil {
		return
	}
	_ = c.SetDeadline(time.Time{})
	out, err := p.connect(a)
	if err != nil {
		refuse(c)
		return
	}
	if !p.keep(out) {
		_ = out.Close()
		return
	}
	defer p.drop(out)
	if accept(c) != nil {
		return
	}
	if with, wanted := p.clientFor(a); wanted {
		p.interpose(c, out, a, with)
		return
	}
	tunnel(c, out)
}

// connect goes where the browser wants, if it may, and notes how that went.
func (p *Proxy) connect(a Address) (net.Conn, error) {
	var path Path
	conn, err := p.reach(a, &path)
	path.Err = err
	p.mu.Lock()
	defer p.mu.Unlock()
	if old, ok := p.paths[a.HostPort()]; ok && err != nil && old.Err == nil && p.ctx.Err() != nil {
		return nil, err // the run is over
	}
	if len(p.paths) < maxConns || p.paths[a.HostPort()] != (Path{}) {
		p.paths[a.HostPort()] = path
	}
	return conn, err
}

func (p *Proxy) reach(a Address, path *Path) (net.Conn, error) {
	d := p.dialer
	d.Policy = p.rules()
	if p.upstream != nil && !a.IP.IsLoopback() && !localName(a.Host) {
		if denied := d.Policy.judge(a, nil, Page); denied != nil {
			return nil, denied
		}
		began := time.Now()
		conn, err := p.upstream.dial(p.ctx, a)
		path.Connect = time.Since(began)
		return conn, err
	}
	began := time.Now()
	ips, err := p.pinned(&d, a)
	if !a.IP.IsValid() {
		path.DNS = time.Since(began)
	}
	if err != nil {
		return nil, err
	}
	if denied := d.Policy.judge(a, ips, Page); denied != nil {
		return nil, denied
	}
	began = time.Now()
	conn, err := dial(p.ctx, "tcp", ips, a.Port)
	if path.Connect = time.Since(began); err != nil {
		return nil, err
	}
	if remote, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		path.Remote = remote.AddrPort().Addr().Unmap()
	}
	return conn, nil
}

// pinned looks a name up once for the life of the proxy, whoever asks first;
// only a name that was not found may be asked for again.
func (p *Proxy) pinned(d *Dialer, a Address) ([]netip.Addr, error) {
	if a.IP.IsValid() {
		return []netip.Addr{a.IP}, nil
	}
	p.mu.Lock()
	known := p.pins[a.Host]
	if known == nil {
		known = &pin{done: make(chan struct{})}
		p.pins[a.Host] = known
		p.mu.Unlock()
		known.ips, known.err = d.lookup(p.ctx, a)
		if known.err != nil {
			p.mu.Lock()
			delete(p.pins, a.Host)
			p.mu.Unlock()
		}
		close(known.done)
		return known.ips, known.err
	}
	p.mu.Unlock()
	select {
	case <-known.done:
		return known.ips, known.err
	case <-p.ctx.Done():
		return nil, context.Cause(p.ctx)
	}
}
