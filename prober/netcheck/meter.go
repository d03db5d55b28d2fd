package netcheck

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"

	"gengfu"
	"gengfu/egress"
)

// meter adds up the phases of a step. Connecting goes on in goroutines of the
// transport, which may outlive the step.
type meter struct {
	mu     sync.Mutex // guards what follows
	phases gengfu.Phases
	remote string
	over   bool
	shaken time.Time
	wrote  time.Time
	first  time.Time
}

func (m *meter) note(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.over {
		f()
	}
}

func (m *meter) connected(path egress.Path) {
	m.note(func() {
		m.phases.DNS += path.DNS
		m.phases.Connect += path.Connect
		if path.Remote.IsValid() {
			m.remote = path.Remote.String()
		}
	})
}

func (m *meter) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeStart: func() { m.note(func() { m.shaken = time.Now() }) },
		TLSHandshakeDone: func(tls.ConnectionState, error) {
			m.note(func() { m.phases.TLS += time.Since(m.shaken) })
		},
		WroteRequest: func(httptrace.WroteRequestInfo) { m.note(func() { m.wrote = time.Now() }) },
		GotFirstResponseByte: func() {
			m.note(func() {
				if m.first = time.Now(); !m.wrote.IsZero() {
					m.phases.Wait += m.first.Sub(m.wrote)
				}
			})
		},
	})
}

// done notes the last byte.
func (m *meter) done() {
	m.note(func() {
		if !m.first.IsZero() {
			m.phases.Download = time.Since(m.first)
		}
	})
}

// finish ends the measuring and puts what was measured into the check.
func (m *meter) finish(check *gengfu.Check) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.over = true
	check.Phases, check.Remote = m.phases, m.remote
}
