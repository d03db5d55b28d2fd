package selfcheck_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gengfu"
	"gengfu/ops/selfcheck"
)

func mib(n uint64) selfcheck.Amount { return selfcheck.Amount{Bytes: n << 20, Known: true} }

func kinds(list []gengfu.SelfFinding) string {
	var names []string
	for _, f := range list {
		names = append(names, string(f.Kind))
	}
	return strings.Join(names, " ")
}

func TestFind(t *testing.T) {
	for _, row := range []struct {
		sample selfcheck.Sample
		want   string
	}{
		{selfcheck.Sample{}, ""}, // a system that tells nothing
		{selfcheck.Sample{Disk: mib(128), Memory: mib(128), Lag: 5*time.Second - 1, Jump: 30*time.Second - 1, Load: 3.9}, ""},
		{selfcheck.Sample{Disk: mib(127)}, "the disk of the data folder has 127 MiB left (128 MiB are needed)"},
		{selfcheck.Sample{Disk: mib(0)}, "the disk of the data folder has 0 MiB left (128 MiB are needed)"},
		{selfcheck.Sample{Memory: mib(90)}, "90 MiB of memory are left (128 MiB are needed)"},
		{selfcheck.Sample{Lag: 7 * time.Second}, "our own timer rang 7 s late (limit 5 s)"},
		{selfcheck.Sample{Jump: time.Hour}, "the clock jumped by 1 h (limit 30 s)"},
		{selfcheck.Sample{Jump: -time.Hour}, "the clock jumped by -1 h (limit 30 s)"},
		{selfcheck.Sample{Browser: "no sandbox"}, "the browser cannot be started: no sandbox"},
		{selfcheck.Sample{Network: "10.0.0.1:53, dns"}, "no control target answers: 10.0.0.1:53, dns"},
		{selfcheck.Sample{Load: 4}, "load of 4.0 per core (limit 4)"},
		{selfcheck.Sample{Network: "x", Disk: mib(1), Lag: time.Minute}, "the disk of the data folder has 1 MiB left (128 MiB are needed); our own timer rang 1 min late (limit 5 s); no control target answers: x"},
	} {
		if got := gengfu.SelfSentence(selfcheck.Find(row.sample, selfcheck.DefaultLimits()), gengfu.English); got != row.want {
			t.Errorf("%+v: %q, want %q", row.sample, got, row.want)
		}
	}
	if got := selfcheck.Find(selfcheck.Sample{Disk: mib(1), Lag: time.Hour, Load: 99, Jump: time.Hour}, selfcheck.Limits{}); len(got) > 0 {
		t.Errorf("without limits: %v", got)
	}
}

func TestJudge(t *testing.T) {
	well := selfcheck.Sample{Disk: mib(9000), Memory: mib(9000)}
	disk, late := selfcheck.Sample{Disk: mib(90)}, selfcheck.Sample{Lag: 9 * time.Second}
	jump, cut, busy := selfcheck.Sample{Jump: time.Hour}, selfcheck.Sample{Network: "x"}, selfcheck.Sample{Load: 8}
	for _, row := range []struct {
		name    string
		samples []selfcheck.Sample
		want    []string // what stands after each
	}{
		{"well", []selfcheck.Sample{well, well}, []string{"", ""}},
		{"two good checks", []selfcheck.Sample{disk, well, well}, []string{"disk", "disk", ""}},
		{"good ones in a row", []selfcheck.Sample{disk, well, disk, well, well}, []string{"disk", "disk", "disk", "disk", ""}},
		{"one late timer", []selfcheck.Sample{late, well, late, well}, []string{"", "", "", ""}},
		{"late for a while", []selfcheck.Sample{late, late, well, well}, []string{"", "lag", "lag", ""}},
		{"jump", []selfcheck.Sample{jump, well, well}, []string{"clock", "clock", ""}},
		{"network", []selfcheck.Sample{cut, cut, well, cut, well, well}, []string{"network", "network", "network", "network", "network", ""}},
		{"load", []selfcheck.Sample{busy, busy, well, well}, []string{"", "load", "load", ""}},
		{"each by itself", []selfcheck.Sample{disk, jump, well, well}, []string{"disk", "disk clock", "clock", ""}},
	} {
		var st selfcheck.State
		for i, s := range row.samples {
			st = selfcheck.Judge(st, s, selfcheck.DefaultLimits())
			if got := kinds(st.Check().Findings); got != row.want[i] {
				t.Errorf("%s: %q after %d samples, want %q", row.name, got, i+1, row.want[i])
			}
		}
	}
}

func TestJudge_raised(t *testing.T) {
	st := selfcheck.State{}.Raise(gengfu.SelfFinding{Kind: gengfu.SelfDisk})
	if c := st.Check(); !c.Failing() || len(c.Frozen(true)) > 0 {
		t.Errorf("known from before a restart: %+v", c)
	}
	st = selfcheck.Judge(st, selfcheck.Sample{Disk: mib(90)}, selfcheck.DefaultLimits())
	if c := st.Check(); len(c.Frozen(true)) != 1 {
		t.Errorf("found again: %+v", c)
	}
	st = st.Raise(gengfu.SelfFinding{Kind: gengfu.SelfDisk})
	if c := st.Check(); c.Findings[0].Seen != "90 MiB" {
		t.Errorf("the figure is lost: %+v", c)
	}
	st = selfcheck.State{}.Raise(gengfu.SelfFinding{Kind: gengfu.SelfBrowser, Seen: "gone"})
	if c := st.Check(); len(c.Frozen(false)) > 0 || len(c.Frozen(true)) != 1 {
		t.Errorf("a browser that cannot be started holds back what needs one alone: %+v", c)
	}
}

// TestJudge_leavesWhatWas: a state that somebody holds stays as it is.
func TestJudge_leavesWhatWas(t *testing.T) {
	before := selfcheck.State{}.Raise(gengfu.SelfFinding{Kind: gengfu.SelfDisk, Seen: "1 MiB"})
	after := before
	for range 2 {
		after = selfcheck.Judge(after, selfcheck.Sample{Disk: mib(9000)}, selfcheck.DefaultLimits())
	}
	more := before.Raise(gengfu.SelfFinding{Kind: gengfu.SelfBrowser, Seen: "gone"})
	for i, n := range []int{len(before.Check().Findings), len(after.Check().Findings), len(more.Check().Findings)} {
		if want := []int{1, 0, 2}[i]; n != want {
			t.Errorf("state %d has %d findings, want %d", i, n, want)
		}
	}
}

// TestChecker_spoilt: a run that failed while something was wrong is spoilt by
// it, whatever stands before and after.
func TestChecker_spoilt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var full atomic.Bool
		checks := 0
		c, err := selfcheck.New(selfcheck.Config{
			Measure: func(s *selfcheck.Sample) {
				if s.Disk = mib(9000); full.Load() {
					s.Disk = mib(1)
				}
			},
			Tell: func(context.Context, gengfu.SelfCheck) error { checks++; return errors.New("not now") },
		})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- c.Run(ctx) }()
		time.Sleep(time.Minute)
		if got := c.Spoilt(began); len(got) > 0 || c.Now().Failing() {
			t.Errorf("well: %v", got)
		}
		full.Store(true)
		if got := c.Spoilt(began); kinds(got) != "disk" || c.Now().Failing() {
			t.Errorf("between checks: %v, %+v", got, c.Now())
		}
		full.Store(false)
		if got := c.Spoilt(began); kinds(got) != "disk" {
			t.Errorf("of a run that was going on: %v", got)
		}
		time.Sleep(time.Second)
		if got := c.Spoilt(time.Now()); len(got) > 0 {
			t.Errorf("of a run after it: %v", got)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if checks != 4 { // after 5, 20, 35 and 50 s
			t.Errorf("%d checks in a minute", checks)
		}
	})
}
