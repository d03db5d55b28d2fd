package notify

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"gengfu"
)

// mailer sends to the recipients behind one mail server. Each recipient is an
// endpoint of its own: nobody sees the others, and an address that is refused
// keeps nobody from being told.
type mailer struct {
	cfg    Config
	style  style
	look   layouts
	tls    *tls.Config
	from   *netmail.Address
	domain string // of message identifiers
	list   string // List-Id
}

const mailTimeout = 30 * time.Second

// The ways of encryption.
const (
	tlsStart    = "starttls"
	tlsImplicit = "implicit"
	tlsNone     = "none"
)

// mailPorts are the usual ports of the ways of encryption.
var mailPorts = map[string]int{tlsStart: 587, tlsImplicit: 465, tlsNone: 25}

func checkMail(c Config) []string {
	var found []string
	if c.Host == "" || strings.ContainsAny(c.Host, " /\r\n") {
		found = append(found, fmt.Sprintf("host: %q is no host name, want the mail server's", c.Host))
	}
	if c.Port < 0 || c.Port > 65535 {
		found = append(found, fmt.Sprintf("port: %d is no port, want 1 to 65535 or none", c.Port))
	}
	if _, ok := mailPorts[c.TLS]; !ok && c.TLS != "" {
		found = append(found, fmt.Sprintf("tls: unknown word %q, want starttls, implicit or none", c.TLS))
	}
	if c.TLS == tlsNone && c.Username != "" && !loopback(c.Host) {
		found = append(found, "tls: none would send the password readable, want starttls or implicit, or no username")
	}
	if (c.Username == "") != (c.Password == "") {
		found = append(found, "username: goes with password, want both or neither")
	}
	if _, err := netmail.ParseAddress(c.From); err != nil {
		found = append(found, fmt.Sprintf("from: %q is no address, want one such as Gengfu <gengfu@example.org>", c.From))
	}
	if len(c.To) == 0 {
		found = append(found, "to: is empty, want at least one address")
	}
	for _, to := range c.To {
		if a, err := netmail.ParseAddress(to); err != nil || a.Address != to {
			found = append(found, fmt.Sprintf("to: %q is no bare address, want one such as duty@example.org", to))
		}
	}
	return found
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func openMail(cfg Config, deps Deps, look style, pages layouts) (Channel, error) {
	cert, err := trust(cfg.CAFile, cfg.Host)
	if err != nil {
		return nil, err
	}
	from, err := netmail.ParseAddress(cfg.From)
	if err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	if cfg.TLS == "" {
		cfg.TLS = tlsStart
	}
	if cfg.Port == 0 {
		cfg.Port = mailPorts[cfg.TLS]
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = mailTimeout
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	instance := clean(deps.Instance, maxName)
	if instance == "" {
		instance = domain
	}
	return &mailer{cfg: cfg, style: look, look: pages, tls: cert, from: from, domain: domain, list: "<incidents." + word(instance) + ">"}, nil
}

// word leaves of text what may stand in an identifier.
func word(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '-'
	}, strings.ToLower(text))
}

// Endpoints is one name for each recipient: channel/address.
func (m *mailer) Endpoints() []string {
	var names []string
	for _, to := range m.cfg.To {
		names = append(names, m.cfg.Name+"/"+to)
	}
	return names
}

// Limits spare the mail server; a mailbox hears of the start and the end only.
func (m *mailer) Limits() Limits { return Limits{PerSecond: 5, Burst: 5} }

// mailBody is what is stored. The mail around it is made at each try by rules
// that leave nothing to chance or to the clock, see [mailer.build].
type mailBody struct {
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	Date    time.Time `json:"date"`
	Reply   bool      `json:"reply"` // belongs below the incident's first mail
	Chinese bool      `json:"chinese"`
	Picture []byte    `json:"picture,omitempty"` // PNG, shown in the HTML
}

// Render makes text and HTML. The subject stays the same for all mails of an
// incident, because mail programs gather a thread by it.
func (m *mailer) Render(n gengfu.Notice) ([]byte, string, error) {
	msg := m.style.compose(n)
	text, err := m.look.plain(msg)
	if err != nil {
		return nil, "", err
	}
	html, err := m.look.page(msg)
	if err != nil {
		return nil, "", err
	}
	body := mailBody{Subject: msg.Subject, Text: text, HTML: html, Date: n.Event.At.In(m.style.zone), Reply: n.Event.Seq > 1, Chinese: m.style.lang != gengfu.English, Picture: n.Picture}
	if state, ok := states[n.Incident.State]; ok && m.cfg.SubjectState {
		body.Subject += " · " + state.in(m.style.lang)
	}
	if body.Reply {
		body.Subject = "Re: " + body.Subject
	}
	data, err := json.Marshal(body)
	if err != nil {
		return nil, "", fmt.Errorf("encode mail: %w", err)
	}
	return data, msg.Lead, nil
}

// Send hands one mail for one recipient to the server. The ref is its
// Message-ID, which every try carries, so that the recipient's server or
// program can drop a mail that came twice.
func (m *mailer) Send(ctx context.Context, d gengfu.Delivery) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, m.cfg.Timeout)
	defer cancel()
	var body mailBody
	if err := json.Unmarshal(d.Body, &body); err != nil {
		return "", &MessageError{Err: fmt.Errorf("read stored mail: %w", err)}
	}
	to := strings.TrimPrefix(d.Endpoint, m.cfg.Name+"/")
	msg, err := m.build(body, cmp.Or(d.Incident, d.Key), d.Seq, to)
	if err != nil {
		return "", &MessageError{Err: err}
	}
	if err := m.deliver(ctx, msg); err != nil && !msg.IsDelivered() {
		return "", err
	}
	return msg.GetMessageID(), nil
}

// build makes the mail, byte for byte the same whenever it is asked to: the
// date is the event's, the identifier is made of incident, event and
// recipient, and so is the boundary, but of a mail with a picture, which is not
// stored and tried again. A boundary of one's own is safe only
// because there is a single multipart level: the library would use it for
// every level there is.
func (m *mailer) build(body mailBody, incident string, seq int, to string) (*mail.Msg, error) {
	encoding := mail.EncodingQP
	if body.Chinese {
		encoding = mail.EncodingB64
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(encoding))
	msg.FromMailAddress(m.from)
	if err := msg.To(to); err != nil {
		return nil, fmt.Errorf("recipient: %w", err)
	}
	id := m.messageID(incident, seq, to)
	msg.SetMessageIDWithValue(id)
	msg.SetDateWithValue(body.Date)
	msg.Subject(clean(body.Subject, maxTitle*2))
	if root := "<" + m.messageID(incident, 1, to) + ">"; body.Reply {
		msg.SetGenHeader(mail.HeaderInReplyTo, root)
		msg.SetGenHeader(mail.HeaderReferences, root)
	}
	for name, value := range map[mail.Header]string{
		"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "List-Id": m.list,
		"X-Gengfu-Incident": clean(incident, maxName), "X-Gengfu-Seq": strconv.Itoa(seq),
	} {
		msg.SetGenHeader(name, value)
	}
	msg.SetBodyString(mail.TypeTextPlain, body.Text)
	msg.AddAlternativeString(mail.TypeTextHTML, body.HTML)
	if len(body.Picture) == 0 {
		msg.SetBoundary(digest(id))
		return msg, nil
	}
	if err := msg.EmbedReader("picture.png", bytes.NewReader(body.Picture), mail.WithFileContentID("<picture>"), mail.WithFileContentType("image/png")); err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	return msg, nil
}

// messageID names a mail. The first of an incident is the root of the thread,
// whether or not this recipient got it.
func (m *mailer) messageID(incident string, seq int, to string) string {
	return fmt.Sprintf("%s.%d.%s@%s", word(incident), seq, digest(strings.ToLower(to))[:10], m.domain)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:20])
}
