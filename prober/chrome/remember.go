package chrome

import (
	"bytes"
	"context"
	"image"
	"image/draw"
	"image/jpeg"
	"slices"
	"sync"
	"time"

	"gengfu"
)

// A run that passed is remembered by small pictures and outlines of its steps and
// its end, for later failures to be held against.
const (
	maxMemory    = 100 << 10 // bytes of the picture
	rememberTime = time.Second
)

// memory says when each scenario was last remembered, at each location. A
// prober that starts anew remembers anew.
type memory struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// due reports whether it is time again, and if so notes that it is done.
func (m *memory) due(slot gengfu.Slot, every time.Duration, now time.Time) bool {
	if every <= 0 {
		return false
	}
	key := slot.Scenario + "@" + slot.Location
	m.mu.Lock()
	defer m.mu.Unlock()
	if at, known := m.last[key]; known && now.Sub(at) < every {
		return false
	}
	if m.last == nil {
		m.last = map[string]time.Time{}
	}
	m.last[key] = now
	return true
}

// remember takes what shows the end of a run that passed. The run's times are
// taken before.
func (r *runner) remember(ctx context.Context) {
	if r.run.Failure != nil || r.memory == nil || ctx.Err() != nil || !r.memory.due(r.run.Slot, r.every, time.Now()) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, rememberTime)
	defer cancel()
	masks, ok := r.personal()
	if !ok || !r.learn(ctx) {
		return
	}
	i := slices.IndexFunc(r.run.Evidence, func(e gengfu.Evidence) bool { return e.Kind == gengfu.EvidenceScreenshot })
	var end []byte
	if i < 0 {
		r.keep(gengfu.EvidenceOutline, r.text(ctx, `(n,m)=>__gengfu.more.outline(n,m)`, maxOutline, masks))
		end = small(r.screenshot(ctx), maxMemory)
		r.keep(gengfu.EvidenceScreenshot, end)
	} else {
		end = small(r.run.Evidence[i].Data.Bytes(), maxMemory)
	}
	r.keep(gengfu.EvidenceSteps, r.notes.text.Bytes())
	r.keepStills(end)
}

// small is a picture of the same size in fewer bytes, nil when it has more than
// most all the same.
func small(data []byte, most int) []byte {
	if len(data) <= most {
		return data
	}
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	plain := image.NewRGBA(img.Bounds())
	draw.Draw(plain, img.Bounds(), img, img.Bounds().Min, draw.Src)
	for _, quality := range []int{40, 15} {
		var out bytes.Buffer
		if jpeg.Encode(&out, plain, &jpeg.Options{Quality: quality}) == nil && out.Len() <= most {
			return out.Bytes()
		}
	}
	return nil
}
