package chrome

import (
	"strconv"
	"time"

	"gengfu"
	"gengfu/prober/vault"
	"gengfu/scenarios"
)

// suspended is the failure of a run whose log-ins are suspended, nil when they
// are not.
func suspended(v *vault.Vault, identity string) *gengfu.Failure {
	if v == nil {
		return nil
	}
	r, is := v.Suspended(identity, time.Now())
	if !is {
		return nil
	}
	const minute = "2006-01-02 15:04 MST"
	return &gengfu.Failure{
		Fault: gengfu.FaultCredential, Reason: gengfu.ReasonBreaker, Want: identity, Seen: strconv.Itoa(r.Count),
		Detail: r.Since.Local().Format(minute) + " → " + r.Until.Local().Format(minute),
	}
}

// refused is the failure of a run of a scenario that logs in itself, when its
// log-ins are suspended.
func (p *Pool) refused(s *scenarios.Scenario) *gengfu.Failure {
	if s.Session != nil { // it may do without a log-in
		return nil
	}
	return suspended(p.cfg.Vault, s.ID)
}

// account tells the breaker how a log-in ended. fine is true when it was taken.
func (r *runner) account(identity string, fine bool) {
	f := r.run.Failure
	var err error
	switch {
	case r.vault == nil || f != nil && f.Reason == gengfu.ReasonBreaker:
	case f != nil && f.Fault.Account():
		err = r.vault.Rejected(identity, f.Fault == gengfu.FaultLockout, r.breaker, time.Now())
	case fine:
		err = r.vault.Accepted(identity)
	}
	if err != nil {
		r.vault.Warn(identity, err)
	}
}
