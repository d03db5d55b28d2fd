package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gengfu"
)

func opening() gengfu.Notice {
	return gengfu.Notice{
		Event: gengfu.Event{Incident: "INC-2026-0042", Seq: 1, Kind: gengfu.EventOpened}, Incident: gengfu.Incident{Number: "INC-2026-0042", State: gengfu.IncidentOpen, Seq: 1},
	}
}

// A token holds for one reader and incident, until its time is over, and only
// under the key that stays in the folder with nobody else's eyes on it.
func TestLinks_boundAndSigned(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2026, 3, 6, 17, 30, 0, 0, time.UTC)
	first, err := openLinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	token, err := first.token(opening(), "mail/duty@example.org", now)
	if err != nil {
		t.Fatal(err)
	}
	again, err := openLinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	link, err := again.open(token, now.Add(linkLife-time.Second))
	if err != nil || link.Incident != "INC-2026-0042" || link.Person != "mail/duty@example.org" || link.Seq != 1 {
		t.Errorf("%+v, %v", link, err)
	}
	if _, err := again.open(token, now.Add(linkLife)); !errors.Is(err, gengfu.ErrConflict) {
		t.Errorf("too late: %v", err)
	}
	other, err := openLinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	text, mac, _ := strings.Cut(token, ".")
	for _, bad := range []string{"", ".", text, text + ".", "A" + token, text[:len(text)-2] + "." + mac, token + "x"} {
		if _, err := again.open(bad, now); !errors.Is(err, gengfu.ErrNotFound) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := other.open(token, now); !errors.Is(err, gengfu.ErrNotFound) {
		t.Errorf("another key: %v", err)
	}
	name := filepath.Join(dir, "links.key")
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(name, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openLinks(dir); err == nil || !strings.Contains(err.Error(), "delete it") {
		t.Errorf("a broken key: %v", err)
	}
}

// Each reader finds a link of its own in the message, and none when there is
// nothing to take.
func TestLinks_personal(t *testing.T) {
	keys, err := openLinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &daemon{links: keys, in: &instance{url: "https://prober.example"}, log: slog.New(slog.DiscardHandler)}
	n, now := d.linked(opening()), time.Now()
	list := []gengfu.Delivery{{Endpoint: "room", Body: []byte("see " + n.Ack)}, {Endpoint: "mail/duty@example.org", Body: []byte(n.Ack + " " + n.Ack)}}
	d.personal(n, list, now)
	for _, del := range list {
		_, token, _ := strings.Cut(string(del.Body), "/ack/")
		token, _, _ = strings.Cut(token, " ")
		if link, err := keys.open(token, now); err != nil || link.Person != del.Endpoint || strings.Contains(string(del.Body), linkBlank()) {
			t.Errorf("%s: %+v, %v: %s", del.Endpoint, link, err, del.Body)
		}
	}
	n = opening()
	n.Incident.State = gengfu.IncidentAcked
	if n = d.linked(n); n.Ack != "" {
		t.Errorf("taken already: %s", n.Ack)
	}
}
