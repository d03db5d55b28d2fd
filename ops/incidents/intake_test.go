package incidents_test

import (
	"errors"
	"testing"

	"gengfu"
	"gengfu/ops/incidents"
)

func TestTake(t *testing.T) {
	good := gengfu.Report{Title: "无法提交申请", Target: "portal", By: "张三 8888", Channel: gengfu.ChannelPhone, At: at(-5), Type: "应用", Impact: gengfu.ImpactFunction, Blocked: true}
	snap := gengfu.Snapshot{Next: "INC-2026-0042"}
	change, err := incidents.Take(snap, good, incidents.Intake{Actor: "李工", Team: "应用组"}, at(0))
	if err != nil {
		t.Fatal(err)
	}
	inc, ev := change.Incidents[0], change.Events[0]
	if inc.Key != "manual:INC-2026-0042" || inc.Grade != gengfu.GradeOrdinary || inc.Owner != "应用组" || inc.Report.Receipt != "R-2026-0042" ||
		!inc.ImpactStart.Equal(at(-5)) || !inc.Opened.Equal(at(0)) || ev.Actor != "李工" || ev.Text != "R-2026-0042 · "+gengfu.Both("电话", "Phone")+" · 张三 8888" {
		t.Errorf("%+v %+v", inc, ev)
	}
	change, err = incidents.Take(snap, good, incidents.Intake{Actor: "李工", Heightened: true}, at(0))
	if err != nil || change.Incidents[0].Grade != gengfu.GradeMajor {
		t.Errorf("in a heightened period: %+v %v", change, err)
	}
	for name, spoil := range map[string]func(*gengfu.Report){
		"title": func(r *gengfu.Report) { r.Title = " " }, "reporter": func(r *gengfu.Report) { r.By = "" },
		"channel": func(r *gengfu.Report) { r.Channel = "pigeon" }, "impact": func(r *gengfu.Report) { r.Impact = "" },
		"future": func(r *gengfu.Report) { r.At = at(1) },
	} {
		bad := good
		spoil(&bad)
		if _, err := incidents.Take(snap, bad, incidents.Intake{Actor: "李工"}, at(0)); !errors.Is(err, gengfu.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := incidents.Take(snap, good, incidents.Intake{Actor: gengfu.Machine}, at(0)); !errors.Is(err, gengfu.ErrInvalid) {
		t.Errorf("taken by the machine: %v", err)
	}
}
