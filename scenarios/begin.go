package scenarios

import (
	"time"

	"gengfu"
)

// Begin is the run of a slot with all that the scenario says about it, and no
// outcome yet. started is zero for a run that never came to start.
func (s *Scenario) Begin(slot gengfu.Slot, started time.Time) gengfu.Run {
	return gengfu.Run{
		Slot: slot, Started: started, Revision: s.Revision, Title: s.Title, Target: s.Target, Severity: s.Severity, Tags: s.Tags,
		Owner: s.Owner, Runbook: s.Runbook, Notify: s.Notify,
	}
}
