package chrome

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"

	"gengfu"
)

// portal is a site with a log-in, as plain as can be.
func portal(b *testing.B) *httptest.Server {
	b.Helper()
	mux := http.NewServeMux()
	page := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = fmt.Fprintf(w, "<!doctype html><html lang=zh-CN><title>x</title><body>%s", body)
		}
	}
	mux.HandleFunc("GET /", page(`<h1>门户</h1><a href="/login">登录</a>`))
	mux.HandleFunc("GET /login", page(`<form method=post><label>账号 <input name=user></label><label>密码 <input name=password type=password></label><button>提交</button></form>`))
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/in", http.StatusSeeOther) })
	mux.HandleFunc("GET /in", page(`<h1>工作台</h1><p>共 200 条</p><table>`+strings.Repeat("<tr><td>1<td>申请<td>待审核", 200)+`</table>`))
	srv := httptest.NewServer(mux)
	b.Cleanup(srv.Close)
	return srv
}

const loginSteps = `
steps:
  - goto: ${base}/
  - click: 登录
  - fill: {账号: probe.one, 密码: gängfu-bench-15}
  - click: 提交
    expect: [{visible: {role: heading, name: 工作台}}, {text: 共 200 条}]
`

// BenchmarkLogin is a whole run in a warm browser. It reports the median of
// each step in ms and the DevTools commands of a run.
func BenchmarkLogin(b *testing.B) {
	srv := portal(b)
	s := parse(b, srv.URL, loginSteps)
	steps := map[int][]time.Duration{}
	var commands int64
	for b.Loop() {
		before := sent(b)
		r := pool.Run(b.Context(), s, slot(), nil)
		if r.Outcome != gengfu.Passed {
			b.Fatal(cause(r))
		}
		for _, st := range r.Steps {
			steps[st.Index] = append(steps[st.Index], st.Duration)
		}
		b.StopTimer()
		spared(b)
		commands = sent(b) - before
		b.StartTimer()
	}
	for i, times := range steps {
		slices.Sort(times)
		b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, fmt.Sprintf("ms/step%d", i))
	}
	b.ReportMetric(float64(commands), "commands/run")
}

// sent counts the commands so far.
func sent(b *testing.B) int64 {
	b.Helper()
	l, err := pool.acquire(b.Context(), false)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.release(l)
	return l.proc.conn.next.Load()
}

// spared waits until the page of the next run stands ready.
func spared(b *testing.B) {
	b.Helper()
	for {
		pool.mu.Lock()
		ready := pool.spare != nil
		pool.mu.Unlock()
		if ready {
			return
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-b.Context().Done():
			b.Fatal("no spare page")
		}
	}
}

// BenchmarkGrowth is what a run leaves behind in the prober: bytes of the live
// heap for each run, after the first hundred.
func BenchmarkGrowth(b *testing.B) {
	srv := portal(b)
	s := parse(b, srv.URL, "steps:\n  - goto: ${base}/\n  - click: 登录\n    expect: [{visible: {label: 账号}}]\n")
	again := func(n int) {
		for range n {
			if r := pool.Run(b.Context(), s, slot(), nil); r.Outcome != gengfu.Passed {
				b.Fatal(cause(r))
			}
		}
		spared(b)
	}
	live := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	again(100)
	before := live()
	for b.Loop() {
		again(1)
	}
	b.ReportMetric(float64(live()-before)/float64(b.N), "B/run")
}

// BenchmarkDiagnosis is what it costs to record the network and the console: runs
// with the browser's news of both, and runs without, in turn. It reports the
// medians of the ratios of a pair, and processor time of the prober and the
// browser for each run.
func BenchmarkDiagnosis(b *testing.B) {
	srv := portal(b)
	s := parse(b, srv.URL, loginSteps)
	one := func(with bool) (wall, cpu float64) {
		spared(b)
		if !with {
			pool.mu.Lock()
			pg := pool.spare.page
			pool.mu.Unlock()
			for _, off := range []string{network.CommandDisable, cdplog.CommandDisable} {
				if err := pg.s.Call(b.Context(), off, nil, nil); err != nil {
					b.Fatal(err)
				}
			}
		}
		before, began := spent(b), time.Now()
		r := pool.Run(b.Context(), s, slot(), nil)
		wall = time.Since(began).Seconds() * 1000
		if r.Outcome != gengfu.Passed || (r.Traffic.Requests > 0) != with {
			b.Fatalf("%s, %d requests recorded", cause(r), r.Traffic.Requests)
		}
		spared(b)
		return wall, spent(b) - before
	}
	var walls, with, without []float64
	for b.Loop() {
		w1, c1 := one(true)
		w0, c0 := one(false)
		walls, with, without = append(walls, w1/w0), append(with, c1), append(without, c0)
	}
	slices.Sort(walls)
	sum := func(all []float64) (s float64) {
		for _, v := range all {
			s += v
		}
		return s
	}
	b.ReportMetric(walls[len(walls)/2], "wall-ratio")
	b.ReportMetric(sum(with)/sum(without), "cpu-ratio")
	b.ReportMetric(sum(with)/float64(len(with)), "cpu-ms/run")
}

// spent is the processor time so far, in ms, of the prober and its browser.
func spent(b *testing.B) float64 {
	b.Helper()
	var own syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
		b.Fatal(err)
	}
	ms := float64(own.Utime.Nano()+own.Stime.Nano()) / 1e6
	l, err := pool.acquire(b.Context(), false)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.release(l)
	for _, m := range family(l.proc.pid()) {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", m.pid))
		if err != nil {
			continue // it ended; who started it has its time
		}
		fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
		for _, ticks := range fields[11:15] { // of its own and of ended children, in hundredths of a second
			n, _ := strconv.ParseFloat(ticks, 64)
			ms += n * 10
		}
	}
	return ms
}
