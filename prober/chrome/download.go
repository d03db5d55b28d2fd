package chrome

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"

	"gengfu"
	"gengfu/scenarios"
)

// Limits on downloads.
const (
	maxDownload  = 50_000_000 // bytes, unless the scenario says more
	maxDownloads = 20         // that one run tells
)

// download is a file that a page gives.
type download struct {
	guid  string
	began time.Time
	gengfu.Download
}

// downloads are those of a run. The recorder's mutex guards them.
type downloads struct {
	list  []*download
	dir   string // where files are let in; empty while they are refused
	limit int64
	sums  sync.WaitGroup // of files that are being read
}

// listenDownloads notes the downloads of all runs on the browser.
func (e *engine) listenDownloads(root *session) {
	on(root, browser.DownloadWillBegin, func(ev *browser.EventDownloadWillBegin) {
		if set := e.setupOf(ev.FrameID); set != nil {
			set.rec.downloadBegins(ev)
			e.noPage(set, ev.FrameID)
		}
	})
	on(root, browser.DownloadProgress, func(ev *browser.EventDownloadProgress) {
		for _, set := range e.all() {
			if over := set.rec.downloadGoesOn(ev); over {
				root.send(browser.CommandCancelDownload, browser.CancelDownloadParams{GUID: ev.GUID, BrowserContextID: set.context})
			}
		}
	})
}

func (e *engine) all() []*setup {
	e.mu.Lock()
	defer e.mu.Unlock()
	sets := make([]*setup, 0, len(e.setups))
	for _, set := range e.setups {
		sets = append(sets, set)
	}
	return sets
}

// setupOf finds the run that a frame belongs to; the frame may be gone already.
func (e *engine) setupOf(id cdp.FrameID) *setup {
	for _, set := range e.all() {
		if set.tabs.have(id) {
			return set
		}
	}
	return nil
}

// have reports whether the frame is, or was, in one of the tabs.
func (t *tabs) have(id cdp.FrameID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.ContainsFunc(t.all, func(n *tab) bool {
		n.page.mu.Lock()
		defer n.page.mu.Unlock()
		return n.page.main == id || n.page.frames[id] != nil
	})
}

// noPage marks a window that was opened for a download only.
func (e *engine) noPage(set *setup, id cdp.FrameID) {
	set.tabs.mu.Lock()
	defer set.tabs.mu.Unlock()
	for i, n := range set.tabs.all {
		if i > 0 && n.page.main == id && n.page.documents() == 0 {
			n.file.Store(true)
		}
	}
}

func (r *recorder) downloadBegins(ev *browser.EventDownloadWillBegin) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.downloads.list) >= maxDownloads {
		return
	}
	d := &download{guid: ev.GUID, began: time.Now()}
	d.Step, d.Name, d.URL, d.State = r.step, ev.SuggestedFilename, ev.URL, gengfu.DownloadOpen
	if r.downloads.dir == "" {
		d.State = gengfu.DownloadRefused
	}
	r.downloads.list = append(r.downloads.list, d)
}

// downloadGoesOn notes progress and reports whether the file is too large.
func (r *recorder) downloadGoesOn(ev *browser.EventDownloadProgress) (over bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.downloads.list, func(d *download) bool { return d.guid == ev.GUID })
	if i < 0 {
		return false
	}
	d := r.downloads.list[i]
	d.Bytes = max(d.Bytes, int64(ev.ReceivedBytes))
	if d.State == gengfu.DownloadRefused {
		d.Bytes = max(d.Bytes, int64(ev.TotalBytes))
	}
	if d.State != gengfu.DownloadOpen {
		return false
	}
	d.Duration = time.Since(d.began)
	if max(int64(ev.TotalBytes), d.Bytes) > r.downloads.limit {
		d.State, d.Bytes = gengfu.DownloadTooLarge, max(int64(ev.TotalBytes), d.Bytes)
		return ev.State == browser.DownloadProgressStateInProgress
	}
	switch ev.State {
	case browser.DownloadProgressStateCanceled:
		d.State = gengfu.DownloadBroken
	case browser.DownloadProgressStateCompleted:
		path, limit := filepath.Join(r.downloads.dir, filepath.Base(d.guid)), r.downloads.limit
		d.guid = ""                                                    // there is no more news of it
		r.downloads.sums.Go(func() { r.downloadEnds(d, path, limit) }) // the browser's news must not wait for it
	}
	return false
}

// downloadEnds reads the file that has arrived.
func (r *recorder) downloadEnds(d *download, path string, limit int64) {
	sum, size := sumOf(path, limit)
	r.mu.Lock()
	defer r.mu.Unlock()
	d.SHA256, d.Bytes, d.State = sum, size, gengfu.DownloadComplete
	if sum == "" {
		d.State = gengfu.DownloadBroken
	}
}

// sumOf reads a file of at most limit bytes; the sum is empty when it cannot.
func sumOf(path string, limit int64) (sum string, size int64) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0
	}
	h := sha256.New()
	size, err = io.Copy(h, io.LimitReader(f, limit+1))
	if f.Close() != nil || err != nil {
		return "", 0
	}
	return hex.EncodeToString(h.Sum(nil)), size
}

// wantsFile is the expectation of a download on the step, nil without one.
func wantsFile(st *scenarios.Step) *scenarios.Expect {
	i := slices.IndexFunc(st.Expect, func(e scenarios.Expect) bool { return e.Kind == scenarios.ExpectDownload })
	if i < 0 {
		return nil
	}
	return &st.Expect[i]
}

// admitFiles lets files in while a step that expects one is done, into a
// directory beneath the profile that goes with the run's context.
func (r *runner) admitFiles(ctx context.Context, st *scenarios.Step) error {
	e := wantsFile(st)
	if e == nil {
		return nil
	}
	dir, err := os.MkdirTemp(r.page.engine.proc.profile, "download-")
	if err != nil {
		return fmt.Errorf("download: %w", err)
	}
	r.page.set.uploads = append(r.page.set.uploads, dir)
	limit := int64(maxDownload)
	if e.File.Max > 0 {
		limit = e.File.Max
	}
	r.rec.mu.Lock()
	r.rec.downloads.dir, r.rec.downloads.limit = dir, limit
	r.rec.mu.Unlock()
	return r.downloadsTo(ctx, browser.SetDownloadBehaviorBehaviorAllowAndName, dir)
}

// refuseFiles is the state between steps.
func (r *runner) refuseFiles(ctx context.Context, st *scenarios.Step) {
	if wantsFile(st) == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_ = r.downloadsTo(ctx, browser.SetDownloadBehaviorBehaviorDeny, "") // else the next file goes into the same directory
	r.rec.mu.Lock()
	r.rec.downloads.dir = ""
	r.rec.mu.Unlock()
}

func (r *runner) downloadsTo(ctx context.Context, how browser.SetDownloadBehaviorBehavior, dir string) error {
	return r.page.engine.proc.conn.root.Call(ctx, browser.CommandSetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: how, DownloadPath: dir, BrowserContextID: r.page.set.context, EventsEnabled: new(true),
	}, nil)
}

// expectDownload waits for a file of the step that is as expected.
func (r *runner) expectDownload(ctx context.Context, e scenarios.Expect) error {
	match, words := func(string) bool { return true }, ""
	if e.Match != nil {
		var err error
		if match, words, err = r.matcher(*e.Match); err != nil {
			return err
		}
	}
	began := time.Now()
	var named, other *download
	held := func() bool {
		r.rec.mu.Lock()
		defer r.rec.mu.Unlock()
		named, other = nil, nil
		for _, d := range r.rec.downloads.list {
			switch copied := *d; {
			case d.Step < r.rec.step:
			case match(d.Name):
				named = &copied
			default:
				other = &copied
			}
		}
		return named != nil && named.State != gengfu.DownloadOpen
	}
	if err := r.awaitRecord(ctx, held); err != nil {
		return err
	}
	held()
	f := gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonExpect, Want: strings.TrimSpace("download " + words), Waited: time.Since(began)}
	switch {
	case named == nil && other == nil:
		f.Seen = "nothing"
	case named == nil:
		f.Seen = "“" + cut(other.Name) + "”"
	default:
		if f = fileUnlike(f, named, e.File); f.Seen == "" {
			return nil
		}
	}
	return &stop{f}
}

// fileUnlike says in Seen how a file differs from what is wanted.
func fileUnlike(f gengfu.Failure, d *download, want scenarios.FileWant) gengfu.Failure {
	f.Waited = d.Duration
	differs := func(wanted, seen string) gengfu.Failure {
		f.Want, f.Seen = f.Want+" "+wanted, seen
		return f
	}
	limit := int64(maxDownload)
	if want.Max > 0 {
		limit = want.Max
	}
	switch {
	case d.State == gengfu.DownloadTooLarge:
		return differs("size ≤ "+bytesOf(limit), bytesOf(d.Bytes))
	case d.State == gengfu.DownloadOpen:
		return differs("complete", "incomplete "+bytesOf(d.Bytes))
	case d.State != gengfu.DownloadComplete:
		return differs("complete", "broken-off "+bytesOf(d.Bytes))
	case d.Bytes < want.Min:
		return differs("size ≥ "+bytesOf(want.Min), bytesOf(d.Bytes))
	case want.SHA256 != "" && d.SHA256 != want.SHA256:
		return differs("sha256 "+want.SHA256, d.SHA256)
	}
	return f
}

// bytesOf prints a size the way people read one: 512 B, 1.5 kB, 50 MB.
func bytesOf(n int64) string {
	unit, v := "B", float64(n)
	for _, next := range []string{"kB", "MB", "GB"} {
		if v < 1000 {
			break
		}
		v, unit = v/1000, next
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0") + " " + unit
}

// tellDownloads puts the downloads into the run.
func (r *runner) tellDownloads() {
	r.rec.downloads.sums.Wait()
	r.rec.mu.Lock()
	defer r.rec.mu.Unlock()
	for _, d := range r.rec.downloads.list {
		told := d.Download
		told.Name, told.URL = cut(r.rec.redacted(told.Name)), cut(r.rec.redacted(addressOf(told.URL)))
		r.run.Downloads = append(r.run.Downloads, told)
	}
}

// addressOf is the URL of a download; the content of a data: URL is no address.
func addressOf(url string) string {
	if strings.HasPrefix(url, "data:") {
		head, _, _ := strings.Cut(url, ",")
		return head
	}
	return bare(url)
}
