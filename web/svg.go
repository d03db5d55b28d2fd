package web

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"gengfu"
)

// signs are the shapes that say with their form what a colour says: a tick, a
// triangle, a cross, a diamond, a ring and a dash.
var signs = map[string]string{
	"tick":     `<path d="M2.5 8.5l3.5 3.5 7.5-8"/>`,
	"triangle": `<path d="M8 2.5l6 11H2z"/><path d="M8 6.5v3M8 11.6v.2"/>`,
	"cross":    `<path d="M3.5 3.5l9 9M12.5 3.5l-9 9"/>`,
	"diamond":  `<path d="M8 1.8l6.2 6.2L8 14.2 1.8 8z"/><path d="M8 5.5v3M8 10.6v.2"/>`,
	"ring":     `<circle cx="8" cy="8" r="5.5"/><path d="M8 5v3.2l2 1.3"/>`,
	"dash":     `<path d="M3 8h10"/>`,
	"arrow":    `<path d="M3 9.5L8 4l5 5.5M8 4v9"/>`,
}

// sign is the shape of a value, decoration beside its word.
func sign(value any) template.HTML {
	name := "dash"
	switch fmt.Sprint(value) {
	case "passed", "up", "sent", "resolved", "closed":
		name = "tick"
	case "degraded", "suspect", "ordinary", "working":
		name = "triangle"
	case "failed", "down", "dead", "major", "open":
		name = "cross"
	case "errored":
		name = "diamond"
	case "pending", "acked":
		name = "ring"
	case "recovering":
		name = "arrow"
	}
	//nolint:gosec // a constant
	return template.HTML(`<svg class="sign" viewBox="0 0 16 16" aria-hidden="true" focusable="false">` + signs[name] + `</svg>`)
}

// The size of a heartbeat bar, in user units.
const (
	beatWidth  = 5
	beatGap    = 2
	beatHeight = 28
	taintTop   = 2 // middle of the dot over a bar whose times do not count
)

// heartbeat draws the latest runs, the newest on the right: colour and shape
// by outcome, height by duration. Each bar leads to its run.
func (g tongue) heartbeat(runs []gengfu.Run) template.HTML {
	var b strings.Builder
	tally := map[gengfu.Outcome]int{}
	longest := time.Duration(1)
	for _, r := range runs {
		tally[r.Outcome]++
		longest = max(longest, r.Duration)
	}
	label := g.text("beats.none")
	if len(runs) > 0 {
		label = g.text("beats.label", len(runs), tally[gengfu.Passed], tally[gengfu.Degraded], tally[gengfu.Failed], tally[gengfu.Errored])
	}
	fmt.Fprintf(&b, `<svg class="beats" viewBox="0 0 %d %d" role="img" aria-label="%s">`, beats*(beatWidth+beatGap)-beatGap, beatHeight, html.EscapeString(label))
	for i := range beats {
		x := (beats - 1 - i) * (beatWidth + beatGap)
		if i >= len(runs) {
			fmt.Fprintf(&b, `<rect class="none" x="%d" y="%d" width="%d" height="6" rx="1.5"/>`, x, beatHeight-6, beatWidth)
			continue
		}
		g.beat(&b, runs[i], x, longest)
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String()) //nolint:gosec // numbers and escaped text
}

// beat draws one run. The square root keeps short runs visible beside a long
// one.
func (g tongue) beat(b *strings.Builder, r gengfu.Run, x int, longest time.Duration) {
	h := 8 + 18*math.Sqrt(float64(r.Duration)/float64(longest))
	if r.Outcome == gengfu.Failed {
		h = beatHeight
	}
	title := fmt.Sprintf("%s · %s · %s", r.Started.In(g.zone).Format("01-02 15:04:05"), g.word("outcome", r.Outcome), span(r.Duration))
	if r.Slot.Kind != gengfu.SlotScheduled && r.Slot.Kind != "" {
		title += " · " + g.word("slot", r.Slot.Kind)
	}
	if r.Tainted != "" {
		title += " · " + g.word("taintwhy", r.Tainted)
	}
	fmt.Fprintf(b, `<a href="%s" tabindex="-1"><rect class="%s" x="%d" y="%.1f" width="%d" height="%.1f" rx="1.5"><title>%s</title></rect></a>`,
		html.EscapeString(runURL(r.Slot.ID())), html.EscapeString(string(r.Outcome)), x, beatHeight-h, beatWidth, h, html.EscapeString(title))
	if r.Tainted != "" {
		fmt.Fprintf(b, `<circle class="taint" cx="%.1f" cy="%d" r="1.5"/>`, float64(x)+float64(beatWidth)/2, taintTop)
	}
}

// lane draws a step's place in the time of its run.
func lane(offset, length float64, status gengfu.StepStatus) template.HTML {
	offset = clamp(offset)
	width := max(min(clamp(length), 1-offset)*1000, 4)
	x := min(offset*1000, 1000-width)
	//nolint:gosec // numbers and escaped text
	return template.HTML(fmt.Sprintf(`<svg class="lane" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="1000" height="10"/><rect class="%s" x="%.1f" width="%.1f" height="10"/></svg>`,
		html.EscapeString(string(status)), x, width))
}

// meter draws a share as a bar that changes colour when it gets high.
func (g tongue) meter(label string, share float64) template.HTML {
	share = clamp(share)
	level := "passed"
	switch {
	case share >= 0.95:
		level = "failed"
	case share >= 0.85:
		level = "degraded"
	}
	//nolint:gosec // numbers and escaped text
	return template.HTML(fmt.Sprintf(`<svg class="meter" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label="%s %s"><rect class="track" width="1000" height="10"/><rect class="%s" width="%.0f" height="10"/></svg>`,
		html.EscapeString(label), percent(share), level, share*1000))
}

// sparkline draws shares from 0 to 1 as a small area.
func (g tongue) sparkline(label string, values []float64) template.HTML {
	if len(values) < 2 {
		return template.HTML(`<p class="quiet">` + html.EscapeString(g.text("chart.empty")) + `</p>`) //nolint:gosec // escaped
	}
	var path strings.Builder
	for i, v := range values {
		fmt.Fprintf(&path, "L%.1f %.1f", float64(i)*300/float64(len(values)-1), 48-clamp(v)*46)
	}
	line := "M" + path.String()[1:]
	text := g.text("chart.spark", label, percent(values[len(values)-1]), percent(slices.Max(values)))
	//nolint:gosec // numbers and escaped text
	return template.HTML(`<svg class="spark" viewBox="0 0 300 50" preserveAspectRatio="none" role="img" aria-label="` + html.EscapeString(text) + `"><title>` + html.EscapeString(text) +
		`</title><path class="area" d="` + line + `L300 48L0 48Z"/><path class="line" d="` + line + `"/><path class="axis" d="M0 48.5H300"/></svg>`)
}

func clamp(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return min(max(v, 0), 1)
}

// The frame of a duration chart, in user units.
const (
	chartWidth  = 960
	chartHeight = 230
	chartLeft   = 56
	chartTop    = 10
	chartBottom = 196 // where the value 0 is
	chartRight  = 950
)

// plot maps times and durations to the chart.
type plot struct {
	from, to time.Time
	top      time.Duration
}

func (p plot) x(at time.Time) float64 {
	return chartLeft + (chartRight-chartLeft)*float64(at.Sub(p.from))/float64(max(p.to.Sub(p.from), 1))
}

func (p plot) y(d time.Duration) float64 {
	return chartBottom - (chartBottom-chartTop)*float64(d)/float64(max(p.top, 1))
}

// chart draws p50 and p95 of the durations, with failures as marks on the
// axis.
func (g tongue) chart(points []point) template.HTML {
	if len(points) == 0 {
		return template.HTML(`<p class="quiet">` + html.EscapeString(g.text("chart.empty")) + `</p>`) //nolint:gosec // escaped
	}
	var highest time.Duration
	for _, p := range points {
		highest = max(highest, p.P95)
	}
	step := niceStep(highest)
	last := points[len(points)-1]
	pl := plot{from: points[0].At, to: last.At.Add(last.Width), top: max((highest+step-1)/step, 1) * step}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart" viewBox="0 0 %d %d" role="img" aria-label="%s">`, chartWidth, chartHeight, html.EscapeString(g.text("chart.label", span(highest))))
	for v := time.Duration(0); v <= pl.top; v += step {
		fmt.Fprintf(&b, `<path class="grid" d="M%d %.1fH%d"/><text class="tick end" x="%d" y="%.1f">%s</text>`, chartLeft, pl.y(v), chartRight, chartLeft-8, pl.y(v)+4, axisSpan(v))
	}
	g.timeAxis(&b, pl, last.Width)
	bands(&b, pl, points)
	g.marks(&b, pl, points)
	b.WriteString(`</svg>`)
	return template.HTML(b.String()) //nolint:gosec // numbers and escaped text
}

// timeAxis writes six to eight moments under the chart.
func (g tongue) timeAxis(b *strings.Builder, pl plot, width time.Duration) {
	total := pl.to.Sub(pl.from)
	layout := "15:04"
	switch {
	case width >= 24*time.Hour:
		layout = "01-02"
	case total > 36*time.Hour:
		layout = "01-02 15h"
	}
	every := width * time.Duration(max(int(total/width+6)/7, 1))
	for at := pl.from; at.Before(pl.to); at = at.Add(every) {
		fmt.Fprintf(b, `<text class="tick" x="%.1f" y="%d">%s</text>`, pl.x(at), chartHeight-8, at.In(g.zone).Format(layout))
	}
}

// bands draws the area between p50 and p95 and the two lines, broken where
// there is no data.
func bands(b *strings.Builder, pl plot, points []point) {
	for _, part := range stretches(points) {
		if len(part) == 1 {
			p := part[0]
			from, to := pl.x(p.At.Add(p.Width/4)), pl.x(p.At.Add(p.Width*3/4))
			fmt.Fprintf(b, `<path class="p95" d="M%.1f %.1fH%.1f"/><path class="p50" d="M%.1f %.1fH%.1f"/>`, from, pl.y(p.P95), to, from, pl.y(p.P50), to)
			continue
		}
		var mid, high, back strings.Builder
		for i, p := range part {
			verb := "L"
			if i == 0 {
				verb = "M"
			}
			x := pl.x(p.At.Add(p.Width / 2))
			fmt.Fprintf(&mid, "%s%.1f %.1f", verb, x, pl.y(p.P50))
			fmt.Fprintf(&high, "%s%.1f %.1f", verb, x, pl.y(p.P95))
			q := part[len(part)-1-i]
			fmt.Fprintf(&back, "L%.1f %.1f", pl.x(q.At.Add(q.Width/2)), pl.y(q.P50))
		}
		fmt.Fprintf(b, `<path class="band" d="%s%sZ"/><path class="p95" d="%s"/><path class="p50" d="%s"/>`, high.String(), back.String(), high.String(), mid.String())
	}
}

// stretches cuts points where nothing was measured.
func stretches(points []point) [][]point {
	var out [][]point
	open := false
	for i, p := range points {
		if p.P50 == 0 {
			open = false
			continue
		}
		if open && p.At.Sub(points[i-1].At) > p.Width+p.Width/2 {
			open = false
		}
		if !open {
			out = append(out, nil)
			open = true
		}
		out[len(out)-1] = append(out[len(out)-1], p)
	}
	return out
}

// marks draws failures and gives every bucket a tooltip.
func (g tongue) marks(b *strings.Builder, pl plot, points []point) {
	for _, p := range points {
		x, w := pl.x(p.At), pl.x(p.At.Add(p.Width))-pl.x(p.At)
		switch {
		case p.Failed > 0:
			fmt.Fprintf(b, `<rect class="failed" x="%.1f" y="%d" width="%.1f" height="7"/>`, x+0.5, chartBottom+1, max(w-1, 1))
		case p.Errored > 0:
			fmt.Fprintf(b, `<rect class="errored" x="%.1f" y="%d" width="%.1f" height="7"/>`, x+0.5, chartBottom+1, max(w-1, 1))
		}
		title := g.text("chart.point", p.At.In(g.zone).Format("01-02 15:04"), span(p.P50), span(p.P95), p.N, p.Failed, p.Errored)
		fmt.Fprintf(b, `<rect class="hit" x="%.1f" y="%d" width="%.1f" height="%d"><title>%s</title></rect>`, x, chartTop, w, chartBottom-chartTop+8, html.EscapeString(title))
	}
}

// niceStep is a round distance of grid lines that gives three to six of them.
func niceStep(highest time.Duration) time.Duration {
	for unit := 10 * time.Millisecond; unit < time.Hour; unit *= 10 {
		for _, n := range []time.Duration{1, 2, 5} {
			if highest <= 5*n*unit {
				return n * unit
			}
		}
	}
	return time.Hour
}

func axisSpan(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	if d < time.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " s"
}
