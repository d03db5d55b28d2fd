package incidents

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gengfu"
)

// ReopenWithin is how long after its end an incident goes on under its number
// when the trouble comes back; later it is a new one.
const ReopenWithin = 2 * time.Hour

// Keys are the incident keys that a run may touch: the scenario's, its
// account's, the prober's own, its target's, and its log-in's.
func Keys(r gengfu.Run) []string {
	scenario, location := r.Slot.Scenario, r.Slot.Location
	keys := []string{
		gengfu.ScenarioKey(scenario), gengfu.AccountKey(scenario),
		gengfu.ProberKey(location), gengfu.ProberKey(location + "/" + scenario),
		gengfu.LocationKey(location),
	}
	if r.Target != "" {
		keys = append(keys, gengfu.TargetKey(r.Target))
		if r.Session != nil {
			keys = append(keys, gengfu.LoginKey(r.Target, r.Session.Name))
		}
	}
	return keys
}

// Apply folds signals into the incidents of a snapshot, which must have been
// asked for the signals' keys. There is at most one incident at work for each
// key. What changes only the latest run or reading gives no event.
func Apply(snap gengfu.Snapshot, signals []gengfu.Signal, now time.Time) (gengfu.Change, error) {
	return ApplyAround(snap, signals, Around{}, now)
}

// ApplyAround is [Apply] for the signals of a run, which may be part of a
// trouble that its target or a shared log-in has.
func ApplyAround(snap gengfu.Snapshot, signals []gengfu.Signal, around Around, now time.Time) (gengfu.Change, error) {
	f := fold{next: snap.Next, now: now, quiet: around.Quiet, byKey: map[string]gengfu.Incident{}}
	for key, inc := range snap.Incidents {
		inc.Members = slices.Clone(inc.Members)
		f.byKey[key] = inc
	}
	if err := f.place(signals, around); err != nil {
		return gengfu.Change{}, fmt.Errorf("fold signals: %w", err)
	}
	change := gengfu.Change{Incidents: f.ended, Events: f.events}
	for _, key := range f.touched {
		change.Incidents = append(change.Incidents, f.byKey[key])
	}
	return change, nil
}

// fold is a change in the making.
type fold struct {
	next    string // number for a new incident
	now     time.Time
	byKey   map[string]gengfu.Incident
	touched []string // keys in the order they were first changed
	events  []gengfu.Event
	ended   []gengfu.Incident // whose place under their key a new one takes
	actor   string            // empty for the machine
	quiet   time.Duration     // that an incident is watched after it works again
}

func (f *fold) signal(s gengfu.Signal) error {
	if s.Member == "" {
		s.Member = s.Key
	}
	s.Key = f.whole(s.Key)
	inc, known := f.byKey[s.Key]
	switch {
	case s.Firing && known && declined(inc, s): // a person said that it is none
	case s.Flapping && known && inc.Active():
		f.flapping(inc, s)
	case s.Flapping: // it was over before
	case !s.Firing && known && inc.Active() && slices.Contains(inc.Members, s.Member):
		f.calm(inc, s)
	case !s.Firing: // nothing was open for it
	case known && inc.Recovered() && f.now.Sub(inc.Mitigated) > ReopenWithin:
		return f.open(s, f.conclude(inc))
	case known && inc.State == gengfu.IncidentMitigated:
		f.reopen(inc, s)
	case known && inc.Active():
		f.update(inc, s)
	case known && inc.State == gengfu.IncidentResolved && f.now.Sub(inc.Resolved) <= ReopenWithin:
		f.reopen(inc, s)
	default:
		return f.open(s, inc)
	}
	return nil
}

// declined reports whether a signal is of the very trouble that a person called
// a false alarm.
func declined(inc gengfu.Incident, s gengfu.Signal) bool {
	return inc.State == gengfu.IncidentDeclined && !s.ImpactStart.IsZero() && !s.ImpactStart.After(inc.Closed)
}

// open makes a new incident, which is related to the one about the same thing
// before it.
func (f *fold) open(s gengfu.Signal, before gengfu.Incident) error {
	number := f.next
	var err error
	if f.next, err = following(number); err != nil {
		return err
	}
	inc := gengfu.Incident{
		Number: number, Key: s.Key, State: gengfu.IncidentOpen, Grade: s.Grade, Title: s.Title, Target: s.Target, Tags: s.Tags,
		Owner: s.Owner, Runbook: s.Runbook, Notify: s.Notify, Members: []string{s.Member}, Failure: s.Failure, FirstRun: s.Run,
		LastRun: s.Run, ImpactStart: s.ImpactStart, Opened: f.now,
	}
	if inc.ImpactStart.IsZero() {
		inc.ImpactStart = s.At
	}
	inc.Cause = s.Note
	if before.Number != "" {
		inc.Related = []string{before.Number}
	}
	f.event(&inc, gengfu.EventOpened, s.Note, s)
	f.keep(inc)
	return nil
}

// update notes another run of a known trouble. It is an event, and only one, if
// a member joined, the grade rose or the cause is another one.
func (f *fold) update(inc gengfu.Incident, s gengfu.Signal) {
	text, news := "", !grouped(inc.Key) && differs(inc, s)
	joined := !slices.Contains(inc.Members, s.Member)
	if joined {
		inc.Members = append(inc.Members, s.Member)
		text = "+ " + s.Member
	}
	raised := worse(s.Grade, inc.Grade)
	if raised {
		inc.Grade, news = s.Grade, true
	}
	inc.LastRun, inc.Failure = s.Run, s.Failure
	switch {
	case news, joined && !grouped(inc.Key):
		f.event(&inc, gengfu.EventUpdated, text, s)
		f.events[len(f.events)-1].Raised = raised
	case joined:
		f.event(&inc, gengfu.EventJoined, text, s)
	}
	f.keep(inc)
}

// calm takes a member out; with the last one gone the incident is resolved.
func (f *fold) calm(inc gengfu.Incident, s gengfu.Signal) {
	inc.Members = slices.DeleteFunc(inc.Members, func(m string) bool { return m == s.Member })
	inc.LastRun = s.Run
	if len(inc.Members) > 0 {
		kind := gengfu.EventUpdated
		if grouped(inc.Key) {
			kind = gengfu.EventLeft
		}
		f.event(&inc, kind, "− "+s.Member, s)
		f.keep(inc)
		return
	}
	inc.ImpactEnd, inc.StillDown = s.ImpactEnd, false
	if inc.ImpactEnd.IsZero() {
		inc.ImpactEnd = s.At
	}
	if f.quiet > 0 {
		f.watch(inc, s)
		return
	}
	inc.State, inc.Resolved = gengfu.IncidentResolved, f.now
	f.event(&inc, gengfu.EventResolved, "", s)
	f.keep(inc)
}

// reopen goes on with an incident that seemed to be over. Whoever it was
// assigned to has it again; otherwise it waits to be acknowledged anew.
func (f *fold) reopen(inc gengfu.Incident, s gengfu.Signal) {
	inc.State = gengfu.IncidentWorking
	if inc.Assignee == "" {
		inc.State, inc.Acked, inc.AckedBy = gengfu.IncidentOpen, time.Time{}, ""
	}
	if worse(s.Grade, inc.Grade) {
		inc.Grade = s.Grade
	}
	if inc.Failure, inc.LastRun = s.Failure, s.Run; !slices.Contains(inc.Members, s.Member) {
		inc.Members = append(inc.Members, s.Member)
	}
	inc.Mitigated, inc.QuietUntil, inc.Watched, inc.StillDown = time.Time{}, time.Time{}, false, false
	inc.Resolved, inc.ImpactEnd = time.Time{}, time.Time{}
	inc.Reopened++
	f.event(&inc, gengfu.EventReopened, "", s)
	f.keep(inc)
}

func (f *fold) event(inc *gengfu.Incident, kind gengfu.EventKind, text string, s gengfu.Signal) {
	inc.Seq++
	f.events = append(f.events, gengfu.Event{
		Incident: inc.Number, Seq: inc.Seq, At: f.now, Actor: cmp.Or(f.actor, gengfu.Machine), Kind: kind, Text: text, Failure: s.Failure, Run: s.Run,
	})
}

func (f *fold) keep(inc gengfu.Incident) {
	f.byKey[inc.Key] = inc
	if !slices.Contains(f.touched, inc.Key) {
		f.touched = append(f.touched, inc.Key)
	}
}

// differs reports whether the cause is another one than the incident knows.
// Several members have causes of their own; then only the kind of fault counts.
func differs(inc gengfu.Incident, s gengfu.Signal) bool {
	was, is := inc.Failure, s.Failure
	if was == nil || is == nil {
		return was != is
	}
	if len(inc.Members) > 1 {
		return was.Fault != is.Fault
	}
	return was.Fault != is.Fault || was.Reason != is.Reason || was.Step != is.Step
}

func worse(a, b gengfu.Grade) bool { return rank(a) > rank(b) }

func rank(g gengfu.Grade) int {
	return slices.Index([]gengfu.Grade{gengfu.GradeNotice, gengfu.GradeOrdinary, gengfu.GradeMajor}, g)
}

// following is the number after INC-2026-0042.
func following(number string) (string, error) {
	cut := strings.LastIndexByte(number, '-') + 1
	n, err := strconv.Atoi(number[cut:])
	if err != nil {
		return "", fmt.Errorf("incident number %q: %w", number, gengfu.ErrInvalid)
	}
	return fmt.Sprintf("%s%04d", number[:cut], n+1), nil
}
