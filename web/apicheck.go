package web

import (
	"time"

	"gengfu"
)

// checkDoc is what a step without a browser measured.
type checkDoc struct {
	Address   string     `json:"address"`
	RemoteIP  string     `json:"remote_ip"`
	Status    int        `json:"status"` // of HTTP, 0 for none
	Protocol  string     `json:"protocol"`
	LatencyMS int64      `json:"latency_ms"` // until the whole answer was there; of pings the mean
	Phases    phaseDoc   `json:"phases"`
	Hops      []hopDoc   `json:"hops"`
	Until     *time.Time `json:"certificate_until"`
	Issuer    string     `json:"certificate_issuer"`
	Answers   []string   `json:"answers"` // of a name server
	Bytes     int64      `json:"bytes"`
	Rows      int        `json:"rows"`
	Sent      int        `json:"packets_sent"`
	Received  int        `json:"packets_received"`
}

func checkDocOf(c *gengfu.Check) *checkDoc {
	if c == nil {
		return nil
	}
	ms := time.Duration.Milliseconds
	d := &checkDoc{
		Address: c.Address, RemoteIP: c.Remote, Status: c.Status, Protocol: c.Protocol, LatencyMS: ms(c.Latency),
		Phases: phaseDocOf(c.Phases),
		Hops:   []hopDoc{}, Answers: list(c.Answers), Bytes: c.Bytes, Rows: c.Rows, Sent: c.Sent, Received: c.Received,
	}
	for _, h := range c.Hops {
		d.Hops = append(d.Hops, hopDoc{h.URL, h.Status, ms(h.Took)})
	}
	if c.TLS != nil && !c.TLS.To.IsZero() {
		d.Until, d.Issuer = &c.TLS.To, c.TLS.Issuer
	}
	return d
}

func phaseDocOf(p gengfu.Phases) phaseDoc {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }
	return phaseDoc{ms(p.DNS), ms(p.Connect), ms(p.TLS), ms(p.Wait), ms(p.Download)}
}

// measured reports whether the run did a step without a browser, so that none
// was started for it.
func measured(r gengfu.Run) bool {
	for _, st := range r.Steps {
		if st.Check != nil {
			return true
		}
	}
	return false
}

// check sums a step without a browser up in one line.
func (g tongue) check(c *gengfu.Check) string { return c.Line(g.lang) }
