package chrome

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gengfu"
)

const report = "name,amount\n张三,100\n"

// files serves what downloads in every way, and what goes wrong with them.
func files(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<!doctype html><meta charset=utf-8><a href=/report>导出</a> <a href=/report target=_blank>新窗导出</a>
<a download=note.txt href="data:text/plain,hello">数据</a> <a href=/big>大文件</a> <a href=/endless>无长度</a> <a href=/cut>断开</a>
<button onclick="const a=document.createElement('a');a.href=window.URL.createObjectURL(new Blob(['hello']));a.download='b.txt';setTimeout(()=>a.click(),200)">生成</button>`)
	})
	attach := func(name string, f func(w http.ResponseWriter)) {
		mux.HandleFunc("/"+name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Disposition", "attachment; filename="+name+".csv")
			f(w)
		})
	}
	attach("report", func(w http.ResponseWriter) { fmt.Fprint(w, report) })
	attach("big", func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "60000000")
		_, _ = w.Write(bytes.Repeat([]byte("x"), 100_000))
	})
	attach("endless", func(w http.ResponseWriter) {
		for range 2000 {
			if _, err := w.Write(bytes.Repeat([]byte("x"), 50_000)); err != nil {
				return
			}
		}
	})
	attach("cut", func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "1000000")
		_, _ = w.Write(bytes.Repeat([]byte("x"), 10_000))
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		panic(http.ErrAbortHandler)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv
}

// TestDownloads_ofAllKinds are held against their name, size and sum, and leave
// nothing behind.
func TestDownloads_ofAllKinds(t *testing.T) {
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(report)))
	for _, p := range []*Pool{pool, fullChromium(t)} {
		r := p.Run(t.Context(), parse(t, files(t).URL, `
steps:
  - goto: ${base}/
  - click: 导出
    expect: [{download: {name: report.csv, min: 10 B, max: 1 kB, sha256: `+sum+`}}]
  - click: 数据
    expect: [{download: note.txt}]
  - click: 生成
    expect: [{download: {name: {match: '^b\.txt$'}}}]
  - click: 新窗导出
    expect: [{download: report.csv}]
  - goto: ${base}/report
    expect: [{download: {min: 20}}]
  - click: 导出
    expect: [{visible: 数据}]
  - wait: 1s # nothing on the page tells of a file that is refused
`), slot(), nil)
		mustPass(t, r)
		if len(r.Downloads) != 6 {
			t.Fatalf("%+v", r.Downloads)
		}
		if d := r.Downloads[0]; d.SHA256 != sum || d.Bytes != int64(len(report)) || d.Step != 2 || d.State != gengfu.DownloadComplete {
			t.Errorf("%+v", d)
		}
		if d := r.Downloads[5]; d.Name != "report.csv" || d.State != gengfu.DownloadRefused || d.Step < 7 {
			t.Errorf("%+v", d)
		}
		p.tasks.Wait()
		if left, _ := filepath.Glob(filepath.Join(p.cfg.Profiles, "*", "download-*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

// TestDownloads_thatAreNotAsExpected fail in words, soon, and keep no file.
func TestDownloads_thatAreNotAsExpected(t *testing.T) {
	srv := files(t)
	for _, c := range []struct{ step, says string }{
		{"click: 导出\n    expect: [{download: other.csv}]\n    timeout: 500ms", "saw “report.csv”"},
		{"click: 导出\n    expect: [{download: {min: 1 kB}}]", "size ≥ 1 kB, saw 23 B"},
		{"click: 大文件\n    expect: [{download: big.csv}]", "size ≤ 50 MB, saw 60 MB"},
		{"click: 无长度\n    expect: [{download: {max: 200 kB}}]", "size ≤ 200 kB"},
		{"click: 断开\n    expect: [{download: cut.csv}]", "broken-off"},
		{"click: 导出\n    expect: [{download: {sha256: " + strings.Repeat("0", 64) + "}}]", "sha256"},
		{"expect: [{download: x}]\n    timeout: 300ms", "saw nothing"},
		{"goto: ${base}/report", "download, not a page"},
	} {
		began := time.Now()
		r := run(t, parse(t, srv.URL, "\nsteps:\n  - goto: ${base}/\n  - "+c.step+"\n"))
		if r.Failure == nil || r.Failure.Fault != gengfu.FaultAssertion || !strings.Contains(cause(r), c.says) {
			t.Errorf("%s: got %s", c.step, cause(r))
		}
		if took := time.Since(began); took > 9*time.Second {
			t.Errorf("%s took %s", c.step, took)
		}
	}
	if dirs, _ := os.ReadDir(pool.cfg.Profiles); len(dirs) == 0 {
		t.Error("no profile to look into")
	}
}
