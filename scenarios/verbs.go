package scenarios

import (
	"gengfu/scenarios/strict"
)

// VerbSpec is a row of the table of verbs. The parser, the check and the JSON
// Schema come from it; a new verb is a new row and a function of the engine.
type VerbSpec struct {
	Verb    Verb
	Shape   Shape   // of the argument
	Keys    []Field // of the argument's mapping form, empty when it has none of its own
	Zh, En  string  // one line each
	Example string  // a step, in YAML
	read    func(r *reader, n strict.Node, s *Step)
}

// Verbs is the table of verbs, in the order of the reference page.
func Verbs() []VerbSpec {
	return append([]VerbSpec{
		{Goto, shapeGoto, fields(gotoKeys()), "打开一个地址", "open an address", "goto: ${base}/login", (*reader).gotoStep},
		{Click, shapeLocator, nil, "点击元素", "click an element", "click: 登录", (*reader).targetStep},
		{Fill, shapeForm, fields(fieldKeys()), "填写输入框", "fill fields of a form", "fill: {账号: probe_user, 密码: \"${secret.password}\"}", (*reader).formStep},
		{Select, shapeForm, fields(fieldKeys()), "在下拉框中选择", "choose options of lists", "select: {补贴类型: 高龄津贴}", (*reader).formStep},
		{Tick, shapeLocator, nil, "勾选", "tick a box or choose a radio button", "tick: 我已阅读并同意", (*reader).targetStep},
		{Untick, shapeLocator, nil, "取消勾选", "clear a box", "untick: 记住我", (*reader).targetStep},
		{Press, shapePress, fields(pressKeys()), "按键", "press a key", "press: Enter", (*reader).pressStep},
		{Hover, shapeLocator, nil, "移动鼠标到元素上", "move the mouse over an element", "hover: 个人中心", (*reader).targetStep},
		{Upload, shapeForm, fields(fieldKeys()), "上传文件", "give files to file inputs", "upload: {身份证照片: sample-id.png}", (*reader).uploadStep},
		{Wait, shapeWait, nil, "等待条件成立", "wait for conditions", "wait: {hidden: {css: .loading}}", (*reader).waitStep},
		{Verify, shapeExpects, nil, "检查页面", "say what must be true of the page", "expect: [{visible: {role: heading, name: 我的申请}}]", (*reader).expectStep},
		{Save, shapeSaves, fields(saveKeys()), "从页面取值", "keep values of the page", "save: {queue: {from: {css: .queue-no}, match: '(\\d+)', as: number}}", (*reader).saveStep},
		{Check, shapeTexts, nil, "比较两个值", "compare two values", "check: ${queue} < 500", (*reader).checkStep},
		{Use, shapeText, nil, "使用片段", "do the steps of a fragment", "use: login", nil},
		{Close, shapeLocator, nil, "关闭可能出现的对话框", "close a dialog, found by its text", "close: {text: 公告}", (*reader).closeStep},
		{TOTP, shapeTOTP, fields(totpKeys()), "填写动态口令", "fill in a time-based one-time password", "totp: {secret: \"${secret.admin_totp}\", into: {placeholder: 动态口令}}", (*reader).totpStep},
	}, append(append(append(handVerbs(), storeVerbs()...), scriptVerbs()...), append(attendVerbs(), netVerbs()...)...)...)
}

func (l *language) verb(name string) (VerbSpec, bool) {
	for _, v := range l.verbs {
		if string(v.Verb) == name {
			return v, true
		}
	}
	return VerbSpec{}, false
}

// stepWords are all keys a step may have: verbs, then modifiers.
func (l *language) stepWords() []string {
	var out []string
	for _, v := range l.verbs {
		out = append(out, string(v.Verb))
	}
	return append(out, names(l.modifiers)...)
}

func gotoKeys() []key[Step] {
	return []key[Step]{
		{Field{Name: "url", Shape: shapeText, Required: true, Zh: "地址", En: "the address"}, func(r *reader, n strict.Node, s *Step) { s.URL = r.address(n) }},
		{Field{Name: "until", Words: []string{"commit", "dom", "load"}, Zh: "等到什么时候", En: "how long to wait: until the answer, the document, or everything"}, func(r *reader, n strict.Node, s *Step) {
			s.Until, _ = n.Enum("moment", "commit", "dom", "load")
		}},
		{Field{Name: "status", Shape: shapeStatuses, Zh: "接受的状态码", En: "accepted status codes; 200 to 399 unless given"}, func(r *reader, n strict.Node, s *Step) { s.Status = statuses(n) }},
	}
}

func pressKeys() []key[Step] {
	return []key[Step]{
		{Field{Name: "key", Shape: shapeText, Required: true, Zh: "按键名", En: "the key, such as Enter or Control+A"}, func(r *reader, n strict.Node, s *Step) { s.Key = keyName(n) }},
		{Field{Name: "in", Shape: shapeLocator, Zh: "先聚焦的元素", En: "the element that gets the focus first"}, func(r *reader, n strict.Node, s *Step) { s.Target = r.locator(n) }},
	}
}

func totpKeys() []key[Step] {
	return []key[Step]{
		{Field{Name: "secret", Shape: shapeText, Required: true, Zh: "口令种子，例如 ${secret.admin_totp}", En: "the seed, such as ${secret.admin_totp}"}, func(r *reader, n strict.Node, s *Step) {
			s.Secret = r.text(n)
			r.mustBeSecret(n, s.Secret, "the seed")
		}},
		{Field{Name: "into", Shape: shapeLocator, Required: true, Zh: "填到哪里", En: "the field it goes into"}, func(r *reader, n strict.Node, s *Step) { s.Target = r.locator(n) }},
	}
}

func fieldKeys() []key[Pair] {
	return []key[Pair]{
		{Field{Name: "field", Shape: shapeLocator, Required: true, Zh: "字段", En: "the field"}, func(r *reader, n strict.Node, p *Pair) {
			if l := r.locator(n); l != nil {
				p.Field = *l
			}
		}},
		{Field{Name: "value", Shape: shapeText, Required: true, Zh: "值", En: "what it is to get"}, func(r *reader, n strict.Node, p *Pair) { p.Value = r.text(n) }},
	}
}

func saveKeys() []key[SaveValue] {
	return append([]key[SaveValue]{
		{Field{Name: "from", Shape: shapeLocator, Zh: "取值的元素", En: "the element; not needed for url and title"}, func(r *reader, n strict.Node, s *SaveValue) { s.From = r.locator(n) }},
		{Field{Name: "source", Words: saveSources(), Zh: "取什么", En: "what to take; text unless given"}, func(r *reader, n strict.Node, s *SaveValue) {
			s.Source, _ = n.Enum("source", saveSources()...)
		}},
		{Field{Name: "attribute", Shape: shapeText, Zh: "属性名", En: "the attribute's name"}, func(r *reader, n strict.Node, s *SaveValue) { s.Attribute, _ = n.String() }},
		{Field{Name: "json", Shape: shapeText, Zh: "上一次返回的 JSON 中的路径", En: "a path in the JSON of the last answer"}, func(r *reader, n strict.Node, s *SaveValue) { s.Path = r.path(n) }},
		{Field{Name: "header", Shape: shapeText, Zh: "上一次返回的响应头", En: "a header of the last answer"}, func(r *reader, n strict.Node, s *SaveValue) { s.Header, _ = n.String() }},
		{Field{Name: "match", Shape: shapeText, Zh: "正则，取第一组", En: "a pattern; its first group is kept"}, func(r *reader, n strict.Node, s *SaveValue) { s.Pattern = pattern(n) }},
		{Field{Name: "as", Words: []string{"text", "number"}, Zh: "值的类型", En: "what it must read as"}, func(r *reader, n strict.Node, s *SaveValue) {
			as, _ := n.Enum("type", "text", "number")
			s.Number = as == "number"
		}},
	}, saveMore()...)
}

func saveSources() []string {
	return []string{"text", "value", "attribute", "url", "title", "json", "header", "body"}
}
