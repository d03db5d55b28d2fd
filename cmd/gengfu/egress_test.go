package main

import (
	"path/filepath"
	"strings"
	"testing"

	"gengfu/egress"
)

func TestInstance_egress(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, dir, "gengfu.yaml", `listen: localhost:8901
egress:
  allow: ["127.0.0.1:9000"]
  deny: ["*.ads.example"]
  private: off
  proxy: http://proxy.example:3128
`)
	in, problems, err := loadInstance(filepath.Join(dir, "gengfu.yaml"))
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	for address, want := range map[string]egress.Reason{
		"http://127.0.0.1:9000/": "", "http://x.ads.example/": egress.Listed, "http://10.0.0.1/": egress.Private,
		"http://127.0.0.1:8901/": egress.Own, "http://127.0.0.1:9001/": egress.Loopback, "https://example.com/": "",
	} {
		var got egress.Reason
		if d := in.policy().Decide(address, nil, egress.Notice); d != nil {
			got = d.Reason
		}
		if got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
	if in.browser().Egress.Upstream == nil {
		t.Error("the proxy is not passed on")
	}
}

func TestInstance_egressMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"{allow: [http://x]}":                              "has a scheme",
		"{allow: [\"x:99999\"]}":                           "no port behind its colon",
		"{private: maybe}":                                 `unknown private setting "maybe"`,
		"{proxy: socks5://x}":                              "is no HTTP proxy",
		"{enforce: direct, proxy: \"http://x.example:1\"}": "proxy needs enforce: proxy",
		"{permit: []}":                                     `unknown key "permit"`,
	} {
		dir := t.TempDir()
		writeFile(t, dir, "gengfu.yaml", "egress: "+text+"\n")
		_, problems, err := loadInstance(filepath.Join(dir, "gengfu.yaml"))
		if err != nil || !strings.Contains(problems.Error(), want) {
			t.Errorf("%s: %v %v, want %s", text, err, problems, want)
		}
	}
}
