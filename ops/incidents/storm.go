package incidents

import (
	"slices"
	"strings"
	"time"

	"gengfu"
)

// Around is what a run's incidents are placed by, besides the snapshot.
type Around struct {
	Target   string         // of the run, empty when it has none
	Login    string         // the shared log-in in which the run failed, empty for elsewhere
	Triage   *gengfu.Triage // nil when nobody looked
	Siblings int            // scenarios of the target
	Storm    Storm
	Beside   string        // machines of the target that are in trouble, too; see [BesideLine]
	Quiet    time.Duration // that an incident is watched after it works again, zero for not at all
}

// Storm says when failures of several scenarios are one incident of their
// target although its entry answers. The zero value stands for the defaults.
type Storm struct {
	Min    int           // so many scenarios, 5
	Ratio  float64       // or this share of the target's, 0.3, when that is fewer; but never fewer than three
	Within time.Duration // 2 min
}

// KeysAround are the keys of [Keys] and those that a run touches by where it
// failed.
func KeysAround(r gengfu.Run, a Around) []string {
	keys := Keys(r)
	if key := gengfu.LoginKey(r.Target, a.Login); a.Login != "" && r.Target != "" && !slices.Contains(keys, key) {
		keys = append(keys, key)
	}
	return keys
}

const (
	stormMin    = 5
	stormRatio  = 0.3
	stormFewest = 3
	stormWithin = 2 * time.Minute
)

// size is how many scenarios of a target with so many make a storm.
func (s Storm) size(siblings int) int {
	least, ratio := s.Min, s.Ratio
	if least <= 0 {
		least = stormMin
	}
	if ratio <= 0 {
		ratio = stormRatio
	}
	if siblings <= 0 {
		return least
	}
	share := int(ratio*float64(siblings) + 0.999)
	return min(least, max(share, stormFewest))
}

func (s Storm) window() time.Duration {
	if s.Within > 0 {
		return s.Within
	}
	return stormWithin
}

// Decision is whose trouble a confirmed failure is.
type Decision string

// The decisions.
const (
	DecideOwn      Decision = "own"      // the prober's: nothing is said about the target
	DecideTarget   Decision = "target"   // the target's: one incident for all its scenarios
	DecideStorm    Decision = "storm"    // the target's: many of its scenarios fail in the same way
	DecideLogin    Decision = "login"    // that of a log-in which scenarios share
	DecideScenario Decision = "scenario" // the scenario's
)

// Decide is the table of triage. alike counts the scenarios of the target that
// fail in the same way, this one included.
func Decide(a Around, alike int) Decision {
	t := a.Triage
	switch {
	case t != nil && t.OwnTrouble():
		return DecideOwn
	case a.Target == "":
		return DecideScenario
	case t != nil && t.EntryDown():
		return DecideTarget
	case alike >= a.Storm.size(a.Siblings):
		return DecideStorm
	case a.Login != "":
		return DecideLogin
	}
	return DecideScenario
}

// place says under which incident each signal of a run belongs, and merges
// those that turned out to be parts of another.
func (f *fold) place(signals []gengfu.Signal, a Around) error {
	for _, s := range signals {
		if !strings.HasPrefix(s.Key, gengfu.ScenarioKey("")) || a.Target == "" {
			if err := f.signal(s); err != nil {
				return err
			}
			continue
		}
		if err := f.scenario(s, a); err != nil {
			return err
		}
	}
	return nil
}

// scenario places a signal of a scenario that has a target.
func (f *fold) scenario(s gengfu.Signal, a Around) error {
	keys := []string{s.Key, gengfu.TargetKey(a.Target)}
	if a.Login != "" {
		keys = append(keys, gengfu.LoginKey(a.Target, a.Login))
	}
	if !s.Firing {
		for key, inc := range f.byKey {
			if grouped(key) && slices.Contains(inc.Members, s.Member) && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
		slices.Sort(keys)
		for _, key := range keys {
			s.Key = key
			if err := f.signal(s); err != nil {
				return err
			}
		}
		return nil
	}
	own := s
	target := f.byKey[gengfu.TargetKey(a.Target)]
	kin := f.kin(s, a)
	switch decision := Decide(a, len(kin)+1); {
	case f.holds(target), decision == DecideTarget, decision == DecideStorm:
		s.Key, s.Title = gengfu.TargetKey(a.Target), a.Target
		if a.Triage != nil {
			s.Note = found(a.Triage)
		}
		if decision == DecideStorm && s.Note == "" {
			s.Note = gengfu.Both("多场景同因：", "several scenarios fail alike: ") + string(fault(s.Failure))
		}
	case f.holds(f.byKey[s.Key]):
	case decision == DecideLogin:
		s.Key, s.Title = gengfu.LoginKey(a.Target, a.Login), a.Target+" · "+a.Login
	}
	s.Note = noted(s.Note, a.Beside)
	if err := f.signal(s); err != nil {
		return err
	}
	switch s.Key {
	case own.Key:
	case gengfu.LoginKey(a.Target, a.Login): // others that fail alike may not log in there
		f.absorb(s, []string{own.Key})
	default:
		f.absorb(s, append(kin, own.Key))
	}
	return nil
}

// found is what triage has to say, nothing when everything answered.
func found(t *gengfu.Triage) string {
	if zh, en := t.Sentence(gengfu.Chinese), t.Sentence(gengfu.English); zh != en {
		return gengfu.Both(zh, en)
	}
	return ""
}

// kin are the keys of the target's other scenarios that began to fail in the
// same way within the window.
func (f *fold) kin(s gengfu.Signal, a Around) []string {
	var keys []string
	for key, inc := range f.byKey {
		if key != s.Key && strings.HasPrefix(key, gengfu.ScenarioKey("")) && failing(inc) && inc.Target == a.Target &&
			fault(inc.Failure) == fault(s.Failure) && f.now.Sub(inc.Opened) <= a.Storm.window() {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func fault(failure *gengfu.Failure) gengfu.Fault {
	if failure == nil {
		return ""
	}
	return failure.Fault
}

// absorb merges open incidents into the one that the signal went to.
func (f *fold) absorb(s gengfu.Signal, keys []string) {
	parent := f.byKey[s.Key]
	for _, key := range keys {
		if child := f.byKey[key]; failing(child) && key != s.Key {
			f.merge(child, &parent, s)
		}
	}
	f.keep(parent)
}

// merge makes an incident part of another, which gets its members.
func (f *fold) merge(child gengfu.Incident, parent *gengfu.Incident, s gengfu.Signal) {
	for _, m := range child.Members {
		if !slices.Contains(parent.Members, m) {
			parent.Members = append(parent.Members, m)
		}
	}
	if !child.ImpactStart.IsZero() && child.ImpactStart.Before(parent.ImpactStart) {
		parent.ImpactStart = child.ImpactStart
	}
	parent.Absorbed = append(slices.Clone(parent.Absorbed), child.Number)
	child.State, child.MergedInto, child.Members = gengfu.IncidentMerged, parent.Number, nil
	s.Failure = nil
	f.event(parent, gengfu.EventJoined, "+ "+child.Number, s)
	f.event(&child, gengfu.EventMerged, parent.Number, s)
	f.keep(child)
}

// whole is the key of the incident at work that the one of this key was merged
// into, and the key itself when there is none.
func (f *fold) whole(key string) string {
	part := f.byKey[key]
	if part.State != gengfu.IncidentMerged {
		return key
	}
	for k, inc := range f.byKey {
		if inc.Number == part.MergedInto && f.holds(inc) {
			return k
		}
	}
	return key
}

// grouped reports whether a key stands for several members, whose coming and
// going is in the timeline only.
func grouped(key string) bool {
	scope, _, _ := strings.Cut(key, ":")
	return scope == "target" || scope == "login" || scope == "prober" || scope == "location"
}

// flapping says once that a trouble comes and goes. A scenario that is a
// member of another incident does not flap on its own.
func (f *fold) flapping(inc gengfu.Incident, s gengfu.Signal) {
	if grouped(inc.Key) {
		return
	}
	inc.LastRun = s.Run
	f.event(&inc, gengfu.EventFlapping, "", s)
	f.keep(inc)
}

// quiet reports whether an event is in the timeline only: members that come
// and go, and a relapse of which the same change says that it is one of many.
func quiet(events []gengfu.Event, i int) bool {
	ev := events[i]
	switch ev.Kind {
	case gengfu.EventJoined, gengfu.EventLeft, gengfu.EventMuted:
		return true
	case gengfu.EventReopened:
		return slices.ContainsFunc(events[i+1:], func(next gengfu.Event) bool {
			return next.Incident == ev.Incident && next.Kind == gengfu.EventFlapping
		})
	}
	return false
}
