package storage

import (
	"fmt"

	"gengfu"
)

// The numbers that enumerations have in the database are their places in
// these lists: append, never reorder. The empty string is 0 everywhere.
var (
	kinds     = enumOf("slot kind", gengfu.SlotScheduled, gengfu.SlotConfirm, gengfu.SlotManual, gengfu.SlotRecovery, gengfu.SlotMaintenance)
	outcomes  = enumOf("outcome", gengfu.Passed, gengfu.Degraded, gengfu.Failed, gengfu.Errored)
	fates     = enumOf("fate", gengfu.FateMissed, gengfu.FateSkipped, gengfu.FateAborted, gengfu.FateLost)
	statuses  = enumOf("step status", gengfu.StepPassed, gengfu.StepDegraded, gengfu.StepFailed, gengfu.StepErrored, gengfu.StepSkipped)
	evidences = enumOf("evidence kind", gengfu.EvidenceScreenshot, gengfu.EvidenceDOM, gengfu.EvidenceOutline, gengfu.EvidencePDF, gengfu.EvidenceHAR,
		gengfu.EvidenceFilm, gengfu.EvidenceDiff, gengfu.EvidenceChange, gengfu.EvidenceSteps,
		gengfu.EvidenceStill, gengfu.EvidenceGood)
	taints     = enumOf("taint", gengfu.TaintLate, gengfu.TaintStarved)
	states     = enumOf("check state", gengfu.StateUnknown, gengfu.StateUp, gengfu.StateSuspect, gengfu.StateDown, gengfu.StateRecovering)
	grades     = enumOf("grade", gengfu.GradeNotice, gengfu.GradeOrdinary, gengfu.GradeMajor)
	deliveries = enumOf("delivery state", gengfu.DeliveryPending, gengfu.DeliverySent, gengfu.DeliveryDead, gengfu.DeliveryMerged)
	incidents  = enumOf("incident state", gengfu.IncidentOpen, gengfu.IncidentAcked, gengfu.IncidentWorking, gengfu.IncidentResolved,
		gengfu.IncidentClosed, gengfu.IncidentMitigated, gengfu.IncidentReviewed, gengfu.IncidentDeclined, gengfu.IncidentMerged)
	events = enumOf("event kind", gengfu.EventOpened, gengfu.EventUpdated, gengfu.EventAcked, gengfu.EventAssigned, gengfu.EventNoted,
		gengfu.EventResolved, gengfu.EventReopened, gengfu.EventClosed, gengfu.EventFlapping,
		gengfu.EventJoined, gengfu.EventLeft, gengfu.EventMerged, gengfu.EventMitigated, gengfu.EventReviewed, gengfu.EventDeclined,
		gengfu.EventHeld, gengfu.EventReleased, gengfu.EventETA, gengfu.EventOnSiteAsked, gengfu.EventOnSite, gengfu.EventRelated,
		gengfu.EventEscalated, gengfu.EventUnacked, gengfu.EventExhausted, gengfu.EventReminded,
		gengfu.EventClockWarned, gengfu.EventClockBreached, gengfu.EventMuted, gengfu.EventUnmuted)
)

// degraded is the last number of the outcomes in which the target worked.
// Statements also spell out that deliveries are 1 pending, 2 sent, 3 dead, 4 merged, and
// that incidents in 1, 2, 3 and 6 are active.
const degraded = 2

type enum[T ~string] struct {
	name   string
	values []T
}

func enumOf[T ~string](name string, values ...T) enum[T] {
	return enum[T]{name, append([]T{""}, values...)}
}

// number is the code of v; a word that this version does not know is refused
// rather than stored as something else.
func (e enum[T]) number(v T) (int, error) {
	for i, known := range e.values {
		if known == v {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%s %q: %w", e.name, v, gengfu.ErrInvalid)
}

// word is the value of a code, empty for one of a later version.
func (e enum[T]) word(n int) T {
	if n < 0 || n >= len(e.values) {
		return ""
	}
	return e.values[n]
}
