package scenarios

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gengfu"
	"gengfu/scenarios/strict"
)

// Teller says the problems of files in a language of the product. Findings are
// made in English; the teller knows them by their form. It may be used by
// several goroutines.
type Teller struct {
	forms  []form
	fields map[string]string // descriptions of keys, which serve as remedies
}

// form is a sentence with gaps and its translation.
type form struct {
	pattern *regexp.Regexp
	zh      string // with %1, %2 … for the gaps
}

// NewTeller makes a teller for a language. That of English changes nothing.
func NewTeller(lang gengfu.Lang) *Teller {
	t := &Teller{fields: map[string]string{}}
	if lang == gengfu.English {
		return t
	}
	gap := regexp.MustCompile(`%[1-9]`)
	for _, s := range slices.Concat(spokenOfYAML, spoken) {
		pattern := gap.ReplaceAllString(regexp.QuoteMeta(s[0]), "(.+)")
		t.forms = append(t.forms, form{regexp.MustCompile("(?s)^" + pattern + "$"), s[1]})
	}
	l := newLanguage()
	for _, fs := range l.tables() {
		for _, f := range fs {
			t.fields[f.En] = f.Zh
		}
	}
	return t
}

// Problem is the problem in the teller's language.
func (t *Teller) Problem(p strict.Problem) strict.Problem {
	p.Finding, _ = t.sentence(p.Finding)
	p.Remedy, _ = t.sentence(p.Remedy)
	return p
}

// Line is the whole problem in the form file:line:col: finding (remedy), with
// the brackets of the language.
func (t *Teller) Line(p strict.Problem) string {
	q := t.Problem(p)
	if len(t.forms) == 0 || q.Remedy == "" {
		return q.String()
	}
	remedy := q.Remedy
	q.Remedy = ""
	return q.String() + "（" + remedy + "）"
}

// sentence translates a finding or a remedy; what it does not know stays as it
// is, and the second result is false.
func (t *Teller) sentence(s string) (string, bool) {
	if len(t.forms) == 0 || s == "" {
		return s, true
	}
	if zh, ok := t.fields[s]; ok {
		return zh, true
	}
	for _, f := range t.forms {
		m := f.pattern.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		var pairs []string
		for i, part := range m[1:] {
			pairs = append(pairs, "%"+strconv.Itoa(i+1), t.gap(part))
		}
		return strings.NewReplacer(pairs...).Replace(f.zh), true
	}
	return s, false
}

// gap translates what stands in a gap when it is one of the language's own
// words, or a sentence of its own; names of the author stay.
func (t *Teller) gap(s string) string {
	if zh, ok := gapWords[s]; ok {
		return zh
	}
	if strings.Contains(s, " ") && !strings.HasPrefix(s, `"`) {
		s, _ = t.sentence(s)
	}
	return s
}

// tables are the descriptions of all keys of the language.
func (l *language) tables() [][]Field {
	out := [][]Field{
		fields(l.modifiers), fields(l.gotos), fields(l.presses), fields(l.totps), fields(l.fields), fields(l.saves), fields(l.outcomes),
		fields(l.locator), fields(l.expects), fields(l.match), fields(l.url), fields(l.ofText), fields(l.ofValue), fields(l.attribute),
		fields(l.count), fields(l.state), fields(l.console), fields(l.requests), fields(l.budget), fields(l.budgets), fields(l.cls),
		fields(l.top), fields(l.browser), fields(l.device), fields(l.trace), fields(l.schedule), fields(l.confirm), fields(l.fragment),
		fields(l.param), fields(l.drags), fields(l.dialog), fields(l.download), fields(l.login), fields(l.client), fields(l.cookie), fields(l.location),
		fields(l.network), fields(l.session),
		fields(l.standing), fields(l.guard), fields(l.repeat), fields(l.store), fields(l.script), fields(l.audit), fields(l.counts), fields(l.sizes),
		fields(l.rate), fields(l.dense), fields(l.attend), fields(l.refresh), fields(l.net.json), fields(l.net.header), fields(l.net.answers), fields(l.net.rows), fields(l.net.loss),
	}
	for _, v := range l.verbs {
		out = append(out, v.Keys)
	}
	return out
}
