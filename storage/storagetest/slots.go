package storagetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
	"gengfu/storage"
)

func slotFates(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	issue := got[bool](t)
	a, b := planned("a", start, gengfu.Passed), planned("b", start.Add(time.Minute), gengfu.Passed)
	if !issue(s.Issue(ctx, a.Slot)) || !issue(s.Issue(ctx, b.Slot)) || issue(s.Issue(ctx, a.Slot)) {
		t.Error("a slot is issued once")
	}
	if diff := cmp.Diff([]gengfu.Slot{a.Slot, b.Slot}, got[[]gengfu.Slot](t)(s.OpenSlots(ctx))); diff != "" {
		t.Errorf("open slots (-want +got):\n%s", diff)
	}
	record(t, s, a)
	if issue(s.Issue(ctx, a.Slot)) {
		t.Error("a slot with a run was issued again")
	}
	must(t, s.Abandon(ctx, b.Slot, gengfu.FateLost, "killed"))
	wantError(t, s.Abandon(ctx, b.Slot, gengfu.FateLost, "killed"), gengfu.ErrNotFound)
	if issue(s.Issue(ctx, b.Slot)) {
		t.Error("a slot that was given up was issued again")
	}
	rerun := a.Slot
	rerun.Attempt, rerun.Kind = 2, gengfu.SlotConfirm
	if !issue(s.Issue(ctx, rerun)) {
		t.Error("the re-run was not issued")
	}
	must(t, s.Abandon(ctx, rerun, gengfu.FateAborted, "stopped"))
	if open := got[[]gengfu.Slot](t)(s.OpenSlots(ctx)); len(open) != 0 {
		t.Errorf("still open: %v", open)
	}
	if list := got[[]gengfu.Gap](t)(s.Gaps(ctx, "a", start.Add(-time.Hour))); len(list) != 0 {
		t.Errorf("a re-run left the gap %v", list)
	}
	want := []gengfu.Gap{{Scenario: "b", Location: "local", From: b.Slot.Due, To: b.Slot.Due, Count: 1, Fate: gengfu.FateLost, Reason: "killed"}}
	if diff := cmp.Diff(want, got[[]gengfu.Gap](t)(s.Gaps(ctx, "b", start))); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}

func gaps(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	due := got[time.Time](t)
	if at := due(s.LastDue(ctx, "a", "local")); !at.IsZero() {
		t.Errorf("last due of an empty ledger: %v", at)
	}
	record(t, s, planned("a", start, gengfu.Passed))
	hand := planned("a", start.Add(time.Hour), gengfu.Passed)
	hand.Slot.Kind = gengfu.SlotManual
	record(t, s, hand)
	if at := due(s.LastDue(ctx, "a", "local")); !at.Equal(start) {
		t.Errorf("last due %v, want %v: runs by hand are not planned", at, start)
	}
	gap := gengfu.Gap{Scenario: "a", Location: "local", From: start.Add(5 * time.Minute), To: start.Add(55 * time.Minute), Count: 11, Fate: gengfu.FateMissed, Reason: "down"}
	must(t, s.AddGap(ctx, gap))
	if at := due(s.LastDue(ctx, "a", "local")); !at.Equal(gap.To) {
		t.Errorf("last due %v, want the end of the gap", at)
	}
	inside := planned("a", start.Add(10*time.Minute), gengfu.Passed).Slot
	if got[bool](t)(s.Issue(ctx, inside)) {
		t.Error("issued a planned time that a gap covers")
	}
	inside.Kind = gengfu.SlotManual
	if !got[bool](t)(s.Issue(ctx, inside)) {
		t.Error("a run by hand does not mind gaps")
	}
	if list := got[[]gengfu.Gap](t)(s.Gaps(ctx, "a", start.Add(56*time.Minute))); len(list) != 0 {
		t.Errorf("gaps after the end: %v", list)
	}
	gap.Count = 0
	wantError(t, s.AddGap(ctx, gap), gengfu.ErrInvalid)
	gap.Count, gap.Fate = 1, "eaten"
	wantError(t, s.AddGap(ctx, gap), gengfu.ErrInvalid)
}

func lateResult(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	r := planned("a", start, gengfu.Passed)
	got[bool](t)(s.Issue(ctx, r.Slot))
	must(t, s.Abandon(ctx, r.Slot, gengfu.FateLost, "no word of the worker"))
	record(t, s, r)
	if list := got[[]gengfu.Gap](t)(s.Gaps(ctx, "a", start)); len(list) != 0 {
		t.Errorf("the slot has a run and the gap %v", list)
	}
}

func scenarios(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	a := gengfu.ScenarioCard{
		ID: "a", Title: "首页", Target: "portal", Tags: []string{"home"}, Owner: "ops", Severity: gengfu.GradeMajor,
		Schedule: "every 5m0s", Interval: 5 * time.Minute, File: "a.yaml", Revision: "aaaa", Source: "title: 首页\n", Steps: []string{"open home"},
	}
	b := gengfu.ScenarioCard{ID: "b", Title: "登录", Revision: "bbbb", Source: "title: 登录\n"}
	must(t, s.SaveScenarios(ctx, []gengfu.ScenarioCard{a, b}))
	cards := got[[]gengfu.ScenarioCard](t)
	if diff := cmp.Diff([]gengfu.ScenarioCard{a, b}, cards(s.Scenarios(ctx))); diff != "" {
		t.Errorf("saved (-want +got):\n%s", diff)
	}
	r := planned("a", start, gengfu.Passed)
	r.Revision = "aaaa"
	record(t, s, r)

	changed := b
	changed.Title, changed.Revision = "管理员登录", "cccc"
	must(t, s.SaveScenarios(ctx, []gengfu.ScenarioCard{changed}))
	if diff := cmp.Diff([]gengfu.ScenarioCard{changed}, cards(s.Scenarios(ctx))); diff != "" {
		t.Errorf("after the change (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(a, got[gengfu.ScenarioCard](t)(s.Scenario(ctx, "a"))); diff != "" {
		t.Errorf("retired (-want +got):\n%s", diff)
	}
	if list := got[[]gengfu.Run](t)(s.Runs(ctx, "a", time.Time{}, 5)); len(list) != 1 || list[0].Title != "首页" {
		t.Errorf("runs of the retired scenario: %+v", list)
	}
	if whole := got[gengfu.Run](t)(s.Run(ctx, r.Slot.ID())); whole.Title != r.Title || whole.Owner != r.Owner {
		t.Errorf("the run carried %q of %q, not the words it was made with", whole.Title, whole.Owner)
	}
	must(t, s.SaveScenarios(ctx, []gengfu.ScenarioCard{a, changed}))
	if list := cards(s.Scenarios(ctx)); len(list) != 2 || list[0].ID != "a" {
		t.Errorf("after its return: %v", list)
	}
	_, err := s.Scenario(ctx, "nobody")
	wantError(t, err, gengfu.ErrNotFound)
}

func hosts(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	sample := gengfu.HostSample{
		Host: "local", At: start, CPU: 0.25, Load1: 1.5, Cores: 2, MemTotal: 8 << 30, MemAvailable: 3 << 30, SwapUsed: 1 << 20,
		Mounts: []gengfu.Mount{{Path: "/", Total: 100, Free: 40}}, Uptime: 3 * time.Hour,
	}
	later, other := sample, sample
	later.At, other.Host = start.Add(time.Minute), "db1"
	for _, h := range []gengfu.HostSample{sample, later, sample, other} {
		must(t, s.SaveHostSample(ctx, h))
	}
	samples := got[[]gengfu.HostSample](t)
	if diff := cmp.Diff([]gengfu.HostSample{sample, later}, samples(s.HostSamples(ctx, "local", start))); diff != "" {
		t.Errorf("samples (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]gengfu.HostSample{other, later}, samples(s.LatestHosts(ctx))); diff != "" {
		t.Errorf("latest (-want +got):\n%s", diff)
	}
	pruned := got[storage.Pruned](t)(s.Prune(ctx, start.Add(30*24*time.Hour+time.Second), storage.Policy{}))
	if left := samples(s.HostSamples(ctx, "local", time.Unix(0, 0))); len(left) != 1 || pruned.HostSamples != 2 {
		t.Errorf("%d pruned, left %v", pruned.HostSamples, left)
	}
}

func settings(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	if _, ok, err := s.Setting(ctx, "mute"); ok || err != nil {
		t.Errorf("an empty ledger has the setting: %v, %v", ok, err)
	}
	must(t, s.SetSetting(ctx, "mute", "yes"))
	must(t, s.SetSetting(ctx, "mute", "no"))
	if v, ok, err := s.Setting(ctx, "mute"); v != "no" || !ok || err != nil {
		t.Errorf("setting %q, %v, %v", v, ok, err)
	}
}
