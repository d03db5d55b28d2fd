package demo

import (
	"html/template"
	"net/http"
)

// Measures of the bar chart, in the units of its view box.
const (
	chartWidth, chartHeight = 760, 320
	chartLeft, chartTop     = 52, 16
	chartFloor              = 276
)

// bar is one month, already in the chart's units.
type bar struct {
	Month            string
	N                int
	X, Y, Width, Top int // Y is the bar's upper end, Top where its number stands
	Height, Middle   int
}

type gridLine struct {
	Y, Label int
}

type chartPage struct {
	Width, Height, Left, Right, Floor int
	Bars                              []bar
	Grid                              []gridLine
	Inject                            template.HTML
}

// chart is a document of its own, shown inside the statistics page's frame.
func (p *Platform) chart(w http.ResponseWriter, r *http.Request, _ session) {
	pg := drawBars(p.content.Months)
	pg.Inject = p.faults.markup(r.URL.Path)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := p.pages["chart"].ExecuteTemplate(w, "chart.html", pg); err != nil {
		p.log.Error("page not rendered", "page", "chart", "err", err)
	}
}

func drawBars(months []monthly) chartPage {
	top := 0
	for _, m := range months {
		top = max(top, m.N)
	}
	const step = 200
	ceiling := max(step, (top+step-1)/step*step)
	pg := chartPage{Width: chartWidth, Height: chartHeight, Left: chartLeft, Right: chartWidth - 12, Floor: chartFloor}
	tall := chartFloor - chartTop
	for n := 0; n <= ceiling; n += step {
		pg.Grid = append(pg.Grid, gridLine{Y: chartFloor - n*tall/ceiling, Label: n})
	}
	slot := (pg.Right - chartLeft) / max(1, len(months))
	for i, m := range months {
		h := m.N * tall / ceiling
		x := chartLeft + i*slot + slot/5
		pg.Bars = append(pg.Bars, bar{
			Month: m.Month, N: m.N, X: x, Y: chartFloor - h, Height: h, Width: slot * 3 / 5,
			Top: chartFloor - h - 6, Middle: x + slot*3/10,
		})
	}
	return pg
}
