package web

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"gengfu"
)

// Limits on what is drawn of an archive; the whole of it can be downloaded.
const (
	maxArchive = 32 << 20 // bytes that are read
	maxDrops   = 60       // requests that are drawn
)

// waterfall is the network of a run along its time.
type waterfall struct {
	Drops []drop
	Rest  int // requests that are not drawn
}

// drop is one request.
type drop struct {
	Method, URL, Type string
	Status            int
	Failure           string
	Bytes             int64
	Took              time.Duration
	Open              bool // was not over when the archive was made
	Offset, Length    float64
	Look              gengfu.StepStatus
}

// harLog is the part of an HTTP archive that is drawn.
type harLog struct {
	Log struct {
		Entries []struct {
			Started  time.Time `json:"startedDateTime"`
			Time     float64   `json:"time"`
			Type     string    `json:"_resourceType"`
			Open     bool      `json:"_incomplete"`
			Request  struct{ Method, URL string }
			Response struct {
				Status  int
				Size    int64  `json:"_transferSize"`
				Failure string `json:"_failureText"`
			}
		}
	}
}

// waterfallOf reads the archive of a run, nil when it has none any more.
func (s *Server) waterfallOf(r gengfu.Run) (*waterfall, error) {
	i := slices.IndexFunc(r.Evidence, func(e gengfu.Evidence) bool { return e.Kind == gengfu.EvidenceHAR })
	if i < 0 || r.Evidence[i].Size > maxArchive {
		return nil, nil //nolint:nilnil // nothing to draw
	}
	content, err := s.cfg.Evidence.OpenEvidence(r.Evidence[i].SHA256)
	if errors.Is(err, gengfu.ErrNotFound) {
		return nil, nil //nolint:nilnil // pruned meanwhile
	}
	if err != nil {
		return nil, err
	}
	var h harLog
	if json.NewDecoder(io.LimitReader(content, maxArchive)).Decode(&h) != nil {
		h = harLog{} // a damaged archive hides no run
	}
	return h.draw(), content.Close()
}

func (h harLog) draw() *waterfall {
	list := h.Log.Entries
	if len(list) == 0 {
		return nil
	}
	w := &waterfall{Rest: max(0, len(list)-maxDrops)}
	list = list[:min(len(list), maxDrops)]
	first, last := list[0].Started, list[0].Started
	for _, e := range list {
		if e.Started.Before(first) {
			first = e.Started
		}
		if end := e.Started.Add(ofMillis(e.Time)); end.After(last) {
			last = end
		}
	}
	total := float64(max(last.Sub(first), time.Millisecond))
	for _, e := range list {
		d := drop{
			Method: e.Request.Method, URL: e.Request.URL, Type: e.Type, Status: e.Response.Status, Failure: e.Response.Failure,
			Bytes: e.Response.Size, Took: ofMillis(e.Time), Open: e.Open, Look: gengfu.StepPassed,
		}
		d.Offset, d.Length = float64(e.Started.Sub(first))/total, float64(d.Took)/total
		switch {
		case d.Failure != "" || d.Status >= 400:
			d.Look = gengfu.StepFailed
		case d.Open:
			d.Look = gengfu.StepDegraded
			d.Length = 1 - d.Offset
		}
		w.Drops = append(w.Drops, d)
	}
	return w
}

// ofMillis is a span of an archive.
func ofMillis(ms float64) time.Duration {
	return time.Duration(min(max(ms, 0), 1e12) * float64(time.Millisecond))
}
