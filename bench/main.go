// Command bench measures Gengfu and its peers on the same pages in one sitting:
// all drivers are up at once, each with its own warm browser, and do one run
// each in turn, another one beginning each round. Ratios are medians of the
// ratios within a round. The lines it writes are the record; the table is made
// from them.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"gengfu/bench/drive"
)

// options are the command line.
type options struct {
	rounds, cold, batches, soak, chaos, waits int
	sites, with                               string
	browser, out, k6, alt, doc, read          string
	idle                                      bool
}

// sample is one measurement, a line of the record.
type sample struct {
	What      string   `json:"what"` // warm, cold, throughput, soak, idle, wait
	Site      string   `json:"site,omitempty"`
	Contender string   `json:"contender"`
	Round     int      `json:"round"`
	Wide      int      `json:"contexts,omitempty"`
	MS        float64  `json:"ms"`
	DriverMS  float64  `json:"driver_cpu_ms"`
	BrowserMS float64  `json:"browser_cpu_ms"`
	PerMinute float64  `json:"runs_per_minute,omitempty"`
	P95       float64  `json:"p95_ms,omitempty"`
	RSS       int64    `json:"driver_rss,omitempty"`
	Private   int64    `json:"browser_private,omitempty"`
	Errors    []string `json:"errors,omitempty"`
	Load      float64  `json:"load"`
}

type bench struct {
	options
	base   string
	binary string
	dir    string
	site   *site
	all    []*contender
	ours   *daemon
	lines  *json.Encoder
	record []sample
}

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 20, "warm rounds for each page; 0 leaves them out")
	flag.IntVar(&o.cold, "cold", 0, "cold rounds: process start, one run, exit")
	flag.IntVar(&o.batches, "batches", 0, "batches of 16 runs at 2, 4 and 8 contexts")
	flag.IntVar(&o.soak, "soak", 0, "runs of ours for memory growth")
	flag.IntVar(&o.chaos, "loaded", 0, "runs of ours at 1, 2, 4 and 8 contexts each while both cores are busy")
	flag.IntVar(&o.waits, "waits", 0, "rounds of the error of a wait")
	flag.BoolVar(&o.idle, "idle", false, "what each uses in an idle minute")
	flag.StringVar(&o.sites, "sites", "portal,spa,big,sub", "pages")
	flag.StringVar(&o.with, "with", "floor,gengfu,plain,playwright,puppeteer,chromedp,rod,k6", "contenders; plain is gengfu without a page made ahead")
	flag.StringVar(&o.browser, "browser", "/usr/lib/chromium/chromium-headless-shell", "the browser of all of them")
	flag.StringVar(&o.alt, "alt", "", "another build of gengfu, for the contenders alt and altplain")
	flag.StringVar(&o.k6, "k6", "bin/k6", "k6, when it is a contender")
	flag.StringVar(&o.out, "out", "results.jsonl", "the record")
	flag.StringVar(&o.doc, "doc", "", "a page whose part between the marks is replaced by the tables")
	flag.StringVar(&o.read, "read", "", "make the tables from an earlier record and measure nothing")
	flag.Parse()
	if err := measureAll(o); err != nil {
		log.Fatal(err)
	}
}

func measureAll(o options) error {
	if o.read != "" {
		record, err := readRecord(o.read)
		if err != nil {
			return err
		}
		return publish(o.doc, record)
	}
	dir, err := os.MkdirTemp("", "gengfu-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file, err := os.Create(o.out)
	if err != nil {
		return err
	}
	defer file.Close()
	b := &bench{options: o, dir: dir, lines: json.NewEncoder(file), site: &site{stamps: make(chan int64, 1)}}
	if b.binary, err = filepath.Abs("../gengfu"); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: b.site.handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = srv.Serve(l) }()
	defer srv.Close()
	b.base = "http://" + l.Addr().String()
	defer b.stop()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	go func() { <-stop; b.stop(); os.RemoveAll(dir); os.Exit(130) }()
	if err := b.start(); err != nil {
		return err
	}
	for _, part := range []func() error{b.idleUse, b.warm, b.waitError, b.throughput, b.coldStarts, b.grow, b.loaded} {
		if err := part(); err != nil {
			return err
		}
	}
	if n := b.site.refused.Load(); n > 0 {
		return fmt.Errorf("%d log-ins were refused", n)
	}
	return publish(o.doc, b.record)
}

func (b *bench) stop() {
	for _, c := range b.all {
		c.stop()
	}
	b.all = nil
}

func (b *bench) start() error {
	for name := range strings.SplitSeq(b.with, ",") {
		c, err := b.open(name)
		if err != nil {
			return err
		}
		b.all = append(b.all, c)
		if _, err := c.do(drive.Order{Site: "sub", Runs: 1, Concurrency: 1}); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) open(name string) (*contender, error) {
	switch name {
	case "gengfu":
		d, err := startGengfu(b.dir, b.base, b.browser, b.binary, "", lanes)
		if err != nil {
			return nil, err
		}
		b.ours = d
		return d.contender, nil
	case "plain", "alt", "altplain":
		binary, settings := b.binary, ", spare: false"
		if name != "plain" {
			binary = b.alt
		}
		if name == "alt" {
			settings = ""
		}
		d, err := startGengfu(b.dir, b.base, b.browser, binary, settings, lanes)
		if err != nil {
			return nil, err
		}
		d.name = name
		return d.contender, nil
	case "playwright", "puppeteer":
		return startDriver(name, "node", "drivers/"+name+".mjs", b.base, b.browser)
	case "k6":
		return startK6(b.base, b.browser, b.k6)
	case "floor", "chromedp", "rod":
		bin, err := build(b.dir, name)
		if err != nil {
			return nil, fmt.Errorf("build %s: %w", name, err)
		}
		return startDriver(name, bin, b.base, b.browser)
	}
	return nil, fmt.Errorf("unknown contender %q", name)
}

// settle is how long tear-down, and making the page of the next run, get to be
// charged to their run.
const settle = 250 * time.Millisecond

func (b *bench) warm() error {
	for site := range strings.SplitSeq(b.sites, ",") {
		for round := -2; round < b.rounds && b.rounds > 0; round++ {
			for i := range b.all {
				c := b.all[(i+round+len(b.all)*4)%len(b.all)]
				if c.name == "k6" && round < 0 {
					continue
				}
				s, err := b.one(c, drive.Order{Site: site, Runs: 1, Concurrency: 1})
				if err != nil {
					return err
				}
				if round < 0 {
					continue // warming up
				}
				s.What, s.Round = "warm", round
				b.keep(s)
			}
			progress("%s: round %d of %d", site, round+1, b.rounds)
		}
	}
	return nil
}

// one does an order and measures it.
func (b *bench) one(c *contender, o drive.Order) (sample, error) {
	before := measure(c.root)
	began := time.Now()
	results, err := c.do(o)
	took := time.Since(began)
	if err != nil {
		return sample{}, err
	}
	<-time.After(settle)
	after := measure(c.root)
	n := float64(o.Runs)
	s := sample{
		Site: o.Site, Contender: c.name, Wide: o.Concurrency, Load: load(),
		DriverMS: (after.driver - before.driver) / n, BrowserMS: (after.browser - before.browser) / n,
		PerMinute: n / took.Minutes(), RSS: after.driverRSS,
	}
	var times []float64
	for _, r := range results {
		times = append(times, r.MS)
		if r.Error != "" {
			s.Errors = append(s.Errors, r.Error)
		}
	}
	slices.Sort(times)
	s.MS, s.P95 = quantile(times, 0.5), quantile(times, 0.95)
	return s, nil
}

func (b *bench) throughput() error {
	for batch := range b.batches {
		for _, wide := range []int{2, 4, 8} {
			for i := range b.all {
				c := b.all[(i+batch)%len(b.all)]
				if c.name == "k6" || c.name == "plain" {
					continue // k6 has one context at a time
				}
				s, err := b.one(c, drive.Order{Site: "portal", Runs: 16, Concurrency: wide})
				if err != nil {
					return err
				}
				s.What, s.Round, s.Private = "throughput", batch, private(c.root)
				b.keep(s)
			}
			progress("throughput: batch %d of %d, %d contexts", batch+1, b.batches, wide)
		}
	}
	return nil
}

func (b *bench) keep(s sample) {
	b.record = append(b.record, s)
	_ = b.lines.Encode(s)
	for _, e := range s.Errors {
		fmt.Fprintf(os.Stderr, "\n%s %s: %s\n", s.Contender, s.Site, e)
	}
}

func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, "\r\033[K"+format, args...) }

func load() float64 {
	raw, _ := os.ReadFile("/proc/loadavg")
	var l float64
	_, _ = fmt.Sscan(string(raw), &l)
	return l
}

func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(float64(len(sorted))*q))]
}
