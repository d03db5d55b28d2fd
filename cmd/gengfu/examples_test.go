package main

import (
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"gengfu/demo"
	"gengfu/scenarios"
)

const examplesInstance = `timezone: Asia/Shanghai
scenarios: [scenarios]
data: data
egress: {loopback: on}
hosts: {local: off}
calendars:
  workdays: {week: {mon-fri: ["00:00-24:00"]}, holidays: cn}
  working-hours: {week: {mon-fri: ["09:00-12:00", "14:30-17:30"]}, holidays: cn}
channels:
  hook: {type: webhook, url: "http://127.0.0.1:9/webhook"}
routes:
  - {name: default, to: [hook]}
  - {name: duty, to: [hook]}
`

// answerDNS answers every question for an address with 192.0.2.7.
func answerDNS(t *testing.T) string {
	t.Helper()
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-done })
	go func() {
		defer close(done)
		b := make([]byte, 1500)
		for {
			n, from, err := l.ReadFrom(b)
			if err != nil {
				return
			}
			end := 12 // the name, its end, type and class
			for end < n && b[end] != 0 {
				end += int(b[end]) + 1
			}
			if end += 5; end > n {
				continue
			}
			reply := append([]byte{b[0], b[1], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0}, b[12:end]...)
			reply = append(reply, 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7)
			_, _ = l.WriteTo(reply, from)
		}
	}()
	return l.LocalAddr().String()
}

var pictureLine = regexp.MustCompile(`(/\S+\.png)`)

// TestExamples_checkAndRunGreen: the shipped examples of the language pass the
// check and a run against the demo, the attended one with a phone at hand.
func TestExamples_checkAndRunGreen(t *testing.T) {
	site := httptest.NewServer(demo.New(demo.Config{}).Handler())
	t.Cleanup(site.Close)
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	dir, acc := t.TempDir(), demo.Accounts()
	writeFile(t, dir, "gengfu.yaml", examplesInstance)
	writeFile(t, dir, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})))
	if err := walkFiles(scenarios.Examples(), func(name string, data []byte) error {
		writeFile(t, dir, "scenarios/"+name, string(data))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"GENGFU_BASE_URL": site.URL, "GENGFU_TLS": strings.TrimPrefix(secure.URL, "https://"), "GENGFU_DNS": answerDNS(t), "SSL_CERT_FILE": dir + "/ca.pem",
		"GENGFU_SECRET_APPLICANT_PASSWORD": acc.ApplicantPassword, "GENGFU_SECRET_ADMIN_PASSWORD": acc.AdminPassword, "GENGFU_SECRET_ADMIN_TOTP": acc.AdminTOTP,
	} {
		t.Setenv(name, value)
	}
	d := &drill{t: t, dir: dir}
	if out, code := d.output("check"); code != 0 || strings.Contains(out, "scenarios/") { // the year after next has provisional holidays
		t.Errorf("check ends with %d:\n%s", code, out)
	}
	if out, code := d.output("run", "applicant-apply", "admin-apply", "platform-home"); code != 0 {
		t.Errorf("run ends with %d:\n%s", code, out)
	}
	c := start(t, dir, "gengfu", "run", "admin-qr")
	line, err := c.await(d.within(40*time.Second), ".png")
	if err != nil {
		t.Fatal(err)
	}
	picture := pictureLine.FindString(line)
	data, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	fetch(t, site.URL+"/phone/"+readTicket(t, data), http.StatusOK)
	if err := <-c.done; err != nil {
		t.Errorf("attended run: %v\n%s", err, c.log())
	}
	if _, err := os.Stat(picture); !os.IsNotExist(err) {
		t.Errorf("the picture is still there: %v", err)
	}
}
