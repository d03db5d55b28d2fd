package egress_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gengfu/egress"
)

// answers is a name server that says the next of its answers each time, and the
// last one from then on.
type answers struct {
	mu   sync.Mutex
	next [][]netip.Addr
	n    int
}

// LookupNetIP answers whatever the name.
func (a *answers) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.n++
	if len(a.next) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	now := a.next[0]
	if len(a.next) > 1 {
		a.next = a.next[1:]
	}
	return now, nil
}

func listen(t *testing.T, cfg egress.Config) *egress.Proxy {
	t.Helper()
	p, err := egress.Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// through asks the proxy for a connection as a browser does, and returns the
// word of its answer.
func through(t *testing.T, p *egress.Proxy, host string, port uint16) (net.Conn, byte) {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.Address(), "socks5://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	ask := append([]byte{5, 1, 0, 5, 1, 0, 3, byte(len(host))}, host...)
	if _, err := c.Write(binary.BigEndian.AppendUint16(ask, port)); err != nil {
		t.Fatal(err)
	}
	var b [12]byte
	if _, err := io.ReadFull(c, b[:]); err != nil {
		t.Fatal(err)
	}
	return c, b[3]
}

func portOf(t *testing.T, srv *httptest.Server) uint16 {
	t.Helper()
	return netip.MustParseAddrPort(srv.Listener.Addr().String()).Port()
}

func canary(t *testing.T) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	hits := new(atomic.Int32)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "tweet") }))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			hits.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	return srv, hits
}

func TestProxy_carriesBytesOfWhatIsAllowed(t *testing.T) {
	srv, _ := canary(t)
	p := listen(t, egress.Config{Policy: egress.Policy{Loopback: true}})
	c, word := through(t, p, "localhost", portOf(t, srv))
	if word != 0 {
		t.Fatalf("answered %d", word)
	}
	_, _ = io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
	got, err := io.ReadAll(c)
	if err != nil || !strings.HasSuffix(string(got), "tweet") {
		t.Errorf("%q %v", got, err)
	}
	path, ok := p.Path("http://localhost:" + strings.Split(srv.Listener.Addr().String(), ":")[1] + "/x")
	if !ok || path.Remote != netip.MustParseAddr("127.0.0.1") || path.Connect <= 0 || path.Err != nil {
		t.Errorf("%+v", path)
	}
}

func TestProxy_refuses(t *testing.T) {
	srv, hits := canary(t)
	p := listen(t, egress.Config{Resolver: &answers{next: [][]netip.Addr{{netip.MustParseAddr("127.0.0.1")}}}})
	for _, host := range []string{"127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "::1", "innocent.example", "0.0.0.0", "169.254.169.254", "metadata.google.internal"} {
		if _, word := through(t, p, host, portOf(t, srv)); word != 4 {
			t.Errorf("%s: answered %d", host, word)
		}
	}
	if n := hits.Load(); n != 0 {
		t.Errorf("the canary was reached %d times", n)
	}
	path, _ := p.Path("http://innocent.example:" + strings.Split(srv.Listener.Addr().String(), ":")[1])
	if d := (*egress.DeniedError)(nil); !errors.As(path.Err, &d) || d.Reason != egress.Loopback || d.IP != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("%v", path.Err)
	}
}

func TestProxy_isNoWayToItself(t *testing.T) {
	p := listen(t, egress.Config{Policy: egress.Policy{Loopback: true}})
	port := netip.MustParseAddrPort(strings.TrimPrefix(p.Address(), "socks5://")).Port()
	if _, word := through(t, p, "127.0.0.1", port); word != 4 {
		t.Errorf("answered %d", word)
	}
}

func TestProxy_staysWithTheFirstAnswer(t *testing.T) {
	srv, hits := canary(t)
	first := &answers{next: [][]netip.Addr{{netip.MustParseAddr("127.0.0.2")}, {netip.MustParseAddr("127.0.0.1")}}}
	r, err := egress.ParseRule("127.0.0.2")
	if err != nil {
		t.Fatal(err)
	}
	p := listen(t, egress.Config{Policy: egress.Policy{Allow: []egress.Rule{r}}, Resolver: first})
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() { through(t, p, "rebind.example", portOf(t, srv)) }) // nobody listens at 127.0.0.2
	}
	wait.Wait()
	if first.n != 1 || hits.Load() != 0 {
		t.Errorf("%d lookups, %d hits", first.n, hits.Load())
	}
}

func TestProxy_passesTheEndOn(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.(*net.TCPConn).SetLinger(0)
			_, _ = io.ReadFull(c, make([]byte, 1))
			_ = c.Close()
		}
	}()
	p := listen(t, egress.Config{Policy: egress.Policy{Loopback: true}})
	c, _ := through(t, p, "127.0.0.1", netip.MustParseAddrPort(l.Addr().String()).Port())
	_, _ = c.Write([]byte{1})
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a torn connection ended with %v", err)
	}
}

func TestProxy_endsWithItsContext(t *testing.T) {
	srv, _ := canary(t)
	p := listen(t, egress.Config{Policy: egress.Policy{Loopback: true}})
	c, _ := through(t, p, "127.0.0.1", portOf(t, srv))
	p.Close()
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection goes on")
	}
	p.Close()
}

func TestProxy_asksTheNextProxy(t *testing.T) {
	srv, _ := canary(t)
	var asked, auth atomic.Value
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.Host)
		auth.Store(r.Header.Get("Proxy-Authorization"))
		if strings.HasPrefix(r.Host, "closed") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		in, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer in.Close()
		out, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			return
		}
		defer out.Close()
		_, _ = io.WriteString(in, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(out, buffered) }()
		_, _ = io.Copy(in, out)
	}))
	t.Cleanup(up.Close)
	upstream, err := egress.ParseUpstream("http://probe:word@" + up.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	p := listen(t, egress.Config{Upstream: upstream})
	c, word := through(t, p, "far.example", 443)
	_, _ = io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
	got, _ := io.ReadAll(c)
	if word != 0 || !strings.HasSuffix(string(got), "tweet") || asked.Load() != "far.example:443" || auth.Load() != "Basic cHJvYmU6d29yZA==" {
		t.Errorf("answered %d, %q, asked for %v with %v", word, got, asked.Load(), auth.Load())
	}
	through(t, p, "closed.example", 80)
	if path, _ := p.Path("http://closed.example/"); !errors.Is(path.Err, egress.ErrUpstream) {
		t.Errorf("%v", path.Err)
	}
	if _, word := through(t, p, "169.254.169.254", 80); word != 4 || asked.Load() != "closed.example:80" {
		t.Errorf("answered %d, asked for %v", word, asked.Load())
	}
}
