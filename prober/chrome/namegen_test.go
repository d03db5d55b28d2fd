package chrome

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// composer writes pages of many shapes, the same for the same seed.
type composer struct {
	*rand.Rand
	ids int
}

func compose(seed uint64) string {
	c := &composer{Rand: rand.New(rand.NewPCG(seed, 7))} //nolint:gosec // pages, not secrets
	var b strings.Builder
	b.WriteString(`<style>.q::before{content:"前缀 "}.r::after{content:" 后缀"}.b{display:block}.f{display:flex}.n{display:none}.v{visibility:hidden}</style>`)
	for range 8 {
		b.WriteString(c.block(2))
	}
	return b.String()
}

func (c *composer) one(of ...string) string { return of[c.IntN(len(of))] }

func (c *composer) id() string { c.ids++; return fmt.Sprintf("i%d", c.ids) }

func (c *composer) words() string {
	return c.one("登录", "提 交", "Save file", "姓名：", "a  b", "编号 7", "查\u00a0询", "OK", "更多", "审批管理", "删除")
}

// inline is content that a name may be made of.
func (c *composer) inline(depth int) string {
	w := c.words()
	if depth <= 0 {
		return w
	}
	in := c.inline(depth - 1)
	return c.one(
		w, w, w+" <b>"+in+"</b>", "<span>"+in+"</span>"+w, w+"<span hidden>藏</span>", w+"<span aria-hidden=true>×</span>",
		"<span class=n>无</span>"+in, "<span class=v>隐<i style='visibility:visible'>现</i></span>"+in, "<span class=q>"+in+"</span>", "<i class=r>"+in+"</i>",
		"<img alt='"+w+"' src=data:,>"+in, "<img alt='' src=data:,>"+in, "<svg width=9 height=9><title>"+w+"</title></svg>"+in, w+"<br>"+in,
		"<span class=b>"+in+"</span><span class=b>"+w+"</span>", "<div>"+in+"</div>"+w, "<span aria-label='"+w+"'>"+in+"</span>", w+"<script>1</script>",
		"<span role=img aria-label='"+w+"'>☆</span>"+in, "<span title='"+w+"'></span>"+in, "<em>"+w+"</em><strong>"+in+"</strong>", "<code>"+w+"</code>",
		"<span class=f><i>"+w+"</i><i>"+in+"</i></span>", "<ruby>"+w+"<rt>x</rt></ruby>", "<i style='display:inline-block'>"+w+"</i>"+in,
	)
}

// named are attributes that give a name, and what they refer to.
func (c *composer) named() (attributes, beside string) {
	id, w := c.id(), c.words()
	switch c.IntN(9) {
	case 0:
		return " aria-label='" + w + "'", ""
	case 1:
		return " aria-labelledby=" + id, "<span id=" + id + ">" + c.inline(1) + "</span>"
	case 2:
		return " aria-labelledby='" + id + " " + id + "b'", "<p id=" + id + " hidden>" + c.inline(1) + "</p><i id=" + id + "b>" + w + "</i>"
	case 3:
		return " title='" + w + "'", ""
	case 4:
		return " aria-label='  '", ""
	case 5:
		return " aria-labelledby=nothing", ""
	case 6:
		return " id=" + id, "<label for=" + id + ">" + c.inline(1) + "</label>"
	}
	return "", ""
}

func (c *composer) control() string {
	n, beside := c.named()
	in := c.inline(2)
	kind := c.one("text", "password", "email", "tel", "url", "search", "number", "range", "checkbox", "radio", "date", "time", "month", "week",
		"datetime-local", "color", "file", "submit", "reset", "button", "image", "hidden")
	value := c.one("", " value='"+c.words()+"'", " placeholder='"+c.words()+"'", " alt='"+c.words()+"'", " disabled", " list=l")
	if strings.Contains(value, "value") && (kind == "number" || kind == "range" || kind == "file" || kind == "color") {
		value = ""
	}
	return beside + c.one(
		"<button"+n+">"+in+"</button>", "<a href=#"+n+">"+in+"</a>", "<a"+n+">"+in+"</a>", "<button"+n+" type=button aria-pressed=true>"+in+"</button>",
		"<input type="+kind+n+value+">", "<input type="+kind+n+value+">", "<input type="+kind+n+value+">", "<label>"+in+"<input type="+kind+n+value+"></label>",
		"<label><input type="+kind+n+">"+in+"</label>", "<textarea"+n+" placeholder='"+c.words()+"'>值</textarea>", "<select"+n+"><option>"+c.words()+"<option selected>乙</select>",
		"<label>"+in+"<select"+n+"><option>甲</select></label>", "<select multiple"+n+"><optgroup label=组><option>甲</optgroup></select>",
		"<div contenteditable"+n+">"+c.words()+"</div>", "<meter"+n+" value=.5></meter>", "<progress"+n+" value=.5></progress>", "<output"+n+">"+in+"</output>",
		"<area"+n+" href=#>", "<img src=data:,"+n+c.one(" alt='"+c.words()+"'", " alt", "")+">", "<svg width=9 height=9"+n+c.one("", " role=img")+"><title>"+c.words()+"</title></svg>",
	)
}

func (c *composer) role() string {
	n, beside := c.named()
	in := c.inline(2)
	return beside + c.one(
		"<div role=button"+n+">"+in+"</div>", "<div role=link"+n+">"+in+"</div>", "<div role=checkbox aria-checked=true"+n+">"+in+"</div>", "<div role=switch aria-checked=true"+n+">"+in+"</div>",
		"<div role=tablist"+n+"><div role=tab>"+in+"</div><div role=tab"+n+">x</div></div>", "<div role=menu><div role=menuitem"+n+">"+in+"</div><div role=menuitemcheckbox>"+in+"</div></div>",
		"<div role=listbox"+n+"><div role=option>"+in+"</div></div>", "<div role=tree"+n+"><div role=treeitem>"+in+"<div role=group><div role=treeitem>"+c.words()+"</div></div></div></div>",
		"<div role=radiogroup"+n+"><div role=radio aria-checked=false>"+in+"</div></div>", "<div role=heading"+n+">"+in+"</div>", "<div role='nonsense button'"+n+">"+in+"</div>",
		"<button role=presentation>"+in+"</button>", "<ul role=presentation><li>"+in+"</ul>", "<ul role=none><li role=listitem>"+in+"</ul>", "<table role=presentation><tr><td>"+in+"</table>",
		"<div role=alert"+n+">"+in+"</div>", "<div role=status"+n+">"+in+"</div>", "<div role=dialog"+n+">"+in+"</div>", "<div role=group"+n+">"+in+"</div>", "<div role=region"+n+">"+in+"</div>",
		"<div role=textbox contenteditable"+n+">"+in+"</div>", "<div role=combobox aria-expanded=false"+n+">"+in+"</div>", "<div role=grid"+n+"><div role=row><div role=gridcell>"+in+"</div><div role=columnheader>"+in+"</div></div></div>",
		"<div role=tooltip"+n+">"+in+"</div>", "<div role=progressbar"+n+">"+in+"</div>", "<div role=img"+n+">"+in+"</div>", "<h2 role=none"+n+">"+in+"</h2>", "<div role=BUTTON"+n+">"+in+"</div>",
	)
}

func (c *composer) block(depth int) string {
	n, beside := c.named()
	in := c.inline(2)
	inner := c.control()
	if depth > 0 {
		inner = c.block(depth - 1)
	}
	if c.IntN(3) == 0 {
		return c.control()
	}
	if c.IntN(4) == 0 {
		return c.role()
	}
	return beside + c.one(
		"<div"+n+">"+inner+"</div>", "<p"+n+">"+in+"</p>", "<h1"+n+">"+in+"</h1>", "<h3"+n+"><a href=#>"+in+"</a></h3>", "<ul"+n+"><li>"+in+"<li>"+inner+"</ul>", "<ol><li"+n+">"+in+"</ol>",
		"<table"+n+"><caption>"+in+"</caption><thead><tr><th>"+in+"<th scope=col>"+c.words()+"</thead><tbody><tr><th scope=row>"+in+"<td>"+inner+"<tr><td>1<td"+n+">"+in+"</table>",
		"<table"+n+"><tr><td>"+in+"<td>"+inner+"<tr><th>"+c.words()+"<td>2</table>", "<fieldset"+n+"><legend>"+in+"</legend>"+inner+"</fieldset>", "<figure"+n+"><img src=data:, alt=图><figcaption>"+in+"</figcaption></figure>",
		"<nav"+n+">"+inner+"</nav>", "<main"+n+">"+inner+"</main>", "<header"+n+">"+in+"</header>", "<footer"+n+">"+in+"</footer>", "<aside"+n+">"+inner+"</aside>", "<section"+n+">"+inner+"</section>",
		"<article"+n+"><header>"+in+"</header>"+inner+"<footer>x</footer></article>", "<form"+n+">"+inner+"</form>", "<details"+n+"><summary>"+in+"</summary>"+inner+"</details>", "<details open><summary"+n+">"+in+"</summary>"+inner+"</details>",
		"<dialog open"+n+">"+inner+"</dialog>", "<hr"+n+">", "<dl"+n+"><dt>"+in+"<dd>"+inner+"</dl>", "<blockquote"+n+">"+in+"</blockquote>", "<menu><li>"+in+"</menu>", "<search"+n+">"+inner+"</search>", "<hgroup><h2>"+in+"</h2></hgroup>",
		"<div aria-hidden=true>"+inner+"</div>", "<div class=n>"+inner+"</div>", "<div class=v>"+inner+"</div>", "<div style='display:contents'>"+inner+"</div>", "<address"+n+">"+in+"</address>",
		"<section><div><template shadowrootmode=open><button><slot></slot></button><p>"+in+"</p></template>"+c.words()+"</div></section>", "<a href=# "+n+"><img src=data:, alt='"+c.words()+"'></a>",
	)
}
