package scenarios

import (
	"fmt"
	"strings"
)

// What the elements of a step are for: it decides what a bare text means.
const (
	pressable = "press"
	fillable  = "fill"
	tickable  = "tick"
	anything  = "see"
)

// spellings are the selectors of a recording for one key of a locator.
func spellings(kind, v, role, use string) []string {
	switch kind {
	case "css":
		return []string{v}
	case "xpath":
		return []string{"xpath/" + v}
	case "testid", "placeholder", "title", "alt":
		return []string{fmt.Sprintf("[%s=%s]", map[string]string{"testid": "data-testid"}[kind]+map[bool]string{true: "", false: kind}[kind == "testid"], quoteJS(v))}
	case "text":
		return []string{"text/" + v}
	case "name":
		if own := map[string]string{"button": "self::button or self::input[@type='submit' or @type='button']", "link": "self::a"}[role]; own != "" {
			return []string{"xpath/" + namedPath(own+" or @role='"+role+"'", v)}
		}
		return []string{"aria/" + v + `[role="` + role + `"]`}
	case "label":
		return []string{"xpath/" + fieldPath(v, false)}
	}
	switch use {
	case fillable:
		return []string{"xpath/" + fieldPath(v, true)}
	case tickable:
		return []string{"xpath/" + boxPath(v)}
	case pressable:
		return []string{"xpath/" + buttonPath(v)}
	}
	return []string{"text/" + v}
}

// noBlank compares without blanks, as “登 录” is the same as “登录”.
const noBlank = "translate(normalize-space(%s),' \u00a0\u2002\u2003\u3000','')"

func says(what, v string) string {
	return fmt.Sprintf(noBlank, what) + "=" + quoteXPath(strings.Join(strings.Fields(v), ""))
}

// fieldPath leads to a field by the text of its label, and for a bare text by
// its placeholder and name too.
func fieldPath(v string, bare bool) string {
	ways := "@id=//label[" + says(".", v) + "]/@for or ancestor::label[" + says(".", v) + "] or " + says("@aria-label", v)
	if bare {
		ways += " or " + says("@placeholder", v) + " or @name=" + quoteXPath(v)
	}
	return "//*[self::input or self::textarea or self::select or @role='textbox' or @role='combobox'][" + ways + "]"
}

// boxPath leads to the label of a box, which a person presses, or to a box that
// names itself.
func boxPath(v string) string {
	return "//label[" + says(".", v) + "] | //*[(self::input or @role='checkbox' or @role='radio' or @role='switch') and " + says("@aria-label", v) + "]"
}

func buttonPath(v string) string {
	roles := make([]string, 0, 5)
	for _, r := range []string{"button", "link", "menuitem", "tab", "option"} {
		roles = append(roles, "@role='"+r+"'")
	}
	return namedPath("self::button or self::a or self::summary or self::input[@type='submit' or @type='button'] or "+strings.Join(roles, " or "), v)
}

// namedPath leads to one of the elements by what it says.
func namedPath(elements, v string) string {
	return "//*[" + elements + "][" + says(".", v) + " or " + says("@aria-label", v) + " or " + says("@value", v) + "]"
}

// quoteXPath is a text as an XPath 1.0 string, which knows no escapes.
func quoteXPath(s string) string {
	if !strings.Contains(s, "'") {
		return "'" + s + "'"
	}
	return "concat('" + strings.ReplaceAll(s, "'", `', "'", '`) + "')"
}

// findScript is a function that finds the element of the first selector that
// can be written in one: XPath or CSS.
func findScript(list [][]string) string {
	for _, s := range list {
		if path, ok := strings.CutPrefix(s[0], "xpath/"); ok {
			return "() => document.evaluate(" + quoteJS(path) + ", document, null, XPathResult.FIRST_ORDERED_NODE_TYPE).singleNodeValue"
		}
		if !strings.HasPrefix(s[0], "aria/") && !strings.HasPrefix(s[0], "text/") {
			return "() => document.querySelector(" + quoteJS(s[0]) + ")"
		}
	}
	return "() => null"
}

// chooseScript chooses an option by what it says, of the browser's own list or
// of one that the page draws.
const chooseScript = `(find, want) => {
  const same = (e) => e.textContent.replace(/\s+/g, "") === want.replace(/\s+/g, "");
  const field = find();
  if (!field) return false;
  if (field.tagName === "SELECT") {
    const option = [...field.options].find(same);
    if (!option) return false;
    field.value = option.value;
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
    return true;
  }
  const options = () => [...document.querySelectorAll("[role=option]")];
  if (!options().some(same)) field.click();
  const option = options().find(same);
  if (option) option.click();
  return Boolean(option);
}`

// uploadScript gives a field a file.
const uploadScript = `(find, name, data) => {
  const field = find();
  if (!field) return false;
  const files = new DataTransfer();
  files.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name));
  field.files = files.files;
  for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
  return true;
}`
