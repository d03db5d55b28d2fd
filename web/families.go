package web

import (
	"slices"
	"time"

	"gengfu"
)

func (f *exposition) scenarios(cards []gengfu.ScenarioCard, states []gengfu.CheckState) {
	known := map[string]bool{}
	f.family("gengfu_scenario_info", "gauge", "What is known of a scenario, in labels; always 1.")
	for _, c := range cards {
		known[c.ID] = true
		f.sample(1, "scenario", c.ID, "title", c.Title, "target", c.Target, "owner", c.Owner, "severity", string(c.Severity), "revision", c.Revision[:min(12, len(c.Revision))])
	}
	f.family("gengfu_scenario_interval_seconds", "gauge", "Usual distance of two planned runs of a scenario.")
	for _, c := range cards {
		f.sample(c.Interval.Seconds(), "scenario", c.ID)
	}
	states = slices.DeleteFunc(slices.Clone(states), func(c gengfu.CheckState) bool { return !known[c.Check] })
	f.family("gengfu_scenario_up", "gauge", "Whether a scenario works, after confirmation: 1 for up, suspect and recovering from nothing told, 0 for down. Missing while unknown.")
	for _, c := range states {
		if up, ok := upness(c.State); ok {
			f.sample(up, "scenario", c.Check, "location", c.Location)
		}
	}
	f.family("gengfu_scenario_last_run_timestamp_seconds", "gauge", "Start of the latest run of a scenario, in Unix time.")
	for _, c := range states {
		if !c.LastStart.IsZero() {
			f.sample(unix(c.LastStart), "scenario", c.Check, "location", c.Location)
		}
	}
}

// upness is what a state says of the target: a suspicion is not told before it
// is confirmed, and neither is a recovery.
func upness(s gengfu.State) (float64, bool) {
	switch s {
	case gengfu.StateUp, gengfu.StateSuspect:
		return 1, true
	case gengfu.StateDown, gengfu.StateRecovering:
		return 0, true
	}
	return 0, false
}

func (f *exposition) runs(cards []gengfu.ScenarioCard, totals map[string]tally, bounds []time.Duration) {
	f.family("gengfu_runs_total", "counter", "Planned runs of a scenario by outcome.")
	for _, c := range cards {
		t := totals[c.ID]
		for _, location := range t.locations() {
			n := t[location]
			for _, o := range []struct {
				outcome gengfu.Outcome
				n       int
			}{{gengfu.Passed, n.passed}, {gengfu.Degraded, n.degraded}, {gengfu.Failed, n.failed}, {gengfu.Errored, n.errored}} {
				f.sample(float64(o.n), "scenario", c.ID, "location", location, "outcome", string(o.outcome))
			}
		}
	}
	f.family("gengfu_run_duration_seconds", "histogram", "Durations of planned runs that worked (passed or degraded).")
	for _, c := range cards {
		t := totals[c.ID]
		for _, location := range t.locations() {
			f.histogram(&t[location].took, bounds, "scenario", c.ID, "location", location)
		}
	}
}

// lastRuns writes what the latest run of each scenario measured.
func (f *exposition) lastRuns(cards []gengfu.ScenarioCard, latest map[string][]gengfu.Run) {
	each := func(name, help string, write func(r gengfu.Run)) {
		f.family(name, "gauge", help)
		for _, c := range cards {
			seen := map[string]bool{}
			for _, r := range latest[c.ID] {
				if !seen[r.Slot.Location] {
					seen[r.Slot.Location] = true
					write(r)
				}
			}
		}
	}
	each("gengfu_step_duration_seconds", "Duration of each step of the latest run.", func(r gengfu.Run) {
		names := map[string]bool{}
		for _, st := range r.Steps {
			name := st.Name
			if names[name] {
				name = numbered(st.Index, st.Name)
			}
			names[name] = true
			if st.Status != gengfu.StepSkipped {
				f.sample(st.Duration.Seconds(), "scenario", r.Slot.Scenario, "location", r.Slot.Location, "step", name)
			}
		}
	})
	vital := func(name, help string, value func(gengfu.PageLoad) float64) {
		each(name, help, func(r gengfu.Run) {
			if len(r.Pages) > 0 {
				f.sample(value(r.Pages[0]), "scenario", r.Slot.Scenario, "location", r.Slot.Location)
			}
		})
	}
	vital("gengfu_web_vital_ttfb_seconds", "Time to first byte of the first page of the latest run.", func(p gengfu.PageLoad) float64 { return p.TTFB.Seconds() })
	vital("gengfu_web_vital_fcp_seconds", "First contentful paint of the first page of the latest run.", func(p gengfu.PageLoad) float64 { return p.FCP.Seconds() })
	vital("gengfu_web_vital_lcp_seconds", "Largest contentful paint of the first page of the latest run.", func(p gengfu.PageLoad) float64 { return p.LCP.Seconds() })
	vital("gengfu_web_vital_cls_ratio", "Cumulative layout shift of the first page of the latest run.", func(p gengfu.PageLoad) float64 { return p.CLS })
}

// endpoints writes how the ways to people work. Their counts begin anew when
// the channels are opened, as those of a process that was started again.
func (f *exposition) endpoints(list []Endpoint, bounds []time.Duration) {
	f.family("gengfu_endpoint_broken", "gauge", "Whether an endpoint needs somebody's hand: 1 after it refused every message, 0 otherwise.")
	for _, e := range list {
		broken := 0.0
		if e.Broken {
			broken = 1
		}
		f.sample(broken, "endpoint", e.Name)
	}
	f.family("gengfu_endpoint_last_success_timestamp_seconds", "gauge", "When an endpoint last accepted a message, in Unix time.")
	for _, e := range list {
		if !e.LastSuccess.IsZero() {
			f.sample(unix(e.LastSuccess), "endpoint", e.Name)
		}
	}
	f.family("gengfu_delivery_tries_total", "counter", "Tries to deliver a message, by result: sent, failed (tried again) or refused (given up).")
	for _, e := range list {
		f.sample(float64(e.Sent), "endpoint", e.Name, "result", "sent")
		f.sample(float64(e.Failed-min(e.Failed, e.Refused)), "endpoint", e.Name, "result", "failed")
		f.sample(float64(e.Refused), "endpoint", e.Name, "result", "refused")
	}
	f.family("gengfu_delivery_duration_seconds", "histogram", "Time from an event to the acceptance of its message.")
	for _, e := range list {
		f.histogram(&e.Latency, bounds, "endpoint", e.Name)
	}
}

func (f *exposition) prober(h Health, version string, now time.Time) {
	age := func(at time.Time) float64 {
		if at.IsZero() {
			return 0
		}
		return max(now.Sub(at).Seconds(), 0)
	}
	f.one("gengfu_build_info", "The version that runs, in a label; always 1.", 1, "version", version)
	f.one("gengfu_queue_depth", "Slots that wait for a worker.", float64(h.Queue))
	f.one("gengfu_queue_oldest_seconds", "How long the oldest waiting slot has waited.", age(h.QueueOldest))
	f.one("gengfu_workers", "Workers that execute runs.", float64(h.Workers))
	f.one("gengfu_workers_busy", "Workers that execute a run now.", float64(h.Busy))
	f.family("gengfu_browser_launches_total", "counter", "Browsers started by the process.")
	f.sample(float64(h.BrowserLaunches))
	f.family("gengfu_browser_lost_total", "counter", "Browsers that went away on their own.")
	f.sample(float64(h.BrowserLost))
	f.family("gengfu_outbox_pending", "gauge", "Deliveries that wait, by endpoint.")
	for _, b := range h.Outbox {
		f.sample(float64(b.Pending), "endpoint", b.Endpoint)
	}
	f.family("gengfu_outbox_dead", "gauge", "Deliveries that were given up and are still kept, by endpoint.")
	for _, b := range h.Outbox {
		f.sample(float64(b.Dead), "endpoint", b.Endpoint)
	}
	f.family("gengfu_outbox_oldest_seconds", "gauge", "How long the oldest pending delivery has waited, by endpoint; 0 when none waits.")
	for _, b := range h.Outbox {
		f.sample(age(b.Oldest), "endpoint", b.Endpoint)
	}
	f.one("gengfu_disk_free_bytes", "Free space on the disk that holds the ledger.", float64(h.DiskFree))
	f.one("gengfu_disk_size_bytes", "Size of the disk that holds the ledger.", float64(h.DiskTotal))
	f.one("gengfu_database_bytes", "Size of the database file.", float64(h.Database))
	f.one("gengfu_database_wal_bytes", "Size of the write-ahead log.", float64(h.WAL))
	f.audit(h.Audit)
	f.selfCheck(h.Self)
	ok := 1.0
	if h.ReloadError != "" {
		ok = 0
	}
	f.one("gengfu_reload_success", "Whether the scenario files were accepted when they were last read.", ok)
	if !h.Reloaded.IsZero() {
		f.one("gengfu_reload_timestamp_seconds", "When the scenario files were last read, in Unix time.", unix(h.Reloaded))
	}
}

func (f *exposition) incidents(active []gengfu.Incident) {
	n := map[gengfu.Grade]int{}
	for _, inc := range active {
		n[inc.Grade]++
	}
	f.family("gengfu_incidents_open", "gauge", "Incidents that somebody still has to work on, by grade.")
	for _, grade := range []gengfu.Grade{gengfu.GradeNotice, gengfu.GradeOrdinary, gengfu.GradeMajor} {
		f.sample(float64(n[grade]), "grade", string(grade))
	}
}

func (f *exposition) hosts(hosts []gengfu.HostSample) {
	each := func(name, help string, value func(gengfu.HostSample) float64) {
		f.family(name, "gauge", help)
		for _, h := range hosts {
			f.sample(value(h), "host", h.Host)
		}
	}
	mounts := func(name, help string, value func(gengfu.Mount) float64) {
		f.family(name, "gauge", help)
		for _, h := range hosts {
			for _, m := range h.Mounts {
				f.sample(value(m), "host", h.Host, "mount", m.Path)
			}
		}
	}
	each("gengfu_host_cpu_ratio", "Busy share of all cores between the last two readings.", func(h gengfu.HostSample) float64 { return h.CPU })
	each("gengfu_host_load1", "Load average of one minute.", func(h gengfu.HostSample) float64 { return h.Load1 })
	each("gengfu_host_cores", "Number of cores.", func(h gengfu.HostSample) float64 { return float64(h.Cores) })
	each("gengfu_host_memory_size_bytes", "Memory of the host.", func(h gengfu.HostSample) float64 { return float64(h.MemTotal) })
	each("gengfu_host_memory_available_bytes", "Memory that can be had without swapping.", func(h gengfu.HostSample) float64 { return float64(h.MemAvailable) })
	each("gengfu_host_swap_used_bytes", "Swap in use.", func(h gengfu.HostSample) float64 { return float64(h.SwapUsed) })
	each("gengfu_host_uptime_seconds", "Time since the host was started.", func(h gengfu.HostSample) float64 { return h.Uptime.Seconds() })
	each("gengfu_host_sample_timestamp_seconds", "When the host was last read, in Unix time.", func(h gengfu.HostSample) float64 { return unix(h.At) })
	mounts("gengfu_host_disk_size_bytes", "Size of a mounted file system.", func(m gengfu.Mount) float64 { return float64(m.Total) })
	mounts("gengfu_host_disk_free_bytes", "Space that an ordinary user may still write.", func(m gengfu.Mount) float64 { return float64(m.Free) })
}

func unix(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }
