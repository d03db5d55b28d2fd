package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/wneessen/go-mail"

	"gengfu"
	"gengfu/demo/sinks"
)

func TestMail_threadOfAnIncident(t *testing.T) {
	r := mailRig(t)
	for _, name := range []string{"opened", "resolved", "reopened"} {
		ch, d := r.queue(t, notices()[name], name != "opened")
		ref, err := ch.Send(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		if mails := r.sinks.Mails(); ref != mails[len(mails)-1].MessageID() {
			t.Errorf("ref %q", ref)
		}
	}
	const root = "<inc-2026-0042.1.a5c899a9b7@example.org>"
	type head struct{ ID, Reply, References, Subject, Auto, List, Incident, Seq, From, To, Date string }
	var got []head
	for _, m := range r.sinks.Mails() {
		h := m.Header.Get
		got = append(got, head{
			h("Message-Id"), h("In-Reply-To"), h("References"), m.Subject, h("Auto-Submitted"), h("List-Id"), h("X-Gengfu-Incident"), h("X-Gengfu-Seq"),
			h("From"), h("To"), h("Date"),
		})
		if h("Precedence") != "" || h("User-Agent") != "" || h("X-Auto-Response-Suppress") != "All" || len(m.Problems) > 0 {
			t.Errorf("header: %v, %v", m.Header, m.Problems)
		}
	}
	same := func(id, parent, subject, seq, date string) head {
		return head{id, parent, parent, subject, "auto-generated", "<incidents.example.org>", "INC-2026-0042", seq, "更夫 <gengfu@example.org>", "<duty@example.org>", date}
	}
	want := []head{
		same(root, "", "[可用性] INC-2026-0042 申请人登录", "1", "Fri, 06 Mar 2026 17:30:12 +0800"),
		same("<inc-2026-0042.4.a5c899a9b7@example.org>", root, "Re: [可用性] INC-2026-0042 申请人登录", "4", "Fri, 06 Mar 2026 17:51:30 +0800"),
		same("<inc-2026-0042.5.a5c899a9b7@example.org>", root, "Re: [可用性] INC-2026-0042 申请人登录", "5", "Fri, 06 Mar 2026 18:10:00 +0800"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
}

// A mail whose acceptance got lost comes again, the same to the last byte.
func TestMail_repeatIsTheSameMail(t *testing.T) {
	r := mailRig(t)
	ch, d := r.queue(t, opened(), false)
	r.provoke["lost"]()
	if _, err := ch.Send(t.Context(), d); kind(err) != "ambiguous" {
		t.Fatalf("dropped after it was taken: %v", err)
	}
	if _, err := open(t, r.cfg).Send(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	mails := r.sinks.Mails()
	if len(mails) != 2 || !bytes.Equal(mails[0].Raw, mails[1].Raw) {
		t.Errorf("%d mails, equal: %v", len(mails), len(mails) == 2 && bytes.Equal(mails[0].Raw, mails[1].Raw))
	}
}

func TestMail_hasOneMultipartLevel(t *testing.T) {
	r := mailRig(t)
	ch, d := r.queue(t, opened(), false)
	if _, err := ch.Send(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	m := r.sinks.Mails()[0]
	if n := bytes.Count(m.Raw, []byte("multipart/")); n != 1 || !strings.HasPrefix(m.HTML, "<!DOCTYPE") || !strings.HasPrefix(m.Text, "【重大】") || len(m.Files) > 0 {
		t.Errorf("%d multipart levels: a second one would share the boundary\n%s", n, m.Raw)
	}
}

func TestMail_classifiesAnswers(t *testing.T) {
	tests := []struct {
		name string
		rule sinks.MailRule
		want string
	}{
		{"greylisted", sinks.MailRule{Code: 451}, "retry"},
		{"no such mailbox", sinks.MailRule{Code: 550}, "message"},
		{"too large", sinks.MailRule{Stage: sinks.AfterData, Code: 552}, "message"},
		{"later, please", sinks.MailRule{Stage: sinks.AfterData, Code: 451}, "retry"},
		{"cut off in the message", sinks.MailRule{Stage: sinks.InData}, "ambiguous"},
		{"cut off after the message", sinks.MailRule{Stage: sinks.DropAccept}, "ambiguous"},
	}
	r := mailRig(t)
	ch, d := r.queue(t, opened(), false)
	for _, tc := range tests {
		r.sinks.ScriptMail(tc.rule)
		if _, err := ch.Send(t.Context(), d); kind(err) != tc.want {
			t.Errorf("%s: %s (%v), want %s", tc.name, kind(err), err, tc.want)
		}
	}
}

func TestMail_wrongPasswordBreaksTheEndpoint(t *testing.T) {
	r := mailRig(t)
	r.cfg.Password = "wrong-" + canary
	ch, d := r.queue(t, opened(), false)
	_, err := ch.Send(t.Context(), d)
	if kind(err) != "endpoint" {
		t.Fatalf("%s: %v", kind(err), err)
	}
	checkSecrets(t, r, err.Error())
}

// secure serves mail with STARTTLS or TLS from the first byte, and returns a
// file with the certificate to trust.
func secure(t *testing.T, implicit bool) (*sinks.Sinks, int, string) {
	t.Helper()
	web := httptest.NewUnstartedServer(nil)
	web.StartTLS() // for its certificate only
	t.Cleanup(web.Close)
	cfg := &tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	if !implicit {
		s, port := mailSink(t, sinks.Config{TLS: cfg, RequireTLS: true, SMTPUser: "gengfu", SMTPPassword: canary})
		return s, port, file
	}
	s, port := mailSink(t, sinks.Config{SMTPUser: "gengfu", SMTPPassword: canary})
	return s, proxyTLS(t, cfg, port), file
}

// proxyTLS takes TLS off in front of a port.
func proxyTLS(t *testing.T, cfg *tls.Config, to int) int {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.DialTCP("tcp", nil, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: to})
			if err != nil {
				_ = in.Close()
				continue
			}
			go func() { _, _ = out.ReadFrom(in); _ = out.CloseWrite() }()
			go func() { _, _ = out.WriteTo(in); _ = in.Close() }()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

func TestMail_encryption(t *testing.T) {
	tests := []struct {
		name      string
		tls       string
		implicit  bool // the server
		untrusted bool
		want      string
	}{
		{"STARTTLS", "", false, false, "none"},
		{"TLS at once", "implicit", true, false, "none"},
		{"unknown certificate", "starttls", false, true, "endpoint"},
		{"unknown certificate at once", "implicit", true, true, "endpoint"},
		{"server wants STARTTLS", "none", false, false, "endpoint"},
		{"TLS spoken to a plain port", "implicit", false, false, "endpoint"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			s, port, file := secure(t, tc.implicit)
			cfg := mailConfig(gengfu.English)
			cfg.Host, cfg.Port, cfg.TLS, cfg.CAFile, cfg.To = "127.0.0.1", port, tc.tls, file, cfg.To[:1]
			cfg.Username, cfg.Password = "gengfu", canary
			if tc.untrusted {
				cfg.CAFile = ""
			}
			r := rig{cfg: cfg, sinks: s}
			ch, d := r.queue(t, opened(), false)
			_, err := ch.Send(t.Context(), d)
			if kind(err) != tc.want {
				t.Fatalf("%s (%v), want %s", kind(err), err, tc.want)
			}
			if err == nil && len(s.Mails()) != 1 {
				t.Errorf("%d mails", len(s.Mails()))
			}
		})
	}
}

func TestMail_refusesPlainServers(t *testing.T) {
	s, port := mailSink(t, sinks.Config{})
	cfg := mailConfig(gengfu.English)
	cfg.Host, cfg.Port, cfg.TLS, cfg.To = "127.0.0.1", port, "", cfg.To[:1]
	ch, d := rig{cfg: cfg, sinks: s}.queue(t, opened(), false)
	if _, err := ch.Send(t.Context(), d); kind(err) != "endpoint" || len(s.Mails()) != 0 {
		t.Errorf("sent in the open: %v", err)
	}
	cfg.TLS, cfg.Username, cfg.Password = "none", "gengfu", canary
	ch, d = rig{cfg: cfg, sinks: s}.queue(t, opened(), false)
	if _, err := ch.Send(t.Context(), d); kind(err) != "endpoint" || len(s.Mails()) != 0 {
		t.Errorf("server without AUTH: %v", err)
	}
}

func TestMail_subjectState(t *testing.T) {
	cfg := mailConfig(gengfu.Chinese)
	cfg.SubjectState = true
	body, _ := renderOf(t, open(t, cfg), notices()["resolved"])
	var m mailBody
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	if want := "Re: [可用性] INC-2026-0042 申请人登录 · 已恢复"; m.Subject != want {
		t.Errorf("subject %q, want %q", m.Subject, want)
	}
}

// libraryMail sends with the library alone, the way the channel does not.
func libraryMail(t *testing.T, port int, msg *mail.Msg) error {
	t.Helper()
	c, err := mail.NewClient("127.0.0.1", mail.WithPort(port), mail.WithTLSPolicy(mail.NoTLS), mail.WithTimeout(5*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return c.DialAndSendWithContext(t.Context(), msg)
}

func libraryMessage(t *testing.T, options ...mail.MsgOption) *mail.Msg {
	t.Helper()
	msg := mail.NewMsg(options...)
	if err := errors.Join(msg.From("gengfu@example.org"), msg.To("duty@example.org", "lead@example.org")); err != nil {
		t.Fatal(err)
	}
	msg.Subject("trap")
	msg.SetBodyString(mail.TypeTextPlain, "text")
	msg.AddAlternativeString(mail.TypeTextHTML, "<p>html</p>")
	return msg
}

// The library's habits that the channel is built around. When one of these
// fails after an update, the code that minds it can go.
func TestMail_libraryTraps(t *testing.T) {
	s, port := mailSink(t, sinks.Config{})
	picture := func(msg *mail.Msg, id string) *mail.Msg {
		if err := msg.EmbedReader("shot.png", strings.NewReader("picture"), mail.WithFileContentID(id)); err != nil {
			t.Fatal(err)
		}
		return msg
	}
	newest := func() sinks.Mail { m := s.Mails(); return m[len(m)-1] }

	if err := libraryMail(t, port, picture(libraryMessage(t, mail.WithBoundary("same")), "<shot@example.org>")); err != nil {
		t.Fatal(err)
	}
	if m := newest(); len(m.Files) != 0 || bytes.Count(m.Raw, []byte("boundary=same")) != 2 {
		t.Error("one boundary no longer spoils nested parts")
	}
	if err := libraryMail(t, port, picture(libraryMessage(t), "shot")); err != nil {
		t.Fatal(err)
	}
	if m := newest(); !strings.Contains(strings.Join(m.Problems, " "), "lacks angle brackets") {
		t.Error("identifiers of pictures no longer need their brackets")
	}
	s.ScriptMail(sinks.MailRule{To: "lead@example.org", Code: 550})
	before := len(s.Mails())
	if err := libraryMail(t, port, libraryMessage(t)); err == nil || len(s.Mails()) != before {
		t.Error("a refused recipient no longer keeps the others from the mail")
	}
	s.ScriptMail(sinks.MailRule{Stage: sinks.DropAccept})
	var send *mail.SendError
	if err := libraryMail(t, port, libraryMessage(t)); !errors.As(err, &send) || send.IsTemp() || send.ErrorCode() != 0 {
		t.Errorf("a lost connection is now told from a refusal: %v", err)
	}
	if err := libraryMail(t, 1, libraryMessage(t)); err == nil || errors.As(err, new(*mail.SendError)) {
		t.Errorf("a refused connection is now a SendError: %v", err)
	}
}

func TestMail_letsGoOfConnections(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	ended := make(chan error, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			ended <- err
			return
		}
		_, _ = conn.Write([]byte("220 hello\r\n"))
		buf := make([]byte, 64)
		_, _ = conn.Read(buf)                             // EHLO
		_, _ = conn.Write([]byte("250 no extension\r\n")) // so that STARTTLS is missing
		for err = nil; err == nil; _, err = conn.Read(buf) {
		}
		ended <- nil
	}()
	cfg := mailConfig(gengfu.English)
	cfg.Host, cfg.Port, cfg.TLS, cfg.To = "127.0.0.1", l.Addr().(*net.TCPAddr).Port, "starttls", cfg.To[:1]
	ch, d := rig{cfg: cfg}.queue(t, opened(), false)
	if _, err := ch.Send(t.Context(), d); kind(err) != "endpoint" {
		t.Errorf("%s: %v", kind(err), err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	select {
	case <-ended:
	case <-ctx.Done():
		t.Error("the connection stayed open")
	}
}
