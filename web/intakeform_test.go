package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gengfu"
	"gengfu/web"
)

func TestIntake_form(t *testing.T) {
	var got gengfu.Report
	var who, team string
	s := newSiteWith(t, func(c *web.Config) {
		c.IntakeTypes = func() []string { return []string{"打印"} }
		c.Take = func(_ context.Context, r gengfu.Report, actor, of string) (gengfu.Incident, error) {
			got, who, team = r, actor, of
			return gengfu.Incident{Number: "INC-2026-0042"}, nil
		}
	})
	for lang, want := range map[string]string{"zh-CN": "来访", "en": "Walk-in"} {
		body := s.get("/incidents/new", "Accept-Language", lang).Body.String()
		checkMarkup(t, lang, body)
		if !strings.Contains(body, want) || !strings.Contains(body, `<option value="打印">`) {
			t.Errorf("%s: %s", lang, body)
		}
	}
	form := url.Values{
		"title": {"无法打印"}, "by": {"张三 8888"}, "channel": {"fax"}, "at": {"2026-11-23T15:00"}, "type": {"打印"}, "impact": {"wide"}, "blocked": {"1"}, "actor": {"李工"},
	}
	if code, body := s.post("/incidents", form); code != http.StatusSeeOther {
		t.Fatalf("%d %s", code, body)
	}
	if got.Title != "无法打印" || got.Channel != gengfu.ChannelFax || !got.Blocked || got.At.Hour() != 7 || got.Type != "打印" || who != "李工" || team != "" {
		t.Errorf("%+v %q %q", got, who, team)
	}
	form.Set("at", "soon")
	if code, _ := s.post("/incidents", form); code != http.StatusBadRequest {
		t.Errorf("at no time: %d", code)
	}
}
