package netcheck

import (
	"context"
	"errors"
	"slices"
	"time"

	"gengfu/scenarios"
)

// tcp connects, sends what is to be sent, and reads until the expectations on
// the answer hold.
func (e *errand) tcp(ctx context.Context) error {
	conn, _, err := e.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	if !e.st.Send.IsZero() {
		v, err := e.resolve(e.st.Send)
		if err != nil {
			return err
		}
		if _, err := conn.Write([]byte(v.Text)); err != nil {
			return err
		}
	}
	if !e.listens() {
		return nil
	}
	e.answer = &scenarios.Answer{}
	buf := make([]byte, 4096)
	for {
		n, err := conn.Read(buf)
		e.answer.Body = append(e.answer.Body, buf[:n]...)
		e.check.Bytes, e.check.Latency = int64(len(e.answer.Body)), time.Since(e.began)
		unmet := e.heard()
		switch {
		case unmet == nil:
			return nil
		case len(e.answer.Body) > maxAnswer, err != nil && len(e.answer.Body) > 0:
			return unmet
		case err != nil:
			return err
		}
	}
}

// listens reports whether an answer is waited for.
func (e *errand) listens() bool {
	return len(e.st.Saves) > 0 || slices.ContainsFunc(e.st.Expect, func(x scenarios.Expect) bool { return x.Kind.OfAnswer() })
}

// heard judges what has been heard so far.
func (e *errand) heard() error {
	e.decode = false
	for _, x := range e.st.Expect {
		if !x.Kind.OfAnswer() || x.Warn {
			continue
		}
		if err := e.judge(x); err != nil {
			return err
		}
	}
	if len(e.answer.Body) == 0 {
		return errors.New("nothing was heard")
	}
	return nil
}
