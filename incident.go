package gengfu

import "time"

// Grade is how bad an incident is.
type Grade string

// The grades, from mild to bad.
const (
	GradeNotice   Grade = "notice"   // 提示
	GradeOrdinary Grade = "ordinary" // 一般
	GradeMajor    Grade = "major"    // 重大
)

// State is where a check stands.
type State string

// The states of a check. Suspect waits for the confirming re-run, recovering
// for the second pass; nobody is told of either.
const (
	StateUnknown    State = "unknown"
	StateUp         State = "up"
	StateSuspect    State = "suspect"
	StateDown       State = "down"
	StateRecovering State = "recovering"
)

// CheckState is what is known of one scenario at one location (or one host
// resource) between runs. It survives restarts.
type CheckState struct {
	Check       string // scenario id
	Location    string
	State       State
	Since       time.Time // when State was entered
	Streak      int       // consecutive failed (suspect, down) or passed (recovering) runs
	ImpactStart time.Time // start of the first failed run of the present trouble
	Flips       int       // changes between up and down within the flap window
	FlipsSince  time.Time
	Flipped     [4]time.Time // the latest changes between up and down, the newest first
	StaleSince  time.Time    // first of the runs without a verdict since the last one with one, zero when there is none
	ErrorStreak int          // consecutive errored runs; a prober incident opens on the second
	LastRun     string
	LastOutcome Outcome
	LastStart   time.Time
	LastTook    time.Duration
	LastPassed  time.Time
}

// Signal is a change that people may have to hear of: a check that went down
// or came back, a host over its limit, the prober's own trouble.
type Signal struct {
	Key         string // incident key, see [ScenarioKey] and its siblings
	Firing      bool
	At          time.Time
	ImpactStart time.Time // zero when not known
	ImpactEnd   time.Time // start of the first passing run; only when not firing, zero when not known
	Grade       Grade
	Title       string
	Target      string
	Member      string // scenario id or host resource that raised it
	Failure     *Failure
	Run         string // id of the run that raised it, empty for hosts
	Tags        []string
	Owner       string
	Runbook     string
	Notify      string // route name, empty for the default
	Note        string // what was found besides, for the opening
	Flapping    bool   // the check began to change to and fro: its incident stays open, and is told of once
}

// ScenarioKey is the incident key of a scenario's own trouble.
func ScenarioKey(scenario string) string { return "scenario:" + scenario }

// AccountKey is the incident key of trouble with the account that a scenario
// logs in with.
func AccountKey(scenario string) string { return "account:" + scenario }

// HostKey is the incident key of one resource of a host, such as
// HostKey("local", "disk /").
func HostKey(host, resource string) string { return "host:" + host + ":" + resource }

// ProberKey is the incident key of the prober's own trouble at a location.
func ProberKey(location string) string { return "prober:" + location }

// LocationKey is the incident key of trouble that a location has alone: others
// find that the same scenarios work.
func LocationKey(location string) string { return "location:" + location }

// IncidentState is where the work on an incident stands.
type IncidentState string

// The states of incidents, in the order they are passed through. Closed is
// final, and so are declined and merged. Somebody has to work on those that are
// [Incident.Active].
const (
	IncidentOpen     IncidentState = "open"
	IncidentAcked    IncidentState = "acked"
	IncidentWorking  IncidentState = "working"
	IncidentResolved IncidentState = "resolved"
	IncidentClosed   IncidentState = "closed"

	IncidentMitigated IncidentState = "mitigated" // works again, or people can work round it; not put right yet
	IncidentReviewed  IncidentState = "reviewed"  // resolved, and what was learnt is written down
	IncidentDeclined  IncidentState = "declined"  // no incident after all: a false alarm
	IncidentMerged    IncidentState = "merged"    // part of another one, which has its members now
)

// Incident is what people work on. Its row is the fold of its events.
type Incident struct {
	Number      string // INC-2026-0042
	Key         string
	State       IncidentState
	Grade       Grade
	Title       string
	Target      string
	Tags        []string
	Owner       string // team or person of the scenario
	Runbook     string
	Notify      string
	Members     []string // scenario ids or resources that are failing
	Failure     *Failure // the latest
	FirstRun    string   // run id that opened it
	LastRun     string   // latest run id seen
	ImpactStart time.Time
	Opened      time.Time
	Acked       time.Time // zero until it happens, like the stamps below
	AckedBy     string
	Assignee    string
	Resolved    time.Time
	ImpactEnd   time.Time
	Closed      time.Time
	Reopened    int // times it came back after being resolved
	Seq         int // sequence number of its last event
	Course
}

// Began is since when people have been hit, as far as is known.
func (inc Incident) Began() time.Time {
	if inc.ImpactStart.IsZero() {
		return inc.Opened
	}
	return inc.ImpactStart
}

// Active reports whether somebody still has to work on it.
func (inc Incident) Active() bool {
	switch inc.State {
	case IncidentOpen, IncidentAcked, IncidentWorking, IncidentMitigated:
		return true
	}
	return false
}

// EventKind names a change of an incident.
type EventKind string

// The kinds of events.
const (
	EventOpened   EventKind = "opened"
	EventUpdated  EventKind = "updated" // another cause or another member
	EventAcked    EventKind = "acked"
	EventAssigned EventKind = "assigned"
	EventNoted    EventKind = "noted"
	EventResolved EventKind = "resolved"
	EventReopened EventKind = "reopened"
	EventClosed   EventKind = "closed"
	EventJoined   EventKind = "joined" // another member, in the timeline only
	EventLeft     EventKind = "left"   // a member works again, in the timeline only
	EventMerged   EventKind = "merged" // into the incident that the text names

	EventMitigated   EventKind = "mitigated"
	EventReviewed    EventKind = "reviewed"
	EventDeclined    EventKind = "declined"
	EventHeld        EventKind = "held"     // nobody can work on it until a time, for a reason
	EventReleased    EventKind = "released" // from being held
	EventETA         EventKind = "eta"      // when it will be put right
	EventOnSiteAsked EventKind = "onsite_requested"
	EventOnSite      EventKind = "onsite"  // somebody came
	EventRelated     EventKind = "related" // to the incident that the text names

	EventFlapping EventKind = "flapping" // it comes and goes; what follows of that is not told

	EventEscalated EventKind = "escalated" // nobody took it, others are told
	EventUnacked   EventKind = "unacked"   // whoever took it was not heard of any more
	EventExhausted EventKind = "escalation_exhausted"
	EventReminded  EventKind = "reminded" // that it is still open

	EventClockWarned   EventKind = "clock_warned"   // most of a contract's time is used up
	EventClockBreached EventKind = "clock_breached" // all of it
	EventMuted         EventKind = "muted"          // a silence keeps its messages back, in the timeline only
	EventUnmuted       EventKind = "unmuted"        // the silence is over, and it is still there
)

// Event is one change of an incident. Seq is dense for each incident, from 1.
type Event struct {
	Incident string // number
	Seq      int
	At       time.Time
	Actor    string // "gengfu" for the machine, else a person
	Kind     EventKind
	Text     string // note, assignee or reason
	Failure  *Failure
	Run      string
	To       []string // endpoints that hear of it whatever the routes say; not kept
	Raised   bool     // the grade is a worse one now, which is news for everybody who was told; not kept
}

// Machine is the actor of events that no person made.
const Machine = "gengfu"

// Snapshot is what the ledger knows at the moment a change is decided, read in
// the transaction that will write the change.
type Snapshot struct {
	Check     CheckState          // StateUnknown when the check is new
	Elsewhere []CheckState        // the same check at other locations
	Incidents map[string]Incident // by key: the newest incident of each asked key, any state
	Next      string              // number for a new incident
	Told      map[string][]string // by incident number: endpoints that a notice was queued for
}

// Change is what is to be written, all of it or nothing.
type Change struct {
	Check      *CheckState
	Incidents  []Incident
	Events     []Event
	Deliveries []Delivery
	Overtaken  []Overtaken        // given up before the deliveries are queued
	Timers     map[string][]Timer // by incident number: what takes the place of its timers
}

// Decide turns what is known into what is to be written. It must be pure: the
// ledger may call it again when a transaction is repeated.
type Decide func(Snapshot) (Change, error)
