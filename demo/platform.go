package demo

import (
	"html/template"
	"log/slog"
	"net/http"
	"time"
)

// Config says how a platform is made; its zero value works.
type Config struct {
	Now    func() time.Time // nil for the machine's clock
	Logger *slog.Logger     // nil for silence
	Seed   uint64           // of the made-up people and numbers; 0 is a seed like any other
}

// Platform is one running site. Its methods may be called from any goroutine;
// it starts none of its own.
type Platform struct {
	now      func() time.Time
	log      *slog.Logger
	pages    map[string]*template.Template
	content  content
	accounts *accounts
	sessions *sessions
	ledger   *ledger
	faults   *switchboard
	tickets  *tickets
}

// New makes a platform with its seeded content dated back from today, and with
// every fault switched off.
func New(cfg Config) *Platform {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	today := cfg.Now().In(zone())
	return &Platform{
		now:      cfg.Now,
		log:      cfg.Logger,
		pages:    parsePages(),
		content:  seedContent(cfg.Seed, today),
		accounts: newAccounts(),
		sessions: newSessions(),
		ledger:   newLedger(seedApplications(cfg.Seed, today)),
		faults:   newSwitchboard(),
		tickets:  &tickets{},
	}
}

// Handler serves the site that is probed.
func (p *Platform) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range routes() {
		mux.Handle(rt.pattern, p.guard(rt))
	}
	mux.Handle("GET /static/", staticFiles())
	mux.HandleFunc("/", p.missing)
	return p.withFaults(mux)
}

// zone is the site's own: China has one, without daylight saving.
func zone() *time.Location { return time.FixedZone("CST", 8*60*60) }
