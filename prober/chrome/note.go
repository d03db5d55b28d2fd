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

// notes are the outlines at the end of the steps.
type notes struct {
	text  bytes.Buffer
	last  []byte
	spent time.Duration // that counts for no step and no run
}

// clock is the run's time without that of its notes.
func (r *runner) clock() time.Duration { return time.Since(r.run.Started) - r.notes.spent }

// note keeps what the page shows after a step that passed, if the run is to be
// remembered when it passes as a whole.
func (r *runner) note(ctx context.Context) {
	n := &r.notes
	if r.memory == nil || r.run.Failure != nil || n.spent >= allNotes || n.text.Len() >= maxNotes || !r.memory.waits(r.run.Slot, r.every, time.Now()) {
		return
	}
	begun := time.Now()
	defer func() { n.spent += time.Since(begun) }()
	ctx, cancel := context.WithTimeout(ctx, noteTime)
	defer cancel()
	masks, ok := r.personal()
	if !ok || !r.learn(ctx) {
		return
	}
	outline := r.text(ctx, `(n,m)=>__gengfu.more.outline(n,m)`, maxOutline, masks)
	if len(outline) == 0 {
		return
	}
	if bytes.Equal(outline, n.last) {
		outline = nil
	} else {
		n.last = outline
	}
	n.text.Write(gengfu.AppendStepOutline(nil, r.index, outline))
}

// waits reports whether it is time to remember again, without noting that it is
// done.
func (m *memory) waits(slot gengfu.Slot, every time.Duration, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, known := m.last[slot.Scenario+"@"+slot.Location]
	return every > 0 && (!known || now.Sub(at) >= every)
}
