package main

import (
	"context"
	"slices"
	"strings"
	"syscall"
	"time"

	"gengfu"
	"gengfu/ops/incidents"
	"gengfu/ops/selfcheck"
	"gengfu/prober"
	"gengfu/prober/chrome"
	"gengfu/scenarios"
	"gengfu/storage"
)

// canaryTime is what a start of the browser may take that only tells whether it
// can be started.
const canaryTime = 10 * time.Second

// openSelfCheck makes the self-check, which knows what an earlier prober said
// of itself, so that it is taken back.
func (d *daemon) openSelfCheck(ctx context.Context) error {
	data := d.in.abs(d.in.data)
	if d.measure == nil {
		d.measure = func(s *selfcheck.Sample) { measure(data, s) }
	}
	var err error
	d.self, err = selfcheck.New(selfcheck.Config{
		Measure: func(s *selfcheck.Sample) { d.measure(s) }, Ask: d.askSelf, Tell: d.tellSelf, Limits: d.in.selfLimits(), Log: d.log,
	})
	if err != nil {
		return err
	}
	open, err := d.store.Incidents(ctx, storage.IncidentFilter{Active: true})
	if err != nil {
		return err
	}
	for _, inc := range open {
		if inc.Key != gengfu.ProberKey(gengfu.DefaultLocation) {
			continue
		}
		for _, kind := range gengfu.SelfKinds() {
			if slices.Contains(inc.Members, kind.Member()) {
				d.selfTold = append(d.selfTold, kind)
				d.self.Raise(gengfu.SelfFinding{Kind: kind})
			}
		}
	}
	return nil
}

// selfLimits are what the prober's machine must keep: the load is that from
// which the times of runs are tagged.
func (in *instance) selfLimits() selfcheck.Limits {
	l := selfcheck.DefaultLimits()
	switch over := in.chrome.Overload; {
	case over > 0:
		l.Load = over
	case over < 0:
		l.Load = 0
	}
	return l
}

// measure reads what a few small files tell.
func measure(data string, s *selfcheck.Sample) {
	var fs syscall.Statfs_t
	if syscall.Statfs(data, &fs) == nil {
		s.Disk = selfcheck.Amount{Bytes: fs.Bavail * uint64(fs.Bsize), Known: true}
	}
	s.Memory.Bytes, s.Memory.Known = chrome.FreeMemory()
	s.Load = chrome.LoadPerCore()
}

// askSelf asks what costs something, and only what is suspect already: the
// browser when it could not be started, the control targets when none answered.
func (d *daemon) askSelf(ctx context.Context, s *selfcheck.Sample, wrong gengfu.SelfCheck) {
	if d.pool.Trouble() != nil {
		warm, cancel := context.WithTimeout(ctx, canaryTime)
		if err := d.pool.Warm(warm); err != nil {
			s.Browser = firstLine(err.Error())
		}
		cancel()
	}
	t := d.terrain.Load().triage
	stands := slices.ContainsFunc(wrong.Findings, func(f gengfu.SelfFinding) bool { return f.Kind == gengfu.SelfNetwork })
	if stands || t.Suspect() {
		if found := t.Controls(ctx); found.OwnTrouble() {
			s.Network = silentControls(found)
		}
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// silentControls are the names of control targets that do not answer.
func silentControls(found gengfu.Triage) string {
	names := make([]string, 0, len(found.Controls))
	for _, p := range found.Controls {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// tellSelf opens and ends the incident of the prober: each finding is a member.
func (d *daemon) tellSelf(ctx context.Context, c gengfu.SelfCheck) error {
	var signals []gengfu.Signal
	stand := make([]gengfu.SelfKind, 0, len(c.Findings))
	for _, f := range c.Findings {
		if f.Kind == gengfu.SelfLoad || f.Seen == "" && !slices.Contains(d.selfTold, f.Kind) {
			continue
		}
		stand = append(stand, f.Kind)
		if !slices.Contains(d.selfTold, f.Kind) {
			signals = append(signals, selfSignal(f.Kind, &f, c.At))
		}
	}
	for _, kind := range d.selfTold {
		if !slices.Contains(stand, kind) {
			signals = append(signals, selfSignal(kind, nil, c.At))
		}
	}
	if len(signals) == 0 {
		return nil
	}
	for _, s := range signals {
		if s.Firing {
			d.log.Warn("prober is not fit", "finding", s.Failure.Sentence(gengfu.English))
		}
	}
	now := clock()
	around := incidents.Around{Quiet: d.times.Load().quiet}
	err := d.store.Amend(ctx, "", "", []string{signals[0].Key}, func(snap gengfu.Snapshot) (gengfu.Change, error) {
		return d.desk.ChangeAround(snap, signals, around, now)
	})
	if err == nil {
		d.selfTold = stand
	}
	return err
}

// selfSignal is the signal of a finding, or of its end when there is none.
func selfSignal(kind gengfu.SelfKind, f *gengfu.SelfFinding, at time.Time) gengfu.Signal {
	s := gengfu.Signal{
		Key: gengfu.ProberKey(gengfu.DefaultLocation), Firing: f != nil, At: at, Grade: gengfu.GradeOrdinary,
		Title: "Gengfu @ " + gengfu.DefaultLocation, Member: kind.Member(),
	}
	if f != nil {
		s.ImpactStart, s.Failure = at, gengfu.SelfFailure([]gengfu.SelfFinding{*f})
	}
	return s
}

// fit lets runs through while the prober is fit to say anything. Otherwise they
// end at once as errored; and one that failed while something was wrong with
// the prober may have failed for that.
func (d *daemon) fit(execute prober.Browser) prober.Browser {
	return func(ctx context.Context, s *scenarios.Scenario, slot gengfu.Slot, watch func(gengfu.StepResult)) gengfu.Run {
		if wrong := d.self.Now().Frozen(!s.Browserless()); len(wrong) > 0 {
			r := s.Begin(slot, time.Now())
			r.Outcome, r.Failure = gengfu.Errored, gengfu.SelfFailure(wrong)
			return r
		}
		r := execute(ctx, s, slot, watch)
		if r.Outcome != gengfu.Failed || r.Failure == nil {
			return r
		}
		if wrong := d.self.Spoilt(r.Started); len(wrong) > 0 {
			own := gengfu.SelfFailure(wrong)
			own.Step, own.Name, own.Verb, own.URL, own.Hints = r.Failure.Step, r.Failure.Name, r.Failure.Verb, r.Failure.URL, r.Failure.Hints
			r.Outcome, r.Failure = gengfu.Errored, own
		}
		return r
	}
}
