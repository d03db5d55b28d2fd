package gengfu

import "testing"

func TestSay(t *testing.T) {
	text := "+ home " + Both("（延迟 3 分钟）", "(late: 3 min)") + " · " + Both("升级", "escalated")
	for _, row := range []struct {
		text   string
		zh, en string
	}{
		{text, "+ home （延迟 3 分钟） · 升级", "+ home (late: 3 min) · escalated"},
		{"重启了网关 / gateway", "重启了网关 / gateway", "重启了网关 / gateway"},
		{"", "", ""},
		{"cut " + Both("半", "half")[:3], "cut \xe5\x8d", "cut "},
	} {
		if zh, en := Say(row.text, Chinese), Say(row.text, English); zh != row.zh || en != row.en {
			t.Errorf("%q is said %q and %q, want %q and %q", row.text, zh, en, row.zh, row.en)
		}
	}
}
