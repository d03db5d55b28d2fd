package scenarios

import (
	"testing"

	"gengfu"
)

// TestSlips_thatAreWarnings: what may be meant is told, and does not stop anybody.
func TestSlips_thatAreWarnings(t *testing.T) {
	chinese := NewTeller(gengfu.Chinese)
	for name, row := range map[string]struct{ text, en, zh string }{
		"empty file":         {"", "x.yaml:1:1: the file holds no scenario (write scenario: and steps:)", "x.yaml:1:1: 文件中没有场景（写上 scenario: 和 steps:）"},
		"only a remark":      {"# scenario: x\n", "x.yaml:1:1: the file holds no scenario (write scenario: and steps:)", "x.yaml:1:1: 文件中没有场景（写上 scenario: 和 steps:）"},
		"password in clear":  {"scenario: x\nsteps:\n  - goto: https://a.example/\n    expect: [{title: a}]\n  - fill: {密码: hunter2}\n", "x.yaml:5:5: a password stands in the file (write ${secret.password}, and the value into the secrets file)", "x.yaml:5:5: 密码以明文写在文件里（写 ${secret.password}，把值放进密钥文件）"},
		"password by a name": {"scenario: x\nsteps:\n  - goto: https://a.example/\n    expect: [{title: a}]\n  - fill: {密码: \"${secret.password}\"}\n", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			set, problems := Parse("x.yaml", []byte(row.text))
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			var en, zh string
			for _, w := range set.Warnings {
				en, zh = en+w.String(), zh+chinese.Line(w)
			}
			if en != row.en || zh != row.zh {
				t.Errorf("got %q and %q, want %q and %q", en, zh, row.en, row.zh)
			}
		})
	}
}
