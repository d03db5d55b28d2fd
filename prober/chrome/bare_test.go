package chrome

import (
	"testing"
	"time"

	"gengfu"
)

// TestAddresses_tellNoSession: neither in the query nor where servlet containers
// put it.
func TestAddresses_tellNoSession(t *testing.T) {
	for in, want := range map[string]string{
		"https://h/a?x=1#y":                       "https://h/a",
		"https://h/a;jsessionid=0A1B2C.node1?x":   "https://h/a",
		"https://h/a;JSESSIONID=0A1B2C/b;v=1#top": "https://h/a/b;v=1",
	} {
		if got := bare(in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
	for _, name := range []string{"ticket", "code", "SAMLResponse", "otp", "X-Access-Key", "sid"} {
		if !private.MatchString(name) {
			t.Errorf("%s is told", name)
		}
	}
	for _, name := range []string{"postcode", "design", "inside", "author"} {
		if private.MatchString(name) {
			t.Errorf("%s is hidden", name)
		}
	}
}

// TestDoubleClick_missesTwice: a button that flees when the pointer comes down
// takes both presses of the first try with it, and gets those of the second.
func TestDoubleClick_missesTwice(t *testing.T) {
	srv := serve(t, `<style>button{position:absolute;left:20px;top:20px}</style><button id=a ondblclick="document.title='hit'">按</button>
<button id=b style="top:400px" onclick="document.title='wrong'" ondblclick="document.title='wrong'">另</button><script>
addEventListener('mousemove',()=>{if(window.moved)return;moved=1;a.style.top='400px';b.style.top='20px'})</script>`)
	s := parse(t, srv.URL, "steps:\n  - goto: ${base}/\n  - dblclick: 按\n    expect: [{title: hit}]\n")
	if r := run(t, s); r.Failure != nil {
		t.Error(cause(r))
	}
}

// TestTimeout_onAStarvedMachine says nothing about the page, unless the machine
// was well when the run began.
func TestTimeout_onAStarvedMachine(t *testing.T) {
	slow := gengfu.Failure{Fault: gengfu.FaultTimeout, Reason: gengfu.ReasonTimeout, Waited: time.Second}
	for load, want := range map[float64]gengfu.Fault{1: gengfu.FaultTimeout, 9: gengfu.FaultMachine} {
		r := &runner{rec: newRecorder(time.Now()), gauge: gauge{start: strain{load: load}, read: func() strain { return strain{load: 9} }}}
		if got := r.spared(slow); got.Fault != want {
			t.Errorf("load %v: %s", load, got.Fault)
		}
	}
}
