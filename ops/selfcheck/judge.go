package selfcheck

import (
	"fmt"
	"slices"
	"time"

	"gengfu"
)

// Amount is a number of bytes, if the system tells it.
type Amount struct {
	Bytes uint64
	Known bool
}

// Sample is one look of the prober at itself.
type Sample struct {
	At      time.Time
	Disk    Amount        // free, where the ledger lies
	Memory  Amount        // that can still be taken
	Lag     time.Duration // that our own timer rang late
	Jump    time.Duration // of the clock on the wall against the one that only runs, since the sample before
	Load    float64       // average of the last minute for each core, 0 when not known
	Browser string        // why it cannot be started, empty when it can or was not tried
	Network string        // which control targets do not answer when none does, in both languages; empty otherwise
}

// Limits are what a sample must keep. The zero value of a field leaves it
// unwatched.
type Limits struct {
	Disk, Memory uint64        // bytes that must be free
	Lag, Jump    time.Duration // that are too much
	Load         float64       // for each core
}

// DefaultLimits are far beyond what a healthy machine shows, and short of what
// stops it: below 128 MiB of disk the ledger still takes the incident that says
// so. The gate of the browsers lets no run in long before memory is down to 128
// MiB; then something else takes it. The load is that from which times are
// tagged as those of a starved machine.
func DefaultLimits() Limits {
	return Limits{Disk: 128 << 20, Memory: 128 << 20, Lag: 5 * time.Second, Jump: 30 * time.Second, Load: 4}
}

// Find says what is wrong in a sample by itself, in the order of
// [gengfu.SelfKinds]. It is pure.
func Find(s Sample, l Limits) []gengfu.SelfFinding {
	var list []gengfu.SelfFinding
	add := func(wrong bool, kind gengfu.SelfKind, seen, limit string) {
		if wrong {
			list = append(list, gengfu.SelfFinding{Kind: kind, Seen: seen, Limit: limit})
		}
	}
	add(s.Disk.Known && s.Disk.Bytes < l.Disk, gengfu.SelfDisk, mebibytes(s.Disk.Bytes), mebibytes(l.Disk))
	add(s.Memory.Known && s.Memory.Bytes < l.Memory, gengfu.SelfMemory, mebibytes(s.Memory.Bytes), mebibytes(l.Memory))
	add(l.Lag > 0 && s.Lag >= l.Lag, gengfu.SelfLag, gengfu.Span(s.Lag), gengfu.Span(l.Lag))
	add(l.Jump > 0 && s.Jump.Abs() >= l.Jump, gengfu.SelfClock, gengfu.Span(s.Jump), gengfu.Span(l.Jump))
	add(s.Browser != "", gengfu.SelfBrowser, s.Browser, "")
	add(s.Network != "", gengfu.SelfNetwork, s.Network, "")
	add(l.Load > 0 && s.Load >= l.Load, gengfu.SelfLoad, fmt.Sprintf("%.1f", s.Load), fmt.Sprintf("%g", l.Load))
	return list
}

func mebibytes(n uint64) string { return fmt.Sprintf("%d MiB", n>>20) }

// goodChecks in a row end a finding.
const goodChecks = 2

// badChecks in a row make a finding of a kind. What comes and goes by itself
// has to stay; the others are believed at once.
func badChecks(k gengfu.SelfKind) int {
	switch k {
	case gengfu.SelfMemory, gengfu.SelfLag, gengfu.SelfLoad:
		return 2
	}
	return 1
}

// State is what stands after the samples so far. Its zero value has seen none.
type State struct {
	At    time.Time
	kinds []standing // by the place of the kind in [gengfu.SelfKinds]
}

// copied is a state that may be changed: one for each kind, whatever was seen.
func (st State) copied() State {
	kinds := make([]standing, len(gengfu.SelfKinds()))
	copy(kinds, st.kinds)
	st.kinds = kinds
	return st
}

// standing is how one kind stands.
type standing struct {
	bad, good int // checks in a row
	wrong     bool
	finding   gengfu.SelfFinding
}

// Judge is the state after one more sample. A kind is found wrong after as many
// bad checks in a row as it takes, and well again after two good ones. It is
// pure.
func Judge(st State, s Sample, l Limits) State {
	st = st.copied()
	st.At = s.At
	found := Find(s, l)
	for i, kind := range gengfu.SelfKinds() {
		k := &st.kinds[i]
		at := slices.IndexFunc(found, func(f gengfu.SelfFinding) bool { return f.Kind == kind })
		if at < 0 {
			k.bad, k.good = 0, k.good+1
			k.wrong = k.wrong && k.good < goodChecks
			continue
		}
		k.bad, k.good, k.finding = k.bad+1, 0, found[at]
		k.wrong = k.wrong || k.bad >= badChecks(kind)
	}
	return st
}

// Raise makes a finding stand that was made elsewhere, until two good checks.
func (st State) Raise(f gengfu.SelfFinding) State {
	i := slices.Index(gengfu.SelfKinds(), f.Kind)
	if i < 0 {
		return st
	}
	st = st.copied()
	k := &st.kinds[i]
	k.good, k.wrong = 0, true
	if f.Kind != k.finding.Kind || f.Seen != "" {
		k.finding = f
	}
	return st
}

// Check is what stands, for others to read.
func (st State) Check() gengfu.SelfCheck {
	c := gengfu.SelfCheck{At: st.At}
	for _, k := range st.kinds {
		if k.wrong {
			c.Findings = append(c.Findings, k.finding)
		}
	}
	return c
}
