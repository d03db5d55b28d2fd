package main

import (
	"strings"
	"testing"
)

const routedInstance = `scenarios: [scenarios]
channels:
  team: {type: webhook, url: "https://team.example.org/hook"}
  duty: {type: telegram, token: abc, channel: "-100"}
routes:
  - name: portal
    match: {labels: ['target="portal"', 'tag!=quiet']}
    to: [team]
    routes:
      - {name: portal-major, match: {severity: [major], labels: ['owner=~"ops|平台.*"']}, to: [duty], continue: true}
      - {name: portal-home, match: {labels: [scenario=home]}}
  - {name: default, to: []}
`

func TestRoutes_sayWhoWouldBeTold(t *testing.T) {
	d := prepare(t)
	writeFile(t, d.dir, "gengfu.yaml", routedInstance)
	d.scenario("home", "scenario: home\ntarget: portal\nowner: 平台组\nsteps:\n  - goto: https://portal.example.org/\n")
	d.scenario("shop", "scenario: shop\nsteps:\n  - goto: https://shop.example.org/\n")
	for args, want := range map[string]string{
		"--scenario home":                    "✓ scenario:home (ordinary)  portal-home → team",
		"--scenario home --severity major":   "✓ scenario:home (major)  portal-major, portal-home → duty, team",
		"--severity notice":                  "✗ scenario:shop (notice)  default → nobody",
		"--scenario hom":                     `did you mean "home"?`,
		"--severity awful":                   "unknown severity",
		"--scenario shop --severity notice ": "✗ account:shop (notice)  default → nobody",
	} {
		out, code := d.output(append([]string{"routes", "test"}, strings.Fields(args)...)...)
		if !strings.Contains(out, want) || (code == 0) != strings.HasPrefix(want, "✓") {
			t.Errorf("%s: %d\n%s", args, code, out)
		}
	}
	bad := strings.Replace(routedInstance, "tag!=quiet", "colour=red", 1)
	bad = strings.Replace(bad, "owner=~\"ops|平台.*\"", "owner=~(", 1)
	writeFile(t, d.dir, "gengfu.yaml", bad)
	out, code := d.output("routes", "test")
	if code != exitInvalid || !strings.Contains(out, `gengfu.yaml:7:41: matcher "colour=red": unknown label "colour"`) || !strings.Contains(out, "gengfu.yaml:10:") || !strings.Contains(out, "no regular expression") {
		t.Errorf("%d\n%s", code, out)
	}
}
