package netcheck

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// expect holds the answer against the step's expectations. One of level warn,
// and a warn limit, only degrades.
func (e *errand) expect() error {
	for _, x := range e.st.Expect {
		err := e.judge(x)
		var t *stopError
		if err != nil && x.Warn && errors.As(err, &t) && t.Fault != gengfu.FaultScenario {
			e.degrade(t.Failure)
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// degrade keeps the first reason why the step is no plain pass.
func (e *errand) degrade(f gengfu.Failure) {
	if e.warn == nil {
		f.Fault = ""
		e.warn = &f
	}
}

func (e *errand) judge(x scenarios.Expect) error {
	switch x.Kind {
	case scenarios.ExpectStatus:
		return nil // judged where the answer came
	case scenarios.ExpectBody, scenarios.ExpectHeader:
		return e.ofAnswer(x)
	case scenarios.ExpectJSON:
		return e.json(x)
	case scenarios.ExpectProtocol:
		return e.matches(x.String(), *x.Match, e.check.Protocol)
	case scenarios.ExpectLatency:
		return e.limit(x, e.check.Latency)
	case scenarios.ExpectExpires:
		return e.expires(x)
	case scenarios.ExpectAnswers:
		return e.answers(x)
	case scenarios.ExpectRows:
		if n := e.check.Rows; x.Min != nil && n < *x.Min || x.Max != nil && n > *x.Max {
			return unmet(x.String(), strconv.Itoa(n))
		}
		return nil
	case scenarios.ExpectLoss:
		return e.loss(x)
	}
	return wrong("%s is no expectation of %s", x.Kind, e.st.Verb)
}

// Holds tests conditions on the last answer: the when of a step. The failure is
// the scenario's fault.
func (c *Checker) Holds(on *scenarios.Errand, list []scenarios.Expect) (bool, *gengfu.Failure) {
	ok, err := conditions(on, list)
	return ok, failureOf(err)
}

func failureOf(err error) *gengfu.Failure {
	if err == nil {
		return nil
	}
	f := (&errand{}).failure(context.Background(), err)
	return &f
}

func conditions(on *scenarios.Errand, list []scenarios.Expect) (bool, error) {
	if on.Answer == nil {
		return false, nil
	}
	e := &errand{st: &scenarios.Step{}, on: on, answer: on.Answer}
	for _, x := range list {
		var t *stopError
		switch err := e.judge(x); {
		case err == nil:
		case errors.As(err, &t) && t.Fault != gengfu.FaultScenario:
			return false, nil
		default:
			return false, err
		}
	}
	return true, nil
}

func (e *errand) ofAnswer(x scenarios.Expect) error {
	text := string(e.answer.Body)
	if x.Kind == scenarios.ExpectHeader {
		text = strings.Join(e.answer.Header.Values(x.Attribute), ", ")
	}
	return e.matches(x.String(), *x.Match, text)
}

// matches holds a text against a condition.
func (e *errand) matches(want string, m scenarios.Match, text string) error {
	ok, err := e.fits(m, strings.Join(strings.Fields(text), " "))
	if err == nil && !ok {
		err = unmet(want, quoted(text))
	}
	return err
}

// fits reports whether every part of a condition holds.
func (e *errand) fits(m scenarios.Match, text string) (bool, error) {
	for _, part := range []struct {
		want *scenarios.Text
		test func(string, string) bool
	}{{m.Equals, func(a, b string) bool { return a == b }}, {m.Contains, strings.Contains}} {
		if part.want == nil {
			continue
		}
		v, err := e.resolve(*part.want)
		if err != nil || !part.test(text, strings.Join(strings.Fields(v.Text), " ")) {
			return false, err
		}
	}
	if m.Pattern != nil && !m.Pattern.MatchString(text) {
		return false, nil
	}
	if m.Not != nil {
		ok, err := e.fits(*m.Not, text)
		return !ok, err
	}
	return true, nil
}

// document is the answer as JSON.
func (e *errand) document() (any, error) {
	if !e.decode {
		e.decode = true
		e.doc, e.docErr = decode(e.answer)
	}
	return e.doc, e.docErr
}

func decode(a *scenarios.Answer) (any, error) {
	var doc any
	text := a.Body
	if a.JSON != nil {
		text = a.JSON
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&doc); err != nil {
		return nil, &stopError{gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonNotJSON, Detail: quoted(string(a.Body))}}
	}
	return doc, nil
}

// word is a value of JSON as text: a string itself, everything else as JSON.
func word(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil { // what was decoded can be encoded
		return ""
	}
	return string(b)
}

// json holds the values that a path leads to against the expectation: one of
// them is enough, but none may be what must not be.
func (e *errand) json(x scenarios.Expect) error {
	doc, err := e.document()
	if err != nil {
		return err
	}
	found := x.Path.Find(doc)
	if x.Exists != nil && *x.Exists != (len(found) > 0) {
		return unmet(x.String(), strconv.Itoa(len(found)))
	}
	if x.Match == nil && x.Least == nil && x.Most == nil {
		return nil
	}
	words := make([]string, len(found))
	any, all := false, true
	for i, v := range found {
		words[i] = word(v)
		ok, err := e.jsonFits(x, words[i])
		if err != nil {
			return err
		}
		any, all = any || ok, all && ok
	}
	if x.Match != nil && x.Match.Not != nil && all || any && (x.Match == nil || x.Match.Not == nil) {
		return nil
	}
	seen := "nothing"
	if len(words) > 0 {
		seen = quoted(strings.Join(words, ", "))
	}
	return unmet(x.String(), seen)
}

func (e *errand) jsonFits(x scenarios.Expect, text string) (bool, error) {
	if x.Least != nil || x.Most != nil {
		if f, err := strconv.ParseFloat(text, 64); !within(f, err == nil, x) {
			return false, nil
		}
	}
	if x.Match == nil {
		return true, nil
	}
	return e.fits(*x.Match, text)
}

// within reports whether a value is a number between the expectation's bounds.
func within(f float64, number bool, x scenarios.Expect) bool {
	return number && (x.Least == nil || f >= *x.Least) && (x.Most == nil || f <= *x.Most)
}

// limit holds a duration against its limits.
func (e *errand) limit(x scenarios.Expect, took time.Duration) error {
	over := func(d time.Duration) gengfu.Failure {
		return gengfu.Failure{Fault: gengfu.FaultTimeout, Reason: gengfu.ReasonSlow, Want: gengfu.Span(d), Seen: gengfu.Span(took)}
	}
	switch l := x.Limit; {
	case l.Fail > 0 && took > l.Fail:
		return &stopError{over(l.Fail)}
	case l.Warn > 0 && took > l.Warn:
		e.degrade(over(l.Warn))
	}
	return nil
}

func (e *errand) expires(x scenarios.Expect) error {
	if e.check.TLS == nil {
		return unmet(x.String(), "nothing")
	}
	left := time.Until(e.check.TLS.To)
	under := func(d time.Duration) gengfu.Failure {
		return gengfu.Failure{Fault: gengfu.FaultTLS, Reason: gengfu.ReasonCertSoon, Want: gengfu.Span(d), Seen: gengfu.Span(left)}
	}
	switch l := x.Limit; {
	case l.Fail > 0 && left < l.Fail:
		return &stopError{under(l.Fail)}
	case l.Warn > 0 && left < l.Warn:
		e.degrade(under(l.Warn))
	}
	return nil
}

// answers holds the records against those that are expected, in any order.
func (e *errand) answers(x scenarios.Expect) error {
	missing := 0
	for _, t := range x.Answers {
		v, err := e.resolve(t)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(e.check.Answers, func(a string) bool { return sameRecord(a, v.Text) }) {
			missing++
		}
	}
	if missing > 0 || x.Whole && len(e.check.Answers) != len(x.Answers) {
		return unmet(x.String(), quoted(strings.Join(e.check.Answers, ", ")))
	}
	return nil
}

// sameRecord compares without case, quotes and the dot that ends a name.
func sameRecord(a, b string) bool {
	trim := func(s string) string { return strings.TrimSuffix(strings.Trim(s, `"`), ".") }
	return strings.EqualFold(trim(a), trim(b))
}

func (e *errand) loss(x scenarios.Expect) error {
	lost := e.check.Lost()
	over := func(limit float64) gengfu.Failure {
		return gengfu.Failure{Fault: gengfu.FaultConnect, Reason: gengfu.ReasonLoss, Want: percent(limit), Seen: percent(lost)}
	}
	switch {
	case x.LossFail != nil && lost > *x.LossFail:
		return &stopError{over(*x.LossFail)}
	case x.LossWarn != nil && lost > *x.LossWarn:
		e.degrade(over(*x.LossWarn))
	}
	return nil
}

func percent(f float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0") + "%"
}
