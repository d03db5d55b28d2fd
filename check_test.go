package gengfu_test

import (
	"strings"
	"testing"
	"time"

	"gengfu"
)

func TestCheck_sumsUp(t *testing.T) {
	c := gengfu.Check{
		Address: "https://platform.example/x", Status: 200, Protocol: "HTTP/2.0", Remote: "192.0.2.1",
		Phases: gengfu.Phases{DNS: 2 * time.Millisecond, Wait: 14 * time.Millisecond}, Hops: []gengfu.Hop{{URL: "https://platform.example/secret"}},
		TLS: &gengfu.TLS{To: time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)}, Sent: 4, Received: 3,
	}
	for lang, want := range map[gengfu.Lang]string{
		gengfu.English: "HTTP 200 · HTTP/2.0 · 192.0.2.1 · redirects: 1 · 3 of 4 answered · DNS 2 ms · TTFB 14 ms · certificate until 2027-01-02",
		gengfu.Chinese: "HTTP 200 · HTTP/2.0 · 192.0.2.1 · 重定向 1 次 · 收到 3/4 · DNS 2 ms · TTFB 14 ms · 证书有效期至 2027-01-02",
	} {
		if got := c.Line(lang); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
	if c.Lost() != 25 {
		t.Error("lost", c.Lost())
	}
	clean := func(s string) string { return strings.ReplaceAll(s, "secret", gengfu.Masked) }
	if r := c.Redacted(clean); r.Hops[0].URL != "https://platform.example/***" || !strings.Contains(c.Hops[0].URL, "secret") {
		t.Error("redacted", r.Hops, c.Hops)
	}
}
