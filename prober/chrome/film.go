package chrome

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	cdppage "github.com/chromedp/cdproto/page"

	"gengfu"
)

// Limits on the pictures of a re-run.
const (
	maxShots  = 40
	maxFilm   = 2 << 20 // bytes
	filmWidth = 480     // pixels of a picture's longer side
	leastGap  = 100 * time.Millisecond
)

// film keeps pictures of a re-run as they come, evenly thinned when there are
// too many.
type film struct {
	mu    sync.Mutex
	shots []shot
	size  int
	gap   time.Duration // at least, between two that are kept
	done  bool
	heard map[*session]bool
	on    *session // the page in front
}

type shot struct {
	at   time.Duration // since the run began
	step int
	jpeg []byte
}

// take adds a picture.
func (f *film) take(s shot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.shots); f.done || n > 0 && s.at-f.shots[n-1].at < f.gap {
		return
	}
	f.shots = append(f.shots, s)
	f.size += len(s.jpeg)
	for len(f.shots) > maxShots || f.size > maxFilm && len(f.shots) > 1 {
		f.thin()
	}
}

// thin drops every other picture; from then on they are kept at twice the
// distance. The lock is held.
func (f *film) thin() {
	f.gap *= 2
	kept := f.shots[:0]
	f.size = 0
	for i, s := range f.shots {
		if i%2 == 0 {
			kept = append(kept, s)
			f.size += len(s.jpeg)
		}
	}
	clear(f.shots[len(kept):])
	f.shots = kept
}

// record starts the film of a run that has failed before. Nobody waits for it.
// Pictures cannot be painted over afterwards: a run with secrets is recorded
// under a veil, and one with personal data not at all.
func (r *runner) record(ctx context.Context) {
	if len(r.s.Mask) > 0 {
		return
	}
	r.film = &film{gap: leastGap, heard: map[*session]bool{}}
	if len(r.secrets) > 0 && !r.veil(ctx) {
		r.film = nil
		return
	}
	r.follow()
}

// veil has every document, those to come too, keep secrets out of sight.
func (r *runner) veil(ctx context.Context) bool {
	values := []string{}
	for _, s := range r.secrets {
		values = append(values, s.Reveal())
	}
	list, err := json.Marshal(values)
	if err != nil {
		return false
	}
	return r.page.set.kit.add(ctx, r.page.s, func(s *session, _ bool) []*call {
		return []*call{s.send(cdppage.CommandAddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{
			Source: bringMore() + "__gengfu.more.veil(" + string(list) + ")", WorldName: world, RunImmediately: new(true),
		})}
	}) == nil
}

// follow goes on recording in the page that is in front.
func (r *runner) follow() {
	f, s := r.film, r.page.s
	if f == nil || f.on == s {
		return
	}
	if f.on != nil {
		f.on.send(cdppage.CommandStopScreencast, nil)
		s.send(cdppage.CommandBringToFront, nil) // a tab behind others is not painted
	}
	f.on = s
	if !f.heard[s] {
		f.heard[s] = true
		rec := r.rec
		on(s, cdppage.ScreencastFrame, func(e *cdppage.EventScreencastFrame) {
			s.send(cdppage.CommandScreencastFrameAck, cdppage.ScreencastFrameAckParams{SessionID: e.SessionID})
			at, step := rec.now()
			f.take(shot{at, step, e.Data})
		})
	}
	s.send(cdppage.CommandStartScreencast, cdppage.StartScreencastParams{
		Format: cdppage.StartScreencastFormatJpeg, Quality: new(int64(50)), MaxWidth: filmWidth, MaxHeight: filmWidth, EveryNthFrame: 2, MaxFramesInFlight: 1,
	})
}

// now is the time since the run began, and its step.
func (r *recorder) now() (time.Duration, int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Since(r.began), r.step
}

// cutFilm ends the recording before the page is painted on.
func (r *runner) cutFilm() {
	if r.film == nil {
		return
	}
	r.film.mu.Lock()
	r.film.done = true
	r.film.mu.Unlock()
	r.film.on.send(cdppage.CommandStopScreencast, nil)
}

// develop makes the contact sheet of the film, nil when a secret may be on it.
func (r *runner) develop(ctx context.Context) []byte {
	if r.film == nil || len(r.secrets) > 0 && !r.veiled(ctx) {
		return nil
	}
	r.film.mu.Lock()
	defer r.film.mu.Unlock()
	return contactSheet(r.film.shots)
}

// veiled reports whether the veil covers all of the page.
func (r *runner) veiled(ctx context.Context) bool {
	for _, id := range r.page.frameIDs() {
		var ok bool
		s, world, there := r.page.here(id)
		if !there || evaluate(ctx, s, world, `()=>__gengfu.more.covered()`, 0, nil, &ok) != nil || !ok {
			return false
		}
	}
	return true
}

// keepFilm puts the film among the evidence.
func (r *runner) keepFilm(ctx context.Context) { r.keep(gengfu.EvidenceFilm, r.develop(ctx)) }
