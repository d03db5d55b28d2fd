package main

import (
	"context"
	"errors"
	"io"

	"gengfu"
	"gengfu/prober"
)

// compare holds the evidence of a failed run against that of the last good one:
// the outline against what that one showed at the end of the same step, where
// it is known, and the picture, if both ended on the same page, against its last. Both are redacted already; what comes of them
// goes through the redactor again.
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
	before := map[gengfu.EvidenceKind][]byte{}
	for _, e := range good.Evidence {
		if e.Kind == gengfu.EvidenceOutline || e.Kind == gengfu.EvidenceScreenshot || e.Kind == gengfu.EvidenceSteps {
			before[e.Kind] = d.content(e.SHA256)
		}
	}
	redact := d.redact.Load()
	var out []gengfu.Evidence
	if then, known := gengfu.StepOutline(before[gengfu.EvidenceSteps], stepOf(r)); known {
		if text := prober.OutlineDiff(string(then), string(now[gengfu.EvidenceOutline])); text != "" {
			out = append(out, redact.Evidence(gengfu.EvidenceDiff, []byte(gengfu.StepPlace(stepOf(r))+text)))
		}
		before[gengfu.EvidenceOutline] = nil
	}
	if good.FinalURL != r.FinalURL {
		return out
	}
	if text := prober.OutlineDiff(string(before[gengfu.EvidenceOutline]), string(now[gengfu.EvidenceOutline])); text != "" && len(before[gengfu.EvidenceOutline]) > 0 {
		out = append(out, redact.Evidence(gengfu.EvidenceDiff, []byte(text)))
	}
	if picture := prober.ScreenChange(before[gengfu.EvidenceScreenshot], now[gengfu.EvidenceScreenshot]); picture != nil {
		out = append(out, redact.Evidence(gengfu.EvidenceChange, picture))
	}
	return out
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
