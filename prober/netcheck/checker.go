package netcheck

import (
	"context"
	"crypto/x509"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"gengfu"
	"gengfu/egress"
	"gengfu/prober/vault"
	"gengfu/scenarios"
)

// Config says how targets are reached. The zero value is the default policy,
// the system's resolver and the system's certificate authorities.
type Config struct {
	Policy   egress.Policy
	Resolver egress.Resolver  // nil for the system's
	Upstream *egress.Upstream // proxy that leads out, nil for none
	Roots    *x509.CertPool   // nil for the system's
	Secret   func(name string) (gengfu.Secret, error)
	Vault    *vault.Vault // whose log-ins are suspended; nil for nobody's
	Breaker  vault.Breaker
}

// Checker does steps and whole scenarios without a browser. It may be used by
// several goroutines at once and holds nothing between them.
type Checker struct {
	mu  sync.Mutex // guards cfg
	cfg Config
}

// New makes a checker.
func New(cfg Config) *Checker { return &Checker{cfg: cfg} }

// Reserve keeps every step from our own listeners, from now on.
func (c *Checker) Reserve(own ...netip.AddrPort) {
	c.mu.Lock()
	c.cfg.Policy.Own = append(slices.Clip(c.cfg.Policy.Own), own...)
	c.mu.Unlock()
}

// SetSecrets changes where secrets come from, for runs that begin later.
func (c *Checker) SetSecrets(secret func(name string) (gengfu.Secret, error)) {
	c.mu.Lock()
	c.cfg.Secret = secret
	c.mu.Unlock()
}

func (c *Checker) config() Config {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cfg
}

// errand is one step on its way.
type errand struct {
	cfg    Config
	st     *scenarios.Step
	on     *scenarios.Errand
	began  time.Time
	check  gengfu.Check
	answer *scenarios.Answer
	doc    any // the answer as JSON, decoded when first asked for
	docErr error
	decode bool
	warn   *gengfu.Failure
}

// Do does one step within ctx: its action, its expectations, and the values it
// keeps. Texts in the result are not redacted yet: the run they belong to knows
// its secrets.
func (c *Checker) Do(ctx context.Context, st *scenarios.Step, on *scenarios.Errand) gengfu.Checked {
	e := &errand{cfg: c.config(), st: st, on: on, began: time.Now()}
	err := e.act(ctx)
	if e.answer != nil {
		on.Answer = e.answer
	}
	if err == nil {
		err = e.expect()
	}
	if err == nil {
		err = keep(on, st.Saves)
	}
	out := gengfu.Checked{Check: e.check, Warning: e.warn}
	if err != nil {
		f := e.failure(ctx, err)
		if told := e.told(f); told != nil {
			f = *told
		}
		f.URL = e.check.Address
		out.Failure = &f
	}
	return out
}

func (e *errand) act(ctx context.Context) error {
	switch e.st.Verb {
	case scenarios.HTTP:
		return e.http(ctx)
	case scenarios.TLS:
		return e.tls(ctx)
	case scenarios.DNS:
		return e.dns(ctx)
	case scenarios.TCP:
		return e.tcp(ctx)
	case scenarios.ICMP:
		return e.icmp(ctx)
	case scenarios.WebSocket:
		return e.websocket(ctx)
	case scenarios.SQL:
		return e.sql(ctx)
	}
	return wrong("verb %s needs a browser", e.st.Verb)
}

// resolve replaces the references of a text; what cannot be resolved is the
// scenario's fault.
func (e *errand) resolve(t scenarios.Text) (scenarios.Value, error) {
	return resolve(t.Resolve, e.on.Env)
}

func resolve(f func(*scenarios.Env) (scenarios.Value, error), env *scenarios.Env) (scenarios.Value, error) {
	v, err := f(env)
	var missing *scenarios.MissingSecretError
	switch {
	case errors.As(err, &missing):
		return v, &stopError{gengfu.Failure{Fault: gengfu.FaultScenario, Reason: gengfu.ReasonSecret, Want: missing.Name, Detail: missing.Err.Error()}}
	case err != nil:
		return v, wrong("%v", err)
	}
	return v, nil
}

// dialer is one for an address that stands in t. The author's own words may name
// the own machine; what a page or an answer said may not.
func (e *errand) dialer(t scenarios.Text, relative bool) egress.Dialer {
	d := egress.Dialer{Policy: e.cfg.Policy, Purpose: egress.Page, Resolver: e.cfg.Resolver}
	d.Policy.Named = e.named()
	written := *e.on.Env
	written.Saved = nil
	if _, err := t.Resolve(&written); err == nil && !relative {
		d.Purpose = egress.Scenario
	}
	return d
}

// named are the places on the own machine that the scenario's own addresses
// name, to which an answer may lead back.
func (e *errand) named() []string {
	if e.on.Scenario == nil {
		return nil
	}
	written := *e.on.Env
	written.Saved = nil
	var out []string
	for _, list := range [][]scenarios.Step{e.on.Scenario.Steps, e.on.Scenario.Always} {
		for i := range list {
			if list[i].URL.IsZero() {
				continue
			}
			v, err := list[i].URL.Resolve(&written)
			if err != nil {
				continue
			}
			if a, reason := egress.Parse(v.Text); reason == "" && a.Host != "" {
				out = append(out, a.HostPort())
			}
		}
	}
	return out
}

// told is what the texts of the step's outcome rules say of the answer.
func (e *errand) told(f gengfu.Failure) *gengfu.Failure {
	if e.answer == nil || f.Fault.Outcome() != gengfu.Failed {
		return nil
	}
	for _, rule := range e.st.Outcome {
		if rule.Text.IsZero() {
			continue // its sign is of a page
		}
		v, err := e.resolve(rule.Text)
		if err != nil || !strings.Contains(string(e.answer.Body), v.Text) {
			continue
		}
		return new(rule.Failure(quoted(string(e.answer.Body))))
	}
	return nil
}
