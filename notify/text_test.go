package notify

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gengfu"
)

func TestClean_oneSafeLine(t *testing.T) {
	tests := []struct {
		in    string
		limit int
		want  string
	}{
		{" a\r\nBcc: b\t c ", 100, "a Bcc: b c"},
		{"a\u202eb\u200fc\ufeffd", 100, "abcd"},
		{"bad \xff byte\x00", 100, "bad byte"},
		{"更夫打更", 12, "更夫打更"},
		{"更夫打更了", 12, "更夫打…"},
		{"更夫打更了", 11, "更夫…"},
		{"line\u2028separator\u3000space", 100, "line separator space"},
	}
	for _, tc := range tests {
		if got := clean(tc.in, tc.limit); got != tc.want || len(got) > tc.limit {
			t.Errorf("clean(%q, %d) = %q, want %q", tc.in, tc.limit, got, tc.want)
		}
	}
}

func TestMrkdwn_escapesAndFits(t *testing.T) {
	tests := []struct {
		in    string
		limit int
		want  string
	}{
		{"a < b & <!here>", 100, "a &lt; b &amp; &lt;!here&gt;"},
		{"@channel @here @everyone @all", 100, "@\u200bchannel @\u200bhere @\u200beveryone @\u200ball"},
		{"&&&", 11, "&amp;&amp;…"},
		{"更夫", 3, "更夫"},
	}
	for _, tc := range tests {
		if got := mrkdwn(tc.in, tc.limit); got != tc.want {
			t.Errorf("mrkdwn(%q, %d) = %q, want %q", tc.in, tc.limit, got, tc.want)
		}
	}
}

func FuzzText_staysWithinLimits(f *testing.F) {
	f.Add("更夫 <&> @all", uint8(20))
	f.Fuzz(func(t *testing.T, text string, limit uint8) {
		n := int(limit) + len(ellipsis)
		if got := clean(text, n); len(got) > n || !utf8.ValidString(got) || strings.ContainsAny(got, "\r\n\x00") {
			t.Errorf("clean(%q, %d) = %q", text, n, got)
		}
		if got := mrkdwn(clean(text, 1000), n); utf8.RuneCountInString(got) > n || strings.ContainsAny(got, "<>") {
			t.Errorf("mrkdwn(%q, %d) = %q", text, n, got)
		}
	})
}

func TestBackoff_profiles(t *testing.T) {
	for attempt, want := range map[int]time.Duration{0: 2 * time.Second, 1: 2 * time.Second, 2: 4 * time.Second, 5: 32 * time.Second, 6: time.Minute, 400: time.Minute} {
		if got := backoff(gengfu.PriorityOpen, attempt, 0.9999999999); got > want || got < want-time.Second {
			t.Errorf("opening, attempt %d: at most %s, want %s", attempt, got, want)
		}
		if got := backoff(gengfu.PriorityOpen, attempt, 0); got != 0 {
			t.Errorf("opening, attempt %d: at least %s, want none", attempt, got)
		}
	}
	for attempt, want := range map[int]time.Duration{1: 5 * time.Second, 2: 5 * time.Minute, 4: 2 * time.Hour, 9: 24 * time.Hour, 99: 24 * time.Hour} {
		if got := backoff(gengfu.PriorityResolve, attempt, 0); got != want {
			t.Errorf("record, attempt %d: %s, want %s", attempt, got, want)
		}
		if got := backoff(gengfu.PriorityUpdate, attempt, 0.5); got != want+want/20 {
			t.Errorf("record with luck, attempt %d: %s", attempt, got)
		}
	}
}
