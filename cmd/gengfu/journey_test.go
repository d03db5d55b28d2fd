package main

import (
	"strings"
	"testing"
	"time"

	"gengfu"
)

// TestProgress_tellsTheJourney: tabs, files and spoilt times stand under the
// verdict, and a plain run has none of these lines.
func TestProgress_tellsTheJourney(t *testing.T) {
	r := gengfu.Run{
		Outcome: gengfu.Passed, Duration: time.Second, Tainted: gengfu.TaintStarved,
		Tabs: []gengfu.Tab{{URL: "http://a.test/"}, {Step: 2, URL: "http://a.test/new", Followed: true}, {Step: 2, URL: "http://ad.test/", Closed: true}},
		Downloads: []gengfu.Download{
			{Step: 3, Name: "report.csv", Bytes: 25, SHA256: "ab12", State: gengfu.DownloadComplete}, {Step: 3, Name: "x.exe", State: gengfu.DownloadRefused},
		},
	}
	for lang, want := range map[gengfu.Lang]string{
		gengfu.English: `passed  1 s
  measured while this machine was short of CPU: kept out of latency
  tab 1  http://a.test/
  tab 2 · step 2  http://a.test/new
  tab 3 · step 2 · opened by itself · closed  http://ad.test/
  download · step 3 · complete · 25 B · sha256:ab12  report.csv
  download · step 3 · refused: no step expected it · 0 B  x.exe
`,
		gengfu.Chinese: `通过  1 s
  测量时本机 CPU 不足，不计入耗时统计
  标签页 1  http://a.test/
  标签页 2 · 步骤 2  http://a.test/new
  标签页 3 · 步骤 2 · 页面自行打开 · 已关闭  http://ad.test/
  下载 · 步骤 3 · 完整 · 25 B · sha256:ab12  report.csv
  下载 · 步骤 3 · 未预期，已拒绝 · 0 B  x.exe
`,
	} {
		var b strings.Builder
		if err := newProgress(&b, lang, false).end(r); err != nil || b.String() != want {
			t.Errorf("%s: %v\n%s", lang, err, b.String())
		}
	}
	var plain strings.Builder
	if err := newProgress(&plain, gengfu.English, false).end(gengfu.Run{Outcome: gengfu.Passed, Duration: time.Second}); err != nil || strings.Count(plain.String(), "\n") != 1 {
		t.Errorf("%v: %q", err, plain.String())
	}
}
