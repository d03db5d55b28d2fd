package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// FaultHandler serves the switches of the faults: a page in Chinese or English
// at /, and a JSON API under /api/faults. It asks for no log-in, so it belongs
// on a loopback port; requests that another site's page makes are refused.
func (p *Platform) FaultHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.switches)
	mux.HandleFunc("POST /switch", p.switchOne)
	mux.HandleFunc("POST /clear", func(w http.ResponseWriter, r *http.Request) {
		p.Clear()
		backToSwitches(w, r)
	})
	mux.HandleFunc("GET /api/faults", func(w http.ResponseWriter, _ *http.Request) { p.list(w) })
	mux.HandleFunc("DELETE /api/faults", func(w http.ResponseWriter, _ *http.Request) {
		p.Clear()
		p.list(w)
	})
	mux.HandleFunc("POST /api/faults/{id}", p.putFault)
	off := func(w http.ResponseWriter, r *http.Request) { p.change(w, r, Setting{}) }
	mux.HandleFunc("POST /api/faults/{id}/off", off)
	mux.HandleFunc("DELETE /api/faults/{id}", off)
	return http.NewCrossOriginProtection().Handler(mux)
}

func (p *Platform) list(w http.ResponseWriter) {
	writeJSON(w, http.StatusOK, map[string]any{"faults": p.Faults()})
}

// putFault switches a fault by a body such as {"on":true,"delay":"2s"}; an
// empty body switches it on.
func (p *Platform) putFault(w http.ResponseWriter, r *http.Request) {
	body := struct {
		On    *bool  `json:"on"`
		Delay string `json:"delay"`
		Path  string `json:"path"`
	}{}
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&body); err != nil && !errors.Is(err, io.EOF) {
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": fmt.Sprintf("read fault setting: %v", err)})
		return
	}
	s, err := parseSetting(body.On == nil || *body.On, body.Delay, body.Path)
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": err.Error()})
		return
	}
	p.change(w, r, s)
}

func parseSetting(on bool, delay, path string) (Setting, error) {
	s := Setting{On: on, Path: strings.TrimSpace(path)}
	if s.Path != "" && !strings.HasPrefix(s.Path, "/") {
		return Setting{}, fmt.Errorf("path %q: must begin with /", path)
	}
	if delay = strings.TrimSpace(delay); delay == "" {
		return s, nil
	}
	d, err := time.ParseDuration(delay)
	if err != nil || d <= 0 || d > 10*time.Minute {
		return Setting{}, fmt.Errorf("delay %q: want a duration over 0 and up to 10m, such as 2s", delay)
	}
	s.Delay = d
	return s, nil
}

func (p *Platform) change(w http.ResponseWriter, r *http.Request, s Setting) {
	id := Fault(r.PathValue("id"))
	if err := p.Configure(id, s); err != nil {
		known := make([]Fault, 0, len(p.faults.specs))
		for _, sp := range p.faults.specs {
			known = append(known, sp.id)
		}
		text := err.Error()
		if near := nearest(id, known); near != "" {
			text += fmt.Sprintf(" (did you mean %q?)", near)
		}
		writeJSON(w, http.StatusNotFound, map[string]any{"error": text, "faults": known})
		return
	}
	for _, st := range p.Faults() {
		if st.ID == id {
			writeJSON(w, http.StatusOK, st)
		}
	}
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(body) // the reader may have left
}

// switchPage is the page of switches in one language.
type switchPage struct {
	Lang, Other, Error string
	Faults             []switchRow
	Any                bool
}

type switchRow struct {
	FaultState
	Name, What string
}

func (p *Platform) switches(w http.ResponseWriter, r *http.Request) { p.showSwitches(w, r, "") }

func (p *Platform) showSwitches(w http.ResponseWriter, r *http.Request, problem string) {
	pg := switchPage{Lang: "zh-CN", Other: "en", Error: problem}
	if wantsEnglish(r) {
		pg.Lang, pg.Other = pg.Other, pg.Lang
	}
	for _, st := range p.Faults() {
		pg.Faults = append(pg.Faults, switchRow{st, st.Title[pg.Lang], st.Does[pg.Lang]})
		pg.Any = pg.Any || st.On
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if err := p.pages["faults"].ExecuteTemplate(w, "faults.html", pg); err != nil {
		p.log.Error("page not rendered", "page", "faults", "err", err)
	}
}

func wantsEnglish(r *http.Request) bool {
	if lang := r.FormValue("lang"); lang != "" {
		return lang == "en"
	}
	accepts := strings.ToLower(r.Header.Get("Accept-Language"))
	return strings.HasPrefix(accepts, "en")
}

func (p *Platform) switchOne(w http.ResponseWriter, r *http.Request) {
	s, err := parseSetting(r.PostFormValue("on") == "true", r.PostFormValue("delay"), r.PostFormValue("path"))
	if err == nil {
		err = p.Configure(Fault(r.PostFormValue("id")), s)
	}
	if err != nil {
		p.showSwitches(w, r, err.Error())
		return
	}
	backToSwitches(w, r)
}

func backToSwitches(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/?lang="+url.QueryEscape(r.PostFormValue("lang")), http.StatusSeeOther)
}

// nearest is the known name with the fewest edits to id, when they are few.
func nearest(id Fault, known []Fault) Fault {
	best, least := Fault(""), len(id)/3+2
	for _, k := range known {
		if d := edits(string(id), string(k)); d < least {
			best, least = k, d
		}
	}
	return best
}

// edits is the Levenshtein distance of two names.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := corner
			if a[i] != b[j] {
				cost = 1 + min(corner, row[j], row[j+1])
			}
			corner, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
