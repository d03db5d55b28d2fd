package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gengfu"
	"gengfu/notify"
	"gengfu/ops/hosts"
	"gengfu/ops/incidents"
	"gengfu/ops/triage"
	"gengfu/prober/chrome"
	"gengfu/prober/vault"
	"gengfu/scenarios"
	"gengfu/scenarios/strict"
)

// instance is gengfu.yaml: everything about this prober that is not a scenario.
type instance struct {
	path          string // of the file, empty for the defaults
	dir           string // that relative paths start from
	zone          *time.Location
	lang          gengfu.Lang
	listen        string
	url           string // that links in messages begin with
	data          string
	scenarios     []string
	scenarioNodes []strict.Node // where they are named
	secrets       *scenarios.Secrets
	chrome        chrome.Config
	egress        chrome.Egress
	workers       int
	stop          time.Duration
	channels      []notify.Config
	routes        []notify.Route
	hosts         hosts.Limits
	watchHost     bool
	hostTargets   []hostTarget
	controls      []triage.Control
	storm         incidents.Storm
	beside        []string          // other files that were read
	onSignal      bool              // not whenever files change
	transport     http.RoundTripper // to receivers; nil for the network
	teams         map[string]team   // by type of report

	later      []func() // checks of names that may stand further down
	working             // calendars and heightened periods
	staff               // people and who of them is on duty
	alarms              // how they are told one after another
	contract            // how much time there is
	deadman    deadman
	secretFile string
	sessionKey string // file of the key of kept log-ins; empty for that in the data folder
	report     *strict.Report
}

func newInstance(path string) *instance {
	in := &instance{
		path: path, dir: filepath.Dir(path), zone: time.Local, lang: gengfu.Chinese,
		listen: "127.0.0.1:8900", data: "data", watchHost: true, hosts: hosts.DefaultLimits(), report: &strict.Report{},
	}
	in.quiet, in.digest = usualQuiet, usualDigest()
	in.chrome.Breaker = vault.Breaker{After: 3, For: time.Hour}
	return in
}

// defaultInstance is what commands use without an instance file: secrets from
// the environment, nobody told.
func defaultInstance() (*instance, error) {
	in := newInstance("")
	in.dir = "."
	return in, in.openSecrets()
}

// loadInstance reads an instance file. Every mistake in it is a problem; err is
// for a file that cannot be read at all.
func loadInstance(path string) (*instance, strict.Problems, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, &exitError{exitInvalid, fmt.Errorf("no instance file %s: %w (write one, or see gengfu demo)", path, fs.ErrNotExist)}
	}
	if info, e := os.Stat(path); e == nil && info.IsDir() {
		return nil, nil, &exitError{exitInvalid, fmt.Errorf("%s is a folder, not an instance file (name the file in it: %s)", path, filepath.Join(path, "gengfu.yaml"))}
	}
	if err != nil {
		return nil, nil, &exitError{exitInvalid, fmt.Errorf("read instance file: %w", err)}
	}
	in := newInstance(path)
	docs := strict.Parse(path, data, in.report)
	switch {
	case len(in.report.Problems()) > 0:
		return in, in.report.Problems(), nil
	case len(docs) != 1:
		in.report.Problem(strict.Problem{File: path, Line: 1, Col: 1, Finding: fmt.Sprintf("%d documents", len(docs)), Remedy: "an instance file is one; the shortest has the line scenarios: [scenarios]"})
		return in, in.report.Problems(), nil
	}
	in.read(docs[0].Root)
	return in, in.report.Problems(), nil
}

func (in *instance) read(root strict.Node) {
	m, ok := root.Map()
	if !ok {
		return
	}
	if n, ok := m.Lookup("secrets"); ok { // first: others refer to them
		fields(n, map[string]func(strict.Node){"file": in.path1(&in.secretFile)})
	}
	if err := in.openSecrets(); err != nil {
		n, _ := m.Lookup("secrets")
		n.Problem(err.Error(), "")
		return
	}
	if n, ok := m.Lookup("language"); ok { // channels without one take it
		in.readLang(n, &in.lang)
	}
	fields(root, map[string]func(strict.Node){
		"secrets":   func(strict.Node) {},
		"language":  func(strict.Node) {},
		"timezone":  in.readZone,
		"listen":    in.readListen,
		"url":       in.readURL,
		"data":      in.path1(&in.data),
		"scenarios": in.readScenarios,
		"browser":   in.readBrowser,
		"egress":    in.readEgress,
		"accounts":  in.readAccounts,
		"reload":    in.readReload,
		"workers":   number(&in.workers, 1, 64),
		"stop":      span(&in.stop),
		"channels":  in.readChannels,
		"routes":    in.readRoutes,
		"hosts":     in.readHosts,

		"session_key": in.path1(&in.sessionKey),

		"calendars":  func(strict.Node) {}, // read when the time zone and the data folder are known
		"heightened": func(strict.Node) {},

		"maintenance": func(strict.Node) {},
		"people":      func(strict.Node) {},
		"duty":        func(strict.Node) {},
		"escalations": func(strict.Node) {},
		"reminders":   func(strict.Node) {},
		"clocks":      func(strict.Node) {},

		"resolve_after": func(strict.Node) {},

		"silence_digest": in.readDigest,
		"deadman":        in.readDeadman,
		"controls":       in.readControls,
		"intake":         in.readIntake,
		"storm":          in.readStorm,
	})
	in.readWorking(m)
	in.checkNamed()
	in.readStaff(m)
	in.readAlarms(m)
	in.readContract(m)
	in.checkRoutes(root)
}

func (in *instance) readZone(n strict.Node) { readZoneOf(n, &in.zone) }

func readZoneOf(n strict.Node, to **time.Location) {
	name, ok := n.String()
	if !ok {
		return
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		n.Problem(fmt.Sprintf("unknown time zone %q", name), "an IANA name such as Asia/Shanghai")
		return
	}
	*to = zone
}

func (in *instance) readLang(n strict.Node, to *gengfu.Lang) {
	if v, ok := n.Enum("language", string(gengfu.Chinese), string(gengfu.English)); ok {
		*to = gengfu.Lang(v)
	}
}

// readListen refuses what other machines can reach. A name is looked up at the
// start.
func (in *instance) readListen(n strict.Node) {
	in.text(&in.listen)(n)
	host, _, err := net.SplitHostPort(in.listen)
	if err != nil {
		n.Problem(fmt.Sprintf("%q is not host:port", in.listen), "such as 127.0.0.1:8900")
		return
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && !ip.Unmap().IsLoopback() {
		n.Problem(fmt.Sprintf("%q can be reached from other machines, and the pages have no log-in", in.listen),
			"127.0.0.1 and a port, and for others a reverse proxy that asks who they are")
	}
}

func (in *instance) readURL(n strict.Node) {
	in.text(&in.url)(n)
	if u, err := url.Parse(in.url); err != nil || u.Host == "" {
		n.Problem(fmt.Sprintf("%q is no address", in.url), "such as https://gengfu.example")
	}
	in.url = strings.TrimRight(in.url, "/")
}

func (in *instance) readBrowser(n strict.Node) {
	fields(n, map[string]func(strict.Node){
		"path":     in.path1(&in.chrome.Path),
		"profiles": in.path1(&in.chrome.Profiles),
		"sandbox": func(n strict.Node) {
			if v, ok := n.Enum("sandbox setting", "auto", "on", "off"); ok {
				in.chrome.Sandbox = v
			}
		},
		"max_runs": number(&in.chrome.MaxRuns, 1, 1_000_000),
		"max_age":  span(&in.chrome.MaxAge),
		"overload": func(n strict.Node) {
			if v, ok := n.Float(0, 1000); ok && v > 0 {
				in.chrome.Overload = v
			} else if ok {
				in.chrome.Overload = -1
			}
		},
		"url": in.text(&in.chrome.URL),
		"spare": func(n strict.Node) {
			if v, ok := n.Bool(); ok {
				in.chrome.NoSpare = !v
			}
		},
		"standby": func(n strict.Node) {
			if v, ok := n.Enum("standby setting", "auto", "on", "off"); ok {
				in.chrome.Standby = v
			}
		},
		"page_memory": mebibytes(&in.chrome.Limits.Page),
		"max_memory":  mebibytes(&in.chrome.Limits.Tree),
	})
}

// abs is a path relative to the instance file.
func (in *instance) abs(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(in.dir, path)
}

func (in *instance) openSecrets() error {
	s, err := scenarios.OpenSecrets(in.abs(in.secretFile), os.Environ())
	if err != nil {
		return err
	}
	in.secrets = s
	return nil
}

// readScenarios takes the files and folders down, with their places in case one
// of them is not there.
func (in *instance) readScenarios(n strict.Node) {
	if in.scenarios, _ = n.StringList(); len(in.scenarios) > 0 {
		in.scenarioNodes, _ = n.Items()
	}
}

// present are the paths of the scenarios that are there, and a problem at its
// place for each of the others.
func (in *instance) present() (paths []string, problems strict.Problems) {
	for i, p := range in.scenarios {
		path := in.abs(p)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && i < len(in.scenarioNodes) {
			n := in.scenarioNodes[i]
			problems = append(problems, strict.Problem{
				File: n.File(), Line: n.Line(), Col: n.Col(), Finding: fmt.Sprintf("there is no file or folder %s", path), Remedy: "make it, or write where the scenarios are, from the folder of this file",
			})
			continue
		}
		paths = append(paths, path)
	}
	return paths, problems
}

// load reads the scenarios that the instance names, and makes sure that their
// secrets and routes exist.
func (in *instance) load() (*scenarios.Set, strict.Problems) {
	paths, absent := in.present()
	if len(in.scenarios) == 0 {
		return &scenarios.Set{}, strict.Problems{{File: cmp.Or(in.path, "gengfu.yaml"), Finding: "no scenarios are named", Remedy: "add scenarios: [folder]"}}
	}
	set, problems := scenarios.Load(paths...)
	problems = append(problems, absent...)
	if len(problems) == 0 { // else a target may be missing for that
		problems = append(problems, in.unknownTargets(set)...)
	}
	set.Warnings = append(set.Warnings, in.doubts...)
	for i, s := range set.Scenarios {
		problems = append(problems, in.equip(&set.Scenarios[i])...)
		problems = append(problems, in.secrets.Missing(s)...)
		problems = append(problems, in.unasked(&set.Scenarios[i])...)
		if s.Notify != "" && !in.hasRoute(s.Notify) {
			problems = append(problems, strict.Problem{
				File: s.NotifyPos.File, Line: s.NotifyPos.Line, Col: s.NotifyPos.Col,
				Finding: fmt.Sprintf("scenario %s: unknown route %q", s.ID, s.Notify),
				Remedy:  suggest(s.Notify, in.routeNames()),
			})
		}
	}
	return set, problems
}

// single loads one file together with the fragments of its neighbours, whose
// own mistakes do not matter.
func (in *instance) single(file string) (*scenarios.Set, strict.Problems) {
	all, problems := scenarios.Load(filepath.Dir(file))
	set := &scenarios.Set{}
	var own strict.Problems
	for _, p := range problems {
		if sameFile(p.File, file) {
			own = append(own, p)
		}
	}
	for _, s := range all.Scenarios {
		if sameFile(s.Pos.File, file) {
			set.Scenarios = append(set.Scenarios, s)
		}
	}
	if len(own) == 0 && len(set.Scenarios) == 0 {
		return set, problems
	}
	return set, own
}

func sameFile(a, b string) bool { return filepath.Clean(a) == filepath.Clean(b) }

func suggest(word string, known []string) string {
	if near := strict.Nearest(word, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(known) == 0 {
		return "there is none yet"
	}
	return "known: " + strings.Join(known, ", ")
}

// browser is the pool's configuration.
func (in *instance) browser() chrome.Config {
	c := in.chrome
	c.Secret = in.secrets.Lookup
	c.Parallel, c.Remember = in.workers, time.Hour
	c.Egress = in.egress
	c.Egress.Policy = in.policy()
	// Files to upload lie in the profile: a page that is given a relative path
	// is ended by the browser.
	if path, err := filepath.Abs(in.abs(c.Profiles)); c.Profiles != "" && err == nil {
		c.Profiles = path
	}
	if strings.ContainsRune(c.Path, filepath.Separator) { // a bare name is looked up
		c.Path = in.abs(c.Path)
	}
	return c
}
