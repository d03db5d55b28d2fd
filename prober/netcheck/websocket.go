package netcheck

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/coder/websocket"

	"gengfu"
	"gengfu/scenarios"
)

// maxMessages is how many messages are heard out for the one that is expected.
const maxMessages = 100

// websocket opens a socket, sends what is to be sent, and listens until a
// message fits.
func (e *errand) websocket(ctx context.Context) error {
	v, err := e.resolve(e.st.URL)
	if err != nil {
		return err
	}
	u, err := url.Parse(v.Text)
	if err != nil || u.Host == "" || u.Scheme != "ws" && u.Scheme != "wss" {
		return wrong("this is no address of a web socket")
	}
	e.check.Address = bare(u)
	d := e.dialer(e.st.URL, false)
	if denied := d.Policy.Decide(v.Text, nil, d.Purpose); denied != nil {
		return denied
	}
	conn, err := e.open(ctx, u, &websocket.DialOptions{HTTPHeader: http.Header{"User-Agent": {"gengfu"}}})
	if err != nil {
		return err
	}
	defer func() { _ = conn.CloseNow() }()
	if e.check.Protocol = conn.Subprotocol(); e.st.Protocol != "" && e.check.Protocol != e.st.Protocol {
		return unmet("subprotocol “"+e.st.Protocol+"”", quoted(e.check.Protocol))
	}
	if !e.st.Send.IsZero() {
		v, err := e.resolve(e.st.Send)
		if err != nil {
			return err
		}
		if err := conn.Write(ctx, websocket.MessageText, []byte(v.Text)); err != nil {
			return err
		}
	}
	e.check.Latency = time.Since(e.began)
	if e.listens() {
		if err := e.listen(ctx, conn); err != nil {
			return err
		}
	}
	_ = conn.Close(websocket.StatusNormalClosure, "") // what was to be heard was heard
	return nil
}

// open does the handshake (RFC 6455, 4). A redirect is an answer like another.
func (e *errand) open(ctx context.Context, u *url.URL, o *websocket.DialOptions) (*websocket.Conn, error) {
	if err := e.headers(o.HTTPHeader); err != nil {
		return nil, err
	}
	m := &meter{}
	defer m.finish(&e.check)
	transport := e.transport(e.dialer(e.st.URL, false), m)
	transport.ForceAttemptHTTP2 = false
	if err := e.present(transport); err != nil {
		return nil, err
	}
	o.HTTPClient = &http.Client{Transport: transport, Jar: e.on.Jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if e.st.Protocol != "" {
		o.Subprotocols = []string{e.st.Protocol}
	}
	conn, answer, err := websocket.Dial(m.trace(ctx), u.String(), o) //nolint:bodyclose // the library closes it
	if answer != nil {
		e.check.Status = answer.StatusCode
		if answer.TLS != nil {
			e.check.TLS = summary(*answer.TLS)
		}
	}
	if err != nil && answer != nil {
		transport.CloseIdleConnections()
		return nil, &stopError{gengfu.Failure{Fault: gengfu.FaultHTTPStatus, Reason: gengfu.ReasonStatus, Seen: strconv.Itoa(answer.StatusCode)}}
	}
	if err == nil {
		conn.SetReadLimit(maxAnswer)
	}
	return conn, err
}

// listen reads until a message is what the step expects; the last one is told
// when none was.
func (e *errand) listen(ctx context.Context, conn *websocket.Conn) error {
	var unmet error
	for range maxMessages {
		_, data, err := conn.Read(ctx)
		if err != nil && unmet != nil {
			return unmet
		}
		if err != nil {
			return err
		}
		e.answer = &scenarios.Answer{Body: data}
		e.check.Bytes, e.check.Latency = int64(len(data)), time.Since(e.began)
		if unmet = e.heard(); unmet == nil {
			return nil
		}
	}
	return unmet
}
