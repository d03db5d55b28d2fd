package gengfu

import (
	"fmt"
	"strings"
	"time"
)

// Outcome is the verdict on one run.
type Outcome string

// The four outcomes. Only passed, degraded and failed are statements about
// the target; errored says that the prober could not do its work, and counts
// as no data.
const (
	Passed   Outcome = "passed"
	Degraded Outcome = "degraded" // worked, over a warn budget
	Failed   Outcome = "failed"   // the target's fault
	Errored  Outcome = "errored"  // our own fault
)

// Fault is the typed reason of a failed or errored run.
type Fault string

// Faults of a failed run: the target's trouble.
const (
	FaultDNS           Fault = "dns"
	FaultConnect       Fault = "connect"
	FaultTLS           Fault = "tls"
	FaultHTTPStatus    Fault = "http_status"
	FaultTimeout       Fault = "timeout"
	FaultAssertion     Fault = "assertion"
	FaultJSError       Fault = "js_error"
	FaultRendererCrash Fault = "renderer_crash"
	FaultBlockedPage   Fault = "blocked_page" // the page's main thread did not answer
	FaultMaintenance   Fault = "maintenance"  // the page says that it is under maintenance
)

// Faults of an errored run: credential and lockout are our account's trouble,
// the others the prober's.
const (
	FaultCredential Fault = "credential"
	FaultLockout    Fault = "lockout"
	FaultBrowser    Fault = "browser"
	FaultMachine    Fault = "machine"
	FaultNetwork    Fault = "network"
	FaultPolicy     Fault = "policy"
	FaultScenario   Fault = "scenario"
)

// Outcome returns the outcome that a run ending in this fault has.
func (f Fault) Outcome() Outcome {
	switch f {
	case "":
		return Passed
	case FaultCredential, FaultLockout, FaultBrowser, FaultMachine, FaultNetwork, FaultPolicy, FaultScenario:
		return Errored
	}
	return Failed
}

// Account reports whether the fault is our account's: it opens an incident on
// the account and is never retried, because each try may lock the account.
func (f Fault) Account() bool { return f == FaultCredential || f == FaultLockout }

// SlotKind says why a slot exists.
type SlotKind string

// The kinds of slots.
const (
	SlotScheduled SlotKind = "scheduled"
	SlotConfirm   SlotKind = "confirm"  // immediate re-run before anything is said
	SlotManual    SlotKind = "manual"   // run now, from the page or the command
	SlotRecovery  SlotKind = "recovery" // re-run of an errored run in a fresh browser

	// SlotMaintenance is planned like others, but inside a maintenance window:
	// its run is excluded from availability and says nothing about the target.
	SlotMaintenance SlotKind = "maintenance"
)

// DefaultLocation is where runs happen unless a location is named.
const DefaultLocation = "local"

// Slot is one planned time for a scenario at a location. The first four fields
// are its key: the ledger accepts one result for each.
type Slot struct {
	Scenario string    // scenario id
	Due      time.Time // planned time, UTC, whole milliseconds
	Location string
	Attempt  int // 1 for the planned run, 2… for its re-runs
	Kind     SlotKind
}

// ID is the slot's key in a form people can read and URLs can hold:
// admin-login@local-20261123T071500.000Z for the first attempt, with ".2" and
// so on appended for later ones.
func (s Slot) ID() string {
	id := s.Scenario + "@" + s.Location + "-" + s.Due.UTC().Format(slotTime)
	if s.Attempt > 1 {
		id += fmt.Sprintf(".%d", s.Attempt)
	}
	return id
}

const slotTime = "20060102T150405.000Z"

// ParseSlotID is the inverse of [Slot.ID]; the kind is left empty.
func ParseSlotID(id string) (Slot, error) {
	scenario, rest, ok := strings.Cut(id, "@")
	cut := strings.LastIndexByte(rest, '-')
	if !ok || cut < 0 || len(rest)-cut-1 < len(slotTime) {
		return Slot{}, fmt.Errorf("run id %q: want scenario@location-time", id)
	}
	stamp, attempt := rest[cut+1:], 1
	if len(stamp) > len(slotTime) {
		if _, err := fmt.Sscanf(stamp[len(slotTime):], ".%d", &attempt); err != nil || attempt < 2 {
			return Slot{}, fmt.Errorf("run id %q: bad attempt", id)
		}
	}
	due, err := time.Parse(slotTime, stamp[:len(slotTime)])
	if err != nil {
		return Slot{}, fmt.Errorf("run id %q: bad time", id)
	}
	return Slot{Scenario: scenario, Location: rest[:cut], Due: due, Attempt: attempt}, nil
}

// Fate is how a slot ended when no run was recorded for it.
type Fate string

// The fates of slots without a run.
const (
	FateMissed  Fate = "missed"  // the prober was down
	FateSkipped Fate = "skipped" // the scenario's earlier run was still going
	FateAborted Fate = "aborted" // the prober was stopped meanwhile
	FateLost    Fate = "lost"    // the prober died meanwhile
)

// Gap is a range of slots that ended without a run: Count planned times from
// From to To, both included.
type Gap struct {
	Scenario string
	Location string
	From, To time.Time
	Count    int
	Fate     Fate
	Reason   string
}

// Run is one execution of a slot.
type Run struct {
	Slot      Slot
	Revision  string // sha256 of the scenario's source, hex
	Title     string // the scenario's title when it ran
	Target    string
	Severity  Grade
	Tags      []string
	Owner     string
	Runbook   string
	Notify    string // name of the route
	Started   time.Time
	QueueWait time.Duration // from due to start
	Duration  time.Duration
	Outcome   Outcome
	Failure   *Failure // nil when passed
	Steps     []StepResult
	Pages     []PageLoad // main documents in the order they were opened
	Traffic   Traffic
	Console   []ConsoleLine
	Requests  []FailedRequest
	Dialogs   []string
	Tabs      []Tab         // in the order they opened; empty when there was one only
	Downloads []Download    // begun by the pages
	Messages  []PageMessage // toasts and alerts that appeared
	Evidence  []Evidence
	Browser   string // product and version
	FinalURL  string
	Load      float64 // machine load average (1 min) per core at the start
	Tainted   Taint   // why its times count for no latency figure, empty when they do
	Counts    Counts
	Trace     string      // the id that its requests told a tracing system, empty when none
	Session   *SessionUse // of a scenario that keeps its log-in, nil otherwise
	Remarks   []Remark    // in the order they came up
}

// StepStatus is how one step ended.
type StepStatus string

// The statuses of steps.
const (
	StepPassed   StepStatus = "passed"
	StepDegraded StepStatus = "degraded"
	StepFailed   StepStatus = "failed"
	StepErrored  StepStatus = "errored"
	StepSkipped  StepStatus = "skipped" // a condition did not hold, an optional step found nothing, or an earlier step failed
)

// StepResult is what one step of a run did.
type StepResult struct {
	Index    int    // 1-based, over main and always steps
	Name     string // the author's name, or a description made from the step
	Verb     string
	Always   bool
	Group    string `json:",omitempty"` // GroupLogin for the steps of a kept log-in, empty otherwise
	Status   StepStatus
	Start    time.Duration // after the run's start
	Duration time.Duration
	URL      string   // after the step, query removed
	Tab      int      // the tab it ended in, from 1 in the order of Run.Tabs; 0 while there was one only
	Why      *Failure // why it was skipped, or failed without ending the run; nil otherwise
	Check    *Check   `json:",omitempty"` // of a step without a browser
	Used     int      `json:",omitzero"`  // the highest number of a locator candidate that was used, from 1; 0 without candidates
}

// PageLoad is one main document that the run opened.
type PageLoad struct {
	Step      int // index of the step that opened it
	URL       string
	Status    int
	Redirects []string // URLs that were redirected, in order
	Protocol  string
	RemoteIP  string
	TTFB      time.Duration // request start to first response byte
	DOMReady  time.Duration // navigation start to DOMContentLoaded
	Load      time.Duration // 0 when load never fired
	FCP       time.Duration // first contentful paint, 0 when not seen
	LCP       time.Duration
	CLS       float64       // cumulative layout shift, unitless
	INP       time.Duration `json:",omitzero"` // slowest reaction to a press or key, 0 when none was slow enough to be seen
	Long      LongTasks     `json:",omitzero"`
	Phases    Phases        `json:",omitzero"`
	TLS       *TLS          `json:",omitempty"`
	Hops      []Hop         `json:",omitempty"` // the redirects again, with status and time
}

// Traffic counts what the run moved over the network.
type Traffic struct {
	Requests         int
	Failed           int   // first-party requests that failed or answered 4xx/5xx
	FailedThirdParty int   // the same for other sites
	Bytes            int64 // encoded bytes received
}

// ConsoleLine is an error or exception on the page's console.
type ConsoleLine struct {
	Step  int
	Level string // error, warning, exception
	Text  string
	URL   string
	Line  int
}

// FailedRequest is a request that failed or was answered 4xx/5xx.
type FailedRequest struct {
	Step       int
	Method     string
	URL        string
	Status     int    // 0 when there was no answer
	Error      string // the browser's error, empty with a status
	Type       string // Document, Script, XHR…
	ThirdParty bool
}

// PageMessage is a toast, alert or notification that appeared during a step.
type PageMessage struct {
	Step int
	At   time.Duration // after the run's start
	Text string
}
