package web_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"

	"gengfu"
	"gengfu/storage"
)

// browse opens a tab of a real browser on a served site and collects what the
// browser complains about, refusals of the content policy among them.
func browse(t *testing.T, s *site) (ctx context.Context, base string, complaints chan string) {
	t.Helper()
	srv := httptest.NewServer(s.Handler())
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("chromium-headless-shell"), chromedp.NoSandbox, chromedp.Flag("disable-quic", true))
	alloc, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	ctx, leave := chromedp.NewContext(alloc)
	t.Cleanup(func() { leave(); stop(); s.Close(); srv.Close() })
	complaints = make(chan string, 100)
	must(t, chromedp.Listen(ctx, func(event any) {
		if e, ok := event.(*log.EventEntryAdded); ok && e.Entry.Level == log.EntryLevelError {
			complaints <- e.Entry.URL + ": " + e.Entry.Text
		}
	}))
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	return ctx, srv.URL, complaints
}

// TestBrowser_pagesFitAndKeepThePolicy opens every page on a phone and on a
// desk: nothing may be refused, and nothing may be wider than the screen.
func TestBrowser_pagesFitAndKeepThePolicy(t *testing.T) {
	s := newSite(t)
	ctx, base, complaints := browse(t, s)
	for lang, width := range map[string]int64{"en": 360, "zh-CN": 1280} {
		must(t, chromedp.Do(ctx, chromedp.Navigate(base+"/?lang="+lang)))
		for _, page := range pages() {
			must(t, chromedp.Do(ctx, chromedp.EmulateViewport(width, 800), chromedp.Navigate(base+page)))
			over, err := chromedp.Run(ctx, chromedp.Evaluate[int]("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
			must(t, err)
			if over > 0 {
				t.Errorf("%s at %d px: %d px too wide", page, width, over)
			}
		}
	}
	for len(complaints) > 0 {
		t.Error(<-complaints)
	}
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.body.setAttribute("style", "color: red") === undefined`))
	must(t, err)
	select {
	case <-complaints:
	case <-ctx.Done():
		t.Error("the browser does not complain about what the policy forbids: this test sees nothing")
	}
}

// TestBrowser_showsAChange: an open page changes when the ledger does, without
// being loaded again.
func TestBrowser_showsAChange(t *testing.T) {
	s := newSite(t)
	ctx, base, _ := browse(t, s)
	must(t, chromedp.Do(ctx, chromedp.Navigate(base+"/deliveries?lang=en"), chromedp.WaitVisible(chromedp.CSS("#lamp[data-state=on]"))))
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("window.same = true"))
	must(t, err)
	dead, err := s.store.Deliveries(t.Context(), storage.DeliveryFilter{State: gengfu.DeliveryDead})
	must(t, err)
	must(t, s.store.Replay(t.Context(), dead[0].ID))
	must(t, chromedp.Do(ctx, chromedp.WaitNotPresent(chromedp.CSS("tr.dead"))))
	same, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("window.same === true"))
	must(t, err)
	text, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("#list")))
	must(t, err)
	if !same || strings.Count(text, "Pending") != 2 {
		t.Errorf("same page: %t, text:\n%s", same, text)
	}
}
