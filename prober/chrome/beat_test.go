package chrome

import (
	"syscall"
	"testing"
	"time"
)

// TestBeat_sparesABrowserThatWorks: late answers of a machine under load are no
// reason to end it; a stopped browser is ended at once, an idle one that says
// nothing too.
func TestBeat_sparesABrowserThatWorks(t *testing.T) {
	p, _ := ownPool(t)
	e := p.current.engine
	if works, used := e.works(-slowTicks); !works || used == 0 {
		t.Errorf("a browser that has just started used %d", used)
	}
	if works, _ := e.works(1 << 40); works {
		t.Error("nothing was used")
	}
	e.beat(t.Context(), time.Minute)
	if e.wasFrozen() {
		t.Error("it answered")
	}
	if err := syscall.Kill(e.proc.pid(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the browser to stand still", func() bool { m, ok := look(e.proc.pid()); return ok && m.stopped })
	if works, _ := e.works(0); works {
		t.Error("a stopped browser does not work")
	}
	e.beat(t.Context(), 50*time.Millisecond)
	if !e.wasFrozen() {
		t.Error("it was spared")
	}
}
