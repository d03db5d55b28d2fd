package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"gengfu/demo"
)

// TestDrill_killedChromiumIsOurTrouble: a browser killed in the middle of a run
// makes the run errored and has it done again in a fresh browser; the target is
// not blamed, and nothing is left behind.
func TestDrill_killedChromiumIsOurTrouble(t *testing.T) {
	d := newDrill(t)
	d.logged("outcome=passed")
	if err := d.platform.Configure(demo.Slow, demo.Setting{On: true}); err != nil { // so that a run is under way
		t.Fatal(err)
	}
	d.logged("outcome=degraded")
	for range 3 {
		d.daemon.forget()
		for path := ""; path != "/login"; path = <-d.visits {
		}
		for _, pid := range browsersOf(d.daemon.cmd.Process.Pid) {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
		d.logged("outcome=errored")
		d.logged(".2 outcome=degraded") // attempt 2, in a fresh browser
	}
	d.platform.Clear()
	d.daemon.forget()
	d.logged("outcome=passed")
	if n := len(d.got.Webhooks()); n > 0 {
		t.Errorf("%d notices: %s", n, d.got.Webhooks()[0].Body)
	}
	if profiles, _ := os.ReadDir(filepath.Join(d.daemon.cmd.Dir, "data", "profiles")); len(profiles) > 2 {
		t.Errorf("%d profiles with one browser running and one standing by", len(profiles))
	}
}

// browsersOf lists the browser processes that a process started itself.
func browsersOf(parent int) []int {
	var out []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, s := range stats {
		b, err := os.ReadFile(s)
		if err != nil {
			continue
		}
		after := string(b)[strings.LastIndexByte(string(b), ')')+1:]
		f := strings.Fields(after) // state, ppid, …
		if len(f) > 1 && f[1] == strconv.Itoa(parent) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(s)))
			out = append(out, pid)
		}
	}
	return out
}

// TestUpload_relativeDataFolder: a page may be given a file whatever way the
// folder of browser profiles is named.
func TestUpload_relativeDataFolder(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if f, _, err := q.FormFile("photo"); err == nil {
			defer f.Close()
			got, _ := io.ReadAll(f)
			fmt.Fprintf(w, "<h1>收到 %s</h1>", got)
			return
		}
		fmt.Fprint(w, `<form method=post enctype=multipart/form-data><label>照片 <input type=file name=photo></label><button>提交</button></form>`)
	}))
	defer site.Close()
	d := prepare(t)
	writeFile(t, d.dir, "scenarios/photo.txt", "face")
	d.scenario("upload", fmt.Sprintf(`scenario: upload
title: 上传
steps:
  - goto: %s/
  - upload: {照片: photo.txt}
  - click: 提交
    expect: [{visible: {role: heading, name: 收到 face}}]
    timeout: 3s
schedule: {every: 1s}
`, site.URL))
	d.start("gengfu")
	defer d.end()
	d.recorded("upload", "passed")
	writeFile(t, d.dir, "own.yaml", "browser: {profiles: ./own}\n")
	if out, code := d.output("run", "-c", "own.yaml", "scenarios/upload.yaml"); code != 0 {
		t.Errorf("%d %s", code, out)
	}
}
