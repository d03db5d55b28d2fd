package sinks_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"net/smtp"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu/demo/sinks"
)

const report = "From: =?utf-8?q?=E6=9B=B4=E5=A4=AB?= <gengfu@example.org>\r\n" +
	"To: a@example.org\r\nDate: Mon, 23 Nov 2026 08:00:00 +0800\r\nMessage-ID: <inc-2026-0042.1.a@example.org>\r\n" +
	"Subject: =?utf-8?b?W+WPr+eUqOaAp10gSU5DLTIwMjYtMDA0Mg==?=\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/related; boundary=out\r\n\r\n--out\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n" +
	"--in\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n6aG16Z2i5LiN5Y+v55So\r\n" +
	"--in\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>down</p><img src=\"cid:shot@example.org\">\r\n--in--\r\n" +
	"--out\r\nContent-Type: image/png\r\nContent-Disposition: inline; filename=shot.png\r\nContent-ID: <shot@example.org>\r\n" +
	"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--out--\r\n"

// serve runs a mail server until the test ends and proves that it ends.
func serve(t *testing.T, s *sinks.Sinks) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- s.ServeSMTP(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Errorf("ServeSMTP: %v", err)
		}
	})
	return l.Addr().String()
}

func dial(t *testing.T, addr string) *smtp.Client {
	t.Helper()
	c, err := smtp.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// deliver sends one message on c and returns the first error.
func deliver(c *smtp.Client, to, message string) error {
	if err := c.Mail("gengfu@example.org"); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, message); err != nil {
		return err
	}
	return w.Close()
}

func code(err error) int {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return reply.Code
	}
	return 0
}

func TestMail_isParsedByAnotherHand(t *testing.T) {
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	s := sinks.New(sinks.Config{Now: func() time.Time { return at }})
	if err := deliver(dial(t, serve(t, s)), "a@example.org", report); err != nil {
		t.Fatal(err)
	}
	mails := s.Mails()
	if len(mails) != 1 {
		t.Fatalf("got %d mails", len(mails))
	}
	m := mails[0]
	got := []any{m.From, m.To, m.Subject, m.Text, m.HTML, m.MessageID(), m.Header.Get("From"), m.Encrypted, m.At, m.Problems}
	want := []any{
		"gengfu@example.org",
		[]string{"a@example.org"},
		"[可用性] INC-2026-0042", "页面不可用",
		`<p>down</p><img src="cid:shot@example.org">`, "<inc-2026-0042.1.a@example.org>", "更夫 <gengfu@example.org>", false, at, []string(nil),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mail (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]sinks.MailFile{{Name: "shot.png", ContentType: "image/png", ContentID: "shot@example.org", Data: []byte("\x89PNG\r\n\x1a\n")}}, m.Files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if !strings.Contains(m.Shown(), `src="data:image/png;base64,iVBORw0KGgo="`) {
		t.Errorf("inline picture not shown: %s", m.Shown())
	}
	if string(m.Raw) != report {
		t.Error("raw message differs from what was sent")
	}
}

func TestMail_namesWhatIsWrong(t *testing.T) {
	s := sinks.New(sinks.Config{})
	bad := "From: nobody\r\nSubject: a\r\nSubject: b\r\nContent-Type: image/png\r\nContent-Id: shot\r\n\r\nx\r\n"
	if err := deliver(dial(t, serve(t, s)), "a@example.org", bad); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(s.Mails()[0].Problems, "\n")
	for _, want := range []string{"Date occurs 0 times", "Subject occurs 2 times", "From is no address", "Message-Id is not", `"shot" lacks angle brackets`} {
		if !strings.Contains(all, want) {
			t.Errorf("problems lack %q:\n%s", want, all)
		}
	}
}

func TestMail_rules(t *testing.T) {
	tests := []struct {
		name  string
		rule  sinks.MailRule
		codes []int // of three deliveries to a@, each on its own connection; 0 with an error is a lost connection
		lost  []bool
		kept  int
	}{
		{"refuse recipient twice", sinks.MailRule{To: "A@example.org", Code: 550, Times: 2}, []int{550, 550, 0}, []bool{true, true, false}, 1},
		{"refuse another", sinks.MailRule{To: "b@example.org", Code: 550}, []int{0, 0, 0}, []bool{false, false, false}, 3},
		{"greylist", sinks.MailRule{Times: 1}, []int{450, 0, 0}, []bool{true, false, false}, 2},
		{"refuse data", sinks.MailRule{Stage: sinks.AfterData, Code: 552}, []int{552, 552, 552}, []bool{true, true, true}, 0},
		{"drop in data", sinks.MailRule{Stage: sinks.InData, Times: 1}, []int{0, 0, 0}, []bool{true, false, false}, 2},
		{"drop after accepting", sinks.MailRule{Stage: sinks.DropAccept, Times: 1}, []int{0, 0, 0}, []bool{true, false, false}, 3},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			s := sinks.New(sinks.Config{})
			s.ScriptMail(tc.rule)
			addr := serve(t, s)
			for i := range tc.codes {
				err := deliver(dial(t, addr), "a@example.org", report)
				if code(err) != tc.codes[i] || (err != nil) != tc.lost[i] {
					t.Errorf("delivery %d: %v, want code %d, error %v", i+1, err, tc.codes[i], tc.lost[i])
				}
			}
			if n := len(s.Mails()); n != tc.kept {
				t.Errorf("kept %d mails, want %d", n, tc.kept)
			}
		})
	}
}

func TestMail_stallsUntilServingEnds(t *testing.T) {
	s := sinks.New(sinks.Config{})
	s.ScriptMail(sinks.MailRule{Stage: sinks.Stall})
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served, delivered := make(chan error, 1), make(chan error, 1)
	go func() { served <- s.ServeSMTP(ctx, l) }()
	c := dial(t, l.Addr().String())
	go func() { delivered <- deliver(c, "a@example.org", report) }()
	select {
	case err := <-delivered:
		t.Fatalf("delivered while stalled: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	stop()
	if err := <-served; err != nil {
		t.Errorf("ServeSMTP: %v", err)
	}
	if err := <-delivered; err == nil {
		t.Error("a stalled mail was accepted")
	}
	if len(s.Mails()) != 0 {
		t.Error("a stalled mail was kept")
	}
}

func TestMail_wantsTLSAndPassword(t *testing.T) {
	cert := httptest.NewUnstartedServer(nil)
	cert.StartTLS() // only for its certificate
	defer cert.Close()
	s := sinks.New(sinks.Config{
		TLS: &tls.Config{Certificates: cert.TLS.Certificates, MinVersion: tls.VersionTLS12}, RequireTLS: true, SMTPUser: "gengfu", SMTPPassword: "s3cret",
	})
	addr := serve(t, s)
	roots := x509.NewCertPool()
	roots.AddCert(cert.Certificate())
	trust := &tls.Config{RootCAs: roots, ServerName: "example.com", MinVersion: tls.VersionTLS12}

	c := dial(t, addr)
	if err := deliver(c, "a@example.org", report); code(err) != 530 {
		t.Errorf("without TLS: %v, want 530", err)
	}
	if ok, _ := c.Extension("AUTH"); ok {
		t.Error("AUTH offered before STARTTLS")
	}
	if err := c.StartTLS(trust); err != nil {
		t.Fatal(err)
	}
	if err := deliver(c, "a@example.org", report); code(err) != 530 {
		t.Errorf("without AUTH: %v, want 530", err)
	}
	host, _, _ := net.SplitHostPort(addr)
	if err := c.Auth(smtp.PlainAuth("", "gengfu", "wrong", host)); code(err) != 535 {
		t.Errorf("wrong password: %v, want 535", err)
	}

	c = dial(t, addr)
	if err := c.StartTLS(trust); err != nil {
		t.Fatal(err)
	}
	if err := c.Auth(smtp.PlainAuth("", "gengfu", "s3cret", host)); err != nil {
		t.Fatal(err)
	}
	if err := deliver(c, "a@example.org", report); err != nil {
		t.Fatal(err)
	}
	if m := s.Mails(); len(m) != 1 || !m[0].Encrypted {
		t.Errorf("got %d mails, want one that came encrypted", len(m))
	}
}
