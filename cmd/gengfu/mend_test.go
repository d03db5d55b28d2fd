package main

import (
	"strings"
	"testing"
	"time"

	"gengfu"
	"gengfu/notify"
)

// Only the endpoints of channels that are new or changed have been mended,
// whatever their endpoints are called.
func TestTelling_mended(t *testing.T) {
	opened := func(cfgs ...notify.Config) *telling {
		in := &instance{zone: time.UTC, channels: cfgs, routes: []notify.Route{{Name: notify.DefaultRoute}}}
		tl, err := in.telling()
		if err != nil {
			t.Fatal(err)
		}
		return tl
	}
	hook := notify.Config{Name: "hook", Type: "webhook", URL: "https://a.example"}
	mail := notify.Config{Name: "mail", Type: "mail", Host: "localhost", TLS: "none", From: "a@example.org", To: []string{"b@example.org", "c@example.org"}}
	before := opened(hook, mail)
	moved, renewed := hook, mail
	moved.URL, renewed.Password, renewed.Username = gengfu.Secret("https://b.example"), "x", "u"
	added := hook
	added.Name = "other"
	for want, now := range map[string]*telling{
		"": opened(hook, mail), "hook": opened(moved, mail), "mail/b@example.org mail/c@example.org": opened(hook, renewed), "other": opened(hook, mail, added),
	} {
		if got := strings.Join(now.mended(before), " "); got != want {
			t.Errorf("mended %q, want %q", got, want)
		}
	}
	if got := before.mended(nil); got != nil {
		t.Errorf("at the start: %q", got)
	}
}
