package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"gengfu"
	"gengfu/prober/chrome"
	"gengfu/scenarios"
)

type runFlags struct {
	asJSON   bool
	evidence string
	har      bool
	browser  string
	playFlags
}

func runCommand(o *options) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run <scenario id, file or folder> ...",
		Short: "Run scenarios once, now, and watch their steps",
		Long: `Run executes scenarios once, outside the schedule, and tells nobody. A name
without a path is looked up in the instance file's scenarios.

It ends with 0 when all passed, 1 when one failed, 3 when the prober could not
do its work, 4 when a file is wrong, and 130 when it was interrupted.`,
		Example: `  gengfu run applicant-login
  gengfu run scenarios/login.yaml --evidence ./evidence
  gengfu run --json scenarios/ | jq .outcome`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			leaveCores()
			return runAll(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), o, f, args)
		},
	}
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print each run as one line of JSON")
	cmd.Flags().StringVar(&f.evidence, "evidence", "", "write screenshot, DOM, outline and network archive of failed runs to this folder")
	cmd.Flags().BoolVar(&f.har, "har", false, "make a network archive of runs that passed, too; with --evidence")
	cmd.Flags().StringVar(&f.browser, "browser", "", "path of the browser")
	f.register(cmd)
	return cmd
}

func runAll(ctx context.Context, stdin io.Reader, w io.Writer, o *options, f runFlags, args []string) error {
	in, list, err := o.pick(args)
	if err != nil {
		return err
	}
	if err := f.known(list); err != nil {
		return err
	}
	cfg := in.browser()
	cfg.Headed = f.headed
	cfg.NoClients = f.headed && !f.watch && !slices.ContainsFunc(list, func(s scenarios.Scenario) bool { return len(s.Browser.Equipment.Clients) > 0 })
	cfg.Standby, cfg.Remember = "off", 0
	cfg.Vault = in.vault()
	if note := in.forgetful(list, o.language()); note != "" {
		fmt.Fprintln(os.Stderr, note)
	}
	asks := &terminalAsks{w: os.Stderr, lang: o.language()}
	defer asks.close()
	cfg.Ask = asks.ask
	if err := readyFor(cfg.Vault, list); err != nil {
		return &exitError{exitInvalid, err}
	}
	if f.browser != "" {
		cfg.Path = f.browser
	}
	checks := in.checker(cfg.Vault)
	cfg.Checks = checks
	var pool *chrome.Pool
	if f.watch || slices.ContainsFunc(list, func(s scenarios.Scenario) bool { return !s.Browserless() }) {
		if pool, err = chrome.NewPool(cfg); err != nil {
			return &exitError{exitErrored, err}
		}
		defer pool.Close()
	}
	p := &player{o: o, f: f, execute: executor(pool, checks), out: w}
	if f.pause {
		p.keys = typed(stdin)
	}
	for before := stamps(args); ; {
		if p.report, err = newRunReport(w, o.language(), f.asJSON, f.outputs); err != nil {
			return err
		}
		worst, err := p.all(ctx, list)
		if err == nil {
			err = p.report.close()
		}
		if err != nil || !f.watch {
			return outcomeError(worst, err)
		}
		if list, before, err = o.again(ctx, w, args, before); err != nil {
			return err
		}
	}
}

// outcomeError is how the command ends after runs of which this was the worst.
func outcomeError(worst gengfu.Outcome, err error) error {
	if err != nil {
		return err
	}
	switch worst {
	case gengfu.Failed:
		return &exitError{code: exitFailed}
	case gengfu.Errored:
		return &exitError{code: exitErrored}
	}
	return nil
}

// worse keeps failed over errored over the rest: a failure is news of the
// target, an error only of us.
func worse(a, b gengfu.Outcome) gengfu.Outcome {
	for _, o := range []gengfu.Outcome{gengfu.Failed, gengfu.Errored} {
		if a == o || b == o {
			return o
		}
	}
	return gengfu.Passed
}

// pick finds the scenarios that are meant: paths are loaded, other names are
// ids of the instance file.
func (o *options) pick(args []string) (*instance, []scenarios.Scenario, error) {
	in, problems, err := loadInstance(o.config)
	if errors.Is(err, fs.ErrNotExist) {
		in, err = defaultInstance()
	}
	if err != nil {
		return nil, nil, err
	}
	if len(problems) > 0 {
		return nil, nil, &exitError{exitInvalid, problems}
	}
	var list []scenarios.Scenario
	for _, arg := range args {
		set, want, err := in.named(arg)
		if err != nil {
			return nil, nil, err
		}
		for _, s := range set.Scenarios {
			if want != "" && s.ID != want {
				continue
			}
			if missing := in.secrets.Missing(s); len(missing) > 0 {
				return nil, nil, &exitError{exitInvalid, missing}
			}
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return nil, nil, &exitError{exitInvalid, fmt.Errorf("no scenarios in %s (a .yaml or .yml file with scenario: and steps:)", strings.Join(args, ", "))}
	}
	return in, list, nil
}

// named loads a path, or the instance's scenarios when arg is an id in them.
func (in *instance) named(arg string) (set *scenarios.Set, id string, err error) {
	if st, err := os.Stat(arg); err == nil {
		set, problems := scenarios.Load(arg)
		if !st.IsDir() {
			set, problems = in.single(arg)
		}
		if len(problems) > 0 {
			return nil, "", &exitError{exitInvalid, problems}
		}
		return set, "", nil
	}
	set, problems := in.load()
	if len(problems) > 0 {
		return nil, "", &exitError{exitInvalid, problems}
	}
	if _, ok := set.Find(arg); !ok {
		var ids []string
		for _, s := range set.Scenarios {
			ids = append(ids, s.ID)
		}
		return nil, "", &exitError{exitUsage, fmt.Errorf("no file and no scenario %q (%s)", arg, suggest(arg, ids))}
	}
	return set, arg, nil
}

func saveEvidence(dir string, r *gengfu.Run) error {
	if dir == "" {
		return nil
	}
	ext := map[gengfu.EvidenceKind]string{
		gengfu.EvidenceScreenshot: ".jpg", gengfu.EvidenceDOM: ".html", gengfu.EvidenceOutline: ".txt", gengfu.EvidencePDF: ".pdf", gengfu.EvidenceHAR: ".har",
		gengfu.EvidenceFilm: ".jpg", gengfu.EvidenceSteps: ".txt",
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("evidence folder: %w", err)
	}
	for _, e := range r.Evidence {
		path := filepath.Join(dir, r.Slot.Scenario+"-"+string(e.Kind)+ext[e.Kind])
		if err := os.WriteFile(path, e.Data.Bytes(), 0o600); err != nil {
			return fmt.Errorf("write evidence: %w", err)
		}
	}
	return nil
}

// progress shows a run as it goes: steps replace each other's line on a
// terminal and stand as plain lines elsewhere; JSON comes at the end.
type progress struct {
	w        io.Writer
	lang     gengfu.Lang
	json     bool
	terminal bool
}

func newProgress(w io.Writer, lang gengfu.Lang, asJSON bool) *progress {
	p := &progress{w: w, lang: lang, json: asJSON}
	if f, ok := w.(*os.File); ok {
		p.terminal = term.IsTerminal(int(f.Fd()))
	}
	return p
}

func (p *progress) begin(s *scenarios.Scenario) {
	if !p.json {
		fmt.Fprintf(p.w, "%s  %s\n", s.ID, s.Title)
	}
}

var stepMarks = map[gengfu.StepStatus]string{
	gengfu.StepPassed: "✓", gengfu.StepDegraded: "!", gengfu.StepFailed: "✗", gengfu.StepErrored: "?", gengfu.StepSkipped: "-",
}

func (p *progress) step(st gengfu.StepResult) {
	switch {
	case p.json:
	case st.Status == "" && p.terminal:
		fmt.Fprintf(p.w, "  … %s", gengfu.StepName(p.lang, st.Verb, st.Name))
	case st.Status != "":
		if p.terminal {
			fmt.Fprint(p.w, "\r\x1b[K")
		}
		fmt.Fprintf(p.w, "  %s %8s  %s\n", stepMarks[st.Status], gengfu.Span(st.Duration), gengfu.StepName(p.lang, st.Verb, st.Name))
		p.measured(st)
	}
}

func (p *progress) end(r gengfu.Run) error {
	if p.json {
		return json.NewEncoder(p.w).Encode(r)
	}
	words := map[gengfu.Outcome][2]string{
		gengfu.Passed: {"通过", "passed"}, gengfu.Degraded: {"变慢", "degraded"},
		gengfu.Failed: {"失败", "failed"}, gengfu.Errored: {"监测端异常", "errored"},
	}[r.Outcome]
	word := words[0]
	if p.lang == gengfu.English {
		word = words[1]
	}
	fmt.Fprintf(p.w, "%s  %s\n", word, gengfu.Span(r.Duration))
	if r.Session != nil {
		fmt.Fprintf(p.w, "  %s: %s\n", r.Session.Name, r.Session.Sentence(p.lang))
	}
	if r.Failure != nil {
		fmt.Fprintf(p.w, "  %s\n", r.Failure.Cause(p.lang))
		for _, h := range r.Failure.HintLines(p.lang) {
			fmt.Fprintf(p.w, "    %s\n", h)
		}
	}
	p.journey(r)
	return nil
}
