package notify

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gengfu"
)

// freePort is a port of this machine that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// background runs a program until the test ends.
func background(t *testing.T, name string, args ...string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	cmd := exec.CommandContext(ctx, name, args...)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v (deploy/prepare.sh installs it)", err)
	}
	t.Cleanup(func() {
		stop()
		if err := cmd.Wait(); t.Failed() {
			t.Logf("%s: %v\n%s", name, err, said.String())
		}
	})
}

// eventually asks until ok holds, for as long as a loaded machine may need.
func eventually(t *testing.T, what string, ok func(ctx context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !ok(ctx) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s: %v", what, errors.Join(ctx.Err()))
		}
	}
}

// alertsOf are the active alerts, by severity.
func alertsOf(ctx context.Context, base string) (map[string]string, bool) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/api/v2/alerts?active=true", nil)
	if err != nil {
		return nil, false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, false
	}
	defer func() { _ = resp.Body.Close() }()
	var list []struct {
		Labels, Annotations map[string]string
		Status              struct{ State string }
	}
	if json.NewDecoder(resp.Body).Decode(&list) != nil || resp.StatusCode != http.StatusOK {
		return nil, false
	}
	active := map[string]string{}
	for _, a := range list {
		active[a.Labels["severity"]] = a.Labels["incident"] + " " + a.Annotations["summary"]
	}
	return active, true
}

// The real Alertmanager takes an incident, follows it to another grade, and
// lets go of it.
func TestAlertmanager_realServer(t *testing.T) {
	dir, listen := t.TempDir(), freePort(t)
	conf := filepath.Join(dir, "alertmanager.yml")
	if err := os.WriteFile(conf, []byte("route: {receiver: none}\nreceivers: [{name: none}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	background(t, "prometheus-alertmanager", "--config.file="+conf, "--storage.path="+dir, "--web.listen-address="+listen, "--cluster.listen-address=")
	base := "http://" + listen
	eventually(t, "alertmanager starts", func(ctx context.Context) bool { _, ok := alertsOf(ctx, base); return ok })
	ch := open(t, Config{Name: "am", Type: "alertmanager", URL: gengfu.Secret(base)})
	now := time.Now()
	send := func(change func(*gengfu.Notice)) {
		t.Helper()
		n := opened()
		n.Incident.Opened, n.Incident.ImpactStart, n.Event.At = now.Add(-time.Minute), now.Add(-2*time.Minute), now
		change(&n)
		body, _ := renderOf(t, ch, n)
		if _, err := ch.Send(t.Context(), gengfu.Delivery{Key: "k", Endpoint: "am", Body: body}); err != nil {
			t.Fatal(err)
		}
	}
	only := func(grade string) func(context.Context) bool {
		return func(ctx context.Context) bool {
			active, ok := alertsOf(ctx, base)
			_, there := active[grade]
			return ok && (grade == "" && len(active) == 0 || there && len(active) == 1)
		}
	}
	send(func(n *gengfu.Notice) { n.Incident.Grade = gengfu.GradeOrdinary })
	eventually(t, "the alert is active", only("ordinary"))
	if active, _ := alertsOf(t.Context(), base); !strings.Contains(active["ordinary"], "INC-2026-0042") || !strings.Contains(active["ordinary"], "申请人登录") {
		t.Errorf("%q", active)
	}
	now = time.Now()
	send(func(*gengfu.Notice) {})
	eventually(t, "the alert changed its grade", only("major"))
	now = time.Now()
	send(func(n *gengfu.Notice) {
		n.Event.Kind, n.Incident.State, n.Incident.Resolved = gengfu.EventResolved, gengfu.IncidentResolved, now
	})
	eventually(t, "the alert is over", only(""))
}
