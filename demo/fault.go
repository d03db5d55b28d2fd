package demo

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault names one way for the site to fail.
type Fault string

// The faults. What each does, and to which pages, is told by
// [Platform.Faults] and by the page of [Platform.FaultHandler].
const (
	SlowFirstByte   Fault = "slow_first_byte"
	Slow            Fault = "slow"
	SlowBody        Fault = "slow_body"
	HTTP500         Fault = "http_500"
	HTTP503         Fault = "http_503"
	Reset           Fault = "reset"
	RedirectLoop    Fault = "redirect_loop"
	BlankPage       Fault = "blank_page"
	WrongText       Fault = "wrong_text"
	MissingResource Fault = "missing_resource"
	JSException     Fault = "js_exception"
	Overlay         Fault = "overlay"
	AlertOnLoad     Fault = "alert_on_load"
	MainThreadLoop  Fault = "main_thread_loop"
	LoginRejected   Fault = "login_rejected"
	AccountLocked   Fault = "account_locked"
	SessionExpired  Fault = "session_expired"
)

// FaultState is a fault as the switches show it, texts by language
// (zh-CN, en).
type FaultState struct {
	ID      Fault             `json:"id"`
	Title   map[string]string `json:"title"`
	Does    map[string]string `json:"does"`
	On      bool              `json:"on"`
	Delay   string            `json:"delay,omitempty"` // such as 6s; only of faults that delay
	Path    string            `json:"path,omitempty"`  // only paths that begin so; empty for all that the fault covers
	Timed   bool              `json:"timed"`           // takes a delay
	Default string            `json:"default_delay,omitempty"`
}

// Setting is one position of a fault's switch.
type Setting struct {
	On    bool
	Delay time.Duration // zero for the fault's default
	Path  string        // prefix that narrows the fault; empty for all it covers
}

// ErrUnknownFault is wrapped by [Platform.Configure].
var ErrUnknownFault = errors.New("unknown fault")

// spec is a row of the one table of faults. A fault acts through wrap, through
// markup, or where a page asks for it by name.
type spec struct {
	id             Fault
	zh, en         string
	zhDoes, enDoes string
	covers         func(path string) bool
	delay          time.Duration
	wrap           func(delay time.Duration, next http.Handler) http.Handler
	markup         template.HTML // put at the end of the page's body
}

// switchboard keeps the positions of the switches.
type switchboard struct {
	specs []spec

	mu  sync.Mutex // guards set
	set map[Fault]Setting
}

func newSwitchboard() *switchboard {
	return &switchboard{specs: specs(), set: map[Fault]Setting{}}
}

// Set switches a fault with its default delay on every page it covers. An
// unknown fault changes nothing.
func (p *Platform) Set(f Fault, on bool) { _ = p.Configure(f, Setting{On: on}) }

// Configure switches a fault as s says. The error wraps [ErrUnknownFault] when
// there is no such fault.
func (p *Platform) Configure(f Fault, s Setting) error {
	if !slices.ContainsFunc(p.faults.specs, func(sp spec) bool { return sp.id == f }) {
		return fmt.Errorf("%w %q", ErrUnknownFault, f)
	}
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	if !s.On {
		delete(p.faults.set, f)
		return nil
	}
	p.faults.set[f] = s
	p.log.Info("fault switched on", "fault", f, "path", s.Path)
	return nil
}

// Clear switches every fault off.
func (p *Platform) Clear() {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	clear(p.faults.set)
}

// Faults lists every fault with the position of its switch, in the order of
// the page of switches.
func (p *Platform) Faults() []FaultState {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	states := make([]FaultState, 0, len(p.faults.specs))
	for _, sp := range p.faults.specs {
		s := p.faults.set[sp.id]
		st := FaultState{
			ID: sp.id, On: s.On, Path: s.Path, Timed: sp.delay > 0,
			Title: map[string]string{"zh-CN": sp.zh, "en": sp.en},
			Does:  map[string]string{"zh-CN": sp.zhDoes, "en": sp.enDoes},
		}
		if st.Timed {
			st.Default = sp.delay.String()
			st.Delay = sp.wait(s).String()
		}
		states = append(states, st)
	}
	return states
}

func (sp spec) wait(s Setting) time.Duration {
	if s.Delay > 0 {
		return s.Delay
	}
	return sp.delay
}

// active returns the rows that are switched on for path, in the table's order.
func (b *switchboard) active(path string) ([]spec, []Setting) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var rows []spec
	var at []Setting
	for _, sp := range b.specs {
		s := b.set[sp.id]
		if s.On && sp.covers(path) && strings.HasPrefix(path, s.Path) {
			rows, at = append(rows, sp), append(at, s)
		}
	}
	return rows, at
}

func (b *switchboard) on(f Fault, path string) bool {
	rows, _ := b.active(path)
	return slices.ContainsFunc(rows, func(sp spec) bool { return sp.id == f })
}

// markup is what the active faults add to the page at path.
func (b *switchboard) markup(path string) template.HTML {
	rows, _ := b.active(path)
	var all template.HTML
	for _, sp := range rows {
		all += sp.markup
	}
	return all
}

// withFaults lets every active fault act on a request, the first row of the
// table outermost.
func (p *Platform) withFaults(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rows, at := p.faults.active(r.URL.Path)
		h := next
		for i, sp := range slices.Backward(rows) {
			if sp.wrap != nil {
				h = sp.wrap(sp.wait(at[i]), h)
			}
		}
		h.ServeHTTP(w, r)
	})
}
