package chrome

import (
	"strings"

	"gengfu"
	"gengfu/scenarios"
)

// choice is the part of a query that stands for several, of which the
// first that matches is used.
type choice struct {
	Or   []*query `json:"or,omitempty"`
	Turn int      `json:"turn,omitempty"` // its number among those of the run
	Now  bool     `json:"now,omitempty"`  // no candidate waits for an earlier one
}

// compileAll resolves a locator with candidates.
func (r *runner) compileAll(l scenarios.Locator, use string) (*query, error) {
	first := l
	first.Or = nil
	all := &query{Kind: "first", Use: use}
	for _, one := range append([]scenarios.Locator{first}, l.Or...) {
		q, err := r.compile(one, use)
		if err != nil {
			return nil, err
		}
		all.Or = append(all.Or, q)
		all.secret = all.secret || q.secret
	}
	var words []string
	for _, q := range all.Or {
		words = append(words, q.words)
	}
	all.words = strings.Join(words, " / ")
	r.manner.on = true
	r.manner.turns = append(r.manner.turns, all)
	all.Turn = len(r.manner.turns)
	return all, nil
}

// asText makes a bare string the text on the page, wherever it stands.
func (q *query) asText() {
	if q.Kind == "bare" {
		q.Kind = "text"
	}
	for _, o := range q.Or {
		o.asText()
	}
}

// useAs says what a bare string is looked for as.
func (q *query) useAs(use string) {
	if q.Kind == "bare" {
		q.Use = use
	}
	for _, o := range q.Or {
		o.useAs(use)
	}
}

// choices tells which candidates the step used, and remarks on those that are
// not the first.
func (r *runner) choices(res *gengfu.StepResult) {
	told := map[string]bool{}
	for turn, q := range r.manner.turns {
		n := r.manner.used[turn+1]
		if n == 0 || q == nil {
			continue
		}
		r.manner.turns[turn] = nil // it belongs to this step
		res.Used = max(res.Used, n)
		if words := q.Or[0].words; n > 1 && res.Status != gengfu.StepSkipped && !told[words] {
			told[words] = true
			r.remark(gengfu.Remark{Step: res.Index, Kind: gengfu.RemarkCandidate, Want: words, Seen: q.Or[n-1].words, N: n})
		}
	}
}

// maxRemarks bounds what a run tells beside its verdict.
const maxRemarks = 50

func (r *runner) remark(m gengfu.Remark) {
	if len(r.run.Remarks) >= maxRemarks {
		return
	}
	m.Want, m.Seen = r.rec.clean(m.Want), r.rec.clean(m.Seen)
	r.run.Remarks = append(r.run.Remarks, m)
}
