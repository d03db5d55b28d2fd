package chrome

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Why a session ended.
var (
	errBrowserGone = errors.New("browser connection closed")
	errDetached    = errors.New("target detached")
	errCrashed     = errors.New("renderer crashed")
)

// conn multiplexes flat sessions over one browser pipe. Its reader goroutine
// ends when the transport closes; done is closed then.
type conn struct {
	transport chromedp.Transport
	next      atomic.Int64
	root      *session
	done      chan struct{}
	zone      string // time zone of the browser, when it is known

	mu       sync.Mutex
	sessions map[target.SessionID]*session
}

func newConn(t chromedp.Transport) *conn {
	c := &conn{transport: t, sessions: map[target.SessionID]*session{}, done: make(chan struct{})}
	c.root = c.add("")
	go c.read()
	return c
}

// together lets what is sent until release go to the browser in one piece. Who
// holds it must not wait for an answer.
func (c *conn) together() (release func()) {
	p, ok := c.transport.(*pipe)
	if !ok {
		return func() {}
	}
	p.hold()
	return p.release
}

func (c *conn) add(id target.SessionID) *session {
	s := &session{
		conn: c, id: id,
		pending:  map[int64]chan *cdproto.Message{},
		handlers: map[string][]func(jsonv2.Value){},
		wake:     make(chan struct{}, 1),
		closed:   make(chan struct{}),
	}
	c.mu.Lock()
	c.sessions[id] = s
	c.mu.Unlock()
	go s.deliver()
	return s
}

// session returns the session of an attached target, nil when it is gone.
func (c *conn) session(id target.SessionID) *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sessions[id]
}

func (c *conn) read() {
	defer close(c.done)
	for {
		m := new(cdproto.Message)
		if err := c.transport.Read(context.Background(), m); err != nil {
			c.closeAll(fmt.Errorf("%w: %w", errBrowserGone, err))
			return
		}
		c.route(m)
	}
}

// route hands a message to its session. Sessions of new targets exist before
// anything else of the target is routed.
func (c *conn) route(m *cdproto.Message) {
	if m.Method == cdproto.MethodType(target.AttachedToTarget.Method) {
		var ev target.EventAttachedToTarget
		if decode(m.Params, &ev) == nil {
			c.add(ev.SessionID)
		}
	}
	if s := c.session(m.SessionID); s != nil {
		s.push(m)
	}
	if m.Method == cdproto.MethodType(target.DetachedFromTarget.Method) {
		var ev target.EventDetachedFromTarget
		if decode(m.Params, &ev) == nil {
			c.drop(ev.SessionID)
		}
	}
}

func (c *conn) drop(id target.SessionID) {
	c.mu.Lock()
	s := c.sessions[id]
	delete(c.sessions, id)
	c.mu.Unlock()
	if s != nil {
		s.push(nil)
	}
}

func (c *conn) closeAll(why error) {
	c.mu.Lock()
	all := c.sessions
	c.sessions = map[target.SessionID]*session{}
	c.mu.Unlock()
	for _, s := range all {
		s.close(why)
	}
}
