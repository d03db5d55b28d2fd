package notify

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"gengfu/demo/sinks"
)

// letter is one call as a station judges it.
type letter struct {
	*http.Request
	body  []byte
	query url.Values
	doc   map[string]any // the body, when it is a JSON object
}

// verdict is what a station answers; text is what it keeps when it took the
// message.
type verdict struct {
	status int
	answer string
	text   string
}

// station is the other end of a chat service: it plays what it was told to,
// and else judges calls by the rules the service documents.
type station struct {
	judge func(letter) verdict
	held  chan struct{} // gets a value when a call is kept hanging

	mu     sync.Mutex // guards the fields below
	script []sinks.Reply
	kept   []string
	calls  []letter
	hits   []time.Time // messages in the window
}

func newStation(t *testing.T, judge func(*station, letter) verdict) (*station, string) {
	t.Helper()
	s := &station{held: make(chan struct{}, 9)}
	s.judge = func(l letter) verdict { return judge(s, l) }
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return s, srv.URL
}

// ServeHTTP answers one call; asking for a token is outside of scripts.
func (s *station) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	l := letter{Request: r, body: body, query: r.URL.Query()}
	_ = json.Unmarshal(body, &l.doc)
	s.mu.Lock()
	s.calls = append(s.calls, l)
	var play *sinks.Reply
	if len(s.script) > 0 && r.URL.Path != "/cgi-bin/gettoken" {
		play, s.script = &s.script[0], s.script[1:]
	}
	s.mu.Unlock()
	v := verdict{}
	if play == nil {
		v = s.judge(l)
	} else {
		v.status, v.answer = cmp.Or(play.Status, 200), play.Body
		w.Header().Set("Retry-After", play.RetryAfter)
	}
	switch {
	case play != nil && play.Hang:
		s.held <- struct{}{}
		<-r.Context().Done()
		return
	case play != nil && play.Drop:
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.Close()
		}
		return
	}
	if v.text != "" {
		s.mu.Lock()
		s.kept = append(s.kept, v.text)
		s.mu.Unlock()
	}
	w.WriteHeader(v.status)
	_, _ = io.WriteString(w, v.answer)
}

func (s *station) arrived() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.kept...)
}

// over counts a message and reports whether the window is full.
func (s *station) over(limit int, window time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	recent := s.hits[:0]
	for _, at := range s.hits {
		if now.Sub(at) < window {
			recent = append(recent, at)
		}
	}
	s.hits = append(recent, now)
	return len(s.hits) > limit
}

func (s *station) play(r sinks.Reply) func() {
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.script = append(s.script, r)
	}
}

// provoke are the classes that all have in common, and those of a service.
func (s *station) provoke(more map[string]sinks.Reply) map[string]func() {
	echo := "the key is " + canary
	all := map[string]func(){
		"retry": s.play(sinks.Reply{Status: 500, Body: echo}), "later": s.play(sinks.Reply{Status: 429, RetryAfter: "7", Body: echo}),
		"endpoint": s.play(sinks.Reply{Status: 404, Body: echo}), "lost": s.play(sinks.Reply{Drop: true}), "hang": s.play(sinks.Reply{Hang: true}),
	}
	for class, reply := range more {
		all[class] = s.play(reply)
	}
	return all
}

// stationRig puts a channel in front of a station.
func stationRig(t *testing.T, judge func(*station, letter) verdict, more map[string]sinks.Reply, cfg func(base string) Config) rig {
	t.Helper()
	s, base := newStation(t, judge)
	return rig{cfg: cfg(base), sinks: sinks.New(sinks.Config{}), provoke: s.provoke(more), arrived: s.arrived, station: s, held: s.held}
}

// pick walks into a document by names and indexes.
func pick(doc any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := doc.(map[string]any)
			doc = m[p]
		case int:
			l, _ := doc.([]any)
			if p >= len(l) {
				return nil
			}
			doc = l[p]
		}
	}
	return doc
}

func textAt(doc any, path ...any) string {
	s, _ := pick(doc, path...).(string)
	return s
}

// coded answers as WeCom and DingTalk do: HTTP 200 and a code.
func coded(code int, text string) verdict {
	v := verdict{status: 200, answer: fmt.Sprintf(`{"errcode":%d,"errmsg":"said"}`, code)}
	if code == 0 {
		v.text = text
	}
	return v
}

// wecomContentOf holds a message against the limits of its type.
func wecomContentOf(l letter, markdown int) (text string, code int) {
	kind := textAt(l.doc, "msgtype")
	limit := map[string]int{"text": 2048, "markdown": markdown}[kind]
	text = textAt(l.doc, kind, "content")
	switch {
	case limit == 0:
		return "", 40008
	case !utf8.Valid(l.body) || text == "":
		return "", 44004
	case len(text) > limit:
		return "", 45002
	}
	return text, 0
}

func judgeWecomRobot(s *station, l letter) verdict {
	if l.URL.Path != "/cgi-bin/webhook/send" || l.query.Get("key") != canary {
		return coded(93000, "")
	}
	text, code := wecomContentOf(l, 4096)
	if textAt(l.doc, "msgtype") == "image" {
		text, code = textAt(l.doc, "image", "md5"), 0
	}
	if code == 0 && s.over(20, time.Minute) {
		code = 45009
	}
	return coded(code, text)
}

func judgeWecomApp(s *station, l letter) verdict {
	if l.URL.Path == "/cgi-bin/gettoken" {
		if l.query.Get("corpid") != "wwcorp" || l.query.Get("corpsecret") != canary {
			return coded(40001, "")
		}
		return verdict{status: 200, answer: `{"errcode":0,"errmsg":"ok","access_token":"tok` + strconv.Itoa(len(s.tokens())) + `","expires_in":7200}`}
	}
	if tokens := s.tokens(); l.query.Get("access_token") != "tok"+strconv.Itoa(len(tokens)) {
		return coded(40014, "")
	}
	text, code := wecomContentOf(l, 2048)
	if code != 0 {
		return coded(code, "")
	}
	if textAt(l.doc, "touser") == "nobody" {
		return verdict{status: 200, answer: `{"errcode":0,"errmsg":"ok","invaliduser":"nobody","msgid":"m1"}`}
	}
	if s.over(30, time.Minute) {
		text = "" // taken and never shown
	}
	return verdict{status: 200, answer: `{"errcode":0,"errmsg":"ok","msgid":"m1"}`, text: text}
}

// tokens are the calls for one.
func (s *station) tokens() (all []letter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.calls {
		if l.URL.Path == "/cgi-bin/gettoken" {
			all = append(all, l)
		}
	}
	return all
}

func judgeDingtalk(s *station, l letter) verdict {
	stamp := l.query.Get("timestamp")
	ms, err := strconv.ParseInt(stamp, 10, 64)
	switch {
	case l.URL.Path != "/robot/send" || l.query.Get("access_token") != canary:
		return coded(300005, "")
	case err != nil || time.Since(time.UnixMilli(ms)).Abs() > time.Hour || l.query.Get("sign") != signDingtalk(stamp, "SEC"+canary):
		return coded(310000, "")
	}
	text := textAt(l.doc, "markdown", "text")
	if textAt(l.doc, "msgtype") == "text" {
		text = textAt(l.doc, "text", "content")
	} else if textAt(l.doc, "markdown", "title") == "" {
		return coded(40035, "")
	}
	if len(l.body) > 20_000 || text == "" {
		return coded(460101, "")
	}
	if s.over(20, time.Minute) {
		return coded(130101, "")
	}
	return coded(0, text)
}

func judgeFeishu(s *station, l letter) verdict {
	say := func(code int, text string) verdict {
		return verdict{status: 200, answer: fmt.Sprintf(`{"code":%d,"msg":"said","data":{}}`, code), text: text}
	}
	stamp := textAt(l.doc, "timestamp")
	sec, err := strconv.ParseInt(stamp, 10, 64)
	switch {
	case err != nil || time.Since(time.Unix(sec, 0)).Abs() > time.Hour || textAt(l.doc, "sign") != signFeishu(stamp, canary+"s"):
		return say(19021, "")
	case len(l.body) > 20_000:
		return say(9499, "")
	}
	text := textAt(l.doc, "card", "elements", 0, "text", "content") + "\n" + textAt(l.doc, "card", "header", "title", "content")
	if textAt(l.doc, "msg_type") == "text" {
		text = textAt(l.doc, "content", "text")
	}
	if s.over(5, time.Second) {
		return say(11232, "")
	}
	return say(0, text)
}

func judgeTeams(_ *station, l letter) verdict {
	card := pick(l.doc, "attachments", 0, "content")
	switch {
	case len(l.body) > 21_000:
		return verdict{status: 413, answer: "too large"}
	case textAt(l.doc, "type") != "message" || textAt(l.doc, "attachments", 0, "contentType") != "application/vnd.microsoft.card.adaptive" || textAt(card, "type") != "AdaptiveCard":
		return verdict{status: 400, answer: "no card"}
	}
	return verdict{status: 202, text: textAt(card, "body", 0, "text") + "\n" + textAt(card, "body", 1, "text")}
}

func judgeTelegram(s *station, l letter) verdict {
	refuse := func(code int, words string) verdict {
		return verdict{status: code, answer: fmt.Sprintf(`{"ok":false,"error_code":%d,"description":%q}`, code, words)}
	}
	text := textAt(l.doc, "text")
	switch {
	case l.URL.Path != "/bot"+canary+"/sendMessage":
		return refuse(404, "Not Found")
	case textAt(l.doc, "chat_id") == "-100":
		return verdict{status: 400, answer: `{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1001}}`}
	case textAt(l.doc, "chat_id") != "-1001":
		return refuse(400, "Bad Request: chat not found")
	case utf8.RuneCountInString(text) > 4096 || text == "":
		return refuse(400, "Bad Request: message is too long")
	case s.over(20, time.Minute):
		return verdict{status: 429, answer: `{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":7}}`}
	}
	return verdict{status: 200, answer: `{"ok":true,"result":{"message_id":17}}`, text: text}
}

func judgePagerduty(_ *station, l letter) verdict {
	p := pick(l.doc, "payload")
	switch {
	case l.URL.Path != "/v2/enqueue" || textAt(l.doc, "routing_key") != canary:
		return verdict{status: 400, answer: `{"status":"invalid event","message":"Event object is invalid","errors":["Invalid routing key"]}`}
	case textAt(p, "summary") == "" || textAt(p, "source") == "" || len(textAt(l.doc, "dedup_key")) > 255 || len(l.body) > 512<<10 || utf8.RuneCountInString(textAt(p, "summary")) > 1024:
		return verdict{status: 400, answer: `{"status":"invalid event","errors":["payload"]}`}
	}
	return verdict{status: 202, answer: `{"status":"success","message":"Event processed","dedup_key":"` + textAt(l.doc, "dedup_key") + `"}`, text: string(l.body)}
}

func judgeAlertmanager(_ *station, l letter) verdict {
	var alerts []alert
	if l.URL.Path != "/api/v2/alerts" || json.Unmarshal(l.body, &alerts) != nil || len(alerts) == 0 {
		return verdict{status: 400, answer: `{"code":601,"message":"parsing alerts"}`}
	}
	for _, a := range alerts {
		for name, value := range a.Labels {
			if value == "" || name == "" {
				return verdict{status: 400, answer: "bad label"}
			}
		}
	}
	return verdict{status: 200, text: string(l.body)}
}

func judgeGateway(_ *station, l letter) verdict {
	if l.Header.Get("X-Key") != canary || textAt(l.doc, "mobile") != "13800000000" || len(textAt(l.doc, "text")) > 210 {
		return verdict{status: 200, answer: `{"result":{"code":"7"}}`}
	}
	return verdict{status: 200, answer: `{"result":{"code":0}}`, text: textAt(l.doc, "text") + textAt(l.doc, "no")}
}
