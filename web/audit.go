package web

import "time"

// The kinds of findings of an audit.
const (
	AuditForgotten = "incident" // an open incident that nobody would be told of any more
	AuditWaiting   = "message"  // an urgent message that waits for too long
	AuditEndpoint  = "endpoint" // a way to people that takes nothing, and no incident says so
)

// Audit is what the prober found when it last looked whether everything is in
// somebody's hands.
type Audit struct {
	At       time.Time
	OK       bool
	Findings map[string]int // by kind
}

func (f *exposition) audit(a Audit) {
	if a.At.IsZero() {
		return
	}
	ok := 0.0
	if a.OK {
		ok = 1
	}
	f.one("gengfu_audit_ok", "Whether the latest audit found every incident, message and endpoint looked after.", ok)
	f.family("gengfu_audit_findings", "gauge", "What the latest audit found wrong, by kind: incident (nobody is told of it any more), message (an urgent one waits) or endpoint (it takes nothing).")
	for _, kind := range []string{AuditForgotten, AuditWaiting, AuditEndpoint} {
		f.sample(float64(a.Findings[kind]), "kind", kind)
	}
	f.one("gengfu_audit_timestamp_seconds", "When the latest audit was, in Unix time.", unix(a.At))
}
