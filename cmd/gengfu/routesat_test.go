package main

import (
	"strings"
	"testing"
)

func TestRoutes_sayWhen(t *testing.T) {
	d := prepare(t)
	writeFile(t, d.dir, "gengfu.yaml", `timezone: Asia/Shanghai
listen: 127.0.0.1:1
scenarios: [scenarios]
channels:
  duty: {type: telegram, token: abc, channel: "-100"}
routes:
  - {name: default, to: [duty], quiet: 22:00-07:00}
clocks:
  major: {respond: 15m}
  ordinary: {respond: 30m, resolve: 4h}
language: en
maintenance:
  - {title: 换盘, from: 2026-11-26, to: 2026-11-26}
heightened:
  - {title: 开放日, from: 2026-11-27, to: 2026-11-27}
`)
	d.scenario("home", "scenario: home\nsteps:\n  - goto: https://portal.example.org/\n")
	for args, want := range map[string]string{
		"--at 2026-11-24T12:00":                  "default → duty\n",
		"--at 2026-11-24T23:30":                  "default → duty at 11-25 07:00 (quiet hours)\n",
		"--at 2026-11-24T23:30 --severity major": "default → duty\n    clock respond (15 min): ",
		"--at 2026-11-26T12:00":                  "    no incident: maintenance 换盘\n",
		"--at 2026-11-27T12:00":                  "    heightened: 开放日\n",
	} {
		out, code := d.output(append([]string{"routes", "test", "--scenario", "home"}, strings.Fields(args)...)...)
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("%s: %d\n%s", args, code, out)
		}
	}
	if out, code := d.output("routes", "test", "--at", "soon"); code != exitUsage {
		t.Errorf("%d %s", code, out)
	}
}
