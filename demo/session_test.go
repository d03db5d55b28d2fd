package demo

import (
	"testing"
	"time"
)

func TestSessions_areBounded(t *testing.T) {
	s, now := newSessions(), time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	first := s.replace("", session{}, now)
	for i := range maxSessions + 10 {
		s.replace("", session{}, now.Add(time.Duration(i)*time.Millisecond))
	}
	if len(s.byID) != maxSessions {
		t.Errorf("%d sessions, want %d", len(s.byID), maxSessions)
	}
	if _, ok := s.find(first.id, now); ok {
		t.Error("the oldest session is still there")
	}
	s.replace("", session{}, now.Add(2*sessionLife))
	if len(s.byID) != 1 {
		t.Errorf("%d sessions after all others expired", len(s.byID))
	}
}

func TestEdits(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{{"", "abc", 3}, {"slow", "slow", 0}, {"slwo", "slow", 2}, {"http500", "http_500", 1}} {
		if got := edits(tc.a, tc.b); got != tc.want {
			t.Errorf("edits(%q, %q) = %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}
