package strict

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse_knowsTheTrapsByName(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{"fill：\n  a: b\n", `1:5: the colon after "fill" is full-width (write : and a blank)`},
		{"x: 1\n- timeout：5s\n  a: b\n", `2:10: the colon after "timeout" is full-width (write : and a blank)`},
		{"fill: {账号: ${user}}\n", `1:12: ${user} is not quoted inside { } (write "${user}")`},
		{"x: [${user}\n", `1:5: ${user} is not quoted inside { } (write "${user}")`},
		{"text: *号必填\n", `1:7: a text cannot start with * (quote it: "*…")`},
		{"a: b\ntext: *abc\n", `2:7: a text cannot start with * (quote it: "*…")`},
		{"text: @x\n", `1:7: a text cannot start with @ (quote it: "@…")`},
		{"text: `x`\n", "1:7: a text cannot start with ` (quote it: \"`…\")"},
		{"text: %x\n", `1:7: a text cannot start with % (quote it: "%…")`},
		{"text: |x\n", `1:7: a text cannot start with | (quote it: "|…")`},
		{"within: >2s\n", `1:9: a text cannot start with > (quote it: ">…")`},
		{"text: !x y\n", `1:7: !x is a tag, and tags are not used here (a text that starts with ! must be quoted: "!…")`},
		{"n: !!int 5\n", `1:4: !!int is a tag, and tags are not used here (leave it out)`},
		{"text: 状态: 正常\n", `1:9: this text holds a colon and a blank (quote it: "…: …")`},
		{"a: 1\nclick:登录\nb: 2\n", `2:7: a blank is missing after "click:" (write click: …)`},
		{"a: 1\ntext: \"办(\\d+)\"\n", `2:10: unknown escape \d in a double-quoted text (use single quotes for patterns: '…')`},
		{"a: \"\\\\ \\n \\路\"\n", `1:11: unknown escape \路 in a double-quoted text (use single quotes for patterns: '…')`},
		{"a: 1\nb: \"x\nc: d\n", `2:4: a quote is not closed (close it with ")`},
		{"a: 1\nb: \"x\nc: \"y\"\nd: e\n", `2:4: a quote is not closed (close it with ")`},
		{"a: 'it's'\n", `1:7: this quote ends the text too early (double it: '', or use double quotes outside)`},
		{"a: {b: c\n", `1:4: { is not closed (close it, or quote a text that starts with it)`},
		{"a: [b, c\nd: e\n", `1:4: [ is not closed (close it, or quote a text that starts with it)`},
		{"a: {b: c #1}\n", `1:10: a comment cuts off the end of { (quote the text that holds #)`},
		{"a: 1\n\tb: 2\n", `2:1: a tab stands in the indentation (indent with blanks)`},
		{"a: 1\n  b: 2\n", `2:3: a key is not possible here (check the indentation, or quote a text that holds a colon)`},
		{"x:\n  - a: 1\n b: 2\n", `2:3: this does not line up with the lines above (check the indentation and the quotes)`},
		{"a: 1\nbc\nd: 2\n", `2:1: a colon is missing after a key (write key: value)`},
		{"x: ]\n", `1:1: a value is missing or starts with a character that must be quoted (quote it)`},
		{"a: &x [*x]\n", `1:8: *x stands inside its own anchor (name the parts separately)`},
		{"a: b\n...\nc: d\n", `2:1: text follows the end of the document (start another document with ---)`},
	} {
		rep := &Report{}
		Parse("f", []byte(row.text), rep)
		if diff := cmp.Diff("f:"+row.want, rep.Problems().Error()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", row.text, diff)
		}
	}
}

func TestParse_warnsOfTrapsThatParse(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{"text: 备注 #1\n", "1:7: a comment cuts this text short at # (quote the text, or put a blank after #)"},
		{"text: #1\n", `1:6: a comment stands in the place of the value (a text that starts with # must be quoted: "#…")`},
		{"text: &nbsp 你好\n", `1:7: &nbsp is an anchor that nothing uses (a text that starts with & must be quoted: "&…")`},
		{"click: “登录”\n", `1:8: the curly quotes are part of this text (use straight quotes: "…")`},
		{"click: ‘登录’\n", `1:8: the curly quotes are part of this text (use straight quotes: "…")`},
	} {
		rep := &Report{}
		Parse("f", []byte(row.text), rep)
		if diff := cmp.Diff("f:"+row.want, rep.Warnings().Error()); diff != "" || rep.Raised() != 0 {
			t.Errorf("%q: %v\n%s", row.text, rep.Problems(), diff)
		}
	}
	rep := &Report{}
	Parse("f", []byte("a: b # fine\nc: \"x #1\"\nd: 状态：正常\ne: # fine\n  - f\n# end\n"), rep)
	if len(rep.Warnings()) != 0 {
		t.Error(rep.Warnings())
	}
}

// An item that begins further in than its list is named, not the key around it.
func TestStrayItem(t *testing.T) {
	var rep Report
	Parse("f.yaml", []byte("a: 1\nsteps:\n - x: 1\n   y: 2\n  - z: 3\n"), &rep)
	if got := rep.Problems().Error(); !strings.HasPrefix(got, "f.yaml:5:3: ") {
		t.Errorf("got %s, want it at 5:3", got)
	}
}
