package main

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestPointed_caretsStandUnderThePlace(t *testing.T) {
	for _, c := range []struct {
		line  string
		col   int
		caret string
	}{
		{`click: 登录`, 8, "       ^^^^"},
		{`登录: clik`, 5, "      ^^^^"},
		{`  - ｆｉｌｌ：x`, 9, "            ^^"},
		{"\t- a", 4, "\t  ^"},
		{`fill: {a: "${usr} x"}`, 11, strings.Repeat(" ", 10) + strings.Repeat("^", 10)},
		{`check: ${n} < 5`, 8, "       ^^^^"},
		{`end`, 9, "   ^"},
		{``, 1, "^"},
		{"e\u0301x: y", 5, "   ^"},
	} {
		if shown, caret := pointed(c.line, c.col); shown != c.line || caret != c.caret {
			t.Errorf("%q:%d\n%s|\n%s|", c.line, c.col, shown, caret)
		}
	}
	if shown, caret := pointed(strings.Repeat("长", 300)+" x", 302); len([]rune(shown)) > maxExcerpt+1 || len(caret) != 2*(len([]rune(shown))-2)+2 || !strings.HasSuffix(shown, "x") {
		t.Errorf("%s|\n%s|", shown, caret)
	}
}

// TestReadme_listsTheExitCodes: the table has the codes of main.go, no others.
func TestReadme_listsTheExitCodes(t *testing.T) {
	want := []int{0, exitFailed, exitUsage, exitErrored, exitInvalid, exitInterrupted}
	for _, name := range []string{"../../README.md", "../../README.zh-CN.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for _, m := range regexp.MustCompile(`(?m)^\| (\d+) \|`).FindAllStringSubmatch(string(text), -1) {
			code, err := strconv.Atoi(m[1])
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, code)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s lists %v, not %v", name, got, want)
		}
	}
}
