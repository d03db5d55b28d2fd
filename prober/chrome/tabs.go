package chrome

import (
	"errors"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chromedp/cdproto/cdp"
)

// tabs are the pages of a run in the order they opened. One of them is in
// front: the newest that the run's own press or key opened, or the one that a
// step chose. When it closes, the one before it is in front again. A page that
// opened by itself, an advertisement, stays behind.
type tabs struct {
	mu    sync.Mutex
	all   []*tab
	stack []*tab // the last is in front
	hand  hand
	urls  []string // of windows that pages asked for, in order
}

type tab struct {
	page     *page
	step     int
	followed bool
	file     atomic.Bool // it opened for a download and shows nothing
}

// hand is the last press or key of the run.
type hand struct {
	page   *page
	loader cdp.LoaderID
	at     time.Time
}

// handTime is how long after a press a new window counts as opened by it. It is
// the time for which Chromium lets a page open windows after a press.
const handTime = 5 * time.Second

// tabSlice is how long a wait for a tab or a record goes on before it looks
// again.
const tabSlice = 100 * time.Millisecond

// touched notes a press or a key on the page.
func (p *page) touched() {
	h := hand{page: p, loader: p.loader(), at: time.Now()}
	p.set.tabs.mu.Lock()
	p.set.tabs.hand = h
	p.set.tabs.mu.Unlock()
}

func (p *page) loader() cdp.LoaderID {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f := p.frames[p.main]; f != nil {
		return f.loader
	}
	return ""
}

// add takes in a new page. opener is nil when it is not known.
func (t *tabs) add(p, opener *page, step int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.hand
	n := &tab{page: p, step: step, followed: len(t.all) > 0}
	if n.followed {
		n.followed = h.page != nil && time.Since(h.at) < handTime && (opener == nil || opener == h.page) && h.page.loader() == h.loader
	}
	if n.followed || len(t.all) == 0 {
		t.stack = append(t.stack, n)
	}
	t.all = append(t.all, n)
}

// asked notes the address of a window that a page is about to open.
func (t *tabs) asked(url string) {
	t.mu.Lock()
	t.urls = append(t.urls, url)
	t.mu.Unlock()
}

// blank reports whether the n-th window was asked for without an address.
func (t *tabs) blank(n *tab) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(t.all, n) - 1
	return i >= 0 && i < len(t.urls) && (t.urls[i] == "" || strings.HasPrefix(t.urls[i], "about:") || strings.HasPrefix(t.urls[i], "javascript:"))
}

// gone reports whether the page was closed, by itself or by a person.
func (n *tab) gone() bool { return n.file.Load() || errors.Is(n.page.s.ended(), errDetached) }

// front is the tab in front. When all are closed it is the first.
func (t *tabs) front() *tab {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.stack) > 1 && t.stack[len(t.stack)-1].gone() {
		t.stack = t.stack[:len(t.stack)-1]
	}
	if len(t.stack) == 0 {
		return nil
	}
	return t.stack[len(t.stack)-1]
}

// raise puts a tab in front.
func (t *tabs) raise(n *tab) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stack = append(slices.DeleteFunc(t.stack, func(o *tab) bool { return o == n }), n)
}

// living lists the tabs that are open.
func (t *tabs) living() []*tab {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []*tab
	for _, n := range t.all {
		if !n.gone() {
			out = append(out, n)
		}
	}
	return out
}

// find is the newest open tab of an author's name for it: main, popup, or a
// part of its address.
func (t *tabs) find(name string) *tab {
	t.mu.Lock()
	own := t.all[0]
	t.mu.Unlock()
	open := t.living()
	for i := len(open) - 1; i >= 0; i-- {
		n := open[i]
		first := n == own
		switch url := n.page.url(); {
		case name == "main":
			if first {
				return n
			}
		case name == "popup":
			if !first {
				return n
			}
		case strings.Contains(name, "*"):
			if globbed(name, url) {
				return n
			}
		case strings.Contains(url, name):
			return n
		}
	}
	return nil
}

// globbed matches an address with a glob in which * is anything, slashes too.
func globbed(glob, url string) bool {
	flat := strings.NewReplacer("/", "\x00", "[", "\x01", "?", "\x02", `\`, "\x03")
	ok, err := path.Match(flat.Replace(glob), flat.Replace(url))
	return ok && err == nil
}
