package web

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"gengfu"
)

// Config is everything the pages are made of. The readers and Health are
// required; what a person may do is offered only when its function is there.
type Config struct {
	Scenarios  Scenarios
	Runs       Runs
	History    History
	Incidents  Incidents
	Deliveries Deliveries
	Hosts      Hosts
	Evidence   Evidence

	// Act does to an incident what a person asked for: acked, assigned,
	// noted or closed, with the assignee, note or reason as text.
	Act func(ctx context.Context, number string, kind gengfu.EventKind, actor, text string) error
	// Take opens an incident for what a person reported; nil when nobody can.
	Take func(ctx context.Context, r gengfu.Report, actor, team string) (gengfu.Incident, error)
	// Silences are what messages are kept back by; nil for none.
	Silences Silences
	// Heightening is the switch for heightened periods; nil for none.
	Heightening Heightening
	// IntakeTypes are the types of reports that a team is known for; nil for none.
	IntakeTypes func() []string
	// RunNow queues a manual run and returns the id it will have.
	RunNow func(ctx context.Context, scenario string) (runID string, err error)
	// Suspended lists the identities whose log-ins are suspended; Resume lets
	// those of one go on.
	Suspended func() []gengfu.Suspension
	Resume    func(identity string) error
	// Links reads the signed addresses in messages; nil for none.
	Links func(token string, now time.Time) (Link, error)
	// Attend is what a run that waits for a person shows, by the token of its
	// address; nil for none. The error is [gengfu.ErrNotFound] when the wait is over.
	Attend func(token string) (gengfu.Attendance, error)
	// Replay sends a dead delivery again.
	Replay func(ctx context.Context, id int64) error
	// Drop gives a delivery up for good that waits or is dead.
	Drop func(ctx context.Context, id int64, by string, now time.Time) error
	// Health says how the prober itself is.
	Health func(ctx context.Context) Health
	// Changes subscribes to topics such as "run:<id>" and "incident:<number>";
	// the channel may drop topics and is closed by the returned function.
	Changes func() (<-chan string, func())

	Metrics *metrics.Set   // internals of the process, may be nil
	Zone    *time.Location // times are shown in it, UTC when nil
	Lang    gengfu.Lang    // for those who ask for no language, Chinese when empty
	Version string
	Now     func() time.Time // time.Now when nil
	Log     *slog.Logger     // slog.Default when nil
}

// Scenarios reads what is watched and where it stands.
type Scenarios interface {
	Scenarios(ctx context.Context) ([]gengfu.ScenarioCard, error)
	Scenario(ctx context.Context, id string) (gengfu.ScenarioCard, error)
	States(ctx context.Context) ([]gengfu.CheckState, error)
}

// Runs reads executions: a whole one, summaries of one scenario newest first,
// and the latest of every scenario.
type Runs interface {
	Run(ctx context.Context, id string) (gengfu.Run, error)
	Runs(ctx context.Context, scenario string, before time.Time, limit int) ([]gengfu.Run, error)
	LastRuns(ctx context.Context, n int) (map[string][]gengfu.Run, error)
	LastPassed(ctx context.Context, scenario string, before time.Time) (string, error)
}

// History reads sums over time.
type History interface {
	Availability(ctx context.Context, scenario string, from time.Time) (Availability, error)
	// Hours and Days return the buckets that begin in [from, to), oldest first,
	// one for each location; step 0 is the whole run.
	Hours(ctx context.Context, scenario string, step int, from, to time.Time) ([]Rollup, error)
	Days(ctx context.Context, scenario string, step int, from, to time.Time) ([]Rollup, error)
}

// Incidents reads what people work on.
type Incidents interface {
	Incident(ctx context.Context, number string) (gengfu.Incident, error)
	// Incidents returns the newest first, only active ones when asked, at most
	// limit (0: all).
	Incidents(ctx context.Context, active bool, limit int) ([]gengfu.Incident, error)
	Events(ctx context.Context, number string) ([]gengfu.Event, error)
}

// Deliveries reads the outbox, newest first; an empty state or incident does
// not narrow.
type Deliveries interface {
	Deliveries(ctx context.Context, state gengfu.DeliveryState, incident string, limit int) ([]gengfu.Delivery, error)
}

// Silences are what messages are kept back by: those that end after a time
// (the zero time: all), what one would keep quiet, and beginning and ending one.
type Silences interface {
	Silences(ctx context.Context, after time.Time, limit int) ([]gengfu.Silence, error)
	Preview(ctx context.Context, matchers []string) (gengfu.SilencePreview, error)
	Add(ctx context.Context, s gengfu.Silence) (gengfu.Silence, error)
	End(ctx context.Context, id int64, actor string) error
}

// Hosts reads the machines' resources.
type Hosts interface {
	LatestHosts(ctx context.Context) ([]gengfu.HostSample, error)
	HostSamples(ctx context.Context, host string, since time.Time) ([]gengfu.HostSample, error)
}

// Evidence opens stored content by its SHA-256 in hex.
type Evidence interface {
	OpenEvidence(hash string) (io.ReadCloser, error)
}

// What readers return, in the product's own words.
type (
	// Availability sums up the planned runs of a scenario.
	Availability = gengfu.Availability
	// Rollup counts the planned runs of an hour or day.
	Rollup = gengfu.Rollup
	// Backlog counts the deliveries of an endpoint.
	Backlog = gengfu.Backlog
)

// Health is how the prober itself is. The zero time means "never" or "none".
type Health struct {
	Started time.Time

	Browser         string // product and version, empty when none has started
	BrowserLaunches int    // since the start of the process
	BrowserLost     int    // browsers that went away on their own

	Queue       int // slots that wait for a worker
	QueueOldest time.Time
	Workers     int
	Busy        int // workers that execute a run

	Outbox    []Backlog
	Endpoints []Endpoint // those of the configuration in force

	DiskFree  uint64 // bytes, of the disk that holds the ledger
	DiskTotal uint64
	Database  int64 // bytes
	WAL       int64 // bytes of the write-ahead log

	Audit Audit // zero before the first

	Self gengfu.SelfCheck // of the prober by itself

	Reloaded    time.Time // last time the scenarios were read
	ReloadError string    // empty when that went well
}
