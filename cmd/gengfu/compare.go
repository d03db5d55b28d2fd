package main

import (
	"context"
	"errors"
	"io"
	"slices"

	"gengfu"
	"gengfu/prober"
)

// compare holds the evidence of a failed run against that of the last good one,
// outline and picture each against what that one showed at the end of the same
// step. Where that is not known they are held against its end, if both ended on
// the same page. All is redacted already; what comes of it goes through the
// redactor again.
func (d *daemon) compare(ctx context.Context, r gengfu.Run) []gengfu.Evidence {
	now := map[gengfu.EvidenceKind][]byte{}
	for _, e := range r.Evidence {
		now[e.Kind] = e.Data.Bytes()
	}
	if r.Outcome != gengfu.Failed || len(now[gengfu.EvidenceOutline]) == 0 {
		return nil
	}
	good, err := d.store.LastRemembered(ctx, r.Slot.Scenario, r.Slot.Location, r.Slot.Due)
	if err != nil {
		if !errors.Is(err, gengfu.ErrNotFound) && ctx.Err() == nil {
			d.log.Warn("last good run could not be read", "scenario", r.Slot.Scenario, "error", err)
		}
		return nil
	}
	if good.Revision != r.Revision { // a later revision may mask what an earlier one did not
		return nil
	}
	return append(d.compareOutlines(good, r, now[gengfu.EvidenceOutline]), d.comparePictures(good, r, now[gengfu.EvidenceScreenshot])...)
}

func (d *daemon) compareOutlines(good, r gengfu.Run, now []byte) []gengfu.Evidence {
	place := gengfu.StepPlace(stepOf(r))
	then, known := gengfu.StepOutline(d.artefact(good, gengfu.EvidenceSteps, 0), stepOf(r))
	if !known {
		if place, then = "", d.artefact(good, gengfu.EvidenceOutline, 0); len(then) == 0 || good.FinalURL != r.FinalURL {
			return nil
		}
	}
	text := prober.OutlineDiff(string(then), string(now))
	if text == "" {
		return nil
	}
	return []gengfu.Evidence{d.redact.Load().Evidence(gengfu.EvidenceDiff, []byte(place+text))}
}

// comparePictures also gives the failed run the good picture itself: that of a
// step is kept with the good run only until another one is remembered.
func (d *daemon) comparePictures(good, r gengfu.Run, now []byte) []gengfu.Evidence {
	if len(now) == 0 {
		return nil
	}
	step := stepOf(r)
	then := d.artefact(good, gengfu.EvidenceStill, step)
	if len(then) == 0 {
		step, then = 0, d.artefact(good, gengfu.EvidenceScreenshot, 0)
	}
	if len(then) == 0 {
		return nil
	}
	redact := d.redact.Load()
	out := []gengfu.Evidence{redact.Evidence(gengfu.EvidenceGood, then)}
	if step > 0 || good.FinalURL == r.FinalURL {
		if picture := prober.ScreenChange(then, now); picture != nil {
			out = append(out, redact.Evidence(gengfu.EvidenceChange, picture))
		}
	}
	for i := range out {
		out[i].Step = step
	}
	return out
}

// artefact is what a run that was stored kept of a kind, of a step or else of
// its end.
func (d *daemon) artefact(r gengfu.Run, kind gengfu.EvidenceKind, step int) []byte {
	i := slices.IndexFunc(r.Evidence, func(e gengfu.Evidence) bool { return e.Kind == kind && e.Step == step })
	if i < 0 {
		return nil
	}
	return d.content(r.Evidence[i].SHA256)
}

func stepOf(r gengfu.Run) int {
	if r.Failure == nil {
		return 0
	}
	return r.Failure.Step
}

// content reads stored evidence, empty when it is gone.
func (d *daemon) content(hash string) []byte {
	in, err := d.store.OpenEvidence(hash)
	if err != nil {
		return nil
	}
	b, err := io.ReadAll(in)
	if errors.Join(err, in.Close()) != nil {
		return nil
	}
	return b
}
