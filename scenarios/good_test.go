package scenarios

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
)

func load(t *testing.T, file string) Scenario {
	t.Helper()
	set, problems := Load(filepath.Join("testdata", "good", file))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if len(set.Scenarios) != 1 {
		t.Fatalf("%d scenarios", len(set.Scenarios))
	}
	return set.Scenarios[0]
}

func TestLoad_readsTheWholeLanguage(t *testing.T) {
	s := load(t, "login.yaml")
	if s.ID != "applicant-login" || s.Severity != gengfu.GradeMajor || s.Timeout != 90*time.Second || s.Confirm != (Confirm{Retries: 2, Wait: 10 * time.Second, Passes: 3, Every: s.Schedule.Interval()}) {
		t.Errorf("head: %+v %v %v %v", s.ID, s.Severity, s.Timeout, s.Confirm)
	}
	if diff := cmp.Diff([]string{"admin_totp", "applicant_password"}, s.Secrets); diff != "" {
		t.Error(diff)
	}
	golden(t, "testdata/good/login.golden", outline(s))
}

// outline is the model in lines, as far as the order and the words matter.
func outline(s Scenario) string {
	var b strings.Builder
	for _, step := range append(s.Steps, s.Always...) {
		fmt.Fprintf(&b, "%s [%s] %s", step.Verb, step.Fragment, step.Name)
		for _, p := range step.Fields {
			fmt.Fprintf(&b, " %s:=%s", p.Field.String(), p.Value.Source())
		}
		if step.Target != nil {
			fmt.Fprintf(&b, " target(%s)", step.Target)
		}
		for _, e := range step.Expect {
			fmt.Fprintf(&b, " | %s", e)
		}
		fmt.Fprintf(&b, " | budget %v optional %v timeout %v when %v\n", step.Budget, step.Optional, step.Timeout, conditions(step.When))
	}
	return b.String()
}

func TestLoad_readsHandsAndEquipment(t *testing.T) {
	s := load(t, "hand.yaml")
	e := s.Browser.Equipment
	if len(e.Auth) != 1 || len(e.Cookies) != 2 || *e.Location != (Location{22.5, 113.4, 10}) || *e.Network != (Network{Latency: 200 * time.Millisecond, Download: 1_500_000, Upload: 200_000}) {
		t.Errorf("%+v", e)
	}
	if got := s.Steps[2]; *got.At != [2]float64{10, 20.5} || got.Tab.Source() != "main" {
		t.Errorf("%+v", got.Hand)
	}
	if got := s.Steps[4]; got.OnDialog.Text.Source() != "不需要" || got.Expect[0].File != (FileWant{Min: 1000, Max: 2 << 20}) {
		t.Errorf("%+v", got)
	}
	golden(t, "testdata/good/hand.golden", outline(s))
}

func TestLoad_readsPhoneAndCron(t *testing.T) {
	s := load(t, "phone.yaml")
	want := Browser{Width: 390, Height: 844, Scale: 3, Mobile: true, Locale: "zh-CN", Timezone: "Asia/Shanghai"}
	if diff := cmp.Diff(want, s.Browser); diff != "" {
		t.Error(diff)
	}
	if s.Schedule.String() != "cron */5 8-18 * * mon-fri" || s.Schedule.Interval() != 5*time.Minute || s.Confirm.Retries != 0 {
		t.Errorf("%v %v %v", s.Schedule, s.Schedule.Interval(), s.Confirm)
	}
	if s.Isolate != IsolateBrowser {
		t.Errorf("isolate %q", s.Isolate)
	}
	if got := resolve(t, s.Vars["price"], nil); got.Text != "${不是引用}" {
		t.Errorf("price = %q", got.Text)
	}
	if got := s.Steps[0].Expect[1].Match.Path.Source(); got != "/" {
		t.Errorf("path %q", got)
	}
}

func TestLoadFS_shippedScenariosAreSound(t *testing.T) {
	set, problems := LoadFS(Shipped())
	if len(problems)+len(set.Warnings) > 0 {
		t.Errorf("%v\n%v", problems, set.Warnings)
	}
	var ids []string
	for _, s := range set.Scenarios {
		ids = append(ids, s.ID)
		card := s.Card()
		if len(card.Steps) != len(s.Steps)+len(s.Always) || card.Interval == 0 || len(card.Revision) != 64 || card.Source == "" {
			t.Errorf("card of %s: %+v", s.ID, card)
		}
	}
	if diff := cmp.Diff([]string{"admin-review", "applicant-login", "applicant-wizard", "home"}, ids); diff != "" {
		t.Error(diff)
	}
	wizard, _ := set.Find("applicant-wizard")
	for _, step := range wizard.Steps {
		if data := step.Files["sample-id.png"]; step.Verb == Upload && !bytes.HasPrefix(data, []byte("\x89PNG")) {
			t.Errorf("the sample has %d bytes", len(data))
		}
	}
	if _, ok := set.Find("nosuch"); ok {
		t.Error("found what is not there")
	}
}

func TestLoad_findsFilesBelowAFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	scenario := func(id string) string {
		return "scenario: " + id + "\nsteps:\n  - goto: https://platform.example/\n    expect: [{title: a}]\n"
	}
	write("b/two.yml", scenario("two"))
	write("one.yaml", scenario("one")+"  - upload: {照片: pic.png}\n")
	write("pic.png", "bytes")
	write(".hidden/three.yaml", scenario("three"))
	write("notes.txt", "not yaml: [")
	write("bad.yaml", scenario("bad")+"  - clik: a\n")
	set, problems := Load(dir, filepath.Join(dir, "one.yaml"), filepath.Join(dir, "nosuch.yaml"))
	if len(set.Scenarios) != 2 || set.Scenarios[0].ID != "one" || set.Scenarios[1].ID != "two" {
		t.Errorf("%d scenarios", len(set.Scenarios))
	}
	if got := string(set.Scenarios[0].Steps[1].Files["pic.png"]); got != "bytes" {
		t.Errorf("upload has %q", got)
	}
	want := strings.ReplaceAll("D/bad.yaml:5:5: unknown verb \"clik\" (did you mean \"click\"?)\nD/nosuch.yaml: cannot be read: no such file or directory", "D", dir)
	if got := problems.Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRevision_changesWithTheFragment(t *testing.T) {
	revision := func(label string) string {
		set, problems := LoadFS(fstest.MapFS{
			"a.yaml": {Data: []byte("scenario: a\nsteps:\n  - goto: https://a.example/\n    expect: [{title: a}]\n  - use: f\n")},
			"f.yaml": {Data: []byte("fragment: f\nsteps:\n  - click: " + label + "\n")},
		})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		return set.Scenarios[0].Revision
	}
	again := revision("登录")
	if revision("登录") == revision("退出") || revision("登录") != again {
		t.Error("the revision does not follow the fragment")
	}
}

func TestParse_warnsOfWhatIsProbablyNotMeant(t *testing.T) {
	data, err := os.ReadFile("testdata/warnings.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set, problems := Parse("w.yaml", data)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	golden(t, "testdata/warnings.golden", set.Warnings.Error()+"\n")
}

func TestSchema_knowsEveryVerbAndKey(t *testing.T) {
	var root struct {
		Schema      string         `json:"$schema"`
		Properties  map[string]any `json:"properties"`
		Definitions map[string]any `json:"definitions"`
	}
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	if root.Schema != "http://json-schema.org/draft-07/schema#" {
		t.Error(root.Schema)
	}
	l := newLanguage()
	step := root.Definitions["step"].(map[string]any)["properties"].(map[string]any)
	for _, word := range l.stepWords() {
		if step[word] == nil {
			t.Errorf("the step has no %s", word)
		}
	}
	for _, name := range append(names(l.top), names(l.fragment)...) {
		if root.Properties[name] == nil {
			t.Errorf("the document has no %s", name)
		}
	}
	for ref := range references(root.Definitions) {
		if root.Definitions[strings.TrimPrefix(ref, "#/definitions/")] == nil {
			t.Errorf("%s leads nowhere", ref)
		}
	}
}

func references(v any) map[string]bool {
	out := map[string]bool{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				out[ref] = true
			}
			for _, c := range v {
				walk(c)
			}
		case []any:
			for _, c := range v {
				walk(c)
			}
		}
	}
	walk(v)
	return out
}

func TestVerbs_haveWordsAndAnExampleThatParses(t *testing.T) {
	for _, v := range Verbs() {
		if v.Zh == "" || v.En == "" || !strings.HasPrefix(v.Example, string(v.Verb)+":") {
			t.Errorf("%s: %+v", v.Verb, v)
		}
		doc := "scenario: x\nvars: {base: 'https://a.example'}\nsteps:\n  - save: {queue: {source: url}}\n  - " + v.Example + "\n---\nfragment: login\nsteps:\n  - click: 登录\n"
		if _, problems := Parse("x.yaml", []byte(doc)); len(problems) > 0 {
			t.Errorf("%s: %v", v.Verb, problems)
		}
	}
}

func TestLoad_readsChecksOfTheNetwork(t *testing.T) {
	s := load(t, "network.yaml")
	if !s.Browserless() {
		t.Error("the scenario needs a browser")
	}
	golden(t, "testdata/good/network.golden", outline(s))
	body, err := s.Steps[2].JSON.Resolve(&Env{Secret: func(string) (gengfu.Secret, error) { return `a"b`, nil }})
	if want := `{"user":"probe","password":"a\"b","remember":false,"tries":1,"tags":["a",null]}`; err != nil || body.Text != want || !body.Secret {
		t.Errorf("%s %v, not %s", body.Text, err, want)
	}
}
