package chrome

import (
	"context"
	"net"
	"slices"
	"testing"
	"time"

	"gengfu"
)

// TestEgress_fullChromium sends the whole corpus through the full browser,
// whose network stack starts with more of its own (preconnects, predictions,
// first-party sets) and puts frames of other sites into other processes.
func TestEgress_fullChromium(t *testing.T) {
	c := newCanary(t)
	targets := targetsOf(t, c.port)
	srv := seeker(t, targets, c.port)
	stun, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:"+c.port)
	if err != nil {
		t.Fatal(err)
	}
	defer stun.Close()
	held, err := NewPool(Config{Path: fullChromium(t).path, Profiles: t.TempDir(), Overload: -1, Parallel: 1, NoSpare: true})
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s := parse(t, srv.URL, "timeout: 60s\nsteps:\n  - goto: ${base}/\n  - wait: {text: searched}\n    timeout: 40s\n")
	r := held.Run(ctx, s, slot(), nil)
	mustPass(t, r)
	if n := c.conns.Load(); n != 0 {
		t.Errorf("the canary was reached %d times, by %v", n, c.asked)
	}
	_ = stun.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if n, _, err := stun.ReadFrom(make([]byte, 100)); err == nil {
		t.Errorf("the canary got %d bytes of UDP", n)
	}
	if !slices.ContainsFunc(r.Requests, func(q gengfu.FailedRequest) bool { return q.Error == deniedText+"loopback" }) {
		t.Errorf("no request tells that it was refused: %v", r.Requests)
	}
	t.Logf("%s: %d addresses, %d requests, %s", r.Browser, len(targets), r.Traffic.Requests, r.Duration)
}
