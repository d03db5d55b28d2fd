package main

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gengfu"
	"gengfu/scenarios"
	"gengfu/storage"
)

func shade(t *testing.T, c color.Color) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 320, 200))
	draw.Draw(img, image.Rect(0, 0, 160, 200), image.NewUniform(c), image.Point{}, draw.Src)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestCompare_withTheLastGoodRun after a restart, if it ended on the same page.
func TestCompare_withTheLastGoodRun(t *testing.T) {
	cfg := storage.Config{Path: filepath.Join(t.TempDir(), "gengfu.db")}
	due := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	run := func(outcome gengfu.Outcome, minute int, outline string, screen color.Color) gengfu.Run {
		r := gengfu.Run{
			Slot:    gengfu.Slot{Scenario: "a", Due: due.Add(time.Duration(minute) * time.Minute), Location: gengfu.DefaultLocation, Attempt: 1, Kind: gengfu.SlotScheduled},
			Outcome: outcome, Started: due, Revision: "0", FinalURL: "https://a.example/home",
		}
		redact := gengfu.Redactor{}.With("Secret-Value")
		r.Evidence = []gengfu.Evidence{redact.Evidence(gengfu.EvidenceOutline, []byte(outline)), redact.Evidence(gengfu.EvidenceScreenshot, shade(t, screen))}
		return r
	}
	d := &daemon{in: &instance{secrets: &scenarios.Secrets{}}, log: slog.New(slog.DiscardHandler)}
	d.redact.Store(new(gengfu.Redactor{}))
	var err error
	if d.store, err = storage.Open(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	bad := run(gengfu.Failed, 2, "main\n  heading \"首页\"\n  alert \"Secret-Value 出错\"", color.White)
	if got := d.compare(t.Context(), bad); got != nil {
		t.Errorf("%d comparisons with no run", len(got))
	}
	good := run(gengfu.Passed, 1, "main\n  heading \"首页\"\n  button \"申请\"", color.Black)
	for i := range good.Evidence {
		if err := d.store.PutEvidence(t.Context(), &good.Evidence[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.store.Record(t.Context(), good, nil, func(gengfu.Snapshot) (gengfu.Change, error) { return gengfu.Change{}, nil }); err != nil {
		t.Fatal(err)
	}
	if err := d.store.Close(); err != nil {
		t.Fatal(err)
	}
	if d.store, err = storage.Open(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.store.Close() })
	got := d.compare(t.Context(), bad)
	if len(got) != 3 || got[0].Kind != gengfu.EvidenceDiff || got[1].Kind != gengfu.EvidenceGood || got[2].Kind != gengfu.EvidenceChange {
		t.Fatalf("%d comparisons", len(got))
	}
	want := "@@ -1,3 +1,3 @@\n main\n   heading \"首页\"\n-  button \"申请\"\n+  alert \"*** 出错\"\n"
	if text := string(got[0].Data.Bytes()); text != want {
		t.Errorf("difference:\n%s\nwant\n%s", text, want)
	}
	if !strings.HasPrefix(string(got[2].Data.Bytes()), "\xff\xd8") || !bytes.Equal(got[1].Data.Bytes(), shade(t, color.Black)) {
		t.Error("no JPEG, or not the one of the good run")
	}
	bad.FinalURL = "https://a.example/login"
	if got := d.compare(t.Context(), bad); len(got) != 1 || got[0].Kind != gengfu.EvidenceGood || got[0].Step != 0 {
		t.Errorf("comparisons with another page: %v", got)
	}
	bad.Revision = "1"
	if got := d.compare(t.Context(), bad); got != nil {
		t.Errorf("%d comparisons with another revision", len(got))
	}
}

// TestCompare_atTheSameStep: a run that failed on its way is held against what
// the good run showed there, though that one ended on another page.
func TestCompare_atTheSameStep(t *testing.T) {
	d := &daemon{in: &instance{secrets: &scenarios.Secrets{}}, log: slog.New(slog.DiscardHandler)}
	d.redact.Store(new(gengfu.Redactor{}))
	var err error
	if d.store, err = storage.Open(t.Context(), storage.Config{Path: filepath.Join(t.TempDir(), "gengfu.db")}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.store.Close() })
	due := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	good := gengfu.Run{
		Slot:    gengfu.Slot{Scenario: "a", Due: due, Location: gengfu.DefaultLocation, Attempt: 1, Kind: gengfu.SlotScheduled},
		Outcome: gengfu.Passed, Started: due, Revision: "0", FinalURL: "https://a.example/end",
	}
	steps := gengfu.AppendStepOutline(gengfu.AppendStepOutline(nil, 1, []byte("main\n  button \"登录\"")), 2, []byte("main\n  heading \"工作台\""))
	still := gengfu.Redactor{}.Evidence(gengfu.EvidenceStill, shade(t, color.White))
	still.Step = 1
	for _, ev := range []gengfu.Evidence{
		gengfu.Redactor{}.Evidence(gengfu.EvidenceOutline, []byte("main\n  heading \"工作台\"")), gengfu.Redactor{}.Evidence(gengfu.EvidenceSteps, steps),
		still, gengfu.Redactor{}.Evidence(gengfu.EvidenceScreenshot, shade(t, color.Black)),
	} {
		if err := d.store.PutEvidence(t.Context(), &ev); err != nil {
			t.Fatal(err)
		}
		good.Evidence = append(good.Evidence, ev)
	}
	if err := d.store.Record(t.Context(), good, nil, func(gengfu.Snapshot) (gengfu.Change, error) { return gengfu.Change{}, nil }); err != nil {
		t.Fatal(err)
	}
	bad := good
	bad.Slot.Due, bad.Outcome, bad.FinalURL = due.Add(time.Minute), gengfu.Failed, "https://a.example/login"
	bad.Failure = &gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonNotFound, Step: 1}
	bad.Evidence = []gengfu.Evidence{
		gengfu.Redactor{}.Evidence(gengfu.EvidenceOutline, []byte("main\n  alert \"维护中\"")), gengfu.Redactor{}.Evidence(gengfu.EvidenceScreenshot, shade(t, color.Black)),
	}
	got := d.compare(t.Context(), bad)
	if len(got) != 3 || got[0].Kind != gengfu.EvidenceDiff || got[1].Kind != gengfu.EvidenceGood || got[2].Kind != gengfu.EvidenceChange {
		t.Fatalf("%d comparisons", len(got))
	}
	want := "@@ step 1 @@\n@@ -1,2 +1,2 @@\n main\n-  button \"登录\"\n+  alert \"维护中\"\n"
	if text := string(got[0].Data.Bytes()); text != want {
		t.Errorf("difference:\n%s\nwant\n%s", text, want)
	}
	if got[1].Step != 1 || got[2].Step != 1 || !bytes.Equal(got[1].Data.Bytes(), shade(t, color.White)) {
		t.Error("not the picture of the step")
	}
	bad.Failure = &gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonNotFound, Step: 2}
	if got := d.compare(t.Context(), bad); len(got) != 2 || got[1].Kind != gengfu.EvidenceGood || got[1].Step != 0 || !bytes.Equal(got[1].Data.Bytes(), shade(t, color.Black)) {
		t.Errorf("of a step without a picture: %v", got)
	}
}
