package web

import "gengfu"

// beside is the good picture next to that of a failed run, and what it shows.
type beside struct {
	*gengfu.Evidence     // Step is the one at whose end it was taken
	Lacking          int // the step that failed, when there is only a picture of the end
}

// besideOf is the picture that was kept with the failure, of the step that
// failed if there was one. Runs of before have none: then it is what the latest
// good run shows at its end.
func besideOf(r gengfu.Run, good *goodRun) *beside {
	b := beside{Evidence: evidenceOf(r, gengfu.EvidenceGood)}
	if b.Evidence == nil {
		if good == nil || good.Screenshot == nil {
			return nil
		}
		b.Evidence = good.Screenshot
	}
	if r.Failure != nil && b.Step == 0 {
		b.Lacking = r.Failure.Step
	}
	return &b
}
