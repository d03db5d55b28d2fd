package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"gengfu"
)

// Reference is the reference page of the language in Markdown, made from the
// tables that the parser reads by.
func Reference(lang gengfu.Lang) string {
	p := referencePage{lang: lang, words: newLanguage()}
	l := p.words
	p.line("# " + p.say("场景语言参考", "Reference of the scenario language"))
	p.line("")
	p.line(p.say("[English](reference.md) · [手册](guide.zh-CN.md)", "[中文](reference.zh-CN.md) · [Guide](guide.md)"))
	p.line("")
	p.line(p.say("本页由 `gengfu schema --reference` 从解析器使用的表生成，请勿手工修改。标 * 的键必填。",
		"This page is made by `gengfu schema --reference` from the tables that the parser reads by; it is not edited by hand. Keys with * must be there."))
	p.keys(p.say("场景", "Scenario"), fields(l.top), documentExamples)
	p.keys(p.say("片段", "Fragment"), fields(l.fragment), documentExamples)
	p.verbs()
	p.keys(p.say("修饰", "Modifiers"), fields(l.modifiers), modifierExamples)
	p.keys(p.say("定位", "Locators"), fields(l.locator), locatorExamples)
	p.keys(p.say("期望", "Expectations"), fields(l.expects), expectExamples)
	for _, s := range l.sections() {
		p.keys("`"+string(s.shape)+"`", s.fields, nil)
	}
	return p.b.String()
}

// section is a mapping that stands as a value somewhere.
type section struct {
	shape  Shape
	fields []Field
}

// sections are the mappings that values may be, in the order of the page.
func (l *language) sections() []section {
	return []section{
		{shapeGoto, fields(l.gotos)},
		{shapePress, fields(l.presses)},
		{shapeTOTP, fields(l.totps)},
		{shapeForm, fields(l.fields)},
		{shapeSaves, fields(l.saves)},
		{shapeDrag, fields(l.drags)},
		{shapeDialog, fields(l.dialog)},
		{shapeOutcomes, fields(l.outcomes)},
		{shapeMatch, fields(l.match)},
		{shapeURL, fields(l.url)},
		{shapeOfText, fields(l.ofText)},
		{shapeOfValue, fields(l.ofValue)},
		{shapeAttr, fields(l.attribute)},
		{shapeCount, fields(l.count)},
		{shapeState, fields(l.state)},
		{shapeConsole, fields(l.console)},
		{shapeRequests, fields(l.requests)},
		{shapeDownload, fields(l.download)},
		{shapeBudget, fields(l.budget)},
		{shapeBudgets, fields(l.budgets)},
		{shapeCLS, fields(l.cls)},
		{shapeBrowser, fields(l.browser)},
		{shapeDevice, fields(l.device)},
		{shapeTrace, fields(l.trace)},
		{shapeSession, fields(l.session)},
		{shapeSchedule, fields(l.schedule)},
		{shapeRate, fields(l.rate)},
		{shapeDense, fields(l.dense)},
		{shapeConfirm, fields(l.confirm)},
		{shapeParams, fields(l.param)},
		{shapeLogins, fields(l.login)},
		{shapeClients, fields(l.client)},
		{shapeCookies, fields(l.cookie)},
		{shapeLocation, fields(l.location)},
		{shapeNetwork, fields(l.network)},
		{shapeStanding, fields(l.standing)},
		{shapeGuard, fields(l.guard)},
		{shapeRepeat, fields(l.repeat)},
		{shapeStore, fields(l.store)},
		{shapeScript, fields(l.script)},
		{shapeAudit, fields(l.audit)},
		{shapeCounts, fields(l.counts)},
		{shapeSizes, fields(l.sizes)},
		{shapeAttend, fields(l.attend)},
		{shapeRefresh, fields(l.refresh)},
		{shapeHTTP, fields(l.net.http)},
		{shapeTLS, fields(l.net.tls)},
		{shapeDNS, fields(l.net.dns)},
		{shapeTCP, fields(l.net.tcp)},
		{shapeICMP, fields(l.net.icmp)},
		{shapeWebSocket, fields(l.net.socket)},
		{shapeSQL, fields(l.net.sql)},
		{shapeJSONWant, fields(l.net.json)},
		{shapeHeader, fields(l.net.header)},
		{shapeAnswers, fields(l.net.answers)},
		{shapeRows, fields(l.net.rows)},
		{shapeLoss, fields(l.net.loss)},
	}
}

type referencePage struct {
	b     strings.Builder
	lang  gengfu.Lang
	words *language
}

func (p *referencePage) say(zh, en string) string {
	if p.lang == gengfu.Chinese {
		return zh
	}
	return en
}

func (p *referencePage) line(s string) { p.b.WriteString(s + "\n") }

func (p *referencePage) row(cells ...string) {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(c, "|", `\|`)
	}
	p.line("| " + strings.Join(cells, " | ") + " |")
}

func (p *referencePage) head(title string, columns ...string) {
	p.line("")
	p.line("## " + title)
	p.line("")
	p.row(columns...)
	p.row(slices.Repeat([]string{"---"}, len(columns))...)
}

func (p *referencePage) verbs() {
	p.head(p.say("动作", "Verbs"), p.say("动作", "verb"), p.say("值", "value"), p.say("含义", "does"), p.say("示例", "example"))
	for _, v := range p.words.verbs {
		p.row("`"+string(v.Verb)+"`", p.value(Field{Shape: v.Shape}), p.say(v.Zh, v.En), "`"+v.Example+"`")
	}
}

// keys writes a table of keys. Without examples it has no column for them.
func (p *referencePage) keys(title string, fs []Field, examples map[string]string) {
	columns := []string{p.say("键", "key"), p.say("值", "value"), p.say("含义", "says")}
	if examples != nil {
		columns = append(columns, p.say("示例", "example"))
	}
	p.head(title, columns...)
	var seen []string
	for _, f := range fs {
		if slices.Contains(seen, f.Name) {
			continue // the first row of a name is the one that is read
		}
		seen = append(seen, f.Name)
		name := "`" + f.Name + "`"
		if f.Required {
			name += " *"
		}
		cells := []string{name, p.value(f), p.say(f.Zh, f.En)}
		if examples != nil {
			cells = append(cells, "`"+examples[f.Name]+"`")
		}
		p.row(cells...)
	}
}

// value says what stands behind a key, with a link where there is a table.
func (p *referencePage) value(f Field) string {
	if n := len(f.Words); n > 0 && n <= 8 {
		return "`" + strings.Join(f.Words, "` `") + "`"
	}
	plain := map[Shape][2]string{
		shapeText: {"文本", "text"}, shapeTexts: {"文本或列表", "text or list"}, shapeBool: {"`true` `false`", "`true` `false`"},
		shapeInt: {"整数", "whole number"}, shapeNumber: {"数", "number"}, shapeDuration: {"时长，如 `5s`", "duration, such as `5s`"},
		shapeSize: {"大小，如 `1 kB`", "size, such as `1 kB`"}, shapePoint: {"`[x, y]`", "`[x, y]`"}, shapeKeep: {"时长或 `0`", "duration or `0`"},
		shapeStatuses: {"状态码或列表", "status or list"}, shapeTextMap: {"名称到文本", "texts by name"}, shapeSteps: {"步骤列表", "list of steps"},
		shapeWait: {"期望或时长", "expectations or a duration"}, shapeScroll: {"定位、`top`、`bottom` 或像素", "locator, `top`, `bottom` or pixels"},
	}
	if words, ok := plain[f.Shape]; ok {
		return p.say(words[0], words[1])
	}
	switch f.Shape {
	case shapeLocator, shapeFrames:
		return p.say("[定位](#定位)", "[locator](#locators)")
	case shapeExpects:
		return p.say("[期望](#期望)", "[expectations](#expectations)")
	case "":
		return p.say("见下", "see below")
	}
	for _, s := range p.words.sections() {
		if s.shape == f.Shape {
			return fmt.Sprintf("[%s](#%s)", f.Shape, strings.ToLower(string(f.Shape)))
		}
	}
	return string(f.Shape)
}
