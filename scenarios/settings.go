package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"gengfu/scenarios/strict"
)

func desktop() Browser {
	return Browser{Width: 1280, Height: 800, Scale: 1, Locale: "zh-CN", Timezone: "Asia/Shanghai"}
}

// devices are the screens with a name; the rest of a Browser is not theirs.
func devices() []string { return []string{"desktop", "phone", "tablet"} }

func (b *Browser) device(name string) {
	switch name {
	case "desktop":
		b.Width, b.Height, b.Scale, b.Mobile = 1280, 800, 1, false
	case "phone":
		b.Width, b.Height, b.Scale, b.Mobile = 390, 844, 3, true
	case "tablet":
		b.Width, b.Height, b.Scale, b.Mobile = 820, 1180, 2, true
	}
}

var localePattern = regexp.MustCompile(`^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$`)

var headerPattern = regexp.MustCompile("^[-!#$%&'*+.^_`|~0-9A-Za-z]+$")

func browserKeys() []key[Browser] {
	return append([]key[Browser]{
		{Field{Name: "device", Shape: shapeDevice, Zh: "设备", En: "desktop, phone, tablet or a screen of its own"}, func(r *reader, n strict.Node, b *Browser) {
			if n.Kind() == strict.Mapping {
				readMap(r, n, r.lang.device, b)
				return
			}
			name, _ := n.Enum("device", devices()...)
			b.device(name)
		}},
		{Field{Name: "locale", Shape: shapeText, Zh: "语言", En: "the language, such as zh-CN"}, func(r *reader, n strict.Node, b *Browser) {
			if b.Locale, _ = n.String(); b.Locale != "" && !localePattern.MatchString(b.Locale) {
				n.Problem(fmt.Sprintf("%q is not a language tag", b.Locale), "such as zh-CN or en")
			}
		}},
		{Field{Name: "timezone", Shape: shapeText, Zh: "时区", En: "the time zone, such as Asia/Shanghai"}, func(r *reader, n strict.Node, b *Browser) { b.Timezone = zone(n) }},
		{Field{Name: "user_agent", Shape: shapeText, Zh: "User-Agent", En: "the User-Agent header"}, func(r *reader, n strict.Node, b *Browser) { b.UserAgent, _ = n.String() }},
		{Field{Name: "headers", Shape: shapeTextMap, Zh: "附加请求头", En: "headers added to every request"}, (*reader).headers},
		{Field{Name: "block", Shape: shapeTexts, Zh: "拦截的地址", En: "addresses not to load, with *"}, func(r *reader, n strict.Node, b *Browser) { b.Block, _ = n.StringList() }},
		{Field{Name: "har", Words: []string{"failure", "always"}, Zh: "何时保留网络归档（HAR）", En: "when to keep an archive of the network (HAR); failure unless given"}, func(r *reader, n strict.Node, b *Browser) {
			when, _ := n.Enum("moment", "failure", "always")
			b.HAR = when == "always"
		}},
		{Field{Name: "trace", Shape: shapeTrace, Zh: "给请求加 traceparent 请求头", En: "let requests carry a traceparent header"}, (*reader).trace},
		{Field{Name: "guard", Shape: shapeGuard, Zh: "只读保护：拒绝未列出的写请求", En: "refuse requests that write, but for those listed"}, func(r *reader, n strict.Node, b *Browser) {
			b.Guard = &Guard{}
			readMap(r, n, r.lang.guard, b.Guard)
		}},
	}, equipmentKeys()...)
}

func deviceKeys() []key[Browser] {
	return []key[Browser]{
		{Field{Name: "width", Shape: shapeInt, Required: true, Zh: "宽度", En: "CSS pixels"}, func(r *reader, n strict.Node, b *Browser) { b.Width, _ = n.Int(200, 8000) }},
		{Field{Name: "height", Shape: shapeInt, Required: true, Zh: "高度", En: "CSS pixels"}, func(r *reader, n strict.Node, b *Browser) { b.Height, _ = n.Int(200, 8000) }},
		{Field{Name: "mobile", Shape: shapeBool, Zh: "移动设备", En: "touch and a mobile viewport"}, func(r *reader, n strict.Node, b *Browser) { b.Mobile, _ = n.Bool() }},
		{Field{Name: "scale", Shape: shapeNumber, Zh: "像素比", En: "device pixels for each CSS pixel"}, func(r *reader, n strict.Node, b *Browser) { b.Scale, _ = n.Float(0.5, 4) }},
	}
}

func (r *reader) headers(n strict.Node, b *Browser) {
	m, ok := n.Map()
	if !ok {
		return
	}
	for _, e := range m.Entries {
		if !headerPattern.MatchString(e.Key) {
			e.At.Problem(fmt.Sprintf("%q cannot be the name of a header", e.Key), "")
		}
		b.Headers = append(b.Headers, Pair{Key: e.Key, Value: r.text(e.Value)})
	}
}

func zone(n strict.Node) string {
	s, ok := n.String()
	if !ok {
		return ""
	}
	if _, err := time.LoadLocation(s); err != nil || s == "" || s == "Local" {
		n.Problem(fmt.Sprintf("unknown time zone %q", s), "such as Asia/Shanghai")
		return ""
	}
	return s
}

func scheduleKeys() []key[Schedule] {
	return append([]key[Schedule]{
		{Field{Name: "every", Shape: shapeDuration, Zh: "间隔", En: "the distance of two runs"}, func(r *reader, n strict.Node, s *Schedule) {
			d, ok := n.Duration()
			if ok && d < time.Second {
				n.Problem(fmt.Sprintf("every %s is too often", d), "at least 1s")
			}
			s.Every = d
		}},
		{Field{Name: "cron", Shape: shapeText, Zh: "五段式 cron", En: "minute, hour, day of month, day of week"}, func(r *reader, n strict.Node, s *Schedule) {
			var ok bool
			if s.Cron, ok = n.String(); !ok {
				return
			}
			if _, err := ParseCron(s.Cron, time.UTC); err != nil {
				n.ProblemAt(err.Offset, err.Finding, err.Remedy)
			}
		}},
		{Field{Name: "timezone", Shape: shapeText, Zh: "cron 的时区", En: "the time zone of cron"}, func(r *reader, n strict.Node, s *Schedule) { s.Timezone = zone(n) }},
	}, workingKeys()...)
}

func (r *reader) schedule(n strict.Node) Schedule {
	var s Schedule
	before := r.rep.Raised()
	if n.Kind() == strict.Scalar {
		n.Problem("want a mapping, not a text", "write {every: "+n.Text()+"}, or {cron: \"…\"}")
		return s
	}
	if !readMap(r, n, r.lang.schedule, &s) || r.rep.Raised() != before {
		return s
	}
	switch {
	case s.Every > 0 && s.Cron != "":
		n.Problem("every and cron exclude each other", "keep one of them")
	case s.Every == 0 && s.Cron == "":
		n.Problem("it does not say when", "add every or cron")
	case s.Every > 0 && s.Timezone != "":
		n.Problem("timezone goes with cron only", "leave it out")
	default:
		s.check(n)
	}
	return s
}

// String says the schedule in words: every 5m0s, cron 0 8 * * 1-5.
func (s Schedule) String() string {
	if s.Cron != "" {
		return "cron " + s.Cron + s.Working.String()
	}
	return "every " + s.Every.String() + s.Working.String()
}

// Interval is the usual distance of two runs: for cron the most frequent one.
func (s Schedule) Interval() time.Duration {
	if s.Cron == "" {
		return s.Every
	}
	c, err := ParseCron(s.Cron, time.UTC)
	if err != nil {
		return 0
	}
	return c.interval()
}

func confirmKeys() []key[Confirm] {
	return []key[Confirm]{
		{Field{Name: "retries", Shape: shapeInt, Zh: "重试次数", En: "immediate re-runs; 1 unless given"}, func(r *reader, n strict.Node, c *Confirm) {
			if i, ok := n.Int(0, 10); ok {
				c.Retries = i
			}
		}},
		{Field{Name: "wait", Shape: shapeDuration, Zh: "重试前等待", En: "the time before each re-run"}, func(r *reader, n strict.Node, c *Confirm) { c.Wait, _ = n.Duration() }},
		{Field{Name: "passes", Shape: shapeInt, Zh: "连续成功几次才算恢复", En: "passes in a row that end a trouble; 2 unless given"}, func(r *reader, n strict.Node, c *Confirm) {
			if i, ok := n.Int(1, 10); ok {
				c.Passes = i
			}
		}},
	}
}

func budgetKeys() []key[Budget] {
	return []key[Budget]{
		{Field{Name: "warn", Shape: shapeDuration, Zh: "超过则降级", En: "over it the run is degraded"}, func(r *reader, n strict.Node, b *Budget) { b.Warn, _ = n.Duration() }},
		{Field{Name: "fail", Shape: shapeDuration, Zh: "超过则失败", En: "over it the run has failed"}, func(r *reader, n strict.Node, b *Budget) { b.Fail, _ = n.Duration() }},
	}
}

func (r *reader) budget(n strict.Node) Budget {
	var b Budget
	before := r.rep.Raised()
	if n.Kind() == strict.Scalar {
		n.Problem("want a mapping, not a text", "write {warn: "+n.Text()+"}, {fail: "+n.Text()+"} or both")
		return b
	}
	if !readMap(r, n, r.lang.budget, &b) || r.rep.Raised() != before {
		return b
	}
	switch {
	case b == Budget{}:
		n.Problem("the budget has no limit", "add warn, fail or both")
	case b.Fail > 0 && b.Warn > b.Fail:
		n.Problem("warn is more than fail", "swap them")
	}
	return b
}

func budgetsKeys() []key[Budgets] {
	row := func(name, zh, en string, at func(*Budgets) *Budget) key[Budgets] {
		return key[Budgets]{Field{Name: name, Shape: shapeBudget, Zh: zh, En: en}, func(r *reader, n strict.Node, b *Budgets) { *at(b) = r.budget(n) }}
	}
	return append([]key[Budgets]{
		row("total", "整个场景", "the whole run", func(b *Budgets) *Budget { return &b.Total }),
		row("ttfb", "首字节", "time to first byte", func(b *Budgets) *Budget { return &b.TTFB }),
		row("fcp", "首次内容绘制", "first contentful paint", func(b *Budgets) *Budget { return &b.FCP }),
		row("lcp", "最大内容绘制", "largest contentful paint", func(b *Budgets) *Budget { return &b.LCP }),
		row("load", "页面加载", "the load event", func(b *Budgets) *Budget { return &b.Load }),
		row("inp", "交互响应", "the slowest reaction to a press or key", func(b *Budgets) *Budget { return &b.INP }),
		row("long_tasks", "长任务总时长", "scripts that hold the page for 50 ms and more, together", func(b *Budgets) *Budget { return &b.LongTasks }),
		{Field{Name: "cls", Shape: shapeCLS, Zh: "累积布局偏移", En: "cumulative layout shift, a number"}, (*reader).cls},
	}, amountKeys()...)
}

func clsKeys() []key[Budgets] {
	return []key[Budgets]{
		{Field{Name: "warn", Shape: shapeNumber, Zh: "超过则降级", En: "over it the run is degraded"}, func(r *reader, n strict.Node, b *Budgets) { b.CLSWarn, _ = n.Float(0, 100) }},
		{Field{Name: "fail", Shape: shapeNumber, Zh: "超过则失败", En: "over it the run has failed"}, func(r *reader, n strict.Node, b *Budgets) { b.CLSFail, _ = n.Float(0, 100) }},
	}
}

func (r *reader) cls(n strict.Node, b *Budgets) {
	before := r.rep.Raised()
	if readMap(r, n, r.lang.cls, b) && r.rep.Raised() == before && b.CLSFail > 0 && b.CLSWarn > b.CLSFail {
		n.Problem("warn is more than fail", "swap them")
	}
}

func sortedKeys(set map[string]bool) []string {
	var out []string
	for k := range set {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
