package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestDrill_tellsTheNextUntilSomebodyTakesIt: nobody takes an incident, so that
// the next is told, once although the prober starts anew, and everybody who was
// told hears of the end.
func TestDrill_tellsTheNextUntilSomebodyTakesIt(t *testing.T) {
	pinged := make(chan struct{}, 1)
	watch := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		select {
		case pinged <- struct{}{}:
		default:
		}
	}))
	t.Cleanup(watch.Close)
	extra := "deadman: {url: " + watch.URL + "}\n" + `people:
  zhang: {name: 张三, contacts: [{via: mail, to: zhang@drill.example}]}
  li: {name: 李四, contacts: [{via: mail, to: li@drill.example}]}
escalations:
  quick:
    steps:
      - {tell: zhang}
      - {after: 1s, tell: [zhang, li]}
      - {after: 1h, tell: li}
clocks:
  major: {respond: 15m, resolve: 4h}
  ordinary: {respond: 30m, resolve: 4h}
`
	d, off := newStorm(t, 1, "2s", extra)
	routed := strings.Replace(d.instance, "to: [hook, slack, mail]}", "to: [hook, slack, mail], escalate: quick}", 1)
	writeFile(t, d.dir, "gengfu.yaml", routed+"browser: {overload: 0}\n"+extra)
	d.reload("configuration reloaded")
	d.logged("outcome=passed")
	off.Store(true)
	d.told("incident.opened", 2, 1) // the desk and 张三
	next := d.told("incident.escalated", 4, 1)
	if next.Data.Text != "张三, 李四" {
		t.Errorf("told of %q", next.Data.Text)
	}
	if text := d.got.Mails()[0].Text; !strings.Contains(text, "时限·解决") || !strings.Contains(text, "自然时限") {
		t.Errorf("the opening does not say how much time there is:\n%s", text)
	}
	d.end()
	d.start("gengfu")
	inc := onlyOpen(t, d)
	if got, err := d.people("ack", inc, "--actor", "李四"); err != nil || !strings.Contains(got, " acked ") {
		t.Errorf("%q %v", got, err)
	}
	if got, err := d.people("show", inc); err != nil || !strings.Contains(got, "respond    met") || !strings.Contains(got, "resolve    running") {
		t.Errorf("%s %v", got, err)
	}
	if page := d.read("/incidents/" + inc); !strings.Contains(page, "Time to resolve") || !strings.Contains(page, "by working time") {
		t.Error("the page does not show the clocks")
	}
	select {
	case <-pinged:
	case <-d.within(10 * time.Second).Done():
		t.Error("the watch outside was not told that all is well")
	}
	off.Store(false)
	d.told("incident.resolved", 7, 2)
	to := map[string]int{}
	for _, m := range d.got.Mails() {
		to[m.To[0]]++
	}
	if to["duty@drill.example"] != 2 || to["zhang@drill.example"] != 3 || to["li@drill.example"] != 2 {
		t.Errorf("mails %v", to)
	}
}
