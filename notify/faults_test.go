package notify

import (
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gengfu"
	"gengfu/demo/sinks"
)

// faults are what can become of a call, in the order of the table in
// docs/channels.md.
var faults = []struct {
	name string
	do   func(w http.ResponseWriter, r *http.Request) // nil for a port on which nobody listens
}{
	{"refuses the connection", nil},
	{"does not answer", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
	{"answers without end", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, "{")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}},
	{"answers 503", answer(http.StatusServiceUnavailable, "")},
	{"answers 429, Retry-After: 7", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "7")
		answer(http.StatusTooManyRequests, "")(w, r)
	}},
	{"answers 429", answer(http.StatusTooManyRequests, "")},
	{"answers 200 and an error", answer(http.StatusOK, `{"errcode":99999,"code":99999,"ok":false,"error":"odd","error_code":500,"result":{"code":5}}`)},
	{"answers 200 and a page", answer(http.StatusOK, "<html>Welcome</html>")},
	{"answers 401", answer(http.StatusUnauthorized, "")},
	{"answers 404", answer(http.StatusNotFound, "")},
	{"answers 400", answer(http.StatusBadRequest, "")},
	{"answers 413", answer(http.StatusRequestEntityTooLarge, "")},
	{"takes it and breaks off", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset, not an orderly end
		}
		_ = conn.Close()
	}},
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// faulty is the rig's channel with another far end, which plays one fault to
// every message; a token is given as ever.
func faulty(t *testing.T, r rig, do http.HandlerFunc) Config {
	t.Helper()
	cfg := r.cfg
	cfg.Timeout = 300 * time.Millisecond
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/cgi-bin/gettoken" {
			answer(http.StatusOK, `{"errcode":0,"errmsg":"ok","access_token":"tok1","expires_in":7200}`)(w, q)
			return
		}
		_, _ = io.Copy(io.Discard, q.Body)
		do(w, q)
	}))
	t.Cleanup(srv.Close)
	to, err := url.Parse(cfg.URL.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	to.Host = strings.TrimPrefix(srv.URL, "http://")
	cfg.URL = gengfu.Secret(to.String())
	return cfg
}

// elsewhere are the faults of what is no HTTP service, by the script of its rig.
func elsewhere(t *testing.T, fault string, r rig) (Config, bool) {
	t.Helper()
	if r.cfg.Type == "mail" {
		rule := map[string]sinks.MailRule{
			"does not answer": {Stage: sinks.Stall}, "answers 503": {Code: 450}, "answers 400": {Stage: sinks.AfterData, Code: 554},
			"answers 413": {Stage: sinks.AfterData, Code: 552}, "takes it and breaks off": {Stage: sinks.DropAccept},
		}
		cfg := r.cfg
		cfg.Timeout = 300 * time.Millisecond
		if fault == "answers 401" {
			cfg.Password = "wrong" + canary
			return cfg, true
		}
		act, ok := rule[fault]
		act.Times = 1
		r.sinks.ScriptMail(act)
		return cfg, ok
	}
	class, ok := map[string]string{"does not answer": "hang", "answers 503": "retry", "answers 401": "endpoint", "answers 400": "message"}[fault]
	if ok {
		r.provoke[class]()
	}
	cfg := r.cfg
	cfg.Timeout = 300 * time.Millisecond
	return cfg, ok
}

// fate is the class of a channel under a fault, in the words of the table.
func fate(t *testing.T, name string, fault int) string {
	t.Helper()
	r := rigs[name](t)
	f := faults[fault]
	cfg, ok := r.cfg, true
	switch {
	case f.do == nil && r.absent != nil:
		r.absent(&cfg)
	case f.do == nil:
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
		cfg.Port = l.Addr().(*net.TCPAddr).Port
		if cfg.URL != "" {
			cfg.URL = gengfu.Secret("http://" + l.Addr().String() + "/services/" + canary)
		}
	case cfg.URL == "":
		cfg, ok = elsewhere(t, f.name, r)
	default:
		cfg = faulty(t, r, f.do)
	}
	if !ok {
		return "–"
	}
	r.cfg = cfg
	ch, d := r.queue(t, opened(), false)
	_, err := ch.Send(t.Context(), d)
	if err != nil {
		checkSecrets(t, r, err.Error())
	}
	return map[string]string{
		"none": "sent", "retry": "again", "ambiguous": "again?", "endpoint": "broken", "message": "refused",
	}[strings.SplitN(kind(err), " ", 2)[0]] + strings.TrimPrefix(strings.TrimLeft(kind(err), "abcdefghijklmnopqrstuvwxyz"), " ")
}

const (
	matrixFile  = "../docs/channels.md"
	matrixBegin = "<!-- begin: what faults lead to -->\n"
	matrixEnd   = "<!-- end -->\n"
)

// TestChannels_faults plays every fault to every channel, and holds the table
// in the documents against what comes of it; -update writes it.
func TestChannels_faults(t *testing.T) {
	names := slices.Sorted(maps.Keys(rigs))
	cells := make([]string, len(names)*len(faults))
	t.Run("each", func(t *testing.T) {
		for n, name := range names {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				for i := range faults {
					cells[i*len(names)+n] = fate(t, name, i)
				}
			})
		}
	})
	var table strings.Builder
	table.WriteString("| the far end |")
	for _, name := range names {
		fmt.Fprintf(&table, " %s |", name)
	}
	table.WriteString("\n|" + strings.Repeat(" --- |", len(names)+1) + "\n")
	for i, f := range faults {
		fmt.Fprintf(&table, "| %s |", f.name)
		for _, cell := range cells[i*len(names) : (i+1)*len(names)] {
			fmt.Fprintf(&table, " %s |", cell)
		}
		table.WriteString("\n")
	}
	doc, err := os.ReadFile(matrixFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(doc), matrixBegin)
	was, after, ok2 := strings.Cut(rest, matrixEnd)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no place for the table", matrixFile)
	}
	if *update {
		if err := os.WriteFile(matrixFile, []byte(before+matrixBegin+table.String()+matrixEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if was != table.String() {
		t.Errorf("the document says\n%s\nbut it is\n%s", was, table.String())
	}
}
