package chrome

import (
	"bytes"
	"context"
	"fmt"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"gengfu"
	"gengfu/prober/vault"
)

// reception is a page that shows a square of a colour, below the fold, and lets
// in whoever the other address was called for.
type reception struct {
	*httptest.Server
	in    atomic.Bool
	stale atomic.Bool // the square is out of date until it is pressed
}

func newReception(t *testing.T) *reception {
	t.Helper()
	p := &reception{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch q.URL.Path {
		case "/in":
			fmt.Fprint(w, p.in.Load(), " ", p.stale.Load())
		case "/home":
			fmt.Fprint(w, "<h1>欢迎</h1>")
		default:
			fmt.Fprint(w, `<!doctype html><body style="margin:0;height:3000px"><div style="height:1500px"></div>
<div id=code style="width:120px;height:90px;background:#00ff00;margin-left:33px"></div><p id=old hidden>已过期</p><button onclick="code.style.background='#0000ff';old.hidden=true">刷新</button>
<script>setInterval(async () => { const [go, stale] = (await (await fetch('/in')).text()).split(' '); if (go === 'true') location = '/home';
  if (stale === 'true' && !window.told) { window.told = true; old.hidden = false; } }, 100)</script>`)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

const attended = `
mask: [{css: .nothing}]
session:
  name: clerk
  keep: 1h
  login:
    - goto: ${base}/
    - attend: {show: {css: "#code"}, ask: duty, wait: %s, until: {url: /home}, text: 请扫码, refresh: {visible: {text: 已过期}, click: 刷新}}
steps:
  - goto: ${base}/home
    expect: [{visible: {role: heading, name: 欢迎}}]
`

// desk is a pool whose attend steps are told to a channel.
func desk(t *testing.T, v *vault.Vault) (*Pool, chan gengfu.Attendance, chan struct{}) {
	t.Helper()
	told, over := make(chan gengfu.Attendance, 10), make(chan struct{}, 10)
	p, err := NewPool(Config{
		Profiles: t.TempDir(), Overload: -1, Egress: openEgress, Vault: v, NoSpare: true,
		Ask: func(ctx context.Context, a gengfu.Attendance) error {
			context.AfterFunc(ctx, func() { over <- struct{}{} })
			told <- a
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p, told, over
}

// colourOf is the colour of a picture that must be of one size and one colour.
func colourOf(t *testing.T, data []byte, width, height int) color.Color {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	b := img.Bounds()
	if b.Dx() != width || b.Dy() != height {
		t.Errorf("picture of %v, want %d×%d", b, width, height)
	}
	first := color.RGBAModel.Convert(img.At(0, 0))
	for _, at := range [][2]int{{b.Dx() - 1, 0}, {0, b.Dy() - 1}, {b.Dx() / 2, b.Dy() / 2}} {
		if got := color.RGBAModel.Convert(img.At(at[0], at[1])); got != first {
			t.Errorf("at %v %v, at the corner %v", at, got, first)
		}
	}
	return first
}

func TestAttend_showsAnElementAndWaitsForAPerson(t *testing.T) {
	p, told, over := desk(t, vault.Open(t.TempDir(), nil))
	page := newReception(t)
	s := parse(t, page.URL, fmt.Sprintf(attended, "2m"))
	done := make(chan gengfu.Run, 1)
	begin := func() {
		at := slot()
		at.Kind = gengfu.SlotScheduled
		go func() { done <- p.Run(t.Context(), s, at, nil) }()
	}
	begin()
	a := <-told
	if got := colourOf(t, a.Picture, 120, 90); got != (color.RGBA{0, 255, 0, 255}) {
		t.Errorf("colour %v", got)
	}
	if a.Route != "duty" || a.Text != "请扫码" || a.Turn != 1 || a.Scenario != "test" || time.Until(a.Until) > 2*time.Minute {
		t.Errorf("told %+v", a)
	}
	page.stale.Store(true)
	a = <-told
	if got := colourOf(t, a.Picture, 120, 90); got != (color.RGBA{0, 0, 255, 255}) || a.Turn != 2 {
		t.Errorf("second picture: colour %v, turn %d", got, a.Turn)
	}
	page.in.Store(true)
	r := <-done
	mustPass(t, r)
	for range 2 {
		<-over // who was told of a picture knows that it is needless
	}
	if r.Session.How != gengfu.SessionRenewed || len(r.Evidence) != 0 {
		t.Errorf("session %+v, evidence %d", r.Session, len(r.Evidence))
	}
	begin()
	r = <-done
	mustPass(t, r)
	if r.Session.How != gengfu.SessionRestored || len(told) != 0 {
		t.Errorf("again: session %+v, asked %d times", r.Session, len(told))
	}
}

func TestAttend_isOursWhenNobodyComes(t *testing.T) {
	v := vault.Open(t.TempDir(), nil)
	p, told, _ := desk(t, v)
	page := newReception(t)
	s := parse(t, page.URL, fmt.Sprintf(attended, "1s"))
	at := slot()
	at.Kind = gengfu.SlotScheduled
	r := p.Run(t.Context(), s, at, nil)
	if r.Outcome != gengfu.Errored || r.Failure.Reason != gengfu.ReasonAttend || r.Failure.Want != "css=#code" || r.Failure.Seen != "1" {
		t.Errorf("nobody came: %s", cause(r))
	}
	r = p.Run(t.Context(), s, at, nil)
	if r.Outcome != gengfu.Errored || r.Failure.Reason != gengfu.ReasonAttendHeld || len(told) != 1 {
		t.Errorf("at once again: %s, asked %d times", cause(r), len(told))
	}
	var week gengfu.Week
	week[(time.Now().UTC().Weekday()+3)%7] = []gengfu.Segment{{From: 540, To: 720}}
	closed, err := gengfu.NewCalendar(gengfu.CalendarConfig{Name: "office", Zone: time.UTC, Week: week})
	if err != nil {
		t.Fatal(err)
	}
	s.Session.Name, s.Schedule.Calendar = "other", closed
	if r = p.Run(t.Context(), s, at, nil); r.Failure == nil || r.Failure.Reason != gengfu.ReasonAttendHeld || len(told) != 1 {
		t.Errorf("at night: %s", cause(r))
	}
	r = run(t, parse(t, page.URL, "steps:\n  - goto: ${base}/\n  - attend: {show: {css: \"#code\"}, until: {url: /home}}\n"))
	if r.Outcome != gengfu.Errored || r.Failure.Reason != gengfu.ReasonAttendLost {
		t.Errorf("nobody to ask: %s", cause(r))
	}
}
