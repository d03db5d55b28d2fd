package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"gengfu"
	"gengfu/scenarios"
	"gengfu/scenarios/strict"
)

// runReport shows runs as they go and writes what pipelines read at the end.
type runReport struct {
	shown *progress // nil when the terminal is for another format
	lang  gengfu.Lang
	final []output
	runs  []finished
	where scenarios.Pos
	w     io.Writer
}

// output is a format that is written when all is over.
type output struct {
	format string
	file   string // empty for the terminal
}

// finished is a run with the place of its scenario.
type finished struct {
	run gengfu.Run
	pos scenarios.Pos
}

// newRunReport reads --output; without one, text or JSON goes to the terminal.
func newRunReport(w io.Writer, lang gengfu.Lang, asJSON bool, outputs []string) (*runReport, error) {
	rep := &runReport{lang: lang, w: w}
	if len(outputs) == 0 {
		rep.shown = newProgress(w, lang, asJSON)
	}
	terminal := 0
	for _, o := range outputs {
		format, file, _ := strings.Cut(o, "=")
		known := []string{"text", "json", "junit", "github", "tap"}
		if !slices.Contains(known, format) {
			return nil, &exitError{exitUsage, fmt.Errorf("unknown output %q (%s)", format, strict.Suggest(format, known))}
		}
		if file == "" {
			terminal++
		}
		if file == "" && (format == "text" || format == "json") {
			rep.shown = newProgress(w, lang, format == "json")
			continue
		}
		rep.final = append(rep.final, output{format, file})
	}
	if terminal > 1 {
		return nil, &exitError{exitUsage, errors.New("only one output can go to the terminal; give the others a file: junit=report.xml")}
	}
	if terminal == 0 && rep.shown == nil {
		rep.shown = newProgress(w, lang, asJSON)
	}
	return rep, nil
}

func (rep *runReport) begin(s *scenarios.Scenario) {
	rep.where = s.Pos
	if rep.shown != nil {
		rep.shown.begin(s)
	}
}

func (rep *runReport) step(st gengfu.StepResult) {
	if rep.shown != nil {
		rep.shown.step(st)
	}
}

func (rep *runReport) end(r gengfu.Run) error {
	rep.runs = append(rep.runs, finished{r, rep.where})
	if rep.shown == nil {
		return nil
	}
	if err := rep.shown.end(r); err != nil {
		return err
	}
	rep.paste(r)
	return nil
}

// paste shows the step again with each of the closest elements, ready to be
// put into the file.
func (rep *runReport) paste(r gengfu.Run) {
	if rep.shown.json || r.Failure == nil {
		return
	}
	verb := r.Failure.Verb
	if !slices.Contains([]string{"click", "tick", "untick", "hover", "dblclick", "rightclick", "close"}, verb) {
		return
	}
	for _, h := range r.Failure.Hints {
		near, ok := strings.CutPrefix(h, gengfu.HintNear)
		if !ok {
			continue
		}
		rep.instead(verb, strings.Trim(r.Failure.Want, "“”"), strings.Split(near, "、"))
	}
}

// instead lists what the step could say. An element with more words than were
// asked for is found by a part of them.
func (rep *runReport) instead(verb, want string, near []string) {
	var lines []string
	for _, name := range near {
		switch {
		case len(want) > 1 && strings.Contains(name, want):
			lines = append(lines, "{text: "+scalar(want)+", exact: false}")
		case !strings.HasSuffix(name, "…"):
			lines = append(lines, scalar(name))
		}
	}
	if len(lines) == 0 {
		return
	}
	heading := "if one of the closest is meant:"
	if rep.lang == gengfu.Chinese {
		heading = "如果要的是相近的元素，可以写："
	}
	fmt.Fprintf(rep.w, "    %s\n", heading)
	for _, line := range slices.Compact(lines) {
		fmt.Fprintf(rep.w, "      - %s: %s\n", verb, line)
	}
}

// scalar is a text as a YAML file can hold it.
func scalar(s string) string {
	if _, problems := scenarios.Parse("x.yaml", []byte("scenario: x\nsteps:\n  - click: "+s+"\n")); len(problems) > 0 || strings.TrimSpace(s) != s || strings.ContainsAny(s, "#\"'“”{}[]:&*") {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", "$${").Replace(s) + `"`
	}
	return s
}

// repeated tells the median and the 95th percentile of several runs, nearest
// rank.
func (rep *runReport) repeated(id string, took []time.Duration) {
	if len(took) < 2 || rep.shown == nil || rep.shown.json {
		return
	}
	slices.Sort(took)
	at := func(share int) string { return gengfu.Span(took[(len(took)*share+99)/100-1]) }
	format := "%s  %d runs: p50 %s, p95 %s, slowest %s\n"
	if rep.lang == gengfu.Chinese {
		format = "%s  共 %d 次：p50 %s，p95 %s，最慢 %s\n"
	}
	fmt.Fprintf(rep.w, format, id, len(took), at(50), at(95), gengfu.Span(took[len(took)-1]))
}

// close writes the formats that need all runs.
func (rep *runReport) close() error {
	for _, o := range rep.final {
		if err := rep.write(o); err != nil {
			return fmt.Errorf("output %s: %w", o.format, err)
		}
	}
	return nil
}

func (rep *runReport) write(o output) (err error) {
	w := rep.w
	if o.file != "" {
		f, err := os.Create(o.file)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		w = f
	}
	switch o.format {
	case "junit":
		return rep.junit(w)
	case "github":
		rep.github(w)
	case "tap":
		rep.tap(w)
	default:
		p := newProgress(w, rep.lang, o.format == "json")
		for _, f := range rep.runs {
			for _, st := range f.run.Steps {
				p.step(st)
			}
			if err := p.end(f.run); err != nil {
				return err
			}
		}
	}
	return nil
}

// sentence says why a run did not pass, with its hints below.
func (rep *runReport) sentence(r gengfu.Run) (first string, hints []string) {
	if r.Failure == nil {
		return string(r.Outcome), nil
	}
	return r.Failure.Cause(rep.lang), r.Failure.HintLines(rep.lang)
}

func (rep *runReport) github(w io.Writer) {
	for _, f := range rep.runs {
		level := map[gengfu.Outcome]string{gengfu.Failed: "error", gengfu.Errored: "error", gengfu.Degraded: "warning"}[f.run.Outcome]
		if level == "" {
			continue
		}
		first, hints := rep.sentence(f.run)
		text := f.run.Slot.Scenario + ": " + strings.Join(append([]string{first}, hints...), "\n")
		fmt.Fprintf(w, "::%s file=%s,line=%d::%s\n", level, githubProperty(f.pos.File), f.pos.Line, githubText(text))
	}
}

// tap is version 14 of the Test Anything Protocol, one test a run.
func (rep *runReport) tap(w io.Writer) {
	fmt.Fprintf(w, "TAP version 14\n1..%d\n", len(rep.runs))
	for i, f := range rep.runs {
		word := "ok"
		if f.run.Outcome == gengfu.Failed || f.run.Outcome == gengfu.Errored {
			word = "not ok"
		}
		fmt.Fprintf(w, "%s %d - %s\n", word, i+1, strings.NewReplacer("#", `\#`, "\n", " ").Replace(f.run.Slot.Scenario))
		first, hints := rep.sentence(f.run)
		fmt.Fprintf(w, "  ---\n  outcome: %s\n  duration_ms: %d\n  message: %q\n", f.run.Outcome, f.run.Duration.Milliseconds(), first)
		for _, h := range hints {
			fmt.Fprintf(w, "  # %s\n", strings.ReplaceAll(h, "\n", " "))
		}
		fmt.Fprint(w, "  ...\n")
	}
}

// The elements of JUnit's XML report, as Jenkins' schema has them: a suite for
// each run, a case for each step.
type (
	junitReport struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name      string      `xml:"name,attr"`
		Tests     int         `xml:"tests,attr"`
		Failures  int         `xml:"failures,attr"`
		Errors    int         `xml:"errors,attr"`
		Skipped   int         `xml:"skipped,attr"`
		Time      string      `xml:"time,attr"`
		Timestamp string      `xml:"timestamp,attr"`
		Cases     []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string     `xml:"name,attr"`
		Class   string     `xml:"classname,attr"`
		Time    string     `xml:"time,attr"`
		Failure *junitText `xml:"failure"`
		Error   *junitText `xml:"error"`
		Skipped *struct{}  `xml:"skipped"`
	}
	junitText struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

func (rep *runReport) junit(w io.Writer) error {
	var out junitReport
	for _, f := range rep.runs {
		out.Suites = append(out.Suites, rep.suite(f.run))
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (rep *runReport) suite(r gengfu.Run) junitSuite {
	seconds := func(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
	s := junitSuite{Name: r.Slot.Scenario, Time: seconds(r.Duration), Timestamp: r.Started.UTC().Format("2006-01-02T15:04:05")}
	first, hints := rep.sentence(r)
	var text *junitText
	if r.Failure != nil {
		text = &junitText{Message: first, Type: string(r.Failure.Fault), Text: strings.Join(hints, "\n")}
	}
	told := false
	for _, st := range r.Steps {
		c := junitCase{Name: fmt.Sprintf("%d %s", st.Index, gengfu.StepName(rep.lang, st.Verb, st.Name)), Class: r.Slot.Scenario, Time: seconds(st.Duration)}
		switch {
		case st.Status == gengfu.StepSkipped:
			c.Skipped = &struct{}{}
		case text != nil && r.Failure.Step == st.Index && r.Outcome == gengfu.Failed:
			c.Failure, told = text, true
		case text != nil && r.Failure.Step == st.Index && r.Outcome == gengfu.Errored:
			c.Error, told = text, true
		}
		s.Cases = append(s.Cases, c)
	}
	if !told && (r.Outcome == gengfu.Failed || r.Outcome == gengfu.Errored) {
		c := junitCase{Name: "run", Class: r.Slot.Scenario, Time: s.Time}
		if r.Outcome == gengfu.Failed {
			c.Failure = text
		} else {
			c.Error = text
		}
		s.Cases = append(s.Cases, c)
	}
	for _, c := range s.Cases {
		s.Tests++
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
	return s
}
