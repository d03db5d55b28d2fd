package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestHostTargets_mustBeThere: a host belongs to targets that scenarios have.
func TestHostTargets_mustBeThere(t *testing.T) {
	for _, row := range []struct{ targets, want string }{
		{"[portal]", ""},
		{"[portl]", `gengfu.yaml:2:27: host local: no scenario has the target "portl" (did you mean "portal"?)`},
		{"[portal, other]", `gengfu.yaml:2:35: host local: no scenario has the target "other" (known: portal)`},
		{"{portal: 1}", "gengfu.yaml:2:26: "},
	} {
		dir := t.TempDir()
		writeFile(t, dir, "gengfu.yaml", "scenarios: [s.yaml]\nhosts: {local: {targets: "+row.targets+"}}\nchannels: {x: {type: webhook, url: https://x/}}\nroutes: [{name: default, to: [x]}]\n")
		writeFile(t, dir, "s.yaml", "scenario: home\ntarget: portal\nsteps: [{goto: https://example.org/}]\n")
		in, problems, err := loadInstance(filepath.Join(dir, "gengfu.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if len(problems) == 0 {
			_, problems = in.load()
		}
		switch got := problems.Error(); {
		case row.want == "" && len(problems) > 0:
			t.Errorf("%s: %s", row.targets, got)
		case row.want != "" && !strings.Contains(got, row.want):
			t.Errorf("%s: %q, want %q", row.targets, got, row.want)
		}
	}
}
