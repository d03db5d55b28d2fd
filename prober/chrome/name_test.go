package chrome

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
)

// How many composed pages the names are compared on, and from which seed.
var (
	composed = flag.Int("names.pages", 40, "composed pages to compare roles and names on")
	seed     = flag.Uint64("names.seed", 1, "seed of the first composed page")
)

// called is an element with the role and name that somebody gives it.
type called struct {
	HTML string `json:"html"`
	Tag  string `json:"tag"`
	Role string `json:"role"`
	Name string `json:"name"`
	Lost bool   `json:"lost"` // a search by its role would not look at it
}

// ours marks all elements and says what we call them.
const ours = `()=>{
  const out={};let i=0;
  const walk=e=>{for(const c of e.children){
    c.setAttribute('data-mark',++i);
    const may=__gengfu.mayBe[__gengfu.role(c)];
    out[i]={html:c.outerHTML.replace(/ data-mark="\d+"/g,'').slice(0,300),tag:c.nodeName.toLowerCase(),role:__gengfu.role(c),name:__gengfu.name(c),lost:!!may&&!c.matches(may)};
    if(c.shadowRoot)walk(c.shadowRoot);
    walk(c);
  }};
  walk(document.body);
  return out}`

// theirs are the elements as the browser tells assistive technology, by mark.
func theirs(t *testing.T, r *runner) map[string]called {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	doc, err := cdp.Call(ctx, r.page.s, dom.GetDocument, dom.GetDocumentParams{Depth: new(int64(-1)), Pierce: new(true)})
	if err != nil {
		t.Fatal(err)
	}
	marks := map[cdp.BackendNodeID]string{}
	var walk func(n *cdp.Node)
	walk = func(n *cdp.Node) {
		for i := 0; i+1 < len(n.Attributes); i += 2 {
			if n.Attributes[i] == "data-mark" {
				marks[n.BackendNodeID] = n.Attributes[i+1]
			}
		}
		for _, c := range append(n.Children, n.ShadowRoots...) {
			walk(c)
		}
	}
	walk(doc.Root)
	tree, err := cdp.Call(ctx, r.page.s, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]called{}
	for _, n := range tree.Nodes {
		m, ok := marks[n.BackendDOMNodeID]
		if !ok || n.Ignored {
			continue
		}
		var c called
		if n.Role != nil {
			_ = json.Unmarshal(n.Role.Value, &c.Role)
		}
		if n.Name != nil {
			_ = json.Unmarshal(n.Name.Value, &c.Name)
		}
		out[m] = c
	}
	return out
}

// kin are the browser's own words for roles.
func kin(role string) string {
	switch role {
	case "image":
		return "img"
	case "ColorWell", "DisclosureTriangle":
		return "button"
	case "DateTime", "Date", "InputTime":
		return "textbox"
	case "Details":
		return "group"
	case "presentation", "none", "generic", "sectionheader", "sectionfooter":
		return ""
	}
	if role != "" && unicode.IsUpper(rune(role[0])) {
		return "" // a role of its own, not one of WAI-ARIA
	}
	return role
}

// bones is a name without blanks and glyphs of icon fonts.
func bones(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == 0x200b || r >= 0xe000 && r <= 0xf8ff {
			return -1
		}
		return r
	}, s)
}

func wordy(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// agreement counts the elements that were compared, by what came of it.
type agreement struct {
	same, other int
	meant       map[string]int
}

// compare holds our roles and names on the page against the browser's own.
func (a *agreement) compare(t *testing.T, r *runner, where string) {
	t.Helper()
	us, them := still(t, r)
	for mark, them := range them {
		us := us[mark]
		if us.Lost {
			t.Errorf("%s: mayBe leaves out %s: %s", where, us.Role, us.HTML)
		}
		us.Role, them.Role = kin(us.Role), kin(them.Role)
		if us.Role == them.Role && (us.Role == "" || bones(us.Name) == bones(them.Name)) {
			a.same++
			continue
		}
		a.judge(t, where, us, them)
	}
}

// still are both views of one moment: the page's scripts may change it between
// two looks, so ours is taken again afterwards.
func still(t *testing.T, r *runner) (us, them map[string]called) {
	t.Helper()
	r.ask(t, &us, ours)
	for range 20 {
		them = theirs(t, r)
		after := map[string]called{}
		r.ask(t, &after, ours)
		if maps.Equal(us, after) {
			break
		}
		us = after
	}
	return us, them
}

func (a *agreement) judge(t *testing.T, where string, us, them called) {
	t.Helper()
	for _, d := range differences {
		if (us.Role == them.Role || d.role) && d.holds(us, them) {
			a.meant[d.why]++
			return
		}
	}
	a.other++
	t.Logf("%s: %s “%s”, the browser says %s “%s”: %s", where, us.Role, us.Name, them.Role, them.Name, us.HTML)
}

// TestNames_agreeWithTheBrowser compares what we call the elements of composed
// pages, and of pages made of component libraries, with what the browser tells
// assistive technology; go test -run Names -names.pages 1000 looks further.
func TestNames_agreeWithTheBrowser(t *testing.T) {
	a := agreement{meant: map[string]int{}}
	r := onPage(t)
	for i := range *composed {
		r.ask(t, nil, `h=>document.body.setHTMLUnsafe(h)`, compose(*seed+uint64(i)))
		a.compare(t, r, fmt.Sprintf("seed %d", *seed+uint64(i)))
	}
	srv := libraryPages(t)
	for _, page := range []string{"antd", "element-plus", "element-ui", "vant"} {
		a.compare(t, onPage(t, open(srv.URL+"/"+page+".html")), page)
	}
	t.Logf("%d agree, %d differ, meant: %v", a.same, a.other, a.meant)
	if a.other > 0 {
		t.Error("roles or names differ that should not")
	}
}
