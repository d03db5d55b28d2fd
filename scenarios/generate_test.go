package scenarios

import (
	"regexp"
	"testing"
	"time"
)

func TestGenerators_makeOneValueARun(t *testing.T) {
	set, problems := Parse("g.yaml", []byte(`scenario: g
vars: {order: "X${random.digits(6)}"}
steps:
  - goto: https://a.example/
    expect: [{title: a}]
  - fill:
      a: ${order}
      b: ${random.digits(6)}
      c: ${random.digits(6)#other}
      d: ${uuid}
      e: ${today + 3d | YYYY年M月D日}
      f: ${now - 1h}
      g: ${today + 1mo | DD/MM/YYYY}
      h: ${random.letters(8)}${random.hex(4)}
`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	shanghai := time.FixedZone("CST", 8*3600)
	env := &Env{Zone: shanghai, moment: time.Date(2026, 1, 30, 17, 30, 0, 0, time.UTC)}
	var got []string
	for _, p := range set.Scenarios[0].Steps[1].Fields {
		v, err := p.Value.Resolve(env)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, v.Text)
		if again, _ := p.Value.Resolve(env); again != v || !p.Value.Generated() {
			t.Errorf("%q, then %q", v.Text, again.Text)
		}
	}
	for i, want := range []string{`X\d{6}`, `\d{6}`, `\d{6}`, `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`, `2026年2月3日`, `2026-01-31 00:30:00`, `28/02/2026`, `[a-z]{8}[0-9a-f]{4}`} {
		if !regexp.MustCompile("^" + want + "$").MatchString(got[i]) {
			t.Errorf("%q is not %s", got[i], want)
		}
	}
	if got[0] != "X"+got[1] || got[1] == got[2] {
		t.Errorf("one name, one value: %v", got[:3])
	}
}
