package sinks

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// MailStage is where in a mail's transaction a [MailRule] acts.
type MailStage int

// The stages, in the order they are passed through.
const (
	AtRecipient MailStage = iota // answer RCPT with Code
	InData                       // close the connection while the message is sent
	AfterData                    // answer the end of the message with Code; it is not kept
	Stall                        // keep the end of the message unanswered until serving ends
	DropAccept                   // keep the message, then close instead of saying so
)

// MailRule makes the mail server misbehave towards a recipient.
type MailRule struct {
	To    string // recipient, any case; empty for all
	Stage MailStage
	Code  int    // 450, 550…; 0 for 450
	Times int    // how often it acts; 0 for ever
	Held  func() // called when Stall has a message in its hands; nil for nobody
}

// ScriptMail replaces the rules of the mail server. The first rule that fits
// acts.
func (s *Sinks) ScriptMail(rules ...MailRule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mailRules = slices.Clone(rules)
}

// rule uses up one turn of the first rule of a stage that fits a recipient.
func (s *Sinks) rule(stage MailStage, to ...string) (MailRule, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, rl := range s.mailRules {
		fits := rl.To == "" || slices.ContainsFunc(to, func(t string) bool { return strings.EqualFold(t, rl.To) })
		if rl.Stage != stage || !fits || rl.Times < 0 {
			continue
		}
		if rl.Times > 0 {
			s.mailRules[i].Times--
			if rl.Times == 1 {
				s.mailRules[i].Times = -1 // used up
			}
		}
		return rl, true
	}
	return MailRule{}, false
}

// ServeSMTP takes mail from l until ctx is done, then closes l and every
// connection, waits for their end and returns nil.
func (s *Sinks) ServeSMTP(ctx context.Context, l net.Listener) error {
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &mailSession{done: ctx.Done(), sinks: s, conn: c}, nil
	}))
	srv.Domain = s.cfg.Domain
	srv.TLSConfig = s.cfg.TLS
	srv.AllowInsecureAuth = s.cfg.TLS == nil
	srv.EnableSMTPUTF8 = true
	srv.MaxMessageBytes = 10 << 20
	srv.MaxRecipients = 100
	srv.ErrorLog = slog.NewLogLogger(s.cfg.Logger.Handler(), slog.LevelDebug)

	open := &openConns{Listener: l, conns: map[net.Conn]bool{}}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(open) }()
	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
		open.closeAll()
		err = <-served // that its listener is closed, which is no news then
	}
	open.closeAll()
	_ = srv.Shutdown(context.WithoutCancel(ctx)) // every connection is closed: waits for the sessions only
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("serve SMTP: %w", err)
	}
	return nil
}

// openConns remembers the connections that were accepted, so that serving can
// end although clients keep theirs open.
type openConns struct {
	net.Listener

	mu     sync.Mutex // guards conns and closed
	conns  map[net.Conn]bool
	closed bool
}

// Accept waits for the next connection and remembers it.
func (o *openConns) Accept() (net.Conn, error) {
	c, err := o.Listener.Accept()
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		_ = c.Close()
	}
	tracked := &openConn{Conn: c, home: o}
	o.conns[tracked] = true
	return tracked, nil
}

func (o *openConns) closeAll() {
	_ = o.Close()
	o.mu.Lock()
	o.closed = true
	conns := make([]net.Conn, 0, len(o.conns))
	for c := range o.conns {
		conns = append(conns, c)
	}
	o.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
	}
}

type openConn struct {
	net.Conn
	home *openConns
}

// Close closes the connection and forgets it.
func (c *openConn) Close() error {
	c.home.mu.Lock()
	delete(c.home.conns, c)
	c.home.mu.Unlock()
	return c.Conn.Close()
}

// mailSession is one client's conversation; the server calls it from one
// goroutine.
type mailSession struct {
	done  <-chan struct{} // closed when serving ends
	sinks *Sinks
	conn  *smtp.Conn
	known bool // AUTH succeeded
	from  string
	to    []string
}

// AuthMechanisms offers PLAIN when the sinks have a user.
func (m *mailSession) AuthMechanisms() []string {
	if m.sinks.cfg.SMTPUser == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth checks the one user's password.
func (m *mailSession) Auth(mech string) (sasl.Server, error) {
	if mech != sasl.Plain {
		return nil, smtp.ErrAuthUnknownMechanism
	}
	return sasl.NewPlainServer(func(_, user, password string) error {
		cfg := m.sinks.cfg
		if user != cfg.SMTPUser || subtle.ConstantTimeCompare([]byte(password), []byte(cfg.SMTPPassword)) != 1 {
			return smtp.ErrAuthFailed
		}
		m.known = true
		return nil
	}), nil
}

// Mail begins a message, after the encryption and the log-in that are asked
// for.
func (m *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	if _, encrypted := m.conn.TLSConnectionState(); m.sinks.cfg.RequireTLS && !encrypted {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Must issue a STARTTLS command first"}
	}
	if m.sinks.cfg.SMTPUser != "" && !m.known {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	m.from, m.to = from, nil
	return nil
}

// Rcpt adds a recipient unless a rule refuses it.
func (m *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if rl, ok := m.sinks.rule(AtRecipient, to); ok {
		return rl.refusal("recipient refused")
	}
	m.to = append(m.to, to)
	return nil
}

// Data takes the message, or does what the rules say in its place.
func (m *mailSession) Data(r io.Reader) error {
	if _, ok := m.sinks.rule(InData, m.to...); ok {
		_, _ = io.CopyN(io.Discard, r, 1)
		return m.hangUp()
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if rl, ok := m.sinks.rule(AfterData, m.to...); ok {
		return rl.refusal("message refused")
	}
	if rl, ok := m.sinks.rule(Stall, m.to...); ok {
		if rl.Held != nil {
			rl.Held()
		}
		<-m.done
		return m.hangUp()
	}
	mail := parseMail(raw)
	mail.At, mail.From, mail.To = m.sinks.cfg.Now(), m.from, slices.Clone(m.to)
	_, mail.Encrypted = m.conn.TLSConnectionState()
	m.sinks.keepMail(mail)
	if _, ok := m.sinks.rule(DropAccept, m.to...); ok {
		return m.hangUp()
	}
	return nil
}

// hangUp closes the connection under the server, which then cannot answer.
func (m *mailSession) hangUp() error {
	_ = m.conn.Conn().Close()
	return errors.New("connection dropped")
}

// Reset forgets the message that was begun.
func (m *mailSession) Reset() { m.from, m.to = "", nil }

// Logout ends the conversation.
func (m *mailSession) Logout() error { return nil }

func (rl MailRule) refusal(text string) error {
	code := rl.Code
	if code == 0 {
		code = 450
	}
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: text}
}

func (s *Sinks) keepMail(mail Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = kept(s.mails, mail, s.cfg.Keep)
	s.arrived()
}
