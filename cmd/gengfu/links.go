package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gengfu"
	"gengfu/web"
)

// links signs the addresses by which a reader of a message takes an incident.
// The key is a file of the data folder that only the prober reads; without it
// no link can be made up, and with a new one the old links end.
type links struct {
	key []byte
}

const (
	linkKeyBytes = 32
	linkLife     = 72 * time.Hour // as long as openings are tried
	// linkBlank stands in a message for the token, which differs by reader. It is
	// longer than any token, so that no message outgrows its channel.
	linkBlankLength = 320
)

// linkBlank is what the token takes the place of.
func linkBlank() string { return strings.Repeat("_ACK", linkBlankLength/4) }

// openLinks reads the key, or makes one at the first start.
func openLinks(dir string) (*links, error) {
	name := filepath.Join(dir, "links.key")
	key, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, linkKeyBytes)
		_, _ = rand.Read(key) // never fails
		if err := writeOnce(name, key); err != nil {
			return nil, fmt.Errorf("key of links: %w", err)
		}
		return &links{key}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("key of links: %w", err)
	}
	if len(key) != linkKeyBytes {
		return nil, fmt.Errorf("key of links: %s has %d bytes, want %d; delete it for a new one", name, len(key), linkKeyBytes)
	}
	if err := os.Chmod(name, 0o600); err != nil {
		return nil, fmt.Errorf("key of links: %w", err)
	}
	return &links{key}, nil
}

// writeOnce writes a file whole or not at all.
func writeOnce(name string, data []byte) error {
	part := name + ".part"
	if err := os.WriteFile(part, data, 0o600); err != nil {
		return err
	}
	return os.Rename(part, name)
}

// claim is what a token holds.
type claim struct {
	Incident string `json:"i"`
	Seq      int    `json:"s"` // of the event that the message told of
	Person   string `json:"p"`
	Action   string `json:"a"`
	Expires  int64  `json:"x"` // seconds since 1970
}

func (l *links) sign(data string) string {
	mac := hmac.New(sha256.New, l.key)
	mac.Write([]byte("gengfu link\n" + data))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// token is the last part of the address for one reader of one message.
func (l *links) token(n gengfu.Notice, person string, now time.Time) (string, error) {
	data, err := json.Marshal(claim{n.Incident.Number, n.Event.Seq, person, string(gengfu.EventAcked), now.Add(linkLife).Unix()})
	if err != nil {
		return "", fmt.Errorf("make link: %w", err)
	}
	text := base64.RawURLEncoding.EncodeToString(data)
	return text + "." + l.sign(text), nil
}

// open reads a token. The error is [gengfu.ErrNotFound] when it is not one of
// ours, and [gengfu.ErrConflict] when its time is over.
func (l *links) open(token string, now time.Time) (web.Link, error) {
	text, mac, _ := strings.Cut(token, ".")
	if !hmac.Equal([]byte(mac), []byte(l.sign(text))) {
		return web.Link{}, fmt.Errorf("link: %w", gengfu.ErrNotFound)
	}
	var c claim
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(data, &c) != nil || c.Action != string(gengfu.EventAcked) {
		return web.Link{}, fmt.Errorf("link: %w", gengfu.ErrNotFound)
	}
	if now.Unix() >= c.Expires {
		return web.Link{}, fmt.Errorf("link: its time is over: %w", gengfu.ErrConflict)
	}
	return web.Link{Incident: c.Incident, Seq: c.Seq, Person: c.Person}, nil
}

// linked gives the notice an address to take the incident at, while that is
// possible.
func (d *daemon) linked(n gengfu.Notice) gengfu.Notice {
	if d.links != nil && d.in.url != "" && n.Incident.State == gengfu.IncidentOpen {
		n.Ack = d.in.url + "/ack/" + linkBlank()
	}
	return n
}

// personal puts each reader's own token into the messages.
func (d *daemon) personal(n gengfu.Notice, list []gengfu.Delivery, now time.Time) {
	if n.Ack == "" {
		return
	}
	for i, del := range list {
		token, err := d.links.token(n, d.readerOf(del.Endpoint), now)
		if err != nil || len(token) > linkBlankLength {
			d.log.Warn("message goes without a link to take the incident", "endpoint", del.Endpoint, "incident", del.Incident)
			token = "none" // leads to a page that says so
		}
		list[i].Body = bytes.ReplaceAll(del.Body, []byte(linkBlank()), []byte(token))
	}
}
