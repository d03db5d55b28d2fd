package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"gengfu"
)

// TestRun_besideTheGoodPicture: a failed run shows the good picture of its step,
// or says that it is one of the end, and the remembered run shows all its own.
func TestRun_besideTheGoodPicture(t *testing.T) {
	s := newSite(t)
	good, end, change := put(t, s.store, gengfu.EvidenceGood, picture(t, true)), put(t, s.store, gengfu.EvidenceScreenshot, picture(t, true)), put(t, s.store, gengfu.EvidenceChange, picture(t, false))
	shot := put(t, s.store, gengfu.EvidenceScreenshot, picture(t, false))
	still := put(t, s.store, gengfu.EvidenceStill, picture(t, true))
	ofStep := func(e gengfu.Evidence, step int) gengfu.Evidence { e.Step = step; return e }
	page := func(minute int, outcome gengfu.Outcome, step int, list ...gengfu.Evidence) (zh, en string) {
		slot := gengfu.Slot{Scenario: "new", Due: now.Add(time.Duration(minute) * time.Minute), Location: gengfu.DefaultLocation, Attempt: 1, Kind: gengfu.SlotScheduled}
		r := gengfu.Run{Slot: slot, Title: "从未运行", Revision: "5f", Started: slot.Due, Duration: time.Second, Outcome: outcome, Evidence: list}
		if outcome == gengfu.Failed {
			r.Failure = &gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonNotFound, Step: step}
		}
		must(t, s.store.Record(t.Context(), r, nil, func(gengfu.Snapshot) (gengfu.Change, error) { return gengfu.Change{}, nil }))
		at := "/runs/" + url.PathEscape(slot.ID())
		return s.get(at + "?lang=zh-CN").Body.String(), s.get(at + "?lang=en").Body.String()
	}
	for i, c := range []struct {
		name           string
		outcome        gengfu.Outcome
		step           int
		list           []gengfu.Evidence
		zh, en, absent string
	}{
		{"nothing yet", gengfu.Failed, 2, []gengfu.Evidence{shot}, "本次", "This run", "good run, at"},
		{"a run that is remembered", gengfu.Passed, 0, []gengfu.Evidence{end, ofStep(still, 1), ofStep(still, 2)}, `alt="第 2 步结束时的页面"`, "The screen at the end of each step", "Last good run"},
		{"one of before, of the end", gengfu.Failed, 2, []gengfu.Evidence{shot}, "最近一次正常运行结束时（没有第 2 步的画面）", "at its very end (it has no picture of step 2)", "at the end of step"},
		{"of the step", gengfu.Failed, 2, []gengfu.Evidence{shot, ofStep(good, 2), ofStep(change, 2)}, "最近一次正常运行，第 2 步结束时", "Last good run, at the end of step 2", "very end"},
		{"the difference at the step", gengfu.Failed, 2, []gengfu.Evidence{shot, ofStep(good, 2), ofStep(change, 2)}, "第 2 步结束时。 框内与正常时不同", "At the end of step 2. Boxed:", "very end"},
		{"of the end", gengfu.Failed, 3, []gengfu.Evidence{shot, good, change}, "最近一次正常运行结束时（没有第 3 步的画面）", "<figcaption>Boxed:", "at the end of step"},
		{"of no step", gengfu.Failed, 0, []gengfu.Evidence{shot, good}, "<figcaption>最近一次正常运行</figcaption>", "<figcaption>Last good run</figcaption>", "very end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			zh, en := page(i-30, c.outcome, c.step, c.list...)
			if !strings.Contains(zh, c.zh) || !strings.Contains(en, c.en) || strings.Contains(en, c.absent) {
				t.Errorf("zh %t, en %t, %q is there: %t", strings.Contains(zh, c.zh), strings.Contains(en, c.en), c.absent, strings.Contains(en, c.absent))
			}
		})
	}
	if got := s.get("/evidence/still/" + still.SHA256).Header().Get("Content-Type"); got != "image/jpeg" {
		t.Errorf("a still is served as %q", got)
	}
}
