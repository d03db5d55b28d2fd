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
	if len(got) != 2 || got[0].Kind != gengfu.EvidenceDiff || got[1].Kind != gengfu.EvidenceChange {
		t.Fatalf("%d comparisons", len(got))
	}
	want := "@@ -1,3 +1,3 @@\n main\n   heading \"首页\"\n-  button \"申请\"\n+  alert \"*** 出错\"\n"
	if text := string(got[0].Data.Bytes()); text != want {
		t.Errorf("difference:\n%s\nwant\n%s", text, want)
	}
	if !strings.HasPrefix(string(got[1].Data.Bytes()), "\xff\xd8") {
		t.Error("no JPEG")
	}
	bad.FinalURL = "https://a.example/login"
	if got := d.compare(t.Context(), bad); got != nil {
		t.Errorf("%d comparisons with another page", len(got))
	}
}
