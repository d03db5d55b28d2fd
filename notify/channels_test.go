package notify

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gengfu"
)

// Every rejection says which field, what is wrong, and what is wanted, and
// shows no secret.
func TestGolden_configRejections(t *testing.T) {
	with := func(cfg Config, change func(*Config)) Config { change(&cfg); return cfg }
	hook, box, room := webhookConfig("https://hook.example/"+canary), mailConfig(gengfu.English), slackConfig(gengfu.English, "")
	bad := []Config{
		{},
		with(hook, func(c *Config) { c.Name, c.Lang, c.Timeout = "a b", "fr", time.Hour }),
		with(hook, func(c *Config) { c.Type = "pager" }),
		with(hook, func(c *Config) { c.URL = "" }),
		with(hook, func(c *Config) { c.URL = "ftp://" + canary }),
		with(hook, func(c *Config) { c.Secret = canary }),
		with(hook, func(c *Config) { c.Previous, c.Secret = c.Secret, "" }),
		with(hook, func(c *Config) { c.Previous = "whsec_short" }),
		with(box, func(c *Config) { c.Host, c.Port, c.TLS = "", -1, "ssl" }),
		with(box, func(c *Config) { c.Host, c.Username, c.Password = "mail.example.org", "gengfu", canary }),
		with(box, func(c *Config) { c.Password = canary }),
		with(box, func(c *Config) { c.From, c.To = "nobody", nil }),
		with(box, func(c *Config) { c.To = []string{"Duty <duty@example.org>", "x\r\nRCPT TO:<y@example.org>"} }),
		with(room, func(c *Config) { c.Token = "" }),
		with(room, func(c *Config) { c.Channel = "" }),
		with(room, func(c *Config) { c.Token, c.URL = "", "https://hooks.slack.com/services/"+canary }),
		with(room, func(c *Config) { c.Token, c.Channel, c.URL = "", "", canary }),
	}
	var all strings.Builder
	for i, cfg := range bad {
		err := cfg.Validate()
		if !errors.Is(err, gengfu.ErrInvalid) {
			t.Errorf("case %d: %v", i, err)
			continue
		}
		fmt.Fprintf(&all, "%s\n\n", err)
		if _, err := New(cfg, Deps{}); err == nil {
			t.Errorf("case %d was opened all the same", i)
		}
	}
	if strings.Contains(all.String(), canary) {
		t.Error("an error shows a secret")
	}
	golden(t, "config.errors.txt", all.String())
}

func TestOpen_refusesTwins(t *testing.T) {
	_, err := Open([]Config{webhookConfig("https://a.example"), webhookConfig("https://b.example")}, Deps{})
	if !errors.Is(err, gengfu.ErrInvalid) || !strings.Contains(err.Error(), "used twice") {
		t.Errorf("%v", err)
	}
	cfg := webhookConfig("https://a.example")
	cfg.CAFile = "testdata/none.pem"
	if _, err := Open([]Config{cfg}, Deps{}); err == nil || !strings.Contains(err.Error(), "CA file") {
		t.Errorf("%v", err)
	}
}

func TestOpen_listsEndpoints(t *testing.T) {
	channels, err := Open([]Config{mailConfig(gengfu.English), webhookConfig("https://a.example")}, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(channels.Endpoints(), " "); got != "mail/duty@example.org mail/lead@example.org hook" {
		t.Errorf("endpoints %q", got)
	}
	if _, ok := channels.For("mail"); ok {
		t.Error("a channel with recipients is no endpoint itself")
	}
}

func TestConfig_printsNoSecret(t *testing.T) {
	cfg := webhookConfig("https://hook.example/" + canary)
	cfg.Token, cfg.Password = canary, canary
	if text := fmt.Sprintf("%v %+v %#v", cfg, cfg, cfg); strings.Contains(text, canary) || strings.Contains(text, testSecret) {
		t.Errorf("printed: %s", text)
	}
}
