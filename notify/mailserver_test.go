package notify

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gengfu"
)

// keyPair writes the certificate of a local server and its key.
func keyPair(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	web := httptest.NewTLSServer(nil)
	web.Close()
	secret, err := x509.MarshalPKCS8PrivateKey(web.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: web.Certificate().Raw}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// A mail server that is not our own takes the mails after STARTTLS and a
// password, and reads the same text out of them.
func TestMail_secondServer(t *testing.T) {
	dir, listen := t.TempDir(), freePort(t)
	cert, key := keyPair(t, dir)
	_, port, err := net.SplitHostPort(listen)
	if err != nil {
		t.Fatal(err)
	}
	background(t, "/usr/bin/python3", "testdata/smtpd.py", port, cert, key, dir)
	eventually(t, "the mail server starts", func(ctx context.Context) bool {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", listen)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	cfg := mailConfig(gengfu.Chinese)
	cfg.Host, cfg.TLS, cfg.CAFile, cfg.Username, cfg.Password, cfg.To = "127.0.0.1", "starttls", cert, "gengfu", "wrong horse", cfg.To[:1]
	if cfg.Port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	ch, d := rig{cfg: cfg}.queue(t, opened(), false)
	if _, err := ch.Send(t.Context(), d); kind(err) != "endpoint" {
		t.Errorf("wrong password: %s (%v)", kind(err), err)
	}
	cfg.Password = "right horse"
	ch, d = rig{cfg: cfg}.queue(t, opened(), false)
	ref, err := ch.Send(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "mail1"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitN(string(text), "\n", 6)
	if lines[0] != "[可用性] INC-2026-0042 申请人登录" || lines[1] != ref || lines[2] != "True" || lines[3] != "duty@example.org" || lines[4] != "0" ||
		!strings.Contains(lines[5], "仍未找到") || !strings.Contains(lines[5], "<html") {
		t.Errorf("%.600q", lines)
	}
}
