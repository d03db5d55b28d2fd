package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// usage is processor time and memory of a contender, driver and browser apart.
type usage struct {
	driver, browser  float64 // ms of processor time, user and system
	driverRSS        int64   // bytes
	browserPrivate   int64   // bytes, filled by memory only
	browserProcesses int
}

type process struct {
	pid, parent int
	own, waited float64 // ms; waited is of children that ended
	browser     bool
	rss         int64
}

// measure adds up the tree of processes under root. Of processes that ended,
// only those of the browser are counted, with their parents.
func measure(root int) usage {
	all := processes()
	var u usage
	for _, p := range all {
		if !within(all, p, root) {
			continue
		}
		if p.browser {
			u.browser += p.own + p.waited
			u.browserProcesses++
			continue
		}
		u.driver += precise(p)
		u.driverRSS += p.rss
	}
	return u
}

// private is the memory, in bytes, that only the browser's processes hold.
func private(root int) int64 {
	all := processes()
	var sum int64
	for _, p := range all {
		if p.browser && within(all, p, root) {
			sum += privateOf(p.pid)
		}
	}
	return sum
}

func within(all map[int]process, p process, root int) bool {
	for ; p.pid > 1; p = all[p.parent] {
		if p.pid == root {
			return true
		}
	}
	return false
}

const tick = 10 // ms; the kernel's USER_HZ is 100 on every Linux that runs Chromium

func processes() map[int]process {
	all := map[int]process{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // it ended
		}
		text := string(raw)
		cut := strings.LastIndexByte(text, ')')
		f := strings.Fields(text[cut+1:])
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		n := func(i int) float64 { v, _ := strconv.ParseFloat(f[i], 64); return v }
		all[pid] = process{
			pid: pid, parent: int(n(1)), own: tick * (n(11) + n(12)), waited: tick * (n(13) + n(14)),
			browser: strings.Contains(text[:cut], "chrom") && !strings.HasSuffix(text[:cut], "(chromedp"), rss: int64(n(21)) * int64(os.Getpagesize()),
		}
	}
	return all
}

// precise is the processor time in ms of a process that keeps its threads, to
// the nanosecond: the ticks of /proc/PID/stat are as long as a run of a driver.
func precise(p process) float64 {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.pid))
	var sum float64
	for _, file := range tasks {
		raw, _ := os.ReadFile(file)
		var ns float64
		_, _ = fmt.Sscan(string(raw), &ns)
		sum += ns / 1e6
	}
	if sum == 0 {
		return p.own
	}
	return sum
}

func privateOf(pid int) int64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0
	}
	var sum int64
	for line := range strings.Lines(string(raw)) {
		var kib int64
		if rest, ok := strings.CutPrefix(line, "Private_"); ok {
			_, value, _ := strings.Cut(rest, ":")
			_, _ = fmt.Sscan(value, &kib)
			sum += kib << 10
		}
	}
	return sum
}
