package chrome

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// session is one flat DevTools session. Events are handled in order on the
// session's own goroutine, so a slow handler delays nobody else; handlers must
// not wait for answers of the same session.
type session struct {
	conn *conn
	id   target.SessionID

	deaf atomic.Bool // to news of the network

	mu       sync.Mutex
	pending  map[int64]chan *cdproto.Message
	handlers map[string][]func(jsonv2.Value)
	queue    []*cdproto.Message
	why      error  // set before closed is closed
	brought  string // the world that was given more of the script last

	wake   chan struct{}
	closed chan struct{}
	once   sync.Once
}

// maxQueue is how many events may wait before console messages are dropped.
const (
	maxQueue      = 10_000
	consoleMethod = cdproto.MethodType("Runtime.consoleAPICalled")
)

// push queues a message. An answer is handed over at once when no event stands
// before it; else it waits its turn, so that a caller sees the effects of all
// events that came before the answer.
func (s *session) push(m *cdproto.Message) {
	if s.unheard(m) {
		return
	}
	s.mu.Lock()
	if m != nil && m.ID != 0 && len(s.queue) == 0 {
		s.mu.Unlock()
		s.handle(m)
		return
	}
	if len(s.queue) >= maxQueue && m != nil && m.Method == consoleMethod { // the page shouts faster than anyone can listen
		s.mu.Unlock()
		return
	}
	s.queue = append(s.queue, m)
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *session) deliver() {
	for {
		s.mu.Lock()
		var m *cdproto.Message
		got := len(s.queue) > 0
		if got {
			m = s.queue[0]
		}
		s.mu.Unlock()
		if !got {
			select {
			case <-s.wake:
				continue
			case <-s.closed:
				return
			}
		}
		if m == nil {
			s.close(errDetached)
			return
		}
		s.handle(m)
		s.mu.Lock()
		s.queue = s.queue[1:]
		s.mu.Unlock()
	}
}

// unheard reports whether a message is news of the network that nobody wants any
// more: a page that floods must not hold up the answers about it.
func (s *session) unheard(m *cdproto.Message) bool {
	return m != nil && m.ID == 0 && s.deaf.Load() && strings.HasPrefix(string(m.Method), "Network.")
}

func (s *session) handle(m *cdproto.Message) {
	if s.unheard(m) {
		return
	}
	s.mu.Lock()
	if m.ID != 0 {
		ch := s.pending[m.ID]
		delete(s.pending, m.ID)
		s.mu.Unlock()
		if ch != nil {
			ch <- m
		}
		return
	}
	fs := s.handlers[string(m.Method)]
	s.mu.Unlock()
	for _, f := range fs {
		f(m.Params)
	}
}

// close ends the session; every waiting call returns why.
func (s *session) close(why error) {
	s.once.Do(func() {
		s.mu.Lock()
		s.why = why
		s.mu.Unlock()
		close(s.closed)
	})
}

func (s *session) ended() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.why
}

// call is one command on its way.
type call struct {
	s      *session
	method string
	id     int64
	answer chan *cdproto.Message
	err    error
}

// send queues a command without waiting, so that several travel together.
func (s *session) send(method string, params any) *call {
	c := &call{s: s, method: method, answer: make(chan *cdproto.Message, 1)}
	var body jsonv2.Value
	if params != nil {
		if body, c.err = jsonv2.Marshal(params, chromedp.DefaultMarshalOptions); c.err != nil {
			return c
		}
	}
	select {
	case <-s.closed:
		c.err = s.ended()
		return c
	default:
	}
	c.id = s.conn.next.Add(1)
	s.mu.Lock()
	s.pending[c.id] = c.answer
	s.mu.Unlock()
	m := &cdproto.Message{ID: c.id, SessionID: s.id, Method: cdproto.MethodType(method), Params: body}
	if err := s.conn.transport.Write(context.Background(), m); err != nil {
		c.err = fmt.Errorf("%w: %w", errBrowserGone, err)
	}
	return c
}

// wait returns the answer of a sent command, decoded into result.
func (c *call) wait(ctx context.Context, result any) error {
	if c.err != nil {
		return fmt.Errorf("%s: %w", c.method, c.err)
	}
	select {
	case m := <-c.answer:
		return c.take(m, result)
	case <-ctx.Done():
		c.s.mu.Lock()
		delete(c.s.pending, c.id)
		c.s.mu.Unlock()
		return fmt.Errorf("%s: %w", c.method, context.Cause(ctx))
	case <-c.s.closed:
		return fmt.Errorf("%s: %w", c.method, c.s.ended())
	}
}

func (c *call) take(m *cdproto.Message, result any) error {
	if m.Error != nil {
		return fmt.Errorf("%s: %w", c.method, m.Error)
	}
	if result == nil {
		return nil
	}
	if err := decode(m.Result, result); err != nil {
		return fmt.Errorf("%s: decode answer: %w", c.method, err)
	}
	return nil
}

// Call makes session a [cdp.Session], so that cdp.Call gives typed commands.
func (s *session) Call(ctx context.Context, method string, params, result any) error {
	return s.send(method, params).wait(ctx, result)
}

// Subscribe is the other half of [cdp.Session]; events that find the channel
// full are dropped. The engine itself uses on.
func (s *session) Subscribe(method string) (<-chan jsonv2.Value, func()) {
	ch := make(chan jsonv2.Value, 256)
	s.mu.Lock()
	s.handlers[method] = append(s.handlers[method], func(v jsonv2.Value) {
		select {
		case ch <- v:
		default:
		}
	})
	s.mu.Unlock()
	return ch, func() {}
}

// on adds a typed handler for an event; events nobody handles are not decoded.
func on[E any](s *session, e cdp.Event[E], f func(*E)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers[e.Method] = append(s.handlers[e.Method], func(v jsonv2.Value) {
		ev := new(E)
		if decode(v, ev) == nil {
			f(ev)
		}
	})
}

// onRaw adds a handler that decodes an event itself, or does not.
func onRaw(s *session, method string, f func(jsonv2.Value)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers[method] = append(s.handlers[method], f)
}

func decode(v jsonv2.Value, into any) error {
	return jsonv2.Unmarshal(v, into, chromedp.DefaultUnmarshalOptions)
}

var _ cdp.Session = (*session)(nil)
