package notify

import (
	"html"
	"strings"
	"unicode/utf8"
)

// markup is how a service writes what a message is made of.
type markup struct {
	escape func(string) string // makes text from pages and people take no effect
	strong func(escaped string) string
	link   func(label, address string) string
	breaks string           // between lines
	size   func(string) int // as the service counts
}

// strip is one line of a laid-out message; raw is cut where room is short.
type strip struct {
	raw  string
	wrap func(escaped string) string
	must bool // goes in before the rest
}

// lay writes a message within limit. The first line, the number and the first
// link have precedence; of the rest goes in what fits, from the top. Nothing
// is cut within a character, a mark or a link.
func (k markup) lay(m message, limit int) string {
	lines := k.lines(m)
	done := make([]string, len(lines))
	room := limit
	for _, must := range []bool{true, false} {
		for i, l := range lines {
			if l.must != must {
				continue
			}
			share := room
			if i == 0 {
				share = limit / 2
			}
			text := k.within(l, share-k.size(k.breaks))
			if text == "" {
				continue
			}
			done[i] = text
			room -= k.size(text) + k.size(k.breaks)
		}
	}
	var kept []string
	for _, text := range done {
		if text != "" {
			kept = append(kept, text)
		}
	}
	return strings.Join(kept, k.breaks)
}

func (k markup) lines(m message) []strip {
	same := func(s string) string { return s }
	lines := []strip{{m.Lead, k.strong, true}, {m.Remark, same, false}}
	labeled := func(f fact, must bool) {
		if f.Text != "" {
			lines = append(lines, strip{f.Text, func(s string) string { return k.escape(f.Label+m.Colon) + s }, must})
		}
	}
	labeled(m.Cause, false)
	labeled(m.Note, false)
	for _, h := range m.Hints {
		lines = append(lines, strip{h, func(s string) string { return "· " + s }, false})
	}
	for i, f := range m.Facts {
		labeled(f, i == 0)
	}
	for i, l := range m.Links {
		// A link is whole or not there.
		lines = append(lines, strip{"", func(string) string { return k.link(l.Label, l.URL) }, i == 0})
	}
	return append(lines, strip{m.Footer, same, false})
}

// leastLine is the room below which a line is left out rather than cut.
const leastLine = 24

// within is a line in at most limit, "" when it does not fit in a useful
// length.
func (k markup) within(l strip, limit int) string {
	text := l.wrap(k.escape(l.raw))
	if l.raw == "" && text == "" {
		return ""
	}
	for raw := l.raw; k.size(text) > limit; {
		if len(raw) < leastLine {
			return ""
		}
		raw = cut(strings.TrimSuffix(raw, ellipsis), len(raw)*7/8)
		text = l.wrap(k.escape(raw))
	}
	return text
}

func bytesOf(s string) int { return len(s) }

// disarm replaces the characters that chat markdown gives a meaning to by
// their look-alikes, for the services disagree about escapes; and breaks
// mentions and addresses, which programs would make links of.
var disarm = strings.NewReplacer(
	"<", "＜", ">", "＞", "[", "［", "]", "］", "`", "ˋ", "*", "＊", "#", "＃", "~", "～", "|", "｜", "\\", "＼",
	"@", "@\u200b", "://", ":\u200b//",
)

// chatMarkdown is the part of Markdown that WeCom, DingTalk, Feishu and Teams
// agree on.
func chatMarkdown(breaks string) markup {
	return markup{
		escape: disarm.Replace,
		strong: func(s string) string { return "**" + s + "**" },
		link: func(label, address string) string {
			return "[" + label + "](" + strings.NewReplacer("(", "%28", ")", "%29").Replace(address) + ")"
		},
		breaks: breaks,
		size:   bytesOf,
	}
}

// plainMarkup is no markup at all.
func plainMarkup() markup {
	return markup{
		escape: strings.NewReplacer("@", "@\u200b").Replace,
		strong: func(s string) string { return s },
		link:   func(label, address string) string { return label + " " + address },
		breaks: "\n",
		size:   bytesOf,
	}
}

// telegramHTML counts characters, as the service does, though it would not
// count the marks.
func telegramHTML() markup {
	return markup{
		escape: func(s string) string {
			return html.EscapeString(strings.NewReplacer("@", "@\u200b", "://", ":\u200b//").Replace(s))
		},
		strong: func(s string) string { return "<b>" + s + "</b>" },
		link: func(label, address string) string {
			return `<a href="` + html.EscapeString(address) + `">` + html.EscapeString(label) + "</a>"
		},
		breaks: "\n",
		size:   utf8.RuneCountInString,
	}
}
