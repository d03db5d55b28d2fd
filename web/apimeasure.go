package web

import (
	"time"

	"gengfu"
)

// pageMore is what was measured of a page besides its vitals.
type pageMore struct {
	INPMS     int64    `json:"inp_ms"`
	LongTasks longDoc  `json:"long_tasks"`
	Phases    phaseDoc `json:"phases"`
	Hops      []hopDoc `json:"hops"`
	TLS       *tlsDoc  `json:"tls"`
}

type longDoc struct {
	Count     int   `json:"count"`
	TotalMS   int64 `json:"total_ms"`
	LongestMS int64 `json:"longest_ms"`
}

type phaseDoc struct {
	DNSMS      float64 `json:"dns_ms"`
	ConnectMS  float64 `json:"connect_ms"`
	TLSMS      float64 `json:"tls_ms"`
	WaitMS     float64 `json:"wait_ms"`
	DownloadMS float64 `json:"download_ms"`
}

type hopDoc struct {
	URL    string `json:"url"`
	Status int    `json:"status"`
	TookMS int64  `json:"took_ms"`
}

type tlsDoc struct {
	Protocol string    `json:"protocol"`
	Cipher   string    `json:"cipher"`
	Issuer   string    `json:"issuer"`
	Subject  string    `json:"subject"`
	From     time.Time `json:"valid_from"`
	To       time.Time `json:"valid_to"`
}

type countsDoc struct {
	Warnings      int        `json:"console_warnings"`
	Errors        int        `json:"console_errors"`
	Exceptions    int        `json:"exceptions"`
	Dialogs       int        `json:"dialogs"`
	Workers       int        `json:"worker_requests"`
	ServiceWorker int        `json:"service_worker_answers"`
	Types         []shareDoc `json:"by_type"`
	Origins       []shareDoc `json:"by_origin"` // the word is empty for those beyond the first 20
}

type shareDoc struct {
	Word     string `json:"word"`
	Requests int    `json:"requests"`
	Bytes    int64  `json:"bytes"`
}

func pageMoreOf(p gengfu.PageLoad) pageMore {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }
	m := pageMore{
		INPMS: p.INP.Milliseconds(), LongTasks: longDoc{p.Long.Count, p.Long.Total.Milliseconds(), p.Long.Longest.Milliseconds()},
		Phases: phaseDoc{ms(p.Phases.DNS), ms(p.Phases.Connect), ms(p.Phases.TLS), ms(p.Phases.Wait), ms(p.Phases.Download)}, Hops: []hopDoc{},
	}
	for _, h := range p.Hops {
		m.Hops = append(m.Hops, hopDoc{h.URL, h.Status, h.Took.Milliseconds()})
	}
	if p.TLS != nil {
		m.TLS = new(tlsDoc(*p.TLS))
	}
	return m
}

func countsDocOf(c gengfu.Counts) countsDoc {
	d := countsDoc{
		Warnings: c.Warnings, Errors: c.Errors, Exceptions: c.Exceptions, Dialogs: c.Dialogs, Workers: c.Workers, ServiceWorker: c.ServiceWorker,
		Types: []shareDoc{}, Origins: []shareDoc{},
	}
	for _, s := range c.Types {
		d.Types = append(d.Types, shareDoc(s))
	}
	for _, s := range c.Origins {
		d.Origins = append(d.Origins, shareDoc(s))
	}
	return d
}
