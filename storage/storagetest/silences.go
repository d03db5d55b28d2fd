package storagetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
	"gengfu/storage"
)

func silences(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	add := func(q gengfu.Silence) gengfu.Silence {
		q.ID = got[int64](t)(s.AddSilence(ctx, q))
		return q
	}
	short := add(gengfu.Silence{Author: "李工", Reason: "换盘", From: start, To: start.Add(time.Hour), Matchers: []string{`scenario="login"`, `tag!~"slow.*"`}, Created: start})
	long := add(gengfu.Silence{Author: "王工", Reason: "演练", From: start, To: start.Add(3 * time.Hour), Matchers: []string{`target="portal"`}, Created: start})
	want := func(after time.Time, limit int, list ...gengfu.Silence) {
		t.Helper()
		if diff := cmp.Diff(list, got[[]gengfu.Silence](t)(s.Silences(ctx, after, limit))); diff != "" {
			t.Errorf("silences (-want +got):\n%s", diff)
		}
	}
	want(time.Time{}, 0, long, short)
	want(time.Time{}, 1, long)
	want(start.Add(time.Hour), 0, long)

	must(t, s.EndSilence(ctx, long.ID, "赵工", start.Add(2*time.Hour)))
	long.To, long.EndedBy = start.Add(2*time.Hour), "赵工"
	want(time.Time{}, 0, long, short)
	wantError(t, s.EndSilence(ctx, long.ID, "赵工", start.Add(2*time.Hour)), gengfu.ErrConflict)
	wantError(t, s.EndSilence(ctx, 99, "赵工", start), gengfu.ErrNotFound)

	early := add(gengfu.Silence{Author: "a", Reason: "b", From: start.Add(4 * time.Hour), To: start.Add(5 * time.Hour), Matchers: []string{"tag=x"}, Created: start})
	must(t, s.EndSilence(ctx, early.ID, "a", start.Add(3*time.Hour)))
	if q := got[[]gengfu.Silence](t)(s.Silences(ctx, start.Add(2*time.Hour), 0)); len(q) != 1 || q[0].Covers(start.Add(3*time.Hour)) || q[0].Covers(start.Add(4*time.Hour)) {
		t.Errorf("ended before it began: %+v", q)
	}
}
