package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gengfu"
	"gengfu/notify"
	"gengfu/scenarios/strict"
)

// readChannels reads channels: a mapping of names to what they are.
func (in *instance) readChannels(n strict.Node) {
	m, ok := n.Map()
	if !ok {
		return
	}
	for _, e := range m.Entries {
		cfg := notify.Config{Name: e.Key, Lang: in.lang}
		raised := in.report.Raised()
		in.readChannel(e.Value, &cfg)
		if in.report.Raised() > raised {
			continue
		}
		if err := cfg.Validate(); err != nil {
			placed(e.At, e.Value, err)
		}
		in.channels = append(in.channels, cfg)
	}
}

func (in *instance) readChannel(n strict.Node, c *notify.Config) {
	keys := map[string]func(strict.Node){
		"type": func(n strict.Node) {
			if v, ok := n.Enum("channel type", notify.Types()...); ok {
				c.Type = v
			}
		},
		"language":      func(n strict.Node) { in.readLang(n, &c.Lang) },
		"timeout":       span(&c.Timeout),
		"ca_file":       func(n strict.Node) { in.path1(&c.CAFile)(n); c.CAFile = in.abs(c.CAFile) },
		"proxy":         in.text(&c.Proxy),
		"url":           in.secret(&c.URL),
		"secret":        in.secret(&c.Secret),
		"previous":      in.secret(&c.Previous),
		"token":         in.secret(&c.Token),
		"channel":       in.text(&c.Channel),
		"host":          in.text(&c.Host),
		"port":          number(&c.Port, 1, 65535),
		"tls":           in.text(&c.TLS),
		"username":      in.text(&c.Username),
		"password":      in.secret(&c.Password),
		"from":          in.text(&c.From),
		"to":            func(n strict.Node) { c.To, _ = n.StringList() },
		"subject_state": truth(&c.SubjectState),
	}
	maps.Copy(keys, in.channelKeys(c))
	fields(n, keys)
}

// readRoutes reads routes: a list, tried from the top.
func (in *instance) readRoutes(n strict.Node) {
	items, ok := n.Items()
	if !ok {
		return
	}
	if m, named := namedRoute(n); named {
		n.Problem("routes is a list, not a mapping", "begin each with a hyphen: - name: "+m)
		return
	}
	for _, item := range items {
		in.routes = append(in.routes, in.readRoute(item))
	}
}

// namedRoute is the first name of routes that are written as a mapping of names.
func namedRoute(n strict.Node) (string, bool) {
	if n.Kind() != strict.Mapping {
		return "", false
	}
	m, ok := n.Map()
	if !ok || len(m.Entries) == 0 || slices.ContainsFunc(m.Entries, func(e strict.Entry) bool { return e.Value.Kind() != strict.Mapping || e.Key == "match" }) {
		return "", false
	}
	return m.Entries[0].Key, true
}

// readRoute reads a route with those below it.
func (in *instance) readRoute(item strict.Node) notify.Route {
	var r notify.Route
	fields(item, map[string]func(strict.Node){
		"name":     in.text(&r.Name),
		"match":    func(n strict.Node) { in.readMatch(n, &r) },
		"to":       func(n strict.Node) { r.Endpoints, _ = n.StringList() },
		"continue": truth(&r.Continue),
		"escalate": in.text(&r.Escalate),

		"quiet":          func(n strict.Node) { in.readQuiet(n, &r.Manners) },
		"debounce":       span(&r.Debounce),
		"group_by":       func(n strict.Node) { r.GroupBy, _ = n.StringList() },
		"group_wait":     span(&r.GroupWait),
		"group_interval": span(&r.GroupInterval),

		"routes": func(n strict.Node) {
			items, _ := n.Items()
			for _, child := range items {
				r.Routes = append(r.Routes, in.readRoute(child))
			}
		},
	})
	if r.Name == "" {
		item.Problem("a route has no name", "add name:")
	}
	return r
}

func (in *instance) readMatch(n strict.Node, r *notify.Route) {
	fields(n, map[string]func(strict.Node){
		"severity": func(n strict.Node) {
			items, _ := n.Items()
			for _, item := range items {
				if v, ok := item.Enum("severity", string(gengfu.GradeNotice), string(gengfu.GradeOrdinary), string(gengfu.GradeMajor)); ok {
					r.Match.Grades = append(r.Match.Grades, gengfu.Grade(v))
				}
			}
		},
		"tag":    func(n strict.Node) { r.Match.Tags, _ = n.StringList() },
		"target": func(n strict.Node) { r.Match.Targets, _ = n.StringList() },
		"scope":  func(n strict.Node) { r.Match.Keys, _ = n.StringList() },
		"labels": func(n strict.Node) {
			items, _ := n.Items()
			for _, item := range items {
				text, ok := item.String()
				if !ok {
					continue
				}
				m, err := notify.ParseMatcher(text)
				if err != nil {
					item.Problem(err.Error(), "")
					continue
				}
				r.Match.Labels = append(r.Match.Labels, m)
			}
		},
	})
}

// checkRoutes makes sure that every route leads somewhere and that there is one
// for everything.
func (in *instance) checkRoutes(root strict.Node) {
	if len(in.report.Problems()) > 0 || len(in.routes) == 0 && len(in.channels) == 0 {
		return
	}
	channels, err := notify.Open(in.channels, notify.Deps{Zone: in.zone})
	if err == nil {
		_, err = notify.NewRouter(in.routes, channels)
	}
	if err == nil {
		return
	}
	n := root
	if m, ok := root.Map(); ok {
		if at, ok := m.Lookup("routes"); ok {
			n = at
		}
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		at, _ := routeAt(n, line)
		placed(at, at, errors.New(line))
	}
}

func (in *instance) hasRoute(name string) bool {
	return slices.Contains(in.routeNames(), name)
}

func (in *instance) routeNames() []string {
	var names []string
	var walk func([]notify.Route)
	walk = func(routes []notify.Route) {
		for _, r := range routes {
			names = append(names, r.Name)
			walk(r.Routes)
		}
	}
	walk(in.routes)
	return names
}

// readHosts reads hosts: the limits of this machine.
func (in *instance) readHosts(n strict.Node) {
	fields(n, map[string]func(strict.Node){
		"local": func(n strict.Node) {
			if n.Text() == "off" {
				in.watchHost = false
				return
			}
			fields(n, map[string]func(strict.Node){
				"cpu":    share(&in.hosts.CPU.Share),
				"memory": share(&in.hosts.Memory.Share),
				"disk":   share(&in.hosts.Disk.Share),

				"targets": in.readHostTargets(gengfu.DefaultLocation),
			})
			if err := in.hosts.Validate(); err != nil {
				n.Problem(fmt.Sprint(err), "shares from 0 to 1, such as 0.9")
			}
		},
	})
}
