package chrome

import (
	"strings"
	"testing"

	"gengfu"
)

// valueList draws a list as some React pages do: a field out of reach carries
// the value, a plain button beside it opens a menu at the end of the document.
const valueList = `<title>list</title><style>.row{position:relative;margin:20px} .list{position:relative;width:200px;height:36px} .list input{position:absolute;inset:0;opacity:0}
.wrap{position:relative;z-index:1;height:36px} .wrap button{width:200px;height:36px} .menu{position:fixed;left:240px;top:20px}</style>
<form><div class=row><label for=client>Client</label><div class=list><input name=client type=text tabindex=-1 value=a>
<div class=wrap><button type=button onclick="menu.hidden=!menu.hidden"><span>rTorrent</span></button></div>EXTRA</div></div></form>
<div id=menu class=menu hidden onclick="const t=event.target; if (!t.matches('[role=button]')) return; document.querySelector('.list button span').textContent=t.textContent; this.hidden=true; document.title=t.textContent">
<div role=button tabindex=0>rTorrent</div><div role=button tabindex=0>qBittorrent</div><div role=button tabindex=0>Transmission</div></div>`

func TestSelect_pressesTheButtonThatStandsForAHiddenField(t *testing.T) {
	r := run(t, parse(t, serve(t, valueListWith("")).URL, `
steps:
  - goto: ${base}/
  - select: {Client: qBittorrent}
    expect: [{title: qBittorrent}]
  - select: {Client: Transmission}
    expect: [{title: Transmission}]
`))
	mustPass(t, r)
}

// TestSelect_guessesNoButton: of two buttons, neither is pressed.
func TestSelect_guessesNoButton(t *testing.T) {
	page := valueListWith(`<button type=button onclick="document.title='removed'">×</button>`)
	r := run(t, parse(t, serve(t, page).URL, `
steps:
  - goto: ${base}/
  - select: {Client: qBittorrent}
    timeout: 1500ms
always:
  - expect: [{title: list}]
`))
	if r.Outcome != gengfu.Failed || r.Failure.Reason != gengfu.ReasonCovered || r.Steps[len(r.Steps)-1].Status != gengfu.StepPassed {
		t.Errorf("%s: %s", r.Outcome, cause(r))
	}
}

func valueListWith(extra string) string { return strings.Replace(valueList, "EXTRA", extra, 1) }
