package chrome

import (
	"bytes"
	"context"
	"time"

	"gengfu"
)

// Limits on what a run that is to be remembered notes of its steps. One question
// to the page after each step, a few milliseconds each: the clock stands still
// meanwhile.
const (
	noteTime = 200 * time.Millisecond
	allNotes = time.Second
	maxNotes = 256 << 10 // bytes
)

// notes are the outlines and pictures at the end of the steps.
type notes struct {
	text   bytes.Buffer
	last   []byte
	stills stills
	spent  time.Duration // that counts for no step and no run
}

// clock is the run's time without that of its notes.
func (r *runner) clock() time.Duration { return time.Since(r.run.Started) - r.notes.spent }

// note keeps what the page shows after a step that passed, if the run is to be
// remembered when it passes as a whole.
func (r *runner) note(ctx context.Context) {
	if r.memory == nil || r.run.Failure != nil || !r.memory.waits(r.run.Slot, r.every, time.Now()) {
		return
	}
	if r.rec.pending() != "" { // the page answers when its next document comes, and that is what is measured
		return
	}
	begun := time.Now()
	defer func() { r.notes.spent += time.Since(begun) }()
	if r.jot(ctx) {
		r.still(ctx)
	}
}

// jot notes the outline. It reports false when the page does not say what must
// not be seen of it.
func (r *runner) jot(ctx context.Context) bool {
	n := &r.notes
	ctx, cancel := context.WithTimeout(ctx, noteTime)
	defer cancel()
	masks, ok := r.personal()
	if !ok || !r.learn(ctx) {
		return false
	}
	if n.spent-n.stills.spent >= allNotes || n.text.Len() >= maxNotes {
		return true
	}
	outline := r.text(ctx, `(n,m)=>__gengfu.more.outline(n,m)`, maxOutline, masks)
	if len(outline) == 0 {
		return ctx.Err() == nil
	}
	if bytes.Equal(outline, n.last) {
		outline = nil
	} else {
		n.last = outline
	}
	n.text.Write(gengfu.AppendStepOutline(nil, r.index, outline))
	return true
}

// waits reports whether it is time to remember again, without noting that it is
// done.
func (m *memory) waits(slot gengfu.Slot, every time.Duration, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, known := m.last[slot.Scenario+"@"+slot.Location]
	return every > 0 && (!known || now.Sub(at) >= every)
}
