package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gengfu"
	"gengfu/storage"
)

// hushes are the silences of a store, whose conditions all begin with target=.
type hushes struct{ *storage.Store }

func (h hushes) Preview(ctx context.Context, matchers []string) (gengfu.SilencePreview, error) {
	if !strings.HasPrefix(matchers[0], "target=") {
		return gengfu.SilencePreview{}, fmt.Errorf("matcher %q: unknown label: %w", matchers[0], gengfu.ErrInvalid)
	}
	open, err := h.Incidents(ctx, storage.IncidentFilter{Active: true})
	return gengfu.SilencePreview{Incidents: open, Scenarios: cards()[:2]}, err
}

func (h hushes) Add(ctx context.Context, q gengfu.Silence) (gengfu.Silence, error) {
	q.Created = now
	if q.From.IsZero() {
		q.From = now
	}
	if err := q.Validate(now); err != nil {
		return q, err
	}
	var err error
	q.ID, err = h.AddSilence(ctx, q)
	return q, err
}

func (h hushes) End(ctx context.Context, id int64, actor string) error {
	return h.EndSilence(ctx, id, actor, now)
}

func (s *site) post(target string, form url.Values) (code int, body string) {
	w := s.do(http.MethodPost, target, strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
	return w.Code, w.Body.String()
}

func TestSilences_pages(t *testing.T) {
	s := newSite(t)
	form := url.Values{"matchers": {"target=\"养老服务平台\"\r\ntag!=\"夜间\"\r\n"}, "actor": {"李工"}, "reason": {"换盘 <b>"}, "to": {"2026-11-23T18:00"}}
	for _, bad := range []url.Values{
		{"matchers": form["matchers"], "actor": {"李工"}, "reason": {"x"}},
		{"matchers": form["matchers"], "actor": {"gengfu"}, "reason": {"x"}, "to": form["to"]},
		{"matchers": form["matchers"], "actor": {"李工"}, "reason": {""}, "to": form["to"]},
		{"matchers": form["matchers"], "actor": {"李工"}, "reason": {"x"}, "to": {"2026-12-24T18:00"}},
		{"matchers": form["matchers"], "actor": {"李工"}, "reason": {"x"}, "to": {"soon"}},
	} {
		if code, _ := s.post("/silences", bad); code != http.StatusBadRequest {
			t.Errorf("%v: %d", bad, code)
		}
	}
	if code, body := s.post("/silences", form); code != http.StatusSeeOther {
		t.Fatalf("%d %s", code, body)
	}
	for lang, want := range map[string]string{"zh-CN": "提前结束", "en": "End now"} {
		body := s.get("/silences", "Accept-Language", lang).Body.String()
		checkMarkup(t, lang, body)
		for _, part := range []string{want, "换盘 &lt;b&gt;", "tag!=&#34;夜间&#34;", "11-23 18:00:00"} {
			if !strings.Contains(body, part) {
				t.Errorf("%s: no %q", lang, part)
			}
		}
	}
	if body := s.get("/silences?matchers=target%3Dx").Body.String(); !strings.Contains(body, "2 个场景") {
		t.Error("no preview")
	}
	if body := s.get("/silences?matchers=color%3Dx").Body.String(); !strings.Contains(body, "unknown label") {
		t.Error("the preview says nothing of a wrong condition")
	}
	if code, _ := s.post("/silences/1/end", url.Values{"actor": {""}}); code != http.StatusBadRequest {
		t.Errorf("ended by nobody: %d", code)
	}
	if code, _ := s.post("/silences/1/end", url.Values{"actor": {"王工"}}); code != http.StatusSeeOther {
		t.Errorf("end: %d", code)
	}
	if body := s.get("/silences").Body.String(); !strings.Contains(body, "由 王工 提前结束") {
		t.Error("it is not said who ended it")
	}
	for id, want := range map[string]int{"1": http.StatusConflict, "9": http.StatusNotFound, "x": http.StatusNotFound} {
		if code, _ := s.post("/silences/"+id+"/end", url.Values{"actor": {"王工"}}); code != want {
			t.Errorf("end %s again: %d", id, code)
		}
	}
}

func TestSilences_api(t *testing.T) {
	s := newSite(t)
	ask := func(target, body string) (int, string) {
		w := s.do(http.MethodPost, "/api/v1/silences"+target, strings.NewReader(body), "Content-Type", "application/json")
		return w.Code, w.Body.String()
	}
	for _, tt := range []struct {
		target, body string
		code         int
		want         string
	}{
		{"", `{"author":"li","reason":"r","for":"2h","matchers":["target=x"]}`, http.StatusCreated, `"state":"active"`},
		{"", `{"author":"li","reason":"r","from":"2026-11-24T08:00","for":"2h","matchers":["target=x"]}`, http.StatusCreated, `"from":"2026-11-24T00:00:00Z"`},
		{"", `{"author":"li","reason":"r","for":"2h","to":"2026-11-24T08:00","matchers":["target=x"]}`, http.StatusBadRequest, ""},
		{"", `{"author":"li","reason":"r","for":"800h","matchers":["target=x"]}`, http.StatusBadRequest, "30 days"},
		{"/preview", `{"matchers":["target=x"]}`, http.StatusOK, `"id":"home"`},
		{"/preview", `{"matchers":["color=x"]}`, http.StatusBadRequest, ""},
		{"/1/end", `{"actor":"li"}`, http.StatusOK, `"ended_by":"li"`},
		{"/1/end", `{"actor":"li"}`, http.StatusConflict, ""},
	} {
		if code, body := ask(tt.target, tt.body); code != tt.code || !strings.Contains(body, tt.want) {
			t.Errorf("%s %s: %d %s", tt.target, tt.body, code, body)
		}
	}
	if body := s.get("/api/v1/silences").Body.String(); strings.Count(body, `"id"`) != 1 || !strings.Contains(body, `"pending"`) {
		t.Errorf("those that are not over: %s", body)
	}
	if body := s.get("/api/v1/silences?all=true").Body.String(); strings.Count(body, `"id"`) != 2 {
		t.Errorf("all: %s", body)
	}
}

// vigil is a switch for heightened periods.
type vigil struct{ now *gengfu.Heightened }

func (v *vigil) Heightened() (gengfu.Heightened, bool) {
	if v.now == nil {
		return gengfu.Heightened{}, false
	}
	return *v.now, true
}

func (v *vigil) Heighten(_ context.Context, h gengfu.Heightened) (gengfu.Heightened, error) {
	h.From = now
	v.now = &h
	return h, h.Validate(now)
}

func (v *vigil) Unheighten(context.Context, string) error {
	if v.now == nil {
		return gengfu.ErrConflict
	}
	v.now = nil
	return nil
}

func TestHeightened_byHand(t *testing.T) {
	s := newSite(t)
	form := url.Values{"actor": {"李工"}, "reason": {"开放日"}, "to": {"2026-11-25T18:00"}, "every": {"1m"}}
	if code, body := s.post("/heightened", form); code != http.StatusSeeOther {
		t.Fatalf("%d %s", code, body)
	}
	if body := s.get("/silences").Body.String(); !strings.Contains(body, "开放日") || !strings.Contains(body, "/heightened/off") {
		t.Error("the page does not show the period")
	}
	if body := s.get("/api/v1/heightened").Body.String(); !strings.Contains(body, `"every_ms":60000`) {
		t.Error(body)
	}
	for _, want := range []int{http.StatusSeeOther, http.StatusConflict} {
		if code, _ := s.post("/heightened/off", url.Values{"actor": {"李工"}}); code != want {
			t.Errorf("off: %d, want %d", code, want)
		}
	}
	for _, body := range []string{`{"author":"li","reason":"r","to":"2026-11-25T18:00","every":"often"}`, `{"author":"li","to":"2026-11-25T18:00"}`, `{"author":"li","reason":"r"}`} {
		if w := s.do(http.MethodPost, "/api/v1/heightened", strings.NewReader(body), "Content-Type", "application/json"); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", body, w.Code)
		}
	}
}
