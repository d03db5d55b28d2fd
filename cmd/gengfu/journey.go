package main

import (
	"fmt"
	"strings"

	"gengfu"
)

// journeyWords are what a run's way besides its first page is told in.
var journeyWords = map[string][2]string{
	"tab": {"标签页 %d", "tab %d"}, "step": {"步骤 %d", "step %d"}, "closed": {"已关闭", "closed"}, "itself": {"页面自行打开", "opened by itself"},
	"download": {"下载", "download"}, string(gengfu.DownloadComplete): {"完整", "complete"}, string(gengfu.DownloadRefused): {"未预期，已拒绝", "refused: no step expected it"},
	string(gengfu.DownloadTooLarge): {"超过上限，已中断", "broken off at the limit"}, string(gengfu.DownloadBroken): {"中断", "broken off"},
	string(gengfu.DownloadOpen): {"运行结束时未完成", "not over when the run ended"},
	string(gengfu.TaintLate):    {"开始得太晚，不计入耗时统计", "began late: kept out of latency"},
	string(gengfu.TaintStarved): {"测量时本机 CPU 不足，不计入耗时统计", "measured while this machine was short of CPU: kept out of latency"},
}

func (p *progress) say(key string, args ...any) string {
	text := journeyWords[key][0]
	if p.lang == gengfu.English {
		text = journeyWords[key][1]
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// journey prints the tabs and downloads of a run, and why its times do not
// count. A run that stayed in one tab, took no file and was measured well has
// no line here.
func (p *progress) journey(r gengfu.Run) {
	if r.Tainted != "" {
		fmt.Fprintf(p.w, "  %s\n", p.say(string(r.Tainted)))
	}
	for _, m := range r.Remarks {
		fmt.Fprintf(p.w, "  %s: %s\n", p.say("step", m.Step), m.Sentence(p.lang))
	}
	for i, t := range r.Tabs {
		parts := []string{p.say("tab", i+1)}
		if t.Step > 0 {
			parts = append(parts, p.say("step", t.Step))
		}
		if i > 0 && !t.Followed {
			parts = append(parts, p.say("itself"))
		}
		if t.Closed {
			parts = append(parts, p.say("closed"))
		}
		fmt.Fprintf(p.w, "  %s  %s\n", strings.Join(parts, " · "), t.URL)
	}
	for _, d := range r.Downloads {
		line := []string{p.say("download"), p.say("step", d.Step), p.say(string(d.State)), fmt.Sprintf("%d B", d.Bytes)}
		if d.SHA256 != "" {
			line = append(line, "sha256:"+d.SHA256)
		}
		fmt.Fprintf(p.w, "  %s  %s\n", strings.Join(line, " · "), d.Name)
	}
}
