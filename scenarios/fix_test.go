package scenarios

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFix_correctsSlipsOfTheKeyboard: each line is a step as it was typed, and
// as it is meant.
func TestFix_correctsSlipsOfTheKeyboard(t *testing.T) {
	for _, c := range [][2]string{
		{"- click：登录", "- click: 登录"},
		{"- fill：\n      账号：a", "- fill:\n      账号: a"},
		{"- fill:\n      账号：a\n      密码: b", "- fill:\n      账号: a\n      密码: b"},
		{"- click:登录", "- click: 登录"},
		{"- click: 登录\n    timeout:5s", "- click: 登录\n    timeout: 5s"},
		{"- click: 登录\n    timeout：5s", "- click: 登录\n    timeout: 5s"},
		{"- fill: {账号: ${user}}", `- fill: {账号: "${user}"}`},
		{"- fill: {账号: ${user}, 密码: a${user}b }", `- fill: {账号: "${user}", 密码: "a${user}b" }`},
		{"- goto: {url: ${base}/login?a=1}", `- goto: {url: "${base}/login?a=1"}`},
		{"- expect: [{text: ${user}}]", `- expect: [{text: "${user}"}]`},
		{"- click: “登录”", `- click: "登录"`},
		{"- fill: {姓名: ‘张三’}", `- fill: {姓名: "张三"}`},
		{"- click: {role：button, name：“登录”}", ""},
		{"- check: ${user} = 1", ""},
		{"- click: 他说“登录”了", ""},
	} {
		head := "scenario: x\nvars: {user: a, base: \"https://a.example\"}\nsteps:\n  - goto: ${base}/\n    expect: [{title: A}]\n  "
		want := c[1]
		if want == "" {
			want = c[0]
		}
		got, n := Fix("x.yaml", []byte(head+c[0]+"\n"))
		if diff := cmp.Diff(head+want+"\n", string(got)); diff != "" || (n > 0) != (c[1] != "") {
			t.Errorf("%d fixes\n%s", n, diff)
		}
		if _, problems := Parse("x.yaml", got); c[1] != "" && len(problems) > 0 {
			t.Errorf("%s: %v", c[0], problems)
		}
	}
}

func TestFix_leavesSoundFilesAlone(t *testing.T) {
	for _, file := range goodFiles(t) {
		if strings.Contains(file, "warnings") {
			continue
		}
		data := read(t, file)
		if got, n := Fix(file, data); n != 0 || string(got) != string(data) {
			t.Errorf("%s: %d fixes", file, n)
		}
	}
}
