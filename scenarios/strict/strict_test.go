package strict

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// root parses one document and returns its mapping.
func root(t *testing.T, text string) (Map, *Report) {
	t.Helper()
	rep := &Report{}
	docs := Parse("f.yaml", []byte(text), rep)
	if len(docs) != 1 {
		t.Fatalf("%d documents: %v", len(docs), rep.Problems())
	}
	m, _ := docs[0].Root.Map()
	return m, rep
}

func value(m Map, key string) Node {
	n, _ := m.Lookup(key)
	return n
}

func TestNode_keepsTheTextAsTyped(t *testing.T) {
	m, rep := root(t, "a: 01234567\nb: 1_000\nc: 2026-01-01\nd: yes\ne: 08:30\nf: 6.0\ng: ''\nh: 0x10\n")
	var got []string
	for _, e := range m.Entries {
		s, ok := e.Value.String()
		if !ok {
			t.Errorf("%s is not a text", e.Key)
		}
		got = append(got, s)
	}
	want := []string{"01234567", "1_000", "2026-01-01", "yes", "08:30", "6.0", "", "0x10"}
	if diff := cmp.Diff(want, got); diff != "" || rep.Raised() != 0 {
		t.Errorf("%s\n%v", diff, rep.Problems())
	}
}

func TestNode_readsTypedValues(t *testing.T) {
	m, rep := root(t, "b: true\ni: 42\nf: 0.5\nd: 1d12h\nl: [a, 1]\none: x\n")
	b, _ := value(m, "b").Bool()
	i, _ := value(m, "i").Int(0, 100)
	f, _ := value(m, "f").Float(0, 1)
	d, _ := value(m, "d").Duration()
	l, _ := value(m, "l").StringList()
	one, _ := value(m, "one").StringList()
	if !b || i != 42 || f != 0.5 || d != 36*time.Hour || strings.Join(l, ",") != "a,1" || strings.Join(one, ",") != "x" {
		t.Errorf("got %v %v %v %v %v %v", b, i, f, d, l, one)
	}
	if rep.Raised() != 0 {
		t.Error(rep.Problems())
	}
}

func TestNode_reportsWhatDoesNotFit(t *testing.T) {
	m, rep := root(t, "b: on\ni: 1e3\nj: 7\nf: NaN\nd: 5\ne: 5d5\nz: -3s\nl:\ns: [a]\nm: x\nk: maj\n")
	value(m, "b").Bool()
	value(m, "i").Int(0, 9)
	value(m, "j").Int(0, 5)
	value(m, "f").Float(0, 1)
	value(m, "d").Duration()
	value(m, "e").Duration()
	value(m, "z").Duration()
	value(m, "l").StringList()
	value(m, "s").String()
	value(m, "m").Map()
	value(m, "k").Enum("grade", "major", "notice")
	want := `f.yaml:1:4: "on" is not true or false (write true)
f.yaml:2:4: "1e3" is not a whole number
f.yaml:3:4: 7 is out of range (from 0 to 5)
f.yaml:4:4: NaN is out of range (from 0 to 1)
f.yaml:5:4: "5" needs a unit (such as 5s)
f.yaml:6:4: "5d5" is not a duration (such as 500ms, 5s, 10m, 1h30m or 2d)
f.yaml:7:4: "-3s" is not a duration (it must be longer than nothing)
f.yaml:8:3: the value is missing (write a list)
f.yaml:9:4: want a text, not a list
f.yaml:10:4: want a mapping, not a text
f.yaml:11:4: unknown grade "maj" (did you mean "major"?)`
	if diff := cmp.Diff(want, rep.Problems().Error()); diff != "" {
		t.Error(diff)
	}
}

func TestMap_mergesAndKnowsItsKeys(t *testing.T) {
	m, rep := root(t, "base: &b {a: 1, b: 2}\nown:\n  <<: *b\n  b: 3\n")
	own, ok := value(m, "own").Map()
	if !ok || rep.Raised() != 0 {
		t.Fatal(rep.Problems())
	}
	if got := value(own, "a").Text() + value(own, "b").Text(); got != "13" {
		t.Errorf("merged %s, want 13", got)
	}
	if own.Known("a", "c") {
		t.Error("b passed as known")
	}
	want := `f.yaml:4:3: unknown key "b" (did you mean "a"?)`
	if got := rep.Problems().Error(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestParse_readsSoundDocumentsBesideBrokenOnes(t *testing.T) {
	rep := &Report{}
	docs := Parse("f.yaml", []byte("# head\n---\na: 1\n---\nb: \"x\n---\n# nothing\n--- \nc: 3\n"), rep)
	if len(docs) != 2 {
		t.Fatalf("%d documents", len(docs))
	}
	if docs[0].Source != "a: 1\n" || docs[1].Root.Line() != 9 {
		t.Errorf("source %q, line %d", docs[0].Source, docs[1].Root.Line())
	}
	if got := rep.Problems().Error(); got != `f.yaml:5:4: a quote is not closed (close it with ")` {
		t.Error(got)
	}
}

func TestParse_holdsTheLimits(t *testing.T) {
	for name, text := range map[string]string{
		"size":      strings.Repeat("#", MaxFile+1),
		"documents": strings.Repeat("---\na: 1\n", MaxDocuments+5),
		"nodes":     "a:\n" + strings.Repeat("- x\n", MaxNodes+MaxExpansion),
		"depth":     strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		"billion":   "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\n",
		"utf8":      "a: \xff\n",
		"control":   "a: \x01\n",
		"trailing":  "a: 1\n...\nb: 2\n",
	} {
		rep := &Report{}
		Parse("f.yaml", []byte(text), rep)
		if rep.Raised() == 0 {
			t.Errorf("%s: nothing was reported", name)
		}
	}
}

func TestReport_keepsAProblemOnce(t *testing.T) {
	var rep Report
	p := Problem{File: "b", Line: 2, Col: 1, Finding: "x"}
	rep.Problem(p)
	rep.Problem(p)
	rep.Problem(Problem{File: "a", Finding: "y", Remedy: "z"})
	if rep.Raised() != 3 || rep.Problems().Error() != "a: y (z)\nb:2:1: x" {
		t.Errorf("%d %v", rep.Raised(), rep.Problems())
	}
	if Problems(nil).Err() != nil || rep.Problems().Err() == nil {
		t.Error("Err does not tell empty from full")
	}
}

func TestNearest(t *testing.T) {
	known := []string{"click", "check", "close", "fill", "severity", "账号密码"}
	for word, want := range map[string]string{
		"clik": "click", "Click": "click", "clcik": "click", "fil": "fill", "servity": "severity",
		"xyz": "", "账号蜜码": "账号密码", strings.Repeat("a", 5000): "",
	} {
		if got := Nearest(word, known); got != want {
			t.Errorf("Nearest(%.10q) = %q, want %q", word, got, want)
		}
	}
}
