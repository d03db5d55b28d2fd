package storagetest

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
	"gengfu/storage"
)

func pruneRuns(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	ago := func(days int) time.Time { return start.AddDate(0, 0, -days) }
	for _, days := range []int{1, 8, 36, 401} {
		record(t, s, planned("a", ago(days), gengfu.Passed), planned("a", ago(days).Add(time.Minute), gengfu.Failed))
	}
	pruned := got[storage.Pruned](t)(s.Prune(ctx, start, storage.Policy{}))
	if pruned.Runs != 3 || pruned.Details != 4 {
		t.Errorf("pruned %+v, want 3 runs and 4 details", pruned)
	}
	var kept []string
	for _, r := range got[[]gengfu.Run](t)(s.Runs(ctx, "a", time.Time{}, 100)) {
		whole := got[gengfu.Run](t)(s.Run(ctx, r.Slot.ID()))
		word := "summary of "
		if whole.Steps[0].Verb != "" {
			word = "whole "
		}
		kept = append(kept, word+string(r.Outcome))
	}
	want := []string{"whole failed", "whole passed", "whole failed", "summary of passed", "whole failed"}
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	whole := got[gengfu.Run](t)(s.Run(ctx, planned("a", ago(8), gengfu.Passed).Slot.ID()))
	if diff := cmp.Diff(summary(planned("a", ago(8), gengfu.Passed)), whole); diff != "" {
		t.Errorf("run without its detail (-want +got):\n%s", diff)
	}
	days := got[[]gengfu.Rollup](t)(s.Rollups(ctx, "a", 0, storage.Day, ago(500), start))
	hours := got[[]gengfu.Rollup](t)(s.Rollups(ctx, "a", 0, storage.Hour, ago(500), start))
	steps := got[[]gengfu.Rollup](t)(s.Rollups(ctx, "a", 1, storage.Hour, ago(500), start))
	if len(days) != 4 || len(hours) != 3 || len(steps) != 2 {
		t.Errorf("%d days, %d hours and %d hours of a step are kept, want 4, 3 and 2", len(days), len(hours), len(steps))
	}
}

func pruneDeliveries(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	must(t, s.Amend(ctx, "", "", nil, opening("scenario:a", start, "mail")))
	queue(t, s, message("mail", "gone", 1, start), message("mail", "waiting", 1, start))
	for _, d := range got[[]gengfu.Delivery](t)(s.Claim(ctx, "test", lease, start, 10)) {
		if d.Incident != "waiting" {
			must(t, s.Sent(ctx, d.ID, "", start))
		}
	}
	pruned := got[storage.Pruned](t)(s.Prune(ctx, start.AddDate(0, 0, 91), storage.Policy{}))
	left := got[[]gengfu.Delivery](t)(s.Deliveries(ctx, storage.DeliveryFilter{}))
	if pruned.Deliveries != 1 || len(left) != 2 || left[0].Incident != "waiting" {
		t.Errorf("pruned %d, left %v", pruned.Deliveries, left)
	}
}

// put stores content and records a run of scenario that refers to it.
func put(t *testing.T, s *storage.Store, scenario string, due time.Time, list ...gengfu.Evidence) []gengfu.Evidence {
	t.Helper()
	for i := range list {
		must(t, s.PutEvidence(t.Context(), &list[i]))
	}
	r := planned(scenario, due, gengfu.Failed)
	r.Evidence = list
	record(t, s, r)
	return list
}

func content(t *testing.T, s *storage.Store, hash string) string {
	t.Helper()
	f, err := s.OpenEvidence(hash)
	must(t, err)
	data, err := io.ReadAll(f)
	must(t, errors.Join(err, f.Close()))
	return string(data)
}

func evidence(t *testing.T, s *storage.Store) {
	page := strings.Repeat("<p>系统繁忙</p>", 5000)
	list := put(t, s, "a", start, gengfu.Redactor{}.Evidence(gengfu.EvidenceScreenshot, []byte("\xff\xd8jpeg")), gengfu.Redactor{}.Evidence(gengfu.EvidenceDOM, []byte(page)))
	again := put(t, s, "b", start, gengfu.Redactor{}.Evidence(gengfu.EvidenceDOM, []byte(page)), gengfu.Redactor{}.Evidence(gengfu.EvidenceOutline, nil))
	if again[0].SHA256 != list[1].SHA256 || list[1].Size != len(page) {
		t.Errorf("the same content as %+v and %+v", list[1].SHA256, again[0].SHA256)
	}
	for hash, want := range map[string]string{list[0].SHA256: "\xff\xd8jpeg", list[1].SHA256: page, again[1].SHA256: ""} {
		if have := content(t, s, hash); have != want {
			t.Errorf("content of %s: %d bytes, want %d", hash, len(have), len(want))
		}
	}
}

func evidenceEscape(t *testing.T, s *storage.Store) {
	for _, hash := range []string{
		"", "..", "../../../../etc/passwd", "/etc/passwd", strings.Repeat("A", 64), strings.Repeat("a", 63), strings.Repeat("a", 65),
		"..%2f" + strings.Repeat("a", 59), "../" + strings.Repeat("a", 61), strings.Repeat("a", 63) + "/", strings.Repeat("a", 63) + "\x00",
	} {
		f, err := s.OpenEvidence(hash)
		wantError(t, err, gengfu.ErrInvalid)
		if f != nil {
			t.Errorf("%q was opened", hash)
		}
	}
	_, err := s.OpenEvidence(strings.Repeat("a", 64))
	wantError(t, err, gengfu.ErrNotFound)
	if errors.Is(err, os.ErrPermission) {
		t.Error(err)
	}
}

func pruneEvidence(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	now := time.Now()
	old, recent := now.AddDate(0, 0, -80).Truncate(time.Millisecond), now.Add(-time.Hour).Truncate(time.Millisecond)
	shared := gengfu.Redactor{}.Evidence(gengfu.EvidenceDOM, []byte("shared"))
	gone := put(t, s, "a", old, gengfu.Redactor{}.Evidence(gengfu.EvidenceScreenshot, []byte("old")), shared)
	put(t, s, "a", recent, shared)
	orphan := gengfu.Redactor{}.Evidence(gengfu.EvidenceDOM, []byte("of a run that was never recorded"))
	must(t, s.PutEvidence(ctx, &orphan))

	policy := storage.Policy{Evidence: 40 * 24 * time.Hour}
	if pruned := got[storage.Pruned](t)(s.Prune(ctx, now, policy)); pruned.Evidence != 0 {
		t.Errorf("%d files were taken within their grace", pruned.Evidence)
	}
	if pruned := got[storage.Pruned](t)(s.Prune(ctx, now.Add(25*time.Hour), policy)); pruned.Evidence != 2 {
		t.Errorf("%d files were taken, want 2", pruned.Evidence)
	}
	for _, hash := range []string{gone[0].SHA256, orphan.SHA256} {
		_, err := s.OpenEvidence(hash)
		wantError(t, err, gengfu.ErrNotFound)
	}
	if have := content(t, s, gone[1].SHA256); have != "shared" {
		t.Errorf("shared content is %q", have)
	}
	if r := got[gengfu.Run](t)(s.Run(ctx, planned("a", old, gengfu.Failed).Slot.ID())); len(r.Evidence) != 0 {
		t.Errorf("the old run still has %v", r.Evidence)
	}
}
