package storagetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
	"gengfu/storage"
)

// full is a run with every field set, and with more than whole milliseconds.
func full() gengfu.Run {
	r := planned("admin-login", start, gengfu.Failed)
	r.Owner, r.Runbook, r.Notify = "平台组", "https://wiki.example/login", "night"
	r.Started, r.Duration = r.Started.Add(123456), r.Duration+789
	r.Pages = []gengfu.PageLoad{{
		Step: 1, URL: "https://portal.example/", Status: 200, Redirects: []string{"http://portal.example/"}, Protocol: "h2",
		RemoteIP: "192.0.2.1", TTFB: 120 * time.Millisecond, DOMReady: 500 * time.Millisecond, Load: 800 * time.Millisecond, FCP: 300 * time.Millisecond,
		LCP: 700 * time.Millisecond, CLS: 0.0123, INP: 120 * time.Millisecond, Long: gengfu.LongTasks{Count: 2, Total: 200 * time.Millisecond, Longest: 140 * time.Millisecond},
		Phases: gengfu.Phases{DNS: time.Millisecond, Connect: 2 * time.Millisecond, TLS: 3 * time.Millisecond, Wait: 100 * time.Millisecond, Download: 5 * time.Millisecond},
		TLS:    &gengfu.TLS{Protocol: "TLS 1.3", Cipher: "AES_128_GCM", Issuer: "CA", Subject: "portal.example", From: start.AddDate(0, -1, 0), To: start.AddDate(1, 0, 0)},
		Hops:   []gengfu.Hop{{URL: "http://portal.example/", Status: 301, Took: 20 * time.Millisecond}},
	}}
	r.Traffic = gengfu.Traffic{Requests: 42, Failed: 2, FailedThirdParty: 1, Bytes: 123456}
	r.Console = []gengfu.ConsoleLine{{Step: 2, Level: "error", Text: "没有定义", URL: "https://portal.example/app.js", Line: 7}}
	r.Requests = []gengfu.FailedRequest{{Step: 2, Method: "GET", URL: "https://portal.example/api", Status: 502, Type: "XHR"}}
	r.Dialogs = []string{"确定离开？"}
	r.Tabs = []gengfu.Tab{{URL: "https://a.example/"}, {Step: 2, URL: "https://a.example/new", Followed: true, Closed: true}}
	r.Downloads = []gengfu.Download{{Step: 2, Name: "report.csv", Bytes: 25, SHA256: "ab", Duration: time.Second, State: gengfu.DownloadComplete}}
	r.Messages = []gengfu.PageMessage{{Step: 2, At: time.Second, Text: "系统繁忙"}}
	r.Browser, r.FinalURL, r.Load = "Chromium 150", "https://portal.example/login", 0.25
	r.Tainted, r.Trace = gengfu.TaintStarved, "0af7651916cd43dd8448eb211c80319c"
	r.Session = &gengfu.SessionUse{Name: "admin", How: gengfu.SessionRenewed, Why: gengfu.SessionRefused, Age: 12 * time.Minute, Keep: time.Hour, Ended: true}
	r.Counts = gengfu.Counts{Warnings: 1, Errors: 2, Exceptions: 3, Dialogs: 1, Workers: 4, ServiceWorker: 5, Types: []gengfu.Share{{Word: "XHR", Requests: 7, Bytes: 99}}}
	return r
}

func wholeRun(t *testing.T, s *storage.Store) {
	want := full()
	shot := gengfu.Redactor{}.Evidence(gengfu.EvidenceScreenshot, []byte("jpeg"))
	must(t, s.PutEvidence(t.Context(), &shot))
	shot.Step = 3
	want.Evidence = []gengfu.Evidence{shot}
	record(t, s, want)

	want.Evidence[0].Data = gengfu.Redacted{}
	whole := got[gengfu.Run](t)(s.Run(t.Context(), want.Slot.ID()))
	if diff := cmp.Diff(want, whole); diff != "" {
		t.Errorf("whole run (-want +got):\n%s", diff)
	}
	list := got[[]gengfu.Run](t)(s.Runs(t.Context(), "admin-login", time.Time{}, 10))
	if diff := cmp.Diff([]gengfu.Run{summary(want)}, list); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	_, err := s.Run(t.Context(), "admin-login@local-20200101T000000.000Z")
	wantError(t, err, gengfu.ErrNotFound)
	_, err = s.Run(t.Context(), "../etc/passwd")
	wantError(t, err, gengfu.ErrNotFound)
}

// summary is what remains of a run in lists, and when its detail is gone.
func summary(r gengfu.Run) gengfu.Run {
	r.Started, r.Duration = r.Started.Truncate(time.Millisecond), r.Duration.Truncate(time.Millisecond)
	steps := r.Steps
	r.Steps = nil
	for _, step := range steps {
		step.Verb = ""
		r.Steps = append(r.Steps, step)
	}
	if f := r.Failure; f != nil {
		r.Failure = &gengfu.Failure{Fault: f.Fault, Reason: f.Reason, Step: f.Step, Name: f.Name}
	}
	pages := r.Pages
	r.Pages = nil
	for _, p := range pages {
		r.Pages = append(r.Pages, gengfu.PageLoad{Step: p.Step, Status: p.Status, TTFB: p.TTFB, DOMReady: p.DOMReady, Load: p.Load, FCP: p.FCP, LCP: p.LCP, CLS: p.CLS})
	}
	r.Trace, r.Counts, r.Session = "", gengfu.Counts{}, nil
	r.Console, r.Requests, r.Dialogs, r.Messages, r.Browser, r.FinalURL, r.Evidence = nil, nil, nil, nil, "", "", nil
	r.Tabs, r.Downloads = nil, nil
	return r
}

func duplicate(t *testing.T, s *storage.Store) {
	r := planned("a", start, gengfu.Passed)
	record(t, s, r)
	r.Outcome = gengfu.Failed
	wantError(t, s.Record(t.Context(), r, nil, opening("scenario:a", start, "mail")), gengfu.ErrDuplicate)
	if n := len(got[[]gengfu.Incident](t)(s.Incidents(t.Context(), storage.IncidentFilter{}))); n != 0 {
		t.Errorf("%d incidents from a refused result", n)
	}
	if a := got[gengfu.Availability](t)(s.Availability(t.Context(), "a", start)); a.N != 1 || a.Failed != 0 {
		t.Errorf("counted %+v", a)
	}
	r.Slot.Attempt, r.Slot.Kind = 2, gengfu.SlotConfirm
	record(t, s, r)
}

func atomic(t *testing.T, s *storage.Store) {
	r := planned("a", start, gengfu.Failed)
	if ok := got[bool](t)(s.Issue(t.Context(), r.Slot)); !ok {
		t.Fatal("slot was not issued")
	}
	bad := func(snap gengfu.Snapshot) (gengfu.Change, error) {
		c, _ := opening("scenario:a", start, "mail")(snap)
		c.Check = &gengfu.CheckState{Check: "a", Location: "local", State: gengfu.StateDown}
		return c, errRefused
	}
	wantError(t, s.Record(t.Context(), r, []string{"scenario:a"}, bad), errRefused)
	hole := func(snap gengfu.Snapshot) (gengfu.Change, error) {
		c, err := opening("scenario:a", start, "mail")(snap)
		c.Deliveries = append(c.Deliveries, gengfu.Delivery{Key: "without an endpoint"})
		return c, err
	}
	wantError(t, s.Record(t.Context(), r, nil, hole), gengfu.ErrInvalid)

	ctx := t.Context()
	_, err := s.Run(ctx, r.Slot.ID())
	wantError(t, err, gengfu.ErrNotFound)
	left := []int{
		len(got[[]gengfu.Incident](t)(s.Incidents(ctx, storage.IncidentFilter{}))),
		len(got[[]gengfu.Delivery](t)(s.Deliveries(ctx, storage.DeliveryFilter{}))),
		len(got[[]gengfu.CheckState](t)(s.States(ctx))),
		len(got[[]gengfu.Rollup](t)(s.Rollups(ctx, "a", 0, storage.Hour, start, start.Add(time.Hour)))),
		len(got[[]gengfu.Slot](t)(s.OpenSlots(ctx))) - 1,
	}
	if diff := cmp.Diff(make([]int, len(left)), left); diff != "" {
		t.Errorf("left behind: %s", diff)
	}
	// What was not committed must not be in memory either.
	record(t, s, r)
	if a := got[gengfu.Availability](t)(s.Availability(ctx, "a", start)); a.N != 1 {
		t.Errorf("counted %+v after two refusals and one result", a)
	}
}

func unknownWords(t *testing.T, s *storage.Store) {
	for name, change := range map[string]func(*gengfu.Run){
		"outcome":  func(r *gengfu.Run) { r.Outcome = "fine" },
		"kind":     func(r *gengfu.Run) { r.Slot.Kind = "" },
		"attempt":  func(r *gengfu.Run) { r.Slot.Attempt = 0 },
		"scenario": func(r *gengfu.Run) { r.Slot.Scenario = "" },
		"status":   func(r *gengfu.Run) { r.Steps[0].Status = "fine" },
		"evidence": func(r *gengfu.Run) {
			r.Evidence = []gengfu.Evidence{gengfu.Redactor{}.Evidence(gengfu.EvidenceDOM, []byte("x"))}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := planned("a", start, gengfu.Passed)
			change(&r)
			wantError(t, s.Record(t.Context(), r, nil, nothing), gengfu.ErrInvalid)
		})
	}
}

func listing(t *testing.T, s *storage.Store) {
	for i := range 5 {
		r := planned("a", start.Add(time.Duration(i)*time.Minute), gengfu.Failed)
		record(t, s, r)
		r.Slot.Attempt, r.Slot.Kind = 2, gengfu.SlotConfirm
		record(t, s, r)
	}
	record(t, s, planned("b", start, gengfu.Passed))
	var ids []string
	before := time.Time{}
	for range 4 {
		list := got[[]gengfu.Run](t)(s.Runs(t.Context(), "a", before, 3))
		for _, r := range list {
			ids = append(ids, fmt.Sprintf("%d.%d", r.Slot.Due.Minute(), r.Slot.Attempt))
			before = r.Slot.Due
		}
	}
	want := []string{"4.2", "4.1", "3.2", "3.1", "2.2", "2.1", "1.2", "1.1", "0.2", "0.1"}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	if list := got[[]gengfu.Run](t)(s.Runs(t.Context(), "nobody", time.Time{}, 3)); len(list) != 0 {
		t.Errorf("%d runs of an unknown scenario", len(list))
	}
}

func latestRuns(t *testing.T, s *storage.Store) {
	must(t, s.SaveScenarios(t.Context(), []gengfu.ScenarioCard{{ID: "a"}, {ID: "b"}, {ID: "idle"}}))
	for i := range 4 {
		due := start.Add(time.Duration(i) * time.Minute)
		outcome := []gengfu.Outcome{gengfu.Passed, gengfu.Degraded, gengfu.Failed, gengfu.Errored}[i]
		record(t, s, planned("a", due, outcome), planned("b", due, gengfu.Failed), planned("retired", due, gengfu.Passed))
	}
	latest := got[map[string][]gengfu.Run](t)(s.LastRuns(t.Context(), 2))
	if len(latest) != 2 || len(latest["a"]) != 2 || latest["a"][0].Outcome != gengfu.Errored || latest["a"][1].Outcome != gengfu.Failed {
		t.Errorf("latest runs: %v", latest)
	}
	for scenario, want := range map[string]string{"a": planned("a", start.Add(time.Minute), gengfu.Passed).Slot.ID(), "b": "", "nobody": ""} {
		if id := got[string](t)(s.LastPassed(t.Context(), scenario, time.Time{})); id != want {
			t.Errorf("last passed of %s: %q, want %q", scenario, id, want)
		}
	}
	if id := got[string](t)(s.LastPassed(t.Context(), "a", start.Add(time.Minute))); id != planned("a", start, gengfu.Passed).Slot.ID() {
		t.Errorf("last passed before the second: %q", id)
	}
}

func concurrent(t *testing.T, s *storage.Store) {
	const workers, each = 8, 12
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				r := planned(fmt.Sprintf("s%d", w%3), start.Add(time.Duration(w*each+i)*time.Second), gengfu.Failed)
				if err := s.Record(t.Context(), r, nil, opening("scenario:x", start, "mail")); err != nil {
					t.Error(err)
				}
				if _, err := s.Runs(t.Context(), "s0", time.Time{}, 5); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	list := got[[]gengfu.Incident](t)(s.Incidents(t.Context(), storage.IncidentFilter{Active: true}))
	if len(list) != workers*each || list[0].Number != fmt.Sprintf("INC-2026-%04d", workers*each) {
		t.Errorf("%d incidents, the newest %s", len(list), list[0].Number)
	}
}

// remembered: the latest run that worked and has an outline, at the place, in
// spite of later ones that failed or have none.
func remembered(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	if _, err := s.LastRemembered(ctx, "a", gengfu.DefaultLocation, time.Time{}); !errors.Is(err, gengfu.ErrNotFound) {
		t.Errorf("of no run: %v", err)
	}
	for minute, c := range []struct {
		outcome gengfu.Outcome
		kind    gengfu.EvidenceKind
	}{{gengfu.Passed, gengfu.EvidenceOutline}, {gengfu.Degraded, gengfu.EvidenceOutline}, {gengfu.Passed, gengfu.EvidenceDOM}, {gengfu.Failed, gengfu.EvidenceOutline}} {
		ev := gengfu.Redactor{}.Evidence(c.kind, []byte("main"))
		must(t, s.PutEvidence(ctx, &ev))
		r := planned("a", start.Add(time.Duration(minute)*time.Minute), c.outcome)
		r.Evidence = []gengfu.Evidence{ev}
		record(t, s, r)
	}
	for before, want := range map[time.Time]time.Time{{}: start.Add(time.Minute), start.Add(time.Minute): start} {
		r := got[gengfu.Run](t)(s.LastRemembered(ctx, "a", gengfu.DefaultLocation, before))
		if !r.Slot.Due.Equal(want) || len(r.Evidence) != 1 {
			t.Errorf("before %s: %s with %d pieces of evidence", before, r.Slot.ID(), len(r.Evidence))
		}
	}
	if _, err := s.LastRemembered(ctx, "a", "elsewhere", time.Time{}); !errors.Is(err, gengfu.ErrNotFound) {
		t.Errorf("at another location: %v", err)
	}
}
