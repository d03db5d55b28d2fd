package chrome

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/target"
)

// pipe carries DevTools messages to and from a browser of ours: JSON, each ended
// by a zero byte. A log-in brings some ninety, so it looks at their envelope
// alone, and what is sent while it is held goes in one write.
type pipe struct {
	r  io.ReadCloser
	w  io.WriteCloser
	in *bufio.Reader

	mu   sync.Mutex
	out  []byte // messages not yet written
	held int
}

func newPipe(r io.ReadCloser, w io.WriteCloser) *pipe {
	return &pipe{r: r, w: w, in: bufio.NewReaderSize(r, 32<<10)}
}

// Read gives the next message; one goroutine may read. The message keeps what
// was read. The error is [io.EOF] when the browser has gone.
func (p *pipe) Read(_ context.Context, m *cdproto.Message) error {
	for {
		b, err := p.in.ReadBytes(0)
		if err != nil {
			return err //nolint:wrapcheck // the connection says what it was doing
		}
		if b = b[:len(b)-1]; len(b) == 0 {
			continue
		}
		if unpack(b, m) {
			return nil
		}
		return decode(b, m)
	}
}

// Write sends a message, or keeps it while the pipe is held.
func (p *pipe) Write(_ context.Context, m *cdproto.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out = pack(p.out, m)
	if p.held > 0 {
		return nil
	}
	return p.flush()
}

// hold keeps what is written until as many releases have come. Who holds must
// not wait for an answer.
func (p *pipe) hold() {
	p.mu.Lock()
	p.held++
	p.mu.Unlock()
}

// release writes what was kept. A browser that does not take it has gone, which
// the reader tells all who wait.
func (p *pipe) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held--; p.held == 0 && len(p.out) > 0 {
		_ = p.flush()
	}
}

func (p *pipe) flush() error {
	_, err := p.w.Write(p.out)
	p.out = p.out[:0]
	if cap(p.out) > 1<<20 { // of an upload
		p.out = nil
	}
	if err != nil {
		return fmt.Errorf("write to the browser: %w", err)
	}
	return nil
}

// Close closes both ends, which ends the browser.
func (p *pipe) Close() error { return errors.Join(p.r.Close(), p.w.Close()) }

// pack appends a command. Methods and session ids have nothing to escape.
func pack(b []byte, m *cdproto.Message) []byte {
	b = strconv.AppendInt(append(b, `{"id":`...), m.ID, 10)
	b = append(append(append(b, `,"method":"`...), m.Method...), '"')
	if m.SessionID != "" {
		b = append(append(append(b, `,"sessionId":"`...), m.SessionID...), '"')
	}
	if len(m.Params) > 0 {
		b = append(append(b, `,"params":`...), m.Params...)
	}
	return append(b, '}', 0)
}

// unpack reads the envelope as Chromium writes it: the id and the result, or the
// method and the parameters, then the session. It does not look into the value
// between them. Anything else, such as an error, it leaves to a decoder.
func unpack(b []byte, m *cdproto.Message) bool {
	var session []byte
	rest, more := bytes.CutSuffix(b, []byte(`"}`))
	if more {
		const key = `,"sessionId":"` // nowhere within a string: its quotes are escaped there
		i := bytes.LastIndex(rest, []byte(key))
		if i < 0 {
			return false
		}
		rest, session = rest[:i], rest[i+len(key):]
		if bytes.ContainsAny(session, `"\`) {
			return false
		}
	} else if rest, more = bytes.CutSuffix(b, []byte("}")); !more {
		return false
	}
	var id int64
	var method, value []byte
	if head, ok := bytes.CutPrefix(rest, []byte(`{"method":"`)); ok {
		if method, value, ok = bytes.Cut(head, []byte(`","params":`)); !ok || bytes.ContainsAny(method, `"\`) {
			return false
		}
	} else if head, ok = bytes.CutPrefix(rest, []byte(`{"id":`)); ok {
		var digits []byte
		var err error
		if digits, value, ok = bytes.Cut(head, []byte(`,"result":`)); !ok {
			return false
		}
		if id, err = strconv.ParseInt(string(digits), 10, 64); err != nil {
			return false
		}
	}
	if len(value) < 2 || value[0] != '{' || value[len(value)-1] != '}' {
		return false
	}
	m.SessionID = target.SessionID(session)
	if m.ID = id; id != 0 {
		m.Result = value
	} else {
		m.Method, m.Params = cdproto.MethodType(method), value
	}
	return true
}
