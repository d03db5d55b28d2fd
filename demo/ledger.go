package demo

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// What is kept of a visitor's doings. Probing for days leaves no more than
// this; the seeded rows always stay, and more of them are pending than
// decisions are remembered, so the list to review never runs dry.
const (
	maxSubmissions = 500
	maxDecisions   = 100
)

// The states of an application.
const (
	statusPending  = "待审核"
	statusApproved = "审核通过"
	statusRejected = "已驳回"
	statusPaid     = "已发放"
)

func statuses() []string {
	return []string{statusPending, statusApproved, statusRejected, statusPaid}
}

// Application is one request for a subsidy, as tables show it.
type Application struct {
	No     string `json:"no"`
	Type   string `json:"type"`
	Name   string `json:"name"`
	Region string `json:"region"`
	Date   string `json:"date"`
	Status string `json:"status"`

	owner string // account that handed it in
}

type ledger struct {
	seeded []Application // newest first; never changes

	mu        sync.Mutex // guards the fields below
	submitted []Application
	serial    int
	decided   map[string]string // number → status
	order     []string          // of decided, oldest first
}

func newLedger(seeded []Application) *ledger {
	return &ledger{seeded: seeded, decided: map[string]string{}}
}

// add files a new application, gives it its number, and drops the oldest one
// over the limit.
func (l *ledger) add(app Application, now time.Time) Application {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.serial++
	day := now.In(zone())
	app.No = fmt.Sprintf("QL%s9%05d", day.Format("20060102"), l.serial%100000)
	app.Date, app.Status = day.Format(time.DateOnly), statusPending
	l.submitted = append([]Application{app}, l.submitted[:min(len(l.submitted), maxSubmissions-1)]...)
	return app
}

// decide changes an application's status; the oldest decision over the limit is
// taken back. It reports whether there is such an application.
func (l *ledger) decide(no, status string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := func(app Application) bool { return app.No == no }
	if !slices.ContainsFunc(l.submitted, known) && !slices.ContainsFunc(l.seeded, known) {
		return false
	}
	if _, again := l.decided[no]; !again {
		l.order = append(l.order, no)
	}
	l.decided[no] = status
	if len(l.order) > maxDecisions {
		delete(l.decided, l.order[0])
		l.order = slices.Delete(l.order, 0, 1)
	}
	return true
}

// all copies every application with its present status, newest first.
func (l *ledger) all() []Application {
	l.mu.Lock()
	defer l.mu.Unlock()
	apps := slices.Concat(l.submitted, l.seeded)
	for i := range apps {
		if status, ok := l.decided[apps[i].No]; ok {
			apps[i].Status = status
		}
	}
	return apps
}

func (l *ledger) owned(user string) []Application {
	return slices.DeleteFunc(l.all(), func(app Application) bool { return app.owner != user })
}

// keep narrows apps to a status and a keyword; empty ones narrow nothing.
func keep(apps []Application, status, keyword string) []Application {
	return slices.DeleteFunc(apps, func(app Application) bool {
		text := app.No + " " + app.Name + " " + app.Type + " " + app.Region
		return status != "" && app.Status != status || !strings.Contains(text, keyword)
	})
}

func countStatuses(apps []Application) []count {
	counts := []count{{Label: "全部", N: len(apps)}}
	for _, status := range statuses() {
		n := 0
		for _, app := range apps {
			if app.Status == status {
				n++
			}
		}
		counts = append(counts, count{status, n})
	}
	return counts
}
