package hosts

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shirou/gopsutil/v4/disk"

	"gengfu"
)

func TestSampler_readsThisMachine(t *testing.T) {
	s := NewSampler("local")
	first, err := s.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if first.Host != "local" || first.CPU != 0 || first.Cores < 1 || first.MemTotal == 0 || first.MemAvailable == 0 || first.MemAvailable > first.MemTotal || first.Uptime <= 0 {
		t.Errorf("%+v", first)
	}
	if len(first.Mounts) == 0 || first.Mounts[0].Path != filepath.VolumeName(t.TempDir())+string(filepath.Separator) {
		t.Errorf("mounts %+v", first.Mounts)
	}
	for _, m := range first.Mounts {
		if m.Used() < 0 || m.Used() > 1 {
			t.Errorf("%s is %v used", m.Path, m.Used())
		}
	}
	second, err := s.Read(t.Context())
	if err != nil || second.CPU < 0 || second.CPU > 1 {
		t.Errorf("busy %v %v", second.CPU, err)
	}
}

func TestShare(t *testing.T) {
	for _, row := range []struct {
		before, now times
		want        float64
	}{
		{times{}, times{10, 100}, 0},
		{times{10, 100}, times{25, 120}, 0.75},
		{times{10, 100}, times{10, 100}, 0},
		{times{10, 100}, times{5, 90}, 0},
		{times{10, 100}, times{31, 120}, 1},
	} {
		if got := share(row.before, row.now); math.Abs(got-row.want) > 1e-9 {
			t.Errorf("%v to %v: %v, want %v", row.before, row.now, got, row.want)
		}
	}
}

func TestLocal_keepsDisksOnce(t *testing.T) {
	mount := func(device, path, kind string) disk.PartitionStat {
		return disk.PartitionStat{Device: device, Mountpoint: path, Fstype: kind}
	}
	var got []string
	for _, p := range local([]disk.PartitionStat{
		mount("proc", "/proc", "proc"), mount("tmpfs", "/run", "tmpfs"), mount("/dev/sda2", "/srv/bind/of/data", "ext4"),
		mount("/dev/sda1", "/", "ext4"), mount("/dev/sda2", "/data", "ext4"), mount("/dev/loop3", "/snap/core/1", "squashfs"),
		mount("overlay", "/var/lib/docker/overlay2/x/merged", "overlay"), mount("nas:/share", "/mnt/nas", "nfs4"),
		mount("//nas/share", "/mnt/win", "cifs"), mount("/dev/sdb1", "/data/deep", "XFS"), mount("/dev/sr0", "/media", "iso9660"),
	}) {
		got = append(got, p.Mountpoint)
	}
	if diff := cmp.Diff([]string{"/", "/data", "/data/deep"}, got); diff != "" {
		t.Error(diff)
	}
	if c := local([]disk.PartitionStat{mount("overlay", "/", "overlay")}); len(c) != 1 {
		t.Errorf("the root of a container is left out")
	}
}

func TestLimits_Validate(t *testing.T) {
	if err := DefaultLimits().Validate(); err != nil {
		t.Error(err)
	}
	for want, l := range map[string]Limits{
		"limit of cpu: share 95 ":  {CPU: Limit{Share: 95}},
		"limit of memory: share -": {Memory: Limit{Share: -0.1}},
		"limit of disk: share NaN": {Disk: Limit{Share: math.NaN()}},
		"limit of cpu: -1s is":     {CPU: Limit{Share: 0.5, For: -time.Second}},
	} {
		if err := l.Validate(); !errors.Is(err, gengfu.ErrInvalid) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestJudge(t *testing.T) {
	limit := Limit{Share: 0.90, For: time.Minute}
	for _, row := range []struct {
		name string
		used []float64 // half a minute apart
		want string
	}{
		{"well", []float64{0.1, 0.5, 0.89}, "up/up/up"},
		{"a short peak", []float64{0.5, 0.95, 0.95, 0.5}, "up/suspect/suspect/up"},
		{"for long", []float64{0.5, 0.95, 0.95, 0.95, 0.99}, "up/suspect/suspect/down!/down"},
		{"from the start", []float64{0.9, 0.9, 0.9}, "suspect/suspect/down!"},
		{"around the limit", []float64{0.95, 0.95, 0.95, 0.89, 0.91, 0.86, 0.9, 0.84, 0.89}, "suspect/suspect/down!/down/down/down/down/up./up"},
	} {
		var c gengfu.CheckState
		var got []string
		for i, used := range row.used {
			var signals []gengfu.Signal
			c, signals = Judge(c, Reading{Host: "db1", Resource: "disk /", At: noon.Add(time.Duration(i) * 30 * time.Second), Used: used, Limit: limit})
			var word strings.Builder
			word.WriteString(string(c.State))
			for _, s := range signals {
				word.WriteString(map[bool]string{true: "!", false: "."}[s.Firing])
			}
			got = append(got, word.String())
		}
		if g := strings.Join(got, "/"); g != row.want {
			t.Errorf("%s:\n got %s\nwant %s", row.name, g, row.want)
		}
	}
}

func TestJudge_saysSoAgain(t *testing.T) {
	var c gengfu.CheckState
	fired := 0
	for i := range 121 {
		var signals []gengfu.Signal
		c, signals = Judge(c, Reading{Host: "db1", Resource: "cpu", At: noon.Add(time.Duration(i) * 15 * time.Second), Used: 1, Limit: Limit{Share: 0.9}})
		fired += len(signals)
	}
	if fired != 4 { // at once, and after 10, 20 and 30 minutes
		t.Errorf("fired %d times in half an hour", fired)
	}
}

func TestJudge_signal(t *testing.T) {
	_, signals := Judge(gengfu.CheckState{}, Reading{Host: "db1", Resource: "disk /", At: noon, Used: 0.934, Limit: Limit{Share: 0.9}})
	want := []gengfu.Signal{{
		Key: "host:db1:disk /", Firing: true, At: noon, ImpactStart: noon, Grade: gengfu.GradeOrdinary, Title: "db1 · disk /", Member: "disk /",
		Failure: &gengfu.Failure{Reason: gengfu.ReasonThreshold, Want: "disk /", Seen: "93 %", Detail: "90 %"},
	}}
	if diff := cmp.Diff(want, signals); diff != "" {
		t.Error(diff)
	}
	if got := signals[0].Failure.Sentence(gengfu.Chinese); got != "disk / 当前 93 %，超过阈值 90 %" {
		t.Error(got)
	}
}

// desk is a ledger in memory that counts writes.
type desk struct {
	samples, amends int
	states          map[string]gengfu.CheckState
	told            []string
	fail            error
}

func (d *desk) SaveHostSample(context.Context, gengfu.HostSample) error {
	d.samples++
	return d.fail
}

func (d *desk) Amend(_ context.Context, check, location string, keys []string, decide gengfu.Decide) error {
	d.amends++
	change, err := decide(gengfu.Snapshot{Check: d.states[check]})
	if err != nil {
		return err
	}
	if change.Check.Check != check || change.Check.Location != location || len(keys) != 1 || keys[0] != check {
		return errors.New("amends another check")
	}
	d.states[check] = *change.Check
	return nil
}

func (d *desk) change(_ gengfu.Snapshot, signals []gengfu.Signal, _ time.Time) (gengfu.Change, error) {
	for _, s := range signals {
		d.told = append(d.told, s.Key+map[bool]string{true: "!", false: "."}[s.Firing])
	}
	return gengfu.Change{}, nil
}

func TestCollector(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{states: map[string]gengfu.CheckState{}}
		var logged strings.Builder
		start := time.Now()
		c, err := NewCollector(Config{
			Ledger: d, Change: d.change, Log: slog.New(slog.NewTextHandler(&logged, nil)),
			Read: func(context.Context) (gengfu.HostSample, error) {
				free := uint64(500)
				switch minute := time.Since(start) / time.Minute; {
				case minute >= 5 && minute < 8:
					free = 80
				case minute >= 15 && minute < 17:
					return gengfu.HostSample{}, errors.New("no such file")
				}
				return gengfu.HostSample{Host: "db1", At: time.Now(), MemTotal: 100, MemAvailable: 50, Mounts: []gengfu.Mount{{Path: "/", Total: 1000, Free: free}}}, nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		if err := c.Run(ctx); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]string{"host:db1:disk /!", "host:db1:disk /."}, d.told); diff != "" {
			t.Error(diff)
		}
		// Of 72 samples only changes are written: three first states, then
		// suspect, down and up.
		if d.samples < 71 || d.samples > 73 || d.amends != 6 {
			t.Errorf("%d samples, %d amends", d.samples, d.amends)
		}
		if n := strings.Count(logged.String(), "\n"); n != 2 || !strings.Contains(logged.String(), "no such file") {
			t.Errorf("%d lines:\n%s", n, logged.String())
		}
	})
}

func TestNewCollector_refuses(t *testing.T) {
	if _, err := NewCollector(Config{}); err == nil {
		t.Error("a collector of nothing")
	}
	d := &desk{}
	read := func(context.Context) (gengfu.HostSample, error) { return gengfu.HostSample{}, nil }
	if _, err := NewCollector(Config{Read: read, Ledger: d, Change: d.change, Limits: Limits{CPU: Limit{Share: 2}}}); !errors.Is(err, gengfu.ErrInvalid) {
		t.Errorf("limits that are none: %v", err)
	}
}
