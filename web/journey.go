package web

import (
	"html"
	"html/template"

	"gengfu"
)

// journeyDoc is where a run's way led besides its first page.
type journeyDoc struct {
	Tabs      []tabDoc      `json:"tabs"` // empty when there was one only
	Downloads []downloadDoc `json:"downloads"`
}

type tabDoc struct {
	Step     int    `json:"step"`
	URL      string `json:"url"`
	Followed bool   `json:"followed"`
	Closed   bool   `json:"closed"`
}

type downloadDoc struct {
	Step       int                  `json:"step"`
	Name       string               `json:"name"`
	URL        string               `json:"url"`
	Bytes      int64                `json:"bytes"`
	SHA256     string               `json:"sha256"` // empty unless it is complete
	DurationMS int64                `json:"duration_ms"`
	State      gengfu.DownloadState `json:"state"`
}

func journeyDocOf(r gengfu.Run) journeyDoc {
	d := journeyDoc{Tabs: []tabDoc{}, Downloads: []downloadDoc{}}
	for _, t := range r.Tabs {
		d.Tabs = append(d.Tabs, tabDoc(t))
	}
	for _, f := range r.Downloads {
		d.Downloads = append(d.Downloads, downloadDoc{f.Step, f.Name, f.URL, f.Bytes, f.SHA256, f.Duration.Milliseconds(), f.State})
	}
	return d
}

// taint is a small mark beside times that count for no figure, with the reason.
func (g tongue) taint(why gengfu.Taint) template.HTML {
	//nolint:gosec // both texts are escaped
	return template.HTML(`<span class="tag taint" title="` + html.EscapeString(g.word("taintwhy", why)) + `">` + html.EscapeString(g.text("taint.mark")) + `</span>`)
}
