package gengfu

import (
	"bytes"
	"encoding/json"
	"slices"
)

// EvidenceKind names an artefact.
type EvidenceKind string

// The kinds of evidence.
const (
	EvidenceScreenshot EvidenceKind = "screenshot" // JPEG
	EvidenceDOM        EvidenceKind = "dom"        // HTML text
	EvidenceOutline    EvidenceKind = "outline"    // roles and names, as text
	EvidencePDF        EvidenceKind = "pdf"        // of a step that asks for it
	EvidenceHAR        EvidenceKind = "har"        // HTTP Archive 1.2, JSON
	EvidenceFilm       EvidenceKind = "film"       // JPEG: pictures of a re-run in the order of time
	EvidenceDiff       EvidenceKind = "diff"       // unified text: outlines of the last good run and of this one
	EvidenceSteps      EvidenceKind = "steps"      // text: what a run that passed showed at the end of each step; see StepOutline
	EvidenceChange     EvidenceKind = "change"     // JPEG: this run's screen, what differs from the last good run boxed
	EvidenceStill      EvidenceKind = "still"      // JPEG: what a run that passed showed at the end of a step, until a later run is remembered
	EvidenceGood       EvidenceKind = "good"       // JPEG: what the last good run showed where this one failed
)

// Opaque reports whether the kind is no text: nothing can be cut out of it, so
// what must not be seen has to be covered before it is made.
func (k EvidenceKind) Opaque() bool {
	return k.Picture() || k == EvidencePDF
}

// Picture reports whether the kind is a JPEG.
func (k EvidenceKind) Picture() bool {
	return slices.Contains([]EvidenceKind{EvidenceScreenshot, EvidenceFilm, EvidenceChange, EvidenceStill, EvidenceGood}, k)
}

// Evidence is an artefact. Data is filled between the browser and the store and
// empty in what the store returns.
type Evidence struct {
	Kind   EvidenceKind
	Step   int    // at whose end a still, a good picture or a change was taken; 0 for the end of the run
	SHA256 string // hex, set by the store
	Size   int
	Data   Redacted `json:"-"`
}

// Redacted is content that a [Redactor] has looked through. Only
// [Redactor.Evidence] makes one that is not empty, so nothing else can be
// stored.
type Redacted struct{ content []byte }

// Bytes are the content; they must not be changed.
func (c Redacted) Bytes() []byte { return c.content }

// Equal reports whether two contents are the same.
func (c Redacted) Equal(other Redacted) bool { return bytes.Equal(c.content, other.content) }

// Evidence makes an artefact of content, the one way to do so. Secrets are cut
// out of texts. What cannot be cleaned without being broken is left empty: an
// opaque kind with a secret in it, an archive that is no JSON afterwards.
func (r Redactor) Evidence(kind EvidenceKind, content []byte) Evidence {
	if kind.Opaque() {
		if slices.ContainsFunc(r.forms, func(f string) bool { return bytes.Contains(content, []byte(f)) }) {
			content = nil
		}
		return Evidence{Kind: kind, Size: len(content), Data: Redacted{content}}
	}
	for _, f := range r.forms {
		if bytes.Contains(content, []byte(f)) {
			content = bytes.ReplaceAll(content, []byte(f), []byte(Masked))
		}
	}
	if kind == EvidenceHAR && !json.Valid(content) {
		content = nil
	}
	return Evidence{Kind: kind, Size: len(content), Data: Redacted{content}}
}
