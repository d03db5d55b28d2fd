package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gengfu"
	"gengfu/prober"
	"gengfu/scenarios"
)

// playFlags are the options of run for an author at work.
type playFlags struct {
	headed  bool
	slow    time.Duration
	pause   bool
	watch   bool
	upTo    int
	vars    []string
	repeat  int
	outputs []string
}

func (f *playFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.BoolVar(&f.headed, "headed", false, "show the browser's window; needs a display")
	fs.DurationVar(&f.slow, "slow", 0, "pause after each step, such as 300ms")
	fs.BoolVar(&f.pause, "pause-on-failure", false, "keep the page open after a failed step until Enter is pressed")
	fs.BoolVar(&f.watch, "watch", false, "run again whenever a file is saved")
	fs.IntVar(&f.upTo, "step", 0, "stop after this many of the scenario's steps")
	fs.StringArrayVar(&f.vars, "var", nil, "give a variable of the scenarios another value: name=value")
	fs.IntVar(&f.repeat, "repeat", 1, "run so many times and tell the median and the 95th percentile")
	fs.StringSliceVar(&f.outputs, "output", nil, "text, json, junit, github or tap, each to the terminal or with =FILE to a file")
}

// change applies --var and --step to a scenario, and gives the run the time
// that pauses take.
func (f *playFlags) change(s *scenarios.Scenario) error {
	for _, v := range f.vars {
		name, value, ok := strings.Cut(v, "=")
		if !ok {
			return &exitError{exitUsage, fmt.Errorf("--var %s is not of the form name=value", v)}
		}
		if _, declared := s.Vars[name]; declared {
			s.Vars[name] = scenarios.Literal(value) // the texts of the scenario look it up here
		}
	}
	if f.upTo > 0 && f.upTo < len(s.Steps) {
		s.Steps = s.Steps[:f.upTo]
	}
	s.Timeout += f.slow * time.Duration(len(s.Steps)+len(s.Always)+1)
	if f.pause {
		s.Timeout += 12 * time.Hour
	}
	return nil
}

// known refuses variables that no scenario declares.
func (f *playFlags) known(list []scenarios.Scenario) error {
	for _, v := range f.vars {
		name, _, _ := strings.Cut(v, "=")
		if !slices.ContainsFunc(list, func(s scenarios.Scenario) bool { _, ok := s.Vars[name]; return ok }) {
			return &exitError{exitUsage, fmt.Errorf("no scenario has the variable %q", name)}
		}
	}
	return nil
}

// player runs scenarios as the author asked.
type player struct {
	o       *options
	f       runFlags
	execute prober.Browser
	report  *runReport
	out     io.Writer
	keys    chan struct{} // one for each line that is typed
}

// typed delivers the lines of the terminal; it is closed at their end.
func typed(r io.Reader) chan struct{} {
	keys := make(chan struct{})
	go func() {
		defer close(keys)
		scan := bufio.NewScanner(r)
		for scan.Scan() {
			keys <- struct{}{}
		}
	}()
	return keys
}

// watcher shows a step and waits as long as the author wants to look.
func (p *player) watcher(ctx context.Context, show func(gengfu.StepResult)) func(gengfu.StepResult) {
	return func(st gengfu.StepResult) {
		show(st)
		if st.Status == "" {
			return
		}
		if p.f.slow > 0 {
			timer := time.NewTimer(p.f.slow)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-ctx.Done():
			}
		}
		if p.f.pause && (st.Status == gengfu.StepFailed || st.Status == gengfu.StepErrored) {
			fmt.Fprintln(p.out, map[gengfu.Lang]string{gengfu.Chinese: "  已暂停，按回车继续", gengfu.English: "  paused; Enter goes on"}[p.o.language()])
			select {
			case <-p.keys:
			case <-ctx.Done():
			}
		}
	}
}

// all runs every scenario as often as asked and returns the worst outcome.
func (p *player) all(ctx context.Context, list []scenarios.Scenario) (gengfu.Outcome, error) {
	worst := gengfu.Passed
	for i := range list {
		if err := p.f.change(&list[i]); err != nil {
			return worst, err
		}
		list[i].Browser.HAR = list[i].Browser.HAR || p.f.har
		var took []time.Duration
		for range max(p.f.repeat, 1) {
			r, err := p.one(ctx, &list[i])
			if err != nil {
				return worst, err
			}
			took = append(took, r.Duration)
			worst = worse(worst, r.Outcome)
		}
		p.report.repeated(list[i].ID, took)
	}
	return worst, nil
}

func (p *player) one(ctx context.Context, s *scenarios.Scenario) (gengfu.Run, error) {
	p.report.begin(s)
	r := p.execute(ctx, s, manualSlot(s.ID), p.watcher(ctx, p.report.step))
	if ctx.Err() != nil {
		return r, &exitError{code: exitInterrupted}
	}
	if err := saveEvidence(p.f.evidence, &r); err != nil {
		return r, &exitError{exitErrored, err}
	}
	if err := p.report.end(r); err != nil {
		return r, &exitError{exitErrored, err}
	}
	return r, nil
}

// again waits for a file to be saved and loads the scenarios anew; mistakes are
// told, and the next change is waited for.
func (o *options) again(ctx context.Context, w io.Writer, args []string, before map[string]file) ([]scenarios.Scenario, map[string]file, error) {
	for {
		now, changed := saved(ctx, args, before)
		if !changed {
			return nil, nil, &exitError{code: exitInterrupted}
		}
		before = now
		_, list, err := o.pick(args)
		if err == nil {
			return list, before, nil
		}
		fmt.Fprintln(w, err)
	}
}

// saved waits until a file of the scenarios, or beside them, was written.
func saved(ctx context.Context, args []string, before map[string]file) (map[string]file, bool) {
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	for {
		if now := stamps(args); !maps.Equal(before, now) {
			return now, true
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return before, false
		}
	}
}

// stamps are the versions of the YAML files of the arguments, and of those
// beside them.
func stamps(args []string) map[string]file {
	var all []string
	for _, a := range args {
		if st, err := os.Stat(a); err == nil && !st.IsDir() {
			a = filepath.Dir(a)
		}
		files, _ := yamlFiles([]string{a}) // a file that goes away meanwhile is a change
		all = append(all, files...)
	}
	return versions(all)
}
