package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"gengfu/bench/drive"
)

// coldStarts measures a process from its start to its exit with one run of the
// portal in between.
func (b *bench) coldStarts() error {
	if b.cold == 0 {
		return nil
	}
	dir := filepath.Join(b.dir, "cold")
	if err := writeScenarios(dir, b.base); err != nil {
		return err
	}
	floor, err := build(b.dir, "floor")
	if err != nil {
		return err
	}
	order := `{"site":"portal","runs":1,"concurrency":1}` + "\n"
	commands := []struct {
		name, input string
		argv        []string
	}{
		{"floor", order, []string{floor, b.base, b.browser}},
		{"gengfu", "", []string{b.binary, "run", "--browser", b.browser, filepath.Join(dir, "portal-0.yaml")}},
		{"playwright", order, []string{"node", "drivers/playwright.mjs", b.base, b.browser}},
	}
	for round := range b.cold {
		for i := range commands {
			c := commands[(i+round)%len(commands)]
			cmd := exec.Command(c.argv[0], c.argv[1:]...)
			cmd.Stdin = strings.NewReader(c.input)
			cmd.Env = append(os.Environ(), "GENGFU_SECRET_BENCH="+drive.Password)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			began := time.Now()
			out, err := cmd.CombinedOutput()
			s := sample{What: "cold", Site: "portal", Contender: c.name, Round: round, MS: float64(time.Since(began).Microseconds()) / 1000, Load: load()}
			if err != nil || strings.Contains(string(out), `"error":"`) {
				s.Errors = []string{fmt.Sprintf("%v: %.300s", err, out)}
			}
			s.DriverMS = float64((cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Milliseconds())
			b.keep(s)
		}
		progress("cold: round %d of %d", round+1, b.cold)
	}
	return nil
}

// grow runs ours many times on the first of the pages and notes the memory of the daemon and its browser.
func (b *bench) grow() error {
	if b.ours == nil {
		return nil
	}
	const batch = 250
	page, _, _ := strings.Cut(b.sites, ",")
	for done := 0; done < b.soak; done += batch {
		s, err := b.one(b.ours.contender, drive.Order{Site: page, Runs: batch, Concurrency: runtime.NumCPU()})
		if err != nil {
			return err
		}
		s.What, s.Round, s.Private = "soak", done+batch, private(b.ours.root)
		b.keep(s)
		progress("soak: %d of %d runs", done+batch, b.soak)
	}
	return nil
}

// loaded runs ours at 1, 2, 4 and 8 contexts while another process keeps each
// core busy. Every run that does not pass is a false failure.
func (b *bench) loaded() error {
	if b.chaos == 0 || b.ours == nil {
		return nil
	}
	for range runtime.NumCPU() {
		burn := exec.Command("sh", "-c", "while :; do :; done")
		burn.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := burn.Start(); err != nil {
			return err
		}
		defer func() {
			_ = burn.Process.Kill()
			_ = burn.Wait()
		}()
	}
	for _, wide := range []int{1, 2, 4, 8} {
		s, err := b.one(b.ours.contender, drive.Order{Site: "portal", Runs: b.chaos, Concurrency: wide})
		if err != nil {
			return err
		}
		s.What = "loaded"
		b.keep(s)
		progress("loaded: %d contexts", wide)
	}
	return nil
}

// waitError measures how late a wait ends: the page stamps the moment at which
// it shows the field, the step ends some time after it.
func (b *bench) waitError() error {
	if b.waits == 0 || b.ours == nil {
		return nil
	}
	var end time.Time
	b.ours.last = func(r run) {
		for _, st := range r.Detail.Steps {
			if st.Verb == "wait" {
				end = r.Started.Add(time.Duration(st.StartMS+st.DurationMS) * time.Millisecond)
			}
		}
	}
	defer func() { b.ours.last = nil }()
	for round := range b.waits {
		select {
		case <-b.site.stamps: // an old one
		default:
		}
		s, err := b.one(b.ours.contender, drive.Order{Site: "wait", Runs: 1, Concurrency: 1})
		if err != nil {
			return err
		}
		s.What, s.Round = "wait", round
		s.MS = float64(end.Sub(time.UnixMicro(<-b.site.stamps)).Microseconds()) / 1000
		b.keep(s)
		progress("wait error: %d of %d", round+1, b.waits)
	}
	return nil
}

// idleUse measures what a contender uses in a minute with nothing to do, once
// its browser has settled after a run.
func (b *bench) idleUse() error {
	if !b.idle {
		return nil
	}
	progress("idle: half a minute to settle")
	<-time.After(30 * time.Second)
	before := map[string]usage{}
	for _, c := range b.all {
		before[c.name] = measure(c.root)
	}
	progress("idle: a minute")
	<-time.After(time.Minute) // the measurement itself
	for _, c := range b.all {
		after := measure(c.root)
		b.keep(sample{
			What: "idle", Contender: c.name, DriverMS: after.driver - before[c.name].driver, BrowserMS: after.browser - before[c.name].browser,
			RSS: after.driverRSS, Private: private(c.root), Load: load(),
		})
	}
	return nil
}
