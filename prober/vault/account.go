package vault

import (
	"strconv"
	"time"

	"gengfu"
)

// Refusal is the failure of a run whose log-ins are suspended, nil when they are
// not. A nil vault suspends nothing.
func (v *Vault) Refusal(identity string) *gengfu.Failure {
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

// Tell takes how a log-in ended: f is the failure of its run, nil for none, and
// fine is true when the log-in was taken. A nil vault takes nothing.
func (v *Vault) Tell(identity string, f *gengfu.Failure, fine bool, b Breaker) {
	var err error
	switch {
	case v == nil || f != nil && f.Reason == gengfu.ReasonBreaker:
	case f != nil && f.Fault.Account():
		err = v.Rejected(identity, f.Fault == gengfu.FaultLockout, b, time.Now())
	case fine:
		err = v.Accepted(identity)
	}
	if err != nil {
		v.Warn(identity, err)
	}
}
