package scenarios

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"gengfu/scenarios/strict"
)

// The shapes of the arguments of steps without a browser.
const (
	shapeHTTP      Shape = "http"
	shapeTLS       Shape = "tls"
	shapeDNS       Shape = "dns"
	shapeTCP       Shape = "tcp"
	shapeICMP      Shape = "icmp"
	shapeWebSocket Shape = "websocket"
	shapeSQL       Shape = "sql"
	shapeJSON      Shape = "json"
	shapeJSONWant  Shape = "jsonWant"
	shapeHeader    Shape = "headerWant"
	shapeAnswers   Shape = "answers"
	shapeRows      Shape = "rows"
	shapeLoss      Shape = "loss"
	shapePercent   Shape = "percent"
)

// netLanguage holds the tables of steps without a browser.
type netLanguage struct {
	http, tls, dns, tcp, icmp, socket, sql []key[Step]
	header, json, answers, rows, loss      []key[Expect]
}

func newNetLanguage(l *language) netLanguage {
	n := netLanguage{
		http: httpKeys(), tls: tlsKeys(), dns: dnsKeys(), tcp: tcpKeys(), icmp: icmpKeys(), socket: socketKeys(), sql: sqlKeys(),
		answers: answersKeys(), rows: countKeys()[1:], loss: lossKeys(),
	}
	name := attributeNameKey()
	name.Zh, name.En = "响应头名称", "the header's name"
	n.header = append([]key[Expect]{name}, lift(l.match)...)
	n.json = append(jsonKeys(), lift(l.match)...)
	return n
}

func urlKey(zh, en string, read func(*reader, strict.Node, *Step)) key[Step] {
	return key[Step]{Field{Name: "url", Shape: shapeText, Required: true, Zh: zh, En: en}, read}
}

func headersKey() key[Step] {
	return key[Step]{Field{Name: "headers", Shape: shapeTextMap, Zh: "请求头", En: "headers of the request"}, func(r *reader, n strict.Node, s *Step) { s.Headers = r.pairs(n, "header") }}
}

func insecureKey() key[Step] {
	return key[Step]{Field{Name: "insecure", Shape: shapeBool, Zh: "不校验证书", En: "do not judge the certificate"}, func(r *reader, n strict.Node, s *Step) { s.Insecure, _ = n.Bool() }}
}

func addressKey() key[Step] {
	return key[Step]{Field{Name: "address", Shape: shapeText, Required: true, Zh: "主机:端口", En: "host:port"}, addressText}
}

func sendKey() key[Step] {
	return key[Step]{Field{Name: "send", Shape: shapeText, Zh: "连接后发送的内容", En: "what is sent first"}, func(r *reader, n strict.Node, s *Step) { s.Send = r.text(n) }}
}

func methods() []string {
	return []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}
}

func httpKeys() []key[Step] {
	return []key[Step]{
		urlKey("地址", "the address", func(r *reader, n strict.Node, s *Step) { s.URL = r.netAddress(n, "") }),
		{Field{Name: "method", Words: methods(), Zh: "方法；默认 GET，有正文时为 POST", En: "the method; GET unless given, POST with a body"}, func(r *reader, n strict.Node, s *Step) { s.Method, _ = n.Enum("method", methods()...) }},
		headersKey(),
		{Field{Name: "body", Shape: shapeText, Zh: "正文", En: "the body, as it is"}, func(r *reader, n strict.Node, s *Step) { s.Body = r.text(n) }},
		{Field{Name: "json", Shape: shapeJSON, Zh: "JSON 正文", En: "the body, as JSON"}, func(r *reader, n strict.Node, s *Step) { s.JSON = r.jsonValue(n) }},
		{Field{Name: "form", Shape: shapeTextMap, Zh: "表单正文", En: "the body, as the fields of a form"}, func(r *reader, n strict.Node, s *Step) { s.Form = r.pairs(n, "") }},
		{Field{Name: "follow", Shape: shapeInt, Zh: "最多跟随几次重定向；默认 10", En: "redirects at most; 10 unless given, 0 for none"}, func(r *reader, n strict.Node, s *Step) { s.Follow, _ = n.Int(0, 20) }},
		{Field{Name: "timeout", Shape: shapeDuration, Zh: "最长等待", En: "how long it may take"}, func(r *reader, n strict.Node, s *Step) { s.Timeout, _ = n.Duration() }},
		insecureKey(),
		{Field{Name: "save", Shape: shapeSaves, Zh: "从返回内容取值", En: "keep values of the answer"}, (*reader).netSaves},
	}
}

func tlsKeys() []key[Step] {
	return []key[Step]{
		addressKey(),
		{Field{Name: "server_name", Shape: shapeText, Zh: "证书应适用的域名；默认为主机名", En: "the name the certificate must be for; the host unless given"}, func(r *reader, n strict.Node, s *Step) { s.Peer = r.needText(n) }},
		{Field{Name: "starttls", Words: []string{"smtp"}, Zh: "先以明文协商", En: "the protocol that is spoken before TLS begins"}, func(r *reader, n strict.Node, s *Step) { s.StartTLS, _ = n.Enum("protocol", "smtp") }},
		insecureKey(),
	}
}

func recordTypes() []string {
	return []string{"A", "AAAA", "CNAME", "MX", "TXT", "NS", "CAA", "SRV", "SOA", "PTR"}
}

func dnsKeys() []key[Step] {
	return []key[Step]{
		{Field{Name: "name", Shape: shapeText, Required: true, Zh: "域名", En: "the name"}, hostText},
		{Field{Name: "type", Words: recordTypes(), Zh: "记录类型；默认 A", En: "the type of the record; A unless given"}, func(r *reader, n strict.Node, s *Step) { s.Record, _ = n.Enum("type", recordTypes()...) }},
		{Field{Name: "server", Shape: shapeText, Zh: "DNS 服务器；默认为系统的", En: "the name server; the system's unless given"}, func(r *reader, n strict.Node, s *Step) { s.Peer = r.needText(n) }},
	}
}

func tcpKeys() []key[Step] { return []key[Step]{addressKey(), sendKey()} }

func icmpKeys() []key[Step] {
	return []key[Step]{
		{Field{Name: "host", Shape: shapeText, Required: true, Zh: "主机", En: "the host"}, hostText},
		{Field{Name: "count", Shape: shapeInt, Zh: "发送几个；默认 3", En: "how many are sent; 3 unless given"}, func(r *reader, n strict.Node, s *Step) { s.Count, _ = n.Int(1, 20) }},
	}
}

func socketKeys() []key[Step] {
	return []key[Step]{
		urlKey("地址，以 ws:// 或 wss:// 开头", "the address: ws:// or wss://", socketURL),
		headersKey(),
		{Field{Name: "subprotocol", Shape: shapeText, Zh: "子协议", En: "the subprotocol that is asked for"}, func(r *reader, n strict.Node, s *Step) { s.Protocol, _ = n.String() }},
		sendKey(), insecureKey(),
	}
}

func sqlKeys() []key[Step] {
	return []key[Step]{
		{Field{Name: "driver", Words: []string{Postgres, MySQL}, Required: true, Zh: "数据库类型", En: "the kind of database"}, func(r *reader, n strict.Node, s *Step) { s.Protocol, _ = n.Enum("driver", Postgres, MySQL) }},
		{Field{Name: "dsn", Shape: shapeText, Required: true, Zh: "连接串，例如 ${secret.db}", En: "where and as whom, such as ${secret.db}"}, func(r *reader, n strict.Node, s *Step) {
			s.DSN = r.text(n)
			r.mustBeSecret(n, s.DSN, "the connection string")
		}},
		{Field{Name: "query", Shape: shapeText, Zh: "查询；默认 SELECT 1", En: "the query; SELECT 1 unless given"}, func(r *reader, n strict.Node, s *Step) { s.Query = r.needText(n) }},
	}
}

// httpStep reads METHOD address, an address alone, or a mapping.
func (r *reader) httpStep(n strict.Node, s *Step) {
	netStep(func(l *language) []key[Step] { return l.net.http }, func(r *reader, n strict.Node, s *Step) {
		text, ok := n.String()
		if !ok {
			return
		}
		s.Method = http.MethodGet
		word, _, two := strings.Cut(text, " ")
		if !two || strings.Contains(word, "$") || strings.Contains(word, "/") {
			s.URL = r.netAddress(n, "")
			return
		}
		if s.Method = word; !slices.Contains(methods(), word) {
			n.Problem(fmt.Sprintf("unknown method %q", word), strict.Suggest(word, methods()))
			return
		}
		s.URL = r.netAddress(n, word+" ")
	})(r, n, s)
	bodies := 0
	for _, given := range []bool{!s.Body.IsZero(), s.JSON != nil, len(s.Form) > 0} {
		if given {
			bodies++
		}
	}
	switch {
	case bodies > 1:
		n.Problem("body, json and form exclude each other", "keep one of them")
	case s.Method == "" && bodies == 1:
		s.Method = http.MethodPost
	case s.Method == "":
		s.Method = http.MethodGet
	case bodies > 0 && (s.Method == http.MethodGet || s.Method == http.MethodHead):
		n.Problem(s.Method+" has no body", "write method: POST")
	}
}

func (r *reader) sqlStep(n strict.Node, s *Step) {
	if readMap(r, n, r.lang.net.sql, s) && s.Query.IsZero() {
		s.Query = Literal("SELECT 1")
	}
}

// netAddress reads an address of http; a path alone is relative to the page.
func (r *reader) netAddress(n strict.Node, prefix string) Text {
	text, ok := n.String()
	if !ok {
		return Text{}
	}
	rest := strings.TrimPrefix(text, prefix)
	t := r.parse(n, rest, utf8.RuneCountInString(prefix))
	lower := strings.ToLower(rest)
	if !t.IsZero() && !strings.HasPrefix(rest, "${") && !strings.HasPrefix(rest, "/") && !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") {
		n.Problem("the address does not begin with http:// or https://", "")
	}
	return t
}

func socketURL(r *reader, n strict.Node, s *Step) {
	s.URL = r.needText(n)
	if src := s.URL.Source(); !s.URL.IsZero() && !strings.HasPrefix(src, "${") && !strings.HasPrefix(src, "ws://") && !strings.HasPrefix(src, "wss://") {
		n.Problem("the address does not begin with ws:// or wss://", "")
	}
}

// addressText reads host:port.
func addressText(r *reader, n strict.Node, s *Step) {
	s.Address = r.needText(n)
	if src := s.Address.Source(); !s.Address.IsZero() && (!strings.Contains(src, ":") || strings.Contains(src, "://")) && !strings.HasSuffix(src, "}") {
		n.Problem(fmt.Sprintf("%q is not host:port", src), "such as db.internal:5432")
	}
}

// hostText reads a name or an address without a port.
func hostText(r *reader, n strict.Node, s *Step) {
	s.Address = r.needText(n)
	if src := s.Address.Source(); strings.Contains(src, "/") {
		n.Problem(fmt.Sprintf("%q is not the name of a host", src), "leave scheme and path out")
	}
}

// pairs reads texts by name; what is set when the names are those of headers.
func (r *reader) pairs(n strict.Node, what string) []Pair {
	m, ok := n.Map()
	if !ok {
		return nil
	}
	var out []Pair
	for _, e := range m.Entries {
		if what != "" && !headerPattern.MatchString(e.Key) {
			e.At.Problem(fmt.Sprintf("%q cannot be the name of a header", e.Key), "")
		}
		out = append(out, Pair{Key: e.Key, Value: r.text(e.Value)})
	}
	return out
}

func verbList(verbs []Verb) string {
	words := make([]string, len(verbs))
	for i, v := range verbs {
		words[i] = string(v)
	}
	return strings.Join(words, ", ")
}
