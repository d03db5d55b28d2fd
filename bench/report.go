package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// The tables stand between these marks.
const (
	beginMark = "<!-- bench: begin -->\n"
	endMark   = "<!-- bench: end -->\n"
)

// publish prints the tables and puts them into the page.
func publish(doc string, record []sample) error {
	var b bytes.Buffer
	if err := report(&b, record); err != nil {
		return err
	}
	if _, err := os.Stdout.Write(b.Bytes()); err != nil || doc == "" {
		return err
	}
	page, err := os.ReadFile(doc)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(page), beginMark)
	_, after, closed := strings.Cut(rest, endMark)
	if !found || !closed {
		return fmt.Errorf("%s has no place for the tables: %s and %s", doc, strings.TrimSpace(beginMark), strings.TrimSpace(endMark))
	}
	return os.WriteFile(doc, []byte(before+beginMark+b.String()+"\n"+endMark+after), 0o644)
}

func readRecord(path string) ([]sample, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var record []sample
	for line := range bytes.Lines(raw) {
		var s sample
		if err := json.Unmarshal(line, &s); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		record = append(record, s)
	}
	return record, nil
}

// report writes the tables as Markdown.
func report(w io.Writer, record []sample) error {
	var b strings.Builder
	for _, site := range distinct(record, "warm", func(s sample) string { return s.Site }) {
		warmTable(&b, site, pick(record, func(s sample) bool { return s.What == "warm" && s.Site == site }))
	}
	if cold := pick(record, func(s sample) bool { return s.What == "cold" }); len(cold) > 0 {
		warmTable(&b, "cold start", cold)
	}
	throughputTable(&b, pick(record, func(s sample) bool { return s.What == "throughput" }))
	idleTable(&b, pick(record, func(s sample) bool { return s.What == "idle" }))
	if waits := pick(record, func(s sample) bool { return s.What == "wait" }); len(waits) > 0 {
		var late []float64
		for _, s := range waits {
			late = append(late, s.MS)
		}
		slices.Sort(late)
		fmt.Fprintf(&b, "\n**wait error** (%d runs): p50 %.1f ms, p95 %.1f ms\n", len(late), quantile(late, 0.5), quantile(late, 0.95))
	}
	for _, what := range []string{"soak", "loaded"} {
		lines := pick(record, func(s sample) bool { return s.What == what })
		if len(lines) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n**%s**\n\n| runs so far | contexts | p50 ms | p95 ms | failures | driver RSS MiB | browser private MiB |\n| --- | --- | --- | --- | --- | --- | --- |\n", what)
		for _, s := range lines {
			fmt.Fprintf(&b, "| %d | %d | %.0f | %.0f | %d | %.1f | %.1f |\n", s.Round, s.Wide, s.MS, s.P95, len(s.Errors), mib(s.RSS), mib(s.Private))
		}
	}
	_, err := io.WriteString(w, "\n"+b.String())
	return err
}

func idleTable(b *strings.Builder, samples []sample) {
	if len(samples) == 0 {
		return
	}
	b.WriteString("\n**an idle minute**\n\n| | driver CPU ms | browser CPU ms | driver RSS MiB | browser private MiB |\n| --- | --- | --- | --- | --- |\n")
	for _, s := range samples {
		fmt.Fprintf(b, "| %s | %.0f | %.0f | %.1f | %.1f |\n", s.Contender, s.DriverMS, s.BrowserMS, mib(s.RSS), mib(s.Private))
	}
}

func mib(n int64) float64 { return float64(n) / (1 << 20) }

func warmTable(b *strings.Builder, title string, samples []sample) {
	fmt.Fprintf(b, "\n**%s** (%d rounds, load %.1f)\n\n", title, rounds(samples), samples[len(samples)-1].Load)
	b.WriteString("| | wall p50 | p95 | x floor | x Playwright | driver CPU | x pw | browser CPU | total CPU | x pw | failures |\n")
	b.WriteString("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	wall := func(s sample) float64 { return s.MS }
	for _, name := range distinct(samples, "", func(s sample) string { return s.Contender }) {
		own := pick(samples, func(s sample) bool { return s.Contender == name })
		var times []float64
		failures := 0
		for _, s := range own {
			times = append(times, s.MS)
			failures += len(s.Errors)
		}
		slices.Sort(times)
		driver, browser := mean(own, func(s sample) float64 { return s.DriverMS }), mean(own, func(s sample) float64 { return s.BrowserMS })
		pw := pick(samples, func(s sample) bool { return s.Contender == "playwright" })
		pwDriver := mean(pw, func(s sample) float64 { return s.DriverMS })
		pwTotal := pwDriver + mean(pw, func(s sample) float64 { return s.BrowserMS })
		fmt.Fprintf(b, "| %s | %.0f | %.0f | %s | %s | %.1f | %s | %.0f | %.0f | %s | %d |\n", name, quantile(times, 0.5), quantile(times, 0.95),
			ratio(samples, name, "floor", wall), ratio(samples, name, "playwright", wall), driver, over(driver, pwDriver), browser, driver+browser, over(driver+browser, pwTotal), failures)
	}
}

func throughputTable(b *strings.Builder, samples []sample) {
	if len(samples) == 0 {
		return
	}
	b.WriteString("\n**throughput** (portal, batches of 16; runs a minute, x Playwright, p95 of a run in ms, CPU a run in ms, browser private MiB)\n\n")
	b.WriteString("| | contexts | runs/min | x pw | x floor | p95 | driver CPU | browser CPU | private |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, name := range distinct(samples, "", func(s sample) string { return s.Contender }) {
		for _, wide := range []int{2, 4, 8} {
			same := pick(samples, func(s sample) bool { return s.Wide == wide })
			own := pick(same, func(s sample) bool { return s.Contender == name })
			rate := func(s sample) float64 { return s.PerMinute }
			fmt.Fprintf(b, "| %s | %d | %.0f | %s | %s | %.0f | %.1f | %.0f | %.0f |\n", name, wide, median(own, rate),
				ratio(same, name, "playwright", rate), ratio(same, name, "floor", rate), median(own, func(s sample) float64 { return s.P95 }),
				mean(own, func(s sample) float64 { return s.DriverMS }), mean(own, func(s sample) float64 { return s.BrowserMS }),
				median(own, func(s sample) float64 { return mib(s.Private) }))
		}
	}
}

// ratio is the median of the ratios within a round.
func ratio(samples []sample, name, to string, of func(sample) float64) string {
	var ratios []float64
	for _, a := range samples {
		for _, b := range samples {
			if a.Contender == name && b.Contender == to && a.Round == b.Round && of(b) > 0 {
				ratios = append(ratios, of(a)/of(b))
			}
		}
	}
	if len(ratios) == 0 {
		return "–"
	}
	slices.Sort(ratios)
	return fmt.Sprintf("%.2f", quantile(ratios, 0.5))
}

func over(a, b float64) string {
	if b == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", a/b)
}

func median(samples []sample, of func(sample) float64) float64 {
	var all []float64
	for _, s := range samples {
		all = append(all, of(s))
	}
	slices.Sort(all)
	return quantile(all, 0.5)
}

// mean is used for CPU time: the kernel counts it in steps of 10 ms.
func mean(samples []sample, of func(sample) float64) float64 {
	if len(samples) == 0 {
		return 0
	}
	var sum float64
	for _, s := range samples {
		sum += of(s)
	}
	return sum / float64(len(samples))
}

func rounds(samples []sample) int {
	n := 0
	for _, s := range samples {
		n = max(n, s.Round+1)
	}
	return n
}

func pick(all []sample, want func(sample) bool) []sample {
	var out []sample
	for _, s := range all {
		if want(s) {
			out = append(out, s)
		}
	}
	return out
}

func distinct(all []sample, what string, of func(sample) string) []string {
	var out []string
	for _, s := range all {
		if (what == "" || s.What == what) && !slices.Contains(out, of(s)) {
			out = append(out, of(s))
		}
	}
	return out
}
