package egress_test

import (
	"errors"
	"io"
	"net/netip"
	"strconv"
	"testing"

	"gengfu/egress"
)

func TestDialer_triesTheNextAddress(t *testing.T) {
	srv, _ := canary(t)
	names := &answers{next: [][]netip.Addr{{netip.MustParseAddr("127.0.0.3"), netip.MustParseAddr("127.0.0.1")}}}
	d := egress.Dialer{Policy: egress.Policy{Loopback: true}, Purpose: egress.Notice, Resolver: names}
	c, err := d.DialContext(t.Context(), "tcp", "twice.example:"+strconv.Itoa(int(portOf(t, srv))))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET / HTTP/1.0\r\n\r\n"); err != nil {
		t.Error(err)
	}
	if got, err := io.ReadAll(c); err != nil || len(got) == 0 {
		t.Errorf("%q %v", got, err)
	}
}

func TestDialer_refusesWhatTheNameTurnsOutToBe(t *testing.T) {
	srv, hits := canary(t)
	names := &answers{next: [][]netip.Addr{{netip.MustParseAddr("10.255.255.1"), netip.MustParseAddr("127.0.0.1")}}}
	d := egress.Dialer{Purpose: egress.Notice, Resolver: names}
	_, err := d.DialContext(t.Context(), "tcp", "hooks.example:"+strconv.Itoa(int(portOf(t, srv))))
	if denied := (*egress.DeniedError)(nil); !errors.As(err, &denied) || denied.Reason != egress.Loopback || hits.Load() != 0 {
		t.Errorf("%v, %d hits", err, hits.Load())
	}
	if _, err := d.DialContext(t.Context(), "tcp", "metadata.google.internal:80"); err == nil || names.n != 1 {
		t.Errorf("a refused name was looked up: %v, %d lookups", err, names.n)
	}
}
