package web_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"gengfu"
	"gengfu/storage"
	"gengfu/web"
)

// links stands for the signatures: a token is a number and the event's place.
func links(token string, _ time.Time) (web.Link, error) {
	number, seq, ok := strings.Cut(token, ",")
	n, err := strconv.Atoi(seq)
	if !ok || err != nil {
		return web.Link{}, fmt.Errorf("link: %w", gengfu.ErrNotFound)
	}
	return web.Link{Incident: number, Seq: n, Person: "mail/duty@example.org"}, nil
}

// Looking at a link changes nothing, however often; the button takes the
// incident in the reader's name.
func TestAck_byPostAlone(t *testing.T) {
	s := newSite(t)
	all, err := s.store.Incidents(t.Context(), storage.IncidentFilter{})
	must(t, err)
	var open, over gengfu.Incident
	for _, inc := range all {
		if inc.State == gengfu.IncidentOpen {
			open = inc
		} else {
			over = inc
		}
	}
	if open.Number == "" || over.Number == "" {
		t.Fatalf("no incident that is open, or none that is not, among %d", len(all))
	}
	target := fmt.Sprintf("/ack/%s,%d", open.Number, open.Seq)
	for lang, word := range map[string]string{"zh": "由我处理", "en": "I take it"} {
		w := s.get(target, "Accept-Language", lang)
		if body := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(body, word) || !strings.Contains(body, open.Number) || !strings.Contains(body, `method="post"`) {
			t.Errorf("%s: %d %s", lang, w.Code, body)
		}
		if w.Header().Get("Referrer-Policy") != "no-referrer" {
			t.Error("the link may leak by the referrer")
		}
	}
	if len(s.acts) != 0 {
		t.Fatalf("looking acted: %v", s.acts)
	}
	if w := s.do(http.MethodPost, target, nil); w.Code != http.StatusSeeOther {
		t.Errorf("take: %d %s", w.Code, w.Body)
	}
	if want := open.Number + "|acked|mail/duty@example.org|"; len(s.acts) != 1 || s.acts[0] != want {
		t.Errorf("%v, want %s", s.acts, want)
	}
	for target, want := range map[string]int{"/ack/none": http.StatusNotFound, "/ack/INC-1,1": http.StatusNotFound, "/ack/" + over.Number + ",1": http.StatusConflict} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if w := s.do(method, target, nil); w.Code != want {
				t.Errorf("%s %s: %d", method, target, w.Code)
			}
		}
	}
	if len(s.acts) != 1 {
		t.Errorf("acted: %v", s.acts)
	}
}
