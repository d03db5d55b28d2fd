package chrome

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/chromedp/cdproto/network"

	"gengfu"
)

// Limits on the answers that are fetched after a failure.
const (
	maxBody      = 64 << 10 // bytes that are kept of each
	maxFetched   = 1 << 20  // bytes of one that is fetched at all
	maxBodies    = 20
	maxAllBodies = 512 << 10
	bodyTime     = time.Second
)

// bodies are the answers that were fetched, by request.
type bodies map[network.RequestID]fetched

type fetched struct {
	text string
	size int
}

// wanted is an answer worth fetching.
type wanted struct {
	logged
	id     network.RequestID
	method string
	url    string
	status int
	mime   string
	kind   network.ResourceType
}

// answers are the finished first-party answers that a person would look at,
// the latest first: those with an error status, HTML and JSON.
func (r *recorder) answers(test func(wanted) bool) []wanted {
	r.mu.Lock()
	defer r.mu.Unlock()
	finished := map[network.RequestID]bool{}
	methods := map[network.RequestID]string{}
	var out []wanted
	for _, ev := range slices.Backward(r.har.events) {
		switch e := ev.event.(type) {
		case *network.EventLoadingFinished:
			finished[e.RequestID] = e.EncodedDataLength <= maxFetched
		case *network.EventResponseReceived:
			w := wanted{ev, e.RequestID, "", e.Response.URL, int(e.Response.Status), e.Response.MimeType, e.Type}
			if finished[e.RequestID] && sameSite(r.site, hostOf(w.url)) && readable(w) && test(w) {
				out = append(out, w)
			}
		case *network.EventRequestWillBeSent:
			methods[e.RequestID] = e.Request.Method
		}
	}
	for i := range out {
		out[i].method = methods[out[i].id]
	}
	return out
}

func readable(w wanted) bool {
	return w.mime == "text/html" || jsonType(w.mime) || w.status >= 400 && strings.HasPrefix(w.mime, "text/")
}

// fetch asks the browser for answers that are not known yet, all at once. A
// page that left them behind, or answers nothing, has none to give.
func (r *runner) fetch(ctx context.Context, list []wanted) {
	if r.rec.pending() != "" || r.bodies == nil && len(list) == 0 {
		return
	}
	if r.bodies == nil {
		r.bodies = bodies{}
	}
	ctx, cancel := context.WithTimeout(ctx, bodyTime)
	defer cancel()
	calls := map[network.RequestID]*call{}
	for _, w := range list[:min(len(list), maxBodies)] {
		if _, known := r.bodies[w.id]; !known {
			calls[w.id] = w.s.send(network.CommandGetResponseBody, network.GetResponseBodyParams{RequestID: w.id})
		}
	}
	total := 0
	for id, c := range calls {
		var body network.GetResponseBodyResult
		if c.wait(ctx, &body) != nil {
			continue
		}
		text := string(body.Body)
		if !utf8.ValidString(text) || len(text) > maxFetched || total > maxAllBodies {
			continue
		}
		total += min(len(text), maxBody)
		r.bodies[id] = fetched{text, len(text)}
	}
}

// archive is the archive of the run, with the answers that can still be had.
func (r *runner) archive(ctx context.Context, answers bool) []byte {
	if r.crowded {
		r.bodies = nil
	}
	if answers {
		r.fetch(ctx, r.rec.answers(func(wanted) bool { return true }))
	}
	name, version, _ := strings.Cut(r.run.Browser, "/")
	return r.rec.archive(product{"Gengfu", creatorVersion}, product{name, version}, r.bodies)
}

// creatorVersion is that of the archives, not of the program: it changes with
// what is in them.
const creatorVersion = "1"

func dropped(n int) string { return fmt.Sprintf("%d requests over the limit are left out", n) }

// archived adds the archive to the evidence of a run that did not fail.
func (r *runner) archived(ctx context.Context) {
	if r.learn(ctx) {
		r.keep(gengfu.EvidenceHAR, r.archive(ctx, false))
	}
}

// durable has the browser keep answers when the page moves on, for the archive
// of a re-run. Nobody waits for it: without it some answers are missing.
func (r *runner) durable() {
	r.page.s.send(network.CommandConfigureDurableMessages, network.ConfigureDurableMessagesParams{
		MaxTotalBufferSize: new(int64(16 * maxFetched)), MaxResourceBufferSize: new(int64(maxFetched)),
	})
}
