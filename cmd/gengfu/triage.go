package main

import (
	"context"
	"net/http"
	"os"
	"slices"

	"gengfu"
	"gengfu/ops/incidents"
	"gengfu/ops/triage"
	"gengfu/prober"
	"gengfu/scenarios"
	"gengfu/scenarios/strict"
)

// readControls reads the addresses that tell whether our own network works.
func (in *instance) readControls(n strict.Node) {
	items, ok := n.Items()
	if !ok {
		return
	}
	for _, item := range items {
		var c triage.Control
		before := in.report.Raised()
		fields(item, map[string]func(strict.Node){"url": in.text(&c.URL), "tcp": in.text(&c.TCP), "dns": in.text(&c.DNS)})
		if m, ok := item.Map(); ok && len(m.Entries) != 1 && in.report.Raised() == before {
			item.Problem("a control target is one address", "url, tcp or dns")
			continue
		}
		if err := c.Check(); err != nil && in.report.Raised() == before {
			item.Problem(err.Error(), "such as {url: https://www.example.gov.cn/}, {tcp: 10.0.0.1:53} or {dns: www.example.gov.cn}")
			continue
		}
		in.controls = append(in.controls, c)
	}
	if len(items) == 1 {
		n.Problem("one control target cannot be told from its own trouble", "name two or more that do not depend on each other")
	}
}

// readStorm reads when failures of many scenarios are one of their target.
func (in *instance) readStorm(n strict.Node) {
	fields(n, map[string]func(strict.Node){
		"min": number(&in.storm.Min, 2, 10_000), "ratio": share(&in.storm.Ratio), "within": span(&in.storm.Within),
	})
}

// terrain is what is known of the targets from the scenarios in force.
type terrain struct {
	triage    *triage.Triage
	storm     incidents.Storm
	entry     map[string]string   // by scenario, the address its first page or request has
	siblings  map[string]int      // by target, how many scenarios it has
	hosts     map[string][]string // by target, the machines that belong to it
	fragments map[string][]string // by scenario, the shared fragment that each of its steps came from
}

// survey makes the terrain of a configuration. Entries that hold a secret or
// cannot be known before the run are left out.
func (in *instance) survey(set *scenarios.Set) *terrain {
	t := &terrain{
		triage: triage.New(triage.Config{Controls: in.controls, Policy: in.policy(), Resolver: in.egress.Resolver, Upstream: in.egress.Upstream}),
		storm:  in.storm, entry: map[string]string{}, siblings: map[string]int{}, fragments: map[string][]string{},
		hosts: in.hostsOf(),
	}
	users := map[string]int{}
	for _, s := range set.Scenarios {
		t.siblings[s.Target]++
		t.entry[s.ID] = entryOf(s, in)
		for _, name := range fragmentsOf(s) {
			users[s.Target+"/"+name]++
		}
	}
	for _, s := range set.Scenarios {
		if s.Session != nil {
			continue // its steps have places of their own, and its log-in a group
		}
		for _, st := range s.Steps {
			name := st.Fragment
			if users[s.Target+"/"+name] < 2 {
				name = ""
			}
			t.fragments[s.ID] = append(t.fragments[s.ID], name)
		}
	}
	return t
}

func fragmentsOf(s scenarios.Scenario) []string {
	var names []string
	for _, st := range s.Steps {
		if st.Fragment != "" && !slices.Contains(names, st.Fragment) {
			names = append(names, st.Fragment)
		}
	}
	return names
}

// entryOf is the first address that a scenario opens, empty when there is none
// or it holds a secret.
func entryOf(s scenarios.Scenario, in *instance) string {
	for _, st := range s.Steps {
		text := st.URL
		asks := st.Verb == scenarios.Goto || st.Verb == scenarios.HTTP && (st.Method == "" || st.Method == http.MethodGet)
		if !asks || text.IsZero() || text.Tainted() {
			continue
		}
		v, err := text.Resolve(&scenarios.Env{Secret: in.secrets.Lookup, Getenv: os.LookupEnv})
		if err != nil {
			return ""
		}
		return v.Text
	}
	return ""
}

// around looks round after a failed run. When our own network is what fails,
// the run says nothing about its target, and becomes an errored one.
func (d *daemon) around(ctx context.Context, r *gengfu.Run, confirm scenarios.Confirm) incidents.Around {
	t := d.terrain.Load()
	a := incidents.Around{Target: r.Target, Storm: t.storm, Siblings: t.siblings[r.Target]}
	if r.Outcome != gengfu.Failed || r.Failure == nil {
		return a
	}
	a.Login = t.login(r)
	entry := ""
	if d.confirms(ctx, *r, confirm) {
		entry = t.entry[r.Slot.Scenario]
		a.Beside = d.beside(ctx, r.Target)
		d.recall(ctx, r)
	}
	found := t.triage.Look(ctx, r.Target, entry, r.Started)
	a.Triage = &found
	if !found.OwnTrouble() {
		return a
	}
	d.log.Warn("own network in trouble: no control target answers", "run", r.Slot.ID())
	d.self.Raise(gengfu.SelfFinding{Kind: gengfu.SelfNetwork, Seen: silentControls(found)})
	r.Outcome = gengfu.Errored
	own := *r.Failure
	own.Fault, own.Reason, own.Detail = gengfu.FaultNetwork, gengfu.ReasonNetworkOurs, gengfu.Both(found.Sentence(gengfu.Chinese), found.Sentence(gengfu.English))
	r.Failure = &own
	return a
}

// recall adds the hint that the scenario itself was changed, when it has not
// passed since.
func (d *daemon) recall(ctx context.Context, r *gengfu.Run) {
	at, changed, err := d.store.Changed(ctx, r.Slot.Scenario, r.Slot.Location, r.Revision)
	switch {
	case err != nil && ctx.Err() == nil:
		d.log.Warn("revisions could not be read", "scenario", r.Slot.Scenario, "error", err)
	case changed:
		r.Failure.Hints = append(r.Failure.Hints, gengfu.HintChanged+at.In(d.in.zone).Format("01-02 15:04"))
	}
}

// confirms reports whether a failed run is one that people hear of.
func (d *daemon) confirms(ctx context.Context, r gengfu.Run, confirm scenarios.Confirm) bool {
	state, err := d.store.Check(ctx, r.Slot.Scenario, r.Slot.Location)
	if err != nil {
		return true // then rather look once too often
	}
	_, signals := prober.Judge(state, r, confirm)
	return slices.ContainsFunc(signals, func(s gengfu.Signal) bool { return s.Firing && s.Key == gengfu.ScenarioKey(r.Slot.Scenario) })
}

// login is the shared log-in, or other shared fragment, in which a run failed.
func (t *terrain) login(r *gengfu.Run) string {
	at := r.Failure.Step - 1
	if r.Session != nil {
		if at >= 0 && at < len(r.Steps) && r.Steps[at].Group == gengfu.GroupLogin {
			return r.Session.Name
		}
		return ""
	}
	if steps := t.fragments[r.Slot.Scenario]; at >= 0 && at < len(steps) {
		return steps[at]
	}
	return ""
}

// ownTrouble adds the signal that our own network fails, which needs no second
// run to be believed: several control targets have said so. It is the prober's
// and not of any scenario; the self-check says when it is over.
func ownTrouble(signals []gengfu.Signal, r gengfu.Run, a incidents.Around) []gengfu.Signal {
	if a.Triage == nil || !a.Triage.OwnTrouble() {
		return signals
	}
	key := gengfu.ProberKey(r.Slot.Location)
	signals = slices.DeleteFunc(signals, func(s gengfu.Signal) bool { return s.Key == key })
	return append(signals, gengfu.Signal{
		Key: key, Firing: true, At: r.Started.Add(r.Duration), ImpactStart: r.Started, Grade: gengfu.GradeOrdinary,
		Title: "Gengfu @ " + r.Slot.Location, Member: gengfu.SelfNetwork.Member(), Failure: r.Failure, Run: r.Slot.ID(),
	})
}
