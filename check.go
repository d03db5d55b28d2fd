package gengfu

import (
	"fmt"
	"strings"
	"time"
)

// Check is what a step without a browser measured. Which fields are set depends
// on its verb; every text in it is already redacted.
type Check struct {
	Address  string        `json:",omitempty"` // what was asked, user and query removed
	Remote   string        `json:",omitempty"` // IP address that answered
	Status   int           `json:",omitempty"` // of HTTP
	Protocol string        `json:",omitempty"` // HTTP/2.0, TLS 1.3, a subprotocol
	Latency  time.Duration `json:",omitzero"`  // until the whole answer was there; of pings the mean
	Phases   Phases        `json:",omitzero"`
	Hops     []Hop         `json:",omitempty"` // redirects
	TLS      *TLS          `json:",omitempty"`
	Answers  []string      `json:",omitempty"` // of a name server
	Bytes    int64         `json:",omitempty"` // of the answer
	Rows     int           `json:",omitempty"`
	Sent     int           `json:",omitempty"` // packets
	Received int           `json:",omitempty"`
}

// Checked is the result of a step without a browser: nil for Failure when it
// passed, and the first expectation that only degrades.
type Checked struct {
	Check   Check
	Failure *Failure
	Warning *Failure
}

// Lost is the share of packets without an answer, in per cent.
func (c Check) Lost() float64 {
	if c.Sent == 0 {
		return 0
	}
	return 100 * float64(c.Sent-c.Received) / float64(c.Sent)
}

// Redacted is the check with every text passed through clean.
func (c Check) Redacted(clean func(string) string) Check {
	c.Address, c.Protocol = clean(c.Address), clean(c.Protocol)
	answers := make([]string, len(c.Answers))
	for i, a := range c.Answers {
		answers[i] = clean(a)
	}
	hops := make([]Hop, len(c.Hops))
	for i, h := range c.Hops {
		h.URL = clean(h.URL)
		hops[i] = h
	}
	c.Answers, c.Hops = answers, hops
	return c
}

// Line sums the check up for people in one line of lang: HTTP 200 · 127.0.0.1 ·
// DNS 2 ms · TTFB 14 ms.
func (c Check) Line(lang Lang) string {
	var parts []string
	say := func(zh, en string) {
		if lang == English {
			zh = en
		}
		parts = append(parts, zh)
	}
	if c.Status > 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", c.Status))
	}
	for _, text := range append([]string{c.Protocol, c.Remote}, c.Answers...) {
		if text != "" {
			parts = append(parts, text)
		}
	}
	if n := len(c.Hops); n > 0 {
		say(fmt.Sprintf("重定向 %d 次", n), fmt.Sprintf("redirects: %d", n))
	}
	if c.Sent > 0 {
		say(fmt.Sprintf("收到 %d/%d", c.Received, c.Sent), fmt.Sprintf("%d of %d answered", c.Received, c.Sent))
	}
	if c.Rows > 0 {
		say(fmt.Sprintf("%d 行", c.Rows), fmt.Sprintf("%d rows", c.Rows))
	}
	for _, p := range []struct {
		name string
		took time.Duration
	}{{"DNS", c.Phases.DNS}, {"TCP", c.Phases.Connect}, {"TLS", c.Phases.TLS}, {"TTFB", c.Phases.Wait}, {"↓", c.Phases.Download}} {
		if p.took > 0 {
			parts = append(parts, p.name+" "+Span(p.took))
		}
	}
	if c.TLS != nil && !c.TLS.To.IsZero() {
		until := c.TLS.To.UTC().Format(time.DateOnly)
		say("证书有效期至 "+until, "certificate until "+until)
	}
	return strings.Join(parts, " · ")
}
