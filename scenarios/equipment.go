package scenarios

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"gengfu/scenarios/strict"
)

// Equipment is what a run brings along into its fresh browser context.
type Equipment struct {
	Auth     []Login
	Clients  []ClientCertificate
	Cookies  []Cookie
	Location *Location
	Network  *Network
}

// Login answers the HTTP authentication (RFC 7235) of one origin.
type Login struct {
	Origin             Text // scheme, host and port
	Username, Password Text
}

// ClientCertificate is shown to the servers of one origin.
type ClientCertificate struct {
	Origin Text
	PEM    Text // the certificate, those between it and its issuer, and its key
	CA     Text // PEM of the issuers that the server is judged by; empty for those of the system
}

// Cookie is set before the first request. Either URL or Domain is given.
type Cookie struct {
	Name        string
	Value       Text
	URL, Domain Text
	Path        string
}

// Location is where the device says it is.
type Location struct {
	Latitude, Longitude float64 // degrees
	Accuracy            float64 // metres
}

// Network throttles the pages' connections; rates are bytes a second, 0 for
// no limit.
type Network struct {
	Offline          bool // by a step
	Latency          time.Duration
	Download, Upload int64
}

// equipmentKeys are rows of the table of browser settings.
func equipmentKeys() []key[Browser] {
	return []key[Browser]{
		{Field{Name: "auth", Shape: shapeLogins, Zh: "HTTP 认证，仅发往所列来源", En: "HTTP authentication, given to the named origin only"}, func(r *reader, n strict.Node, b *Browser) {
			b.Equipment.Auth = readList(r, n, r.lang.login)
		}},
		{Field{Name: "cookies", Shape: shapeCookies, Zh: "首个请求之前设置的 Cookie", En: "cookies that are set before the first request"}, func(r *reader, n strict.Node, b *Browser) {
			b.Equipment.Cookies = readList(r, n, r.lang.cookie)
			for _, c := range b.Equipment.Cookies {
				if c.URL.IsZero() == c.Domain.IsZero() {
					n.Problem(fmt.Sprintf("the cookie %q does not say where it belongs", c.Name), "give either url or domain")
				}
			}
		}},
		{Field{Name: "geolocation", Shape: shapeLocation, Zh: "地理位置，并授予权限", En: "where the device is; pages may ask for it"}, func(r *reader, n strict.Node, b *Browser) {
			l := Location{Accuracy: 10}
			readMap(r, n, r.lang.location, &l)
			b.Equipment.Location = &l
		}},
		{Field{Name: "network", Shape: shapeNetwork, Zh: "限速", En: "the speed of the connection"}, func(r *reader, n strict.Node, b *Browser) {
			b.Equipment.Network = &Network{}
			readMap(r, n, r.lang.network, b.Equipment.Network)
		}},
		{Field{Name: "color_scheme", Words: []string{"light", "dark"}, Zh: "配色", En: "the colours the pages are asked for"}, func(r *reader, n strict.Node, b *Browser) {
			b.ColorScheme, _ = n.Enum("colour scheme", "light", "dark")
		}},
		{Field{Name: "reduced_motion", Shape: shapeBool, Zh: "减少动画", En: "ask the pages for less motion"}, func(r *reader, n strict.Node, b *Browser) { b.ReducedMotion, _ = n.Bool() }},
		{Field{Name: "client_certificate", Shape: shapeClients, Zh: "客户端证书，仅出示给所列来源", En: "a client certificate, shown to the named origin only"}, func(r *reader, n strict.Node, b *Browser) {
			b.Equipment.Clients = readList(r, n, r.lang.client)
		}},
	}
}

// readList reads one mapping or a list of them.
func readList[T any](r *reader, n strict.Node, keys []key[T]) []T {
	items, _ := n.Items()
	var out []T
	for _, item := range items {
		var v T
		if readMap(r, item, keys, &v) {
			out = append(out, v)
		}
	}
	return out
}

// origin reads a scheme and a host; schemes are those that are allowed.
func (r *reader) origin(n strict.Node, schemes ...string) Text {
	t := r.needText(n)
	if u, err := url.Parse(t.Source()); len(t.Refs()) == 0 && (err != nil || u.Host == "" || u.Path != "" || !slices.Contains(schemes, u.Scheme)) {
		n.Problem("this is not an origin", "scheme and host without a path: https://a.example")
	}
	return t
}

func clientKeys() []key[ClientCertificate] {
	return []key[ClientCertificate]{
		{Field{Name: "origin", Shape: shapeText, Required: true, Zh: "来源，例如 https://a.example", En: "the origin, such as https://a.example"}, func(r *reader, n strict.Node, c *ClientCertificate) {
			c.Origin = r.origin(n, "https")
		}},
		{Field{Name: "pem", Shape: shapeText, Required: true, Zh: "PEM 格式的证书和私钥，例如 ${secret.certificate}", En: "the certificate and its key in PEM, such as ${secret.certificate}"}, func(r *reader, n strict.Node, c *ClientCertificate) {
			c.PEM = r.text(n)
			r.mustBeSecret(n, c.PEM, "the key of the certificate")
		}},
		{Field{Name: "ca", Shape: shapeText, Zh: "签发服务器证书的 CA，PEM 格式；默认用系统的", En: "who vouches for the server, in PEM; those of the system unless given"}, func(r *reader, n strict.Node, c *ClientCertificate) { c.CA = r.text(n) }},
	}
}

func loginKeys() []key[Login] {
	return []key[Login]{
		{Field{Name: "origin", Shape: shapeText, Required: true, Zh: "来源，例如 https://a.example", En: "the origin, such as https://a.example"}, func(r *reader, n strict.Node, l *Login) {
			l.Origin = r.origin(n, "http", "https")
		}},
		{Field{Name: "username", Shape: shapeText, Required: true, Zh: "用户名", En: "the user's name"}, func(r *reader, n strict.Node, l *Login) { l.Username = r.text(n) }},
		{Field{Name: "password", Shape: shapeText, Required: true, Zh: "密码，例如 ${secret.password}", En: "the password, such as ${secret.password}"}, func(r *reader, n strict.Node, l *Login) {
			l.Password = r.text(n)
			r.mustBeSecret(n, l.Password, "the password")
		}},
	}
}

func cookieKeys() []key[Cookie] {
	text := func(name, zh, en string, at func(*Cookie) *Text) key[Cookie] {
		return key[Cookie]{Field{Name: name, Shape: shapeText, Zh: zh, En: en}, func(r *reader, n strict.Node, c *Cookie) { *at(c) = r.needText(n) }}
	}
	return []key[Cookie]{
		{Field{Name: "name", Shape: shapeText, Required: true, Zh: "名称", En: "its name"}, func(r *reader, n strict.Node, c *Cookie) { c.Name, _ = n.String() }},
		{Field{Name: "value", Shape: shapeText, Required: true, Zh: "值", En: "its value"}, func(r *reader, n strict.Node, c *Cookie) { c.Value = r.text(n) }},
		text("url", "所属网址", "an address it belongs to", func(c *Cookie) *Text { return &c.URL }),
		text("domain", "所属域名", "the domain it belongs to, with its subdomains", func(c *Cookie) *Text { return &c.Domain }),
		{Field{Name: "path", Shape: shapeText, Zh: "路径", En: "its path; / unless given"}, func(r *reader, n strict.Node, c *Cookie) { c.Path, _ = n.String() }},
	}
}

func locationKeys() []key[Location] {
	return []key[Location]{
		{Field{Name: "latitude", Shape: shapeNumber, Required: true, Zh: "纬度", En: "degrees north"}, func(r *reader, n strict.Node, l *Location) { l.Latitude, _ = n.Float(-90, 90) }},
		{Field{Name: "longitude", Shape: shapeNumber, Required: true, Zh: "经度", En: "degrees east"}, func(r *reader, n strict.Node, l *Location) { l.Longitude, _ = n.Float(-180, 180) }},
		{Field{Name: "accuracy", Shape: shapeNumber, Zh: "精度（米）", En: "metres; 10 unless given"}, func(r *reader, n strict.Node, l *Location) { l.Accuracy, _ = n.Float(0, 1e6) }},
	}
}

func networkKeys() []key[Network] {
	return []key[Network]{
		{Field{Name: "latency", Shape: shapeDuration, Zh: "附加延迟", En: "how long an answer takes in addition"}, func(r *reader, n strict.Node, w *Network) { w.Latency, _ = n.Duration() }},
		{Field{Name: "download", Shape: shapeSize, Zh: "每秒下载量，例如 200 kB", En: "bytes a second towards the page, such as 200 kB"}, func(r *reader, n strict.Node, w *Network) { w.Download = size64(n) }},
		{Field{Name: "upload", Shape: shapeSize, Zh: "每秒上传量", En: "bytes a second from the page"}, func(r *reader, n strict.Node, w *Network) { w.Upload = size64(n) }},
	}
}
