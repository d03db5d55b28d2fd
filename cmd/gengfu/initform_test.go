package main

import "testing"

func TestLasting_keepsThePartOfATitleThatStays(t *testing.T) {
	for title, want := range map[string]string{
		"↓ 0 B/s ↑ 0 B/s - Flood": "Flood", "(3) 收件箱 | 门户": "门户", "养老服务 - 首页": "养老服务 - 首页", "Top 10": "Top 10", "": "",
	} {
		if got := lasting(title); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
}

func TestBrowserKey_saysTheLanguageOfPagesThatAreNotChinese(t *testing.T) {
	for lang, want := range map[string]string{
		"en": "browser: {locale: en}\n", "en-GB": "browser: {locale: en-GB}\n", "zh": "", "zh-CN": "", "ZH-Hant": "", "": "", "x}": "",
	} {
		if got := browserKey(lang); got != want {
			t.Errorf("%q: %q, want %q", lang, got, want)
		}
	}
}
