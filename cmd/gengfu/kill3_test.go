package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"gengfu"
	"gengfu/demo/sinks"
	"gengfu/storage"
)

var killsOfThree = flag.Int("kills", 5, "how often the daemon with three channels is killed")

// parlour is a chat room that takes every message, but refuses one in ten.
type parlour struct {
	mu    sync.Mutex // guards the fields below
	heard []string
	sound bool // refuses nothing any more
}

func (p *parlour) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.sound && rand.IntN(10) == 0 {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	p.heard = append(p.heard, string(body))
	_, _ = io.WriteString(w, `{"code":0,"msg":"ok"}`)
}

// TestKill9_threeChannels kills the daemon at random while it tells of
// failures by webhook, mail and chat. What the ledger says was sent must have
// arrived, in the order of each incident, and nothing may be left over.
func TestKill9_threeChannels(t *testing.T) {
	hook := &receiver{order: map[string][]int{}, times: map[string]int{}, body: map[string]string{}}
	chat := &parlour{}
	mux := http.NewServeMux()
	mux.Handle("/hook", hook)
	mux.Handle("/chat", chat)
	srv := httptest.NewServer(mux)
	defer srv.Close()
	got := sinks.New(sinks.Config{})
	post, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- got.ServeSMTP(ctx, post) }()
	t.Cleanup(func() { cancel(); <-served })
	dir := t.TempDir()
	writeFile(t, dir, "gengfu.yaml", fmt.Sprintf(`data: data
language: en
listen: 127.0.0.1:0
scenarios: [scenarios]
hosts: {local: off}
egress: {loopback: on}
reminders: false
channels:
  hook: {type: webhook, url: "%[1]s/hook"}
  chat: {type: feishu, url: "%[1]s/chat"}
  mail: {type: mail, host: 127.0.0.1, port: %[2]d, tls: none, from: gengfu@drill.example, to: [duty@drill.example]}
routes:
  - {name: default, to: [hook, chat, mail]}
`, srv.URL, post.Addr().(*net.TCPAddr).Port))
	began := time.Now()
	for life := range *killsOfThree {
		newcomers(t, dir, life)
		killOnce(t, dir)
	}
	took := time.Since(began)
	hook.mu.Lock()
	hook.sound = true
	hook.mu.Unlock()
	chat.mu.Lock()
	chat.sound = true
	chat.mu.Unlock()
	drained(t, dir)
	var mails []string
	for _, m := range got.Mails() {
		mails = append(mails, m.Subject+"\n"+m.Text)
	}
	chat.mu.Lock()
	defer chat.mu.Unlock()
	hook.mu.Lock()
	defer hook.mu.Unlock()
	arrived(t, dir, took, hook, map[string][]string{"chat": chat.heard, "mail/duty@drill.example": mails})
}

// newcomers puts scenarios into the configuration, and takes older ones out:
// the same ones would soon be told to flap, and then not to be told any more.
func newcomers(t *testing.T, dir string, life int) {
	t.Helper()
	const together, lives = 3, 12
	for i := range together {
		name := func(life int) string { return fmt.Sprintf("s%d-%d", life, i) }
		writeFile(t, dir, "scenarios/"+name(life)+".yaml", "scenario: "+name(life)+
			"\nsteps: [{goto: 'http://127.0.0.1/', expect: [{title: x}]}]\nschedule: {every: 1s}\nconfirm: {retries: 1, wait: 1ms}\n")
		if err := os.Remove(filepath.Join(dir, "scenarios", name(life-lives)+".yaml")); err != nil && life >= lives {
			t.Fatal(err)
		}
	}
}

// killOnce starts the daemon and kills it after a part of a second.
func killOnce(t *testing.T, dir string) {
	t.Helper()
	c := start(t, dir, loadName)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := c.await(ctx, "serving"); err != nil {
		t.Fatal(err)
	}
	life := time.NewTimer(time.Duration(300+rand.IntN(900)) * time.Millisecond)
	select {
	case <-life.C:
	case err := <-c.done:
		t.Fatalf("the daemon ended by itself: %v\n%s", err, c.log())
	}
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-c.done
}

// plain is a text without the signs that a format may put before others.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}

// arrived holds what the ledger says was sent against what came: webhooks by
// their id, the others, which have none that all programs keep, by incident and
// first line.
func arrived(t *testing.T, dir string, took time.Duration, hook *receiver, heard map[string][]string) {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Config{Path: filepath.Join(dir, "data", "gengfu.db"), EvidenceDir: t.TempDir(), Zone: time.Local})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	list, err := store.Deliveries(t.Context(), storage.DeliveryFilter{Limit: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(list, func(a, b gengfu.Delivery) int { return int(a.ID - b.ID) })
	sent, repeated, disorder := map[string]int{}, 0, slices.Clone(hook.bad)
	var lost []string
	last := map[string]int{} // by stream, where its latest message first came
	for _, d := range list {
		switch d.State {
		case gengfu.DeliverySent:
		case gengfu.DeliveryMerged:
			continue // another message said it
		default:
			t.Errorf("delivery %d to %s is %s: %s", d.ID, d.Endpoint, d.State, d.Error)
			continue
		}
		sent[d.Endpoint]++
		if d.Endpoint == "hook" {
			n := hook.times[d.Key]
			repeated += max(n-1, 0)
			if n == 0 {
				lost = append(lost, d.Key)
			}
			continue
		}
		at := slices.IndexFunc(heard[d.Endpoint], func(text string) bool {
			digest := d.Incident != "" && strings.Contains(text, "as they stand") // that holds what it says for others
			return !digest && strings.Contains(text, d.Incident) && strings.Contains(plain(text), plain(d.Summary))
		})
		if at < 0 {
			lost = append(lost, fmt.Sprintf("%s %s %q", d.Endpoint, d.Incident, d.Summary))
		} else if before, ok := last[d.Stream]; ok && at < before {
			disorder = append(disorder, fmt.Sprintf("%s: %q came before what was told earlier", d.Stream, d.Summary))
		}
		last[d.Stream] = max(last[d.Stream], at)
	}
	t.Logf("%d kills in %s: sent %v, lost %d, webhooks repeated %d, out of order %d", *killsOfThree, took.Round(time.Second), sent, len(lost), repeated, len(disorder))
	if len(lost) > 0 || len(disorder) > 0 || len(sent) != 3 {
		t.Errorf("lost %s\nout of order %s", strings.Join(lost, "\n"), strings.Join(disorder, "\n"))
	}
}
