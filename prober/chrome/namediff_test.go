package chrome

import (
	"regexp"
	"strings"
)

// difference is a way in which we mean to call an element other than the browser
// does, for one clause of a standard or one habit of the browser's. Unless role
// is set, both have given it the same role.
type difference struct {
	why   string
	role  bool
	holds func(us, them called) bool
}

// differences are looked for in this order.
var differences = []difference{
	// HTML-AAM, 4.1: contenteditable maps to no role, the element is "editable" only.
	// An author fills it like any textbox.
	{"an editor without a role is a textbox", true, func(us, them called) bool {
		return us.Role == "textbox" && them.Role == "" && (bones(us.Name) == bones(them.Name) || bones(us.Name) == strings.ReplaceAll(bones(them.Name), "x", "")) && strings.Contains(opening(us), "contenteditable") && !strings.Contains(opening(us), "role=")
	}},
	// SVG-AAM, 5.1: a drawing with text in it is a graphics-document. To an author it
	// is a picture like those without.
	{"a drawing with text in it is a picture", true, func(us, them called) bool {
		return us.Role == "img" && them.Role == "" && us.Tag == "svg" && strings.Contains(us.HTML, "<text")
	}},
	// CSS Text 3, 2.1: text-transform changes what is drawn, not the text. Chromium
	// names by what is drawn; locators fold case and find both.
	{"letters that are upper case by CSS alone", false, func(us, them called) bool { return strings.EqualFold(bones(us.Name), bones(them.Name)) }},
	// WAI-ARIA 1.2, 5.4 (row): name from contents. Chromium gives rows no name but
	// the author's.
	{"a row is named by its cells", false, func(us, them called) bool { return us.Role == "row" && them.Name == "" && !nameGiven(us) }},
	// HTML-AAM, 4.1.10 (figure): a figcaption names the figure before its title does.
	// Chromium takes the title only.
	{"a figure is named by its caption", false, func(us, them called) bool {
		return us.Role == "figure" && strings.Contains(us.HTML, "<figcaption") && (them.Name == "" || strings.Contains(opening(us), "title="))
	}},
	// Accname 1.2, 4.3.2, 2F: all child nodes are gone through. Chromium stops in a
	// cell at lists, landmarks, groups, figures and dialogs in it.
	{"a cell is named by what its containers hold", false, func(us, _ called) bool { return inTable(us.Role) && containers.MatchString(us.HTML) }},
	// Accname 1.2, 4.3.2: 2B, what others say of a control, comes before 2C, its value.
	// Chromium takes the value first when the control stands in a cell.
	{"a control in a cell by what names it", false, func(us, _ called) bool {
		return inTable(us.Role) && referring.MatchString(us.HTML)
	}},
	// HTML-AAM, 4.1.5 (input type=file): title comes before the browser's own words,
	// which depend on its language, so that no author should rely on them.
	{"an upload without the browser's words", false, func(us, them called) bool {
		return strings.Contains(them.Name, "Choose File") && strings.Contains(us.HTML, `type="file"`) && (us.Name == "" || strings.Contains(us.HTML, "title="))
	}},
	// Accname 1.2, 4.3.2, 2I: the tooltip, whatever the content. Chromium leaves it
	// out where it would repeat the content.
	{"a tooltip that repeats the content", false, func(us, them called) bool {
		return them.Name == "" && strings.Contains(opening(us), "title=") && strings.Contains(bones(strings.ReplaceAll(us.HTML[len(opening(us)):], "&nbsp;", "")), bones(us.Name))
	}},
	// Accname 1.2 does not speak of ruby. The words above it, x on all composed
	// pages, are a reading aid, which people leave out when they say the words.
	{"the words above ruby", false, func(us, them called) bool {
		return !strings.Contains(us.Name, "x") && strings.Contains(them.Name, "x") && bones(us.Name) == strings.ReplaceAll(bones(them.Name), "x", "")
	}},
	// CSS 2, 11.2: what is visible in something hidden is seen, 现 on composed pages.
	// Chromium, after accname 2A, goes into nothing hidden in references.
	{"the visible in something hidden", false, func(us, them called) bool {
		return strings.Contains(us.Name, "现") && strings.ReplaceAll(bones(us.Name), "现", "") == strings.ReplaceAll(bones(them.Name), "现", "")
	}},
	// Accname 1.2, 4.3.2, 2F.ii: text that CSS draws counts. Where it is a sign, as the
	// colon of a label or the star of a required field, nobody says it.
	{"signs that CSS draws", false, func(us, them called) bool {
		before, after, found := strings.Cut(bones(them.Name), bones(us.Name))
		return us.Name != "" && found && before+after != "" && !wordy(before+after)
	}},
}

var referring = regexp.MustCompile(`<(progress|meter|input|select|div (role="textbox"|contenteditable))[^>]* aria-labelledby=`)

var containers = regexp.MustCompile(`<(figure|dialog|search|form|ul|ol|menu|dl|hgroup|main|nav|aside|section|article|header|footer|fieldset|details|table|blockquote|address|output|select multiple)\b|role="(alert|combobox|dialog|grid|group|list|listbox|menu|radiogroup|region|status|tablist|tree)"`)

func inTable(role string) bool {
	switch role {
	case "cell", "gridcell", "columnheader", "rowheader":
		return true
	}
	return false
}

// opening is the element's own tag.
func opening(c called) string {
	tag, _, _ := strings.Cut(c.HTML, ">")
	return tag
}

// nameGiven reports whether the element's own tag gives it a name.
func nameGiven(c called) bool {
	return strings.Contains(opening(c), "aria-label") || strings.Contains(opening(c), "title=")
}
