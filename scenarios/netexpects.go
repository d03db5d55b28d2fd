package scenarios

import (
	"fmt"
	"strconv"
	"strings"

	"gengfu/scenarios/strict"
)

// The kinds of expectations on the answers to steps without a browser.
const (
	ExpectBody     ExpectKind = "body"
	ExpectJSON     ExpectKind = "json"
	ExpectHeader   ExpectKind = "header"
	ExpectLatency  ExpectKind = "latency"
	ExpectExpires  ExpectKind = "expires_in"
	ExpectProtocol ExpectKind = "protocol"
	ExpectAnswers  ExpectKind = "answers"
	ExpectRows     ExpectKind = "rows"
	ExpectLoss     ExpectKind = "loss"
)

// maxWanted bounds the answers that an expectation names.
const maxWanted = 100

// AnswerWant is what an expectation asks of an answer beside its text.
type AnswerWant struct {
	Path        *Path    // json
	Least, Most *float64 // json: the value as a number
	Exists      *bool    // json: whether there is a value
	Limit       Budget   // latency; expires_in, where less is worse
	Answers     []Text   // answers
	Whole       bool     // answers: these and no others
	LossWarn    *float64 // loss, per cent
	LossFail    *float64
}

// OfAnswer reports whether the condition is on the last answer to a step
// without a browser, and can be asked again later.
func (k ExpectKind) OfAnswer() bool {
	return k == ExpectBody || k == ExpectJSON || k == ExpectHeader
}

// beside lists the verbs that an expectation on answers goes with; nil for one
// on pages.
func (k ExpectKind) beside() []Verb {
	switch k {
	case ExpectBody:
		return []Verb{HTTP, TCP, WebSocket, SQL}
	case ExpectJSON:
		return []Verb{HTTP, WebSocket, SQL}
	case ExpectHeader:
		return []Verb{HTTP}
	case ExpectLatency:
		return []Verb{HTTP, TLS, DNS, TCP, ICMP, WebSocket, SQL}
	case ExpectExpires:
		return []Verb{HTTP, TLS}
	case ExpectProtocol:
		return []Verb{HTTP, TLS, WebSocket}
	case ExpectAnswers:
		return []Verb{DNS}
	case ExpectRows:
		return []Verb{SQL}
	case ExpectLoss:
		return []Verb{ICMP}
	}
	return nil
}

// netExpects are the rows of the table of expectations on answers.
func netExpects() []key[Expect] {
	row := func(kind ExpectKind, shape Shape, zh, en string, read func(*reader, strict.Node, *Expect)) key[Expect] {
		return key[Expect]{Field{Name: string(kind), Shape: shape, Zh: zh, En: en}, func(r *reader, n strict.Node, e *Expect) {
			e.Kind = kind
			read(r, n, e)
		}}
	}
	match := func(r *reader, n strict.Node, e *Expect) { e.Match = r.match(n, false) }
	limit := func(r *reader, n strict.Node, e *Expect) { e.Limit = r.budget(n) }
	return []key[Expect]{
		row(ExpectBody, shapeMatch, "返回内容；sql 为第一个值", "the text of the answer; for sql its first value", match),
		row(ExpectJSON, shapeJSONWant, "返回的 JSON 中的值", "a value in the JSON of the answer", (*reader).expectJSON),
		row(ExpectHeader, shapeHeader, "响应头", "a header of the answer", func(r *reader, n strict.Node, e *Expect) { r.expectMatch(n, r.lang.net.header, e) }),
		row(ExpectLatency, shapeBudget, "耗时上限", "limits on how long the answer took", limit),
		row(ExpectExpires, shapeBudget, "证书剩余有效期下限", "the time the certificate must still be valid", (*reader).expectExpires),
		row(ExpectProtocol, shapeMatch, "协议，例如 HTTP/2.0、TLS 1.3", "the protocol, such as HTTP/2.0 or TLS 1.3", match),
		row(ExpectAnswers, shapeAnswers, "解析结果", "the answers of the name server", (*reader).expectAnswers),
		row(ExpectRows, shapeRows, "行数", "how many rows there are", func(r *reader, n strict.Node, e *Expect) { r.expectCount(n, r.lang.net.rows, e) }),
		row(ExpectLoss, shapeLoss, "丢包率上限", "limits on the packets that are lost", func(r *reader, n strict.Node, e *Expect) { readMap(r, n, r.lang.net.loss, e) }),
	}
}

// expectExpires reads limits where less is worse, so warn is the larger one.
func (r *reader) expectExpires(n strict.Node, e *Expect) {
	if n.Kind() == strict.Scalar {
		n.Problem("want a mapping, not a text", "write {fail: "+n.Text()+"}")
		return
	}
	before := r.rep.Raised()
	if !readMap(r, n, r.lang.budget, &e.Limit) || r.rep.Raised() != before {
		return
	}
	switch {
	case e.Limit == Budget{}:
		n.Problem("it has no limit", "add warn, fail or both")
	case e.Limit.Warn > 0 && e.Limit.Warn < e.Limit.Fail:
		n.Problem("warn is less than fail", "swap them")
	}
}

func jsonKeys() []key[Expect] {
	number := func(name, zh, en string, set func(*Expect, *float64)) key[Expect] {
		return key[Expect]{Field{Name: name, Shape: shapeNumber, Zh: zh, En: en}, func(r *reader, n strict.Node, e *Expect) {
			if f, ok := n.Float(-1e300, 1e300); ok {
				set(e, &f)
			}
		}}
	}
	return []key[Expect]{
		{Field{Name: "path", Shape: shapeText, Required: true, Zh: "路径，例如 data.items[0].id，[*] 为任意一项", En: "the path, such as data.items[0].id; [*] is any of a list"}, func(r *reader, n strict.Node, e *Expect) { e.Path = r.path(n) }},
		number("min", "数值至少", "the number at least", func(e *Expect, f *float64) { e.Least = f }),
		number("max", "数值至多", "the number at most", func(e *Expect, f *float64) { e.Most = f }),
		{Field{Name: "exists", Shape: shapeBool, Zh: "是否存在", En: "whether there is a value"}, func(r *reader, n strict.Node, e *Expect) {
			if b, ok := n.Bool(); ok {
				e.Exists = &b
			}
		}},
	}
}

func (r *reader) expectJSON(n strict.Node, e *Expect) {
	before := r.rep.Raised()
	if !readMap(r, n, r.lang.net.json, e) || r.rep.Raised() != before {
		return
	}
	switch {
	case e.Match == nil && e.Least == nil && e.Most == nil && e.Exists == nil:
		n.Problem("it does not say what is expected", "add equals, contains, match, not, min, max or exists")
	case e.Least != nil && e.Most != nil && *e.Least > *e.Most:
		n.Problem("min is more than max", "")
	}
}

func answersKeys() []key[Expect] {
	row := func(name, zh, en string, whole bool) key[Expect] {
		return key[Expect]{Field{Name: name, Shape: shapeTexts, Zh: zh, En: en}, func(r *reader, n strict.Node, e *Expect) {
			items, _ := n.Items()
			if len(items) > maxWanted {
				n.Problem(fmt.Sprintf("more than %d answers", maxWanted), "")
				return
			}
			for _, item := range items {
				e.Answers = append(e.Answers, r.needText(item))
			}
			e.Whole = whole
		}}
	}
	return []key[Expect]{
		row("contains", "包含这些结果", "these are among them", false),
		row("equals", "正好是这些结果", "these, in any order, and no others", true),
	}
}

// expectAnswers reads a text that must be among the answers, or a mapping.
func (r *reader) expectAnswers(n strict.Node, e *Expect) {
	if n.Kind() == strict.Scalar {
		e.Answers = []Text{r.needText(n)}
		return
	}
	m, ok := n.Map()
	switch {
	case !ok:
	case len(m.Entries) != 1:
		n.Problem("want one of contains and equals", "")
	default:
		readKeys(r, m, r.lang.net.answers, e)
	}
}

func lossKeys() []key[Expect] {
	row := func(name, zh, en string, set func(*Expect, *float64)) key[Expect] {
		return key[Expect]{Field{Name: name, Shape: shapePercent, Zh: zh, En: en}, func(r *reader, n strict.Node, e *Expect) {
			text, ok := n.String()
			if !ok {
				return
			}
			number, sign := strings.CutSuffix(text, "%")
			f, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
			if !sign || err != nil || !(f >= 0 && f < 100) {
				n.Problem(fmt.Sprintf("%q is not a share", text), "such as 20%, less than 100%")
				return
			}
			set(e, &f)
		}}
	}
	return []key[Expect]{
		row("warn", "超过则降级，例如 10%", "over it the run is degraded, such as 10%", func(e *Expect, f *float64) { e.LossWarn = f }),
		row("fail", "超过则失败", "over it the run has failed", func(e *Expect, f *float64) { e.LossFail = f }),
	}
}

// words are those parts of the expectation that only answers have.
func (w AnswerWant) words() []string {
	var parts []string
	if w.Path != nil {
		parts = append(parts, w.Path.String())
	}
	number := func(sign string, f *float64, unit string) {
		if f != nil {
			parts = append(parts, sign+strconv.FormatFloat(*f, 'f', -1, 64)+unit)
		}
	}
	number(">= ", w.Least, "")
	number("<= ", w.Most, "")
	if w.Exists != nil {
		parts = append(parts, map[bool]string{true: "exists", false: "absent"}[*w.Exists])
	}
	if w.Whole {
		parts = append(parts, "=")
	}
	for _, a := range w.Answers {
		parts = append(parts, a.Source())
	}
	if w.Limit.Warn > 0 {
		parts = append(parts, "warn "+w.Limit.Warn.String())
	}
	if w.Limit.Fail > 0 {
		parts = append(parts, "fail "+w.Limit.Fail.String())
	}
	number("warn ", w.LossWarn, "%")
	number("fail ", w.LossFail, "%")
	return parts
}

// netDefinitions are the shapes of steps without a browser.
func (l *language) netDefinitions(defs map[Shape]any) {
	text := ref(shapeText)
	defs[shapeHTTP] = either(text, l.object(fields(l.net.http)))
	defs[shapeTLS] = either(text, l.object(fields(l.net.tls)))
	defs[shapeDNS] = either(text, l.object(fields(l.net.dns)))
	defs[shapeTCP] = either(text, l.object(fields(l.net.tcp)))
	defs[shapeICMP] = either(text, l.object(fields(l.net.icmp)))
	defs[shapeWebSocket] = either(text, l.object(fields(l.net.socket)))
	defs[shapeSQL] = l.object(fields(l.net.sql))
	defs[shapeJSON] = object{}
	defs[shapeJSONWant] = l.object(fields(l.net.json))
	defs[shapeHeader] = l.object(fields(l.net.header))
	defs[shapeAnswers] = either(text, l.object(fields(l.net.answers)))
	defs[shapeRows] = l.object(fields(l.net.rows))
	defs[shapeLoss] = l.object(fields(l.net.loss))
	defs[shapePercent] = object{"type": "string", "pattern": `^[0-9.]+ ?%$`}
}
