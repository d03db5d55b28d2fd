package chrome

import (
	"sync"
	"testing"
)

// full is the pool of the full browser, shared like pool: it puts frames of
// other sites into processes of their own.
var full struct {
	once sync.Once
	pool *Pool
	err  error
}

func fullChromium(t *testing.T) *Pool {
	t.Helper()
	full.once.Do(func() {
		full.pool, full.err = NewPool(Config{Path: "/usr/lib/chromium/chromium", Profiles: pool.cfg.Profiles, Secret: testSecret, Overload: -1, Egress: openEgress})
	})
	if full.err != nil {
		t.Fatal(full.err)
	}
	return full.pool
}

// TestFullChromium_reachesAllFrames: those in other processes, and frames in
// them.
func TestFullChromium_reachesAllFrames(t *testing.T) {
	p := fullChromium(t)
	r := p.Run(t.Context(), parse(t, framed(t).URL, inFrames), slot(), nil)
	mustPass(t, r)
	if r.Failure != nil || len(r.Pages) != 1 {
		t.Errorf("pages %+v", r.Pages)
	}
	p.tasks.Wait()
	if n := p.current.proc.conn.count(); n > 4 { // the browser, its own tab, the spare page
		t.Errorf("%d sessions are left", n)
	}
}
