package scenarios

import (
	"fmt"
	"net/http"
	"slices"

	"gengfu/scenarios/strict"
)

// The verbs of steps that need no browser.
const (
	HTTP      Verb = "http"
	TLS       Verb = "tls"
	DNS       Verb = "dns"
	TCP       Verb = "tcp"
	ICMP      Verb = "icmp"
	WebSocket Verb = "websocket"
	SQL       Verb = "sql"
)

// The drivers of sql.
const (
	Postgres = "postgres"
	MySQL    = "mysql" // MariaDB, too
)

// DefaultFollow is how many redirects an http step follows unless it says so.
const DefaultFollow = 10

// Net is what a step without a browser asks for. Which fields are set depends
// on the verb; the address of http and websocket stands in Step.URL, the
// accepted statuses in its expectations.
type Net struct {
	Method   string     // http
	Headers  []Pair     // http websocket; Field unused
	Body     Text       // http
	JSON     *JSONValue // http
	Form     []Pair     // http; Field unused
	Follow   int        // http: redirects at most
	Insecure bool       // http tls websocket: certificates are not judged
	Address  Text       // tls tcp: host:port; icmp: host; dns: the name
	Peer     Text       // tls: the name asked for; dns: the server
	StartTLS string     // tls: smtp, or empty
	Record   string     // dns: the type
	Count    int        // icmp: packets
	Send     Text       // tcp websocket: what is sent first
	Protocol string     // websocket: the subprotocol; sql: the driver
	DSN      Text       // sql
	Query    Text       // sql
}

// Browserless reports whether a verb needs no browser at all.
func (v Verb) Browserless() bool {
	switch v {
	case HTTP, TLS, DNS, TCP, ICMP, WebSocket, SQL:
		return true
	}
	return false
}

// Browserless reports whether a run of the scenario never needs a browser: all
// its steps are checks of the network, or compare and keep what those gave, and
// nothing is kept or watched for in a browser.
func (s *Scenario) Browserless() bool {
	return s.Session == nil && len(s.Whenever) == 0 && len(s.Steps) > 0 && !slices.ContainsFunc(s.Steps, paged) && !slices.ContainsFunc(s.Always, paged)
}

// paged reports whether a step needs a page.
func paged(st Step) bool {
	if slices.ContainsFunc(st.When, func(e Expect) bool { return !e.Kind.OfAnswer() }) {
		return true
	}
	switch {
	case st.Verb.Browserless(), st.Verb == Check, st.Verb == Wait && st.Pause > 0:
		return !st.Verb.Browserless() && len(st.Expect) > 0
	case st.Verb == Save:
		return len(st.Expect) > 0 || slices.ContainsFunc(st.Saves, func(v SaveValue) bool { return !v.OfAnswer() })
	}
	return true
}

// OfAnswer reports whether the value comes from the last answer to a step
// without a browser, not from a page.
func (v SaveValue) OfAnswer() bool {
	return v.Source == "json" || v.Source == "header" || v.Source == "body"
}

// Answer is what a step without a browser got, for conditions and values of the
// steps after it.
type Answer struct {
	Body   []byte
	JSON   []byte // the document for json, when it is not the body
	Header http.Header
}

// Errand is what a step without a browser is given by the run that it belongs
// to. It is used by one step at a time.
type Errand struct {
	Scenario *Scenario
	Env      *Env
	Base     string          // the address that paths are relative to, empty for none
	Jar      http.CookieJar  // nil for none
	Hide     func(...string) // keeps texts out of everything that is told
	Answer   *Answer         // of the last step that had one; steps put theirs here
}

// netVerbs are the rows of the table of verbs for steps without a browser.
func netVerbs() []VerbSpec {
	return []VerbSpec{
		{HTTP, shapeHTTP, fields(httpKeys()), "发出 HTTP 请求（不用浏览器）", "send an HTTP request, without a browser", "http: GET ${base}/api/health", (*reader).httpStep},
		{TLS, shapeTLS, fields(tlsKeys()), "检查 TLS 与证书", "look at the TLS of a server and its certificate", "tls: platform.example:443", netStep(func(l *language) []key[Step] { return l.net.tls }, addressText)},
		{DNS, shapeDNS, fields(dnsKeys()), "查询域名", "look a name up", "dns: {name: platform.example, type: A}", netStep(func(l *language) []key[Step] { return l.net.dns }, hostText)},
		{TCP, shapeTCP, fields(tcpKeys()), "建立 TCP 连接", "connect over TCP", "tcp: db.internal:5432", netStep(func(l *language) []key[Step] { return l.net.tcp }, addressText)},
		{ICMP, shapeICMP, fields(icmpKeys()), "Ping 主机", "ping a host", "icmp: gateway.internal", netStep(func(l *language) []key[Step] { return l.net.icmp }, hostText)},
		{WebSocket, shapeWebSocket, fields(socketKeys()), "打开 WebSocket", "open a WebSocket", "websocket: wss://platform.example/live", netStep(func(l *language) []key[Step] { return l.net.socket }, socketURL)},
		{SQL, shapeSQL, fields(sqlKeys()), "查询数据库（只读）", "ask a database, read-only", "sql: {driver: postgres, dsn: \"${secret.db}\", query: SELECT 1}", (*reader).sqlStep},
	}
}

// netStep reads a mapping by its table, and a plain text as the address.
func netStep(keys func(*language) []key[Step], plain func(*reader, strict.Node, *Step)) func(*reader, strict.Node, *Step) {
	return func(r *reader, n strict.Node, s *Step) {
		s.Follow, s.Count, s.Record = DefaultFollow, 3, "A"
		if n.Kind() == strict.Mapping {
			readMap(r, n, keys(r.lang), s)
			return
		}
		plain(r, n, s)
	}
}

// netModifiers refuses what stands beside a step and does not go with it.
func (r *reader) netModifiers(n strict.Node, s *Step) {
	for _, e := range s.When {
		if e.Kind.beside() != nil && !e.Kind.OfAnswer() {
			r.problem(e.Pos, string(e.Kind)+" is no condition of when", "body, json and header are, and those of pages")
		}
	}
	for _, e := range s.Expect {
		if verbs := e.Kind.beside(); verbs != nil && !slices.Contains(verbs, s.Verb) {
			r.problem(e.Pos, string(e.Kind)+" goes with "+verbList(verbs)+" only", "")
		} else if verbs == nil && s.Verb.Browserless() && (e.Kind != ExpectStatus || s.Verb != HTTP) {
			r.problem(e.Pos, string(e.Kind)+" is of a page, not of "+string(s.Verb), "")
		}
	}
	for _, o := range s.Outcome {
		switch {
		case !s.Verb.Browserless():
		case o.Visible != nil:
			n.Problem("visible is of a page, not of "+string(s.Verb), "")
		case o.URL != nil:
			n.Problem("url is of a page, not of "+string(s.Verb), "")
		}
	}
	for _, e := range s.For {
		if e.Kind.beside() != nil {
			r.problem(e.Pos, string(e.Kind)+" goes with "+verbList(e.Kind.beside())+" only", "")
		}
	}
	if s.Verb.Browserless() && (len(s.Frame) > 0 || !s.Tab.IsZero() || s.OnDialog != nil || s.Network != "") {
		n.Problem("frame, tab, on_dialog and network are of pages, not of "+string(s.Verb), "leave them out")
	}
}

// netScenario refuses what can have no meaning without a page.
func (r *reader) netScenario(s Scenario) {
	if !s.Browserless() {
		return
	}
	for _, st := range append(s.Steps[:len(s.Steps):len(s.Steps)], s.Always...) {
		if src := st.URL.Source(); len(src) > 0 && src[0] == '/' {
			r.problem(st.Pos, "the address has no host", "no step opens a page: write ${base}"+src)
		}
	}
}

// checkNetSave reads where a value of an answer comes from; false says that the
// value is of a page.
func checkNetSave(n strict.Node, v *SaveValue) bool {
	switch {
	case v.Source == "" && v.Path != nil:
		v.Source = "json"
	case v.Source == "" && v.Header != "":
		v.Source = "header"
	}
	switch {
	case !v.OfAnswer() && (v.Path != nil || v.Header != ""):
		n.Problem("source "+v.Source+" has no json and no header", "leave source out")
	case !v.OfAnswer():
		return false
	case v.From != nil || v.Attribute != "":
		n.Problem("source "+v.Source+" is of the last answer, not of an element", "leave from and attribute out")
	case v.Source == "json" && v.Path == nil:
		n.Problem(`"json" is missing`, "the path of the value")
	case v.Source == "header" && v.Header == "":
		n.Problem(`"header" is missing`, "the header's name")
	}
	return true
}

// netSaves reads the values that a request keeps of its own answer.
func (r *reader) netSaves(n strict.Node, s *Step) {
	r.saveStep(n, s)
	for _, v := range s.Saves {
		if !v.OfAnswer() {
			n.Problem(fmt.Sprintf("%q is no value of an answer", v.Name), "take it from json, header or body")
		}
	}
}

// netArgument is what a step without a browser is about, for its name.
func netArgument(s Step) string {
	switch s.Verb {
	case HTTP:
		return s.Method + " " + shortURL(s.URL.Source())
	case WebSocket:
		return shortURL(s.URL.Source())
	case DNS:
		return s.Record + " " + s.Address.Source()
	case SQL:
		return s.Protocol
	}
	return s.Address.Source()
}
