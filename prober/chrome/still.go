package chrome

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"

	"gengfu"
)

// Limits on the pictures that a run to be remembered takes of its steps. The
// clock stands still meanwhile.
const (
	stillTime  = 500 * time.Millisecond
	allStills  = 2 * time.Second
	maxStill   = 64 << 10  // bytes of one
	sumStills  = 512 << 10 // bytes of those that are kept
	rawStills  = 8 << 20   // bytes of those that are held while the run lasts
	mostStills = 40
)

// frozen is the page at the end of a step. It was painted over with what was
// known by then.
type frozen struct {
	step      int
	jpeg      []byte
	said      []string // by the frames
	secrets   int      // known by then
	personals int
}

// stills are the pictures of a run before anyone knows whether it passes.
type stills struct {
	list  []frozen
	size  int
	spent time.Duration
	over  bool // no more are taken
}

// still takes a picture of the step that has just passed. The last step has that
// of the end of the run.
func (r *runner) still(ctx context.Context) {
	all := &r.notes.stills
	late := time.Until(r.deadline) < r.s.Timeout/3
	if all.over || late || r.index == r.lastStep() || len(r.page.set.tabs.living()) > 1 || r.crowded {
		return
	}
	begun := time.Now()
	ctx, cancel := context.WithTimeout(ctx, stillTime)
	defer cancel()
	s := frozen{step: r.index, secrets: len(r.secrets), personals: len(r.personals)}
	if s.jpeg, s.said = r.glimpse(ctx); s.jpeg != nil {
		all.list = append(all.list, s)
		all.size += len(s.jpeg)
	}
	all.spent += time.Since(begun)
	all.over = ctx.Err() != nil || all.spent >= allStills || all.size >= rawStills || len(all.list) >= mostStills
}

// lastStep is the index of the last main step.
func (r *runner) lastStep() int {
	n := len(r.s.Steps)
	if r.s.Session != nil {
		n += 1 + len(r.s.Session.Login)
	}
	return n
}

// glimpse is a JPEG of a page that goes on, and what its frames said. It is nil
// when the page moved meanwhile, so that the paint may have missed what it was
// for.
func (r *runner) glimpse(ctx context.Context) (picture []byte, said []string) {
	defer r.bare()
	secret := len(r.secrets)+len(r.s.Mask) > 0
	before, ok := r.paint(ctx, true)
	if secret && !ok {
		return nil, nil
	}
	shot, err := cdp.Call(ctx, r.page.s, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{
		Format: cdppage.CaptureScreenshotFormatJpeg, Quality: new(int64(40)), OptimizeForSpeed: new(true),
	})
	if err != nil {
		return nil, nil
	}
	after, ok := r.paint(ctx, true)
	if secret && (!ok || !unmoved(before, after)) {
		return nil, nil
	}
	for _, p := range before {
		said = append(said, p.Said)
	}
	for _, p := range after {
		said = append(said, p.Said)
	}
	return shot.Data, said
}

// unmoved reports whether what was painted before is all that had to be, and was
// there until the second look.
func unmoved(before, after map[cdp.FrameID]paint) bool {
	for id, now := range after {
		if then, known := before[id]; !known || then.world != now.world || then.Where != now.Where || !now.Held {
			return false
		}
	}
	return true
}

// keepStills puts the pictures of the steps among the evidence: those on which
// nothing is to be seen that turned out later to be secret. The last step's is
// that of the end.
func (r *runner) keepStills(end []byte) {
	sum := 0
	for _, s := range r.notes.stills.list {
		if r.crowded || s.secrets < len(r.secrets) || s.shows(r.personals[s.personals:]) {
			continue
		}
		picture := small(s.jpeg, maxStill)
		if sum += len(picture); sum > sumStills {
			break
		}
		r.keepStill(s.step, picture)
	}
	r.keepStill(r.lastStep(), end)
}

func (s *frozen) shows(words []gengfu.Secret) bool {
	return slices.ContainsFunc(words, func(w gengfu.Secret) bool {
		return slices.ContainsFunc(s.said, func(text string) bool { return strings.Contains(text, w.Reveal()) })
	})
}

// keepStill is keep for the picture of a step.
func (r *runner) keepStill(step int, picture []byte) {
	if e := r.rec.sealed(gengfu.EvidenceStill, picture); e.Size > 0 {
		e.Step = step
		r.run.Evidence = append(r.run.Evidence, e)
	}
}
