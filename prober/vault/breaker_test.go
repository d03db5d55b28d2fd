package vault

import (
	"testing"
	"time"
)

func TestBreaker_suspendsAfterRejectionsInARow(t *testing.T) {
	b := Breaker{After: 3, For: time.Hour}
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for _, dir := range []string{"", t.TempDir()} {
		v := Open(dir, nil)
		reject := func(n int, locked bool) {
			t.Helper()
			for range n {
				if err := v.Rejected("applicant", locked, b, now); err != nil {
					t.Fatal(err)
				}
			}
		}
		open := func(at time.Time) bool { _, is := v.Suspended("applicant", at); return is }
		reject(2, false)
		if err := v.Accepted("applicant"); err != nil || open(now) {
			t.Fatal("a log-in that is taken begins the count anew", err)
		}
		reject(2, false)
		if open(now) {
			t.Error("two are not three")
		}
		reject(1, false)
		if dir != "" {
			v = Open(dir, nil) // after a restart
		}
		if r, is := v.Suspended("applicant", now.Add(59*time.Minute)); !is || r.Count != 3 || !r.Since.Equal(now) {
			t.Errorf("%q: %+v %v", dir, r, is)
		}
		if open(now.Add(time.Hour)) {
			t.Error("one more is tried after the pause")
		}
		now = now.Add(time.Hour)
		reject(1, false)
		if !open(now) || len(v.Rejections()) != 1 {
			t.Error("tried again in vain")
		}
		if err := v.Accepted("applicant"); err != nil || open(now) || len(v.Rejections()) != 0 {
			t.Error("resumed", err)
		}
		reject(1, true)
		if !open(now) {
			t.Error("a locked account is suspended at once")
		}
	}
}
