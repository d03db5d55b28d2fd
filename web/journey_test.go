package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"gengfu"
)

// TestPages_tellTabsDownloadsAndTaint: of a run that went through tabs, took
// files and was measured on a starved machine, in both languages.
func TestPages_tellTabsDownloadsAndTaint(t *testing.T) {
	s := newSite(t)
	run := "/runs/" + url.PathEscape(gengfu.Slot{Scenario: "admin-login", Due: now.Add(-5 * time.Minute), Location: "local", Attempt: 1}.ID())
	for lang, pages := range map[string]map[string][]string{
		"en": {
			run:                      {"At the end of step 3. Outline: - in the good run", "Tabs", "the steps followed", "opened by itself · closed", "申请台账 2026-11.xlsx", "Refused: no step expected it", "SHA-256", "· measured while this machine was short of CPU: kept out of latency"},
			"/scenarios/admin-login": {`title="measured while this machine was short of CPU: kept out of latency">times not counted`},
			"/":                      {"· measured while this machine was short of CPU: kept out of latency</title>", `<circle class="taint"`},
		},
		"zh-CN": {
			run:                      {"标签页", "页面自行打开 · 已关闭", "未预期，已拒绝", "· 测量时本机 CPU 不足，不计入耗时统计"},
			"/scenarios/admin-login": {"耗时不计"}, "/": {"测量时本机 CPU 不足，不计入耗时统计</title>"},
		},
	} {
		for page, wants := range pages {
			body := s.get(page, "Accept-Language", lang).Body.String()
			for _, want := range wants {
				if !strings.Contains(body, want) {
					t.Errorf("%s in %s does not say %q", page, lang, want)
				}
			}
		}
	}
}
