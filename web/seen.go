package web

import (
	"errors"
	"io"
	"slices"
	"strings"

	"gengfu"
)

// maxDiff is how much of a difference a page shows; all of it is among the files.
const maxDiff = 16 << 10

// seen is what a failed run saw beyond its last picture, and how that differs
// from the last good run.
type seen struct {
	Film, Change *gengfu.Evidence
	Diff         []diffLine
	DiffCut      bool
	DiffStep     int // the step at whose end the good run is compared, 0 for the end of the run
}

type diffLine struct {
	Sign string // added, removed, place or empty
	Text string
}

func (s *Server) seenOf(r gengfu.Run) (v seen, err error) {
	v.Film, v.Change = evidenceOf(r, gengfu.EvidenceFilm), evidenceOf(r, gengfu.EvidenceChange)
	diff := evidenceOf(r, gengfu.EvidenceDiff)
	if diff == nil {
		return v, nil
	}
	content, err := s.cfg.Evidence.OpenEvidence(diff.SHA256)
	if errors.Is(err, gengfu.ErrNotFound) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	text, err := io.ReadAll(io.LimitReader(content, maxDiff))
	v.DiffCut = diff.Size > maxDiff
	signs := map[byte]string{'+': "added", '-': "removed", '@': "place"}
	lines, step := gengfu.CutStepPlace(strings.ToValidUTF8(string(text), ""))
	v.DiffStep = step
	for line := range strings.Lines(lines) {
		line = strings.TrimRight(line, "\n")
		if line != "" {
			v.Diff = append(v.Diff, diffLine{signs[line[0]], line})
		}
	}
	return v, errors.Join(err, content.Close())
}

func evidenceOf(r gengfu.Run, kind gengfu.EvidenceKind) *gengfu.Evidence {
	i := slices.IndexFunc(r.Evidence, func(e gengfu.Evidence) bool { return e.Kind == kind })
	if i < 0 {
		return nil
	}
	return &r.Evidence[i]
}
