package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// deliver makes one connection and one transaction.
func (m *mailer) deliver(ctx context.Context, msg *mail.Msg) error {
	l := &line{}
	defer l.hangUp()
	client, err := m.client(m.dial(ctx, l))
	if err != nil {
		return &EndpointError{Err: err}
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return dialError(ctx, err)
	}
	if err := client.SendWithSMTPClient(conn, msg); err != nil {
		return sendError(ctx, err)
	}
	_ = client.CloseWithSMTPClient(conn) // it was taken: how the parting goes is no matter
	return nil
}

func (m *mailer) client(dial mail.DialContextFunc) (*mail.Client, error) {
	options := []mail.Option{
		mail.WithPort(m.cfg.Port), mail.WithTimeout(m.cfg.Timeout), mail.WithTLSConfig(m.tls.Clone()), mail.WithDialContextFunc(dial),
	}
	switch m.cfg.TLS {
	case tlsImplicit:
		options = append(options, mail.WithSSL())
	case tlsNone:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if m.cfg.Username != "" {
		options = append(options, mail.WithUsername(m.cfg.Username), mail.WithPassword(m.cfg.Password.Reveal()),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthCramMD5, mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
	client, err := mail.NewClient(m.cfg.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail client: %w", err)
	}
	return client, nil
}

// line is the connection of one delivery. The library leaves it open when
// greeting, encryption or log-in fail, and does not let go of it when the
// context ends, so it is kept hold of here.
type line struct {
	conn net.Conn
	stop func() bool
}

func (l *line) hangUp() {
	if l.conn != nil {
		l.stop()
		_ = l.conn.Close()
	}
}

// dial opens the connection of a delivery and ties it to the delivery's
// context; the one the library hands in ends with the greeting.
func (m *mailer) dial(whole context.Context, l *line) mail.DialContextFunc {
	return func(ctx context.Context, network, address string) (conn net.Conn, err error) {
		if m.cfg.TLS == tlsImplicit {
			conn, err = (&tls.Dialer{Config: m.tls.Clone()}).DialContext(ctx, network, address)
		} else {
			conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
		}
		if err != nil {
			return nil, err
		}
		l.conn = conn
		l.stop = context.AfterFunc(whole, func() { _ = conn.Close() })
		return conn, nil
	}
}

// dialError classifies what went wrong before there was a message to send.
func dialError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return &RetryError{Err: fmt.Errorf("connect to the mail server: %w", context.Cause(ctx))}
	}
	err = fmt.Errorf("connect to the mail server: %w", err)
	var answer *textproto.Error
	var speech tls.RecordHeaderError
	switch {
	case errors.As(err, &answer) && permanent(answer.Code), untrusted(err), errors.As(err, &speech), unwilling(err):
		return &EndpointError{Err: err}
	}
	return &RetryError{Err: err}
}

// unwilling reports a server that lacks what the configuration asks for. Two of
// the library's errors are known by their text only.
func unwilling(err error) bool {
	for _, known := range []error{mail.ErrNoSupportedAuthDiscovered, smtp.ErrUnencrypted, smtp.ErrWrongHostname} {
		if errors.Is(err, known) {
			return true
		}
	}
	return strings.Contains(err.Error(), "does not support STARTTLS") || strings.Contains(err.Error(), "does not support SMTP AUTH")
}

// sendError classifies what went wrong in the transaction. Only an answer of
// the server in the five hundreds is final; the library's own judgement takes
// a lost connection for that, too.
func sendError(ctx context.Context, err error) error {
	var send *mail.SendError
	if !errors.As(err, &send) {
		return &RetryError{Ambiguous: true, Err: err}
	}
	final := send.Reason == mail.ErrSMTPDataClose
	switch code := send.ErrorCode(); {
	case ctx.Err() != nil:
		return &RetryError{Ambiguous: final, Err: fmt.Errorf("%s: %w", send.Reason, context.Cause(ctx))}
	case !permanent(code):
		return &RetryError{Ambiguous: final && code == 0, Err: err}
	case send.Reason == mail.ErrSMTPMailFrom, code == 530, code == 535:
		return &EndpointError{Err: err}
	}
	return &MessageError{Err: err}
}

func permanent(code int) bool { return code >= 500 && code <= 599 }
