package web

import (
	"time"

	"gengfu"
)

// runsDoc is a page of runs, the newest first; before leads to the next page.
type runsDoc struct {
	Runs   []runDoc   `json:"runs"`
	Before *time.Time `json:"before"`
}

type runDoc struct {
	ID          string          `json:"id"`
	Scenario    string          `json:"scenario"`
	Title       string          `json:"title"`
	Target      string          `json:"target"`
	Location    string          `json:"location"`
	Kind        gengfu.SlotKind `json:"kind"`
	Attempt     int             `json:"attempt"`
	Due         time.Time       `json:"due"`
	Started     time.Time       `json:"started"`
	QueueWaitMS int64           `json:"queue_wait_ms"`
	DurationMS  int64           `json:"duration_ms"`
	Outcome     gengfu.Outcome  `json:"outcome"`
	Failure     *failureDoc     `json:"failure"`
	Tainted     gengfu.Taint    `json:"tainted"`          // late or starved: its times count for no figure
	Detail      *detailDoc      `json:"detail,omitempty"` // only of a single run
}

type detailDoc struct {
	Revision string        `json:"revision"`
	Browser  string        `json:"browser"`
	FinalURL string        `json:"final_url"`
	Load     float64       `json:"load_per_core"`
	Steps    []stepDoc     `json:"steps"`
	Pages    []pageDoc     `json:"pages"`
	Traffic  trafficDoc    `json:"traffic"`
	Console  []consoleDoc  `json:"console"`
	Requests []requestDoc  `json:"failed_requests"`
	Messages []messageDoc  `json:"messages"`
	Dialogs  []string      `json:"dialogs"`
	Evidence []evidenceDoc `json:"evidence"`
	Tainted  gengfu.Taint  `json:"tainted"` // late or starved: its times count for no figure
	Trace    string        `json:"trace"`
	Counts   countsDoc     `json:"counts"`
	journeyDoc
	Session *sessionDoc `json:"session,omitempty"` // of a scenario that keeps its log-in
	Remarks []remarkDoc `json:"remarks,omitempty"`
}

type stepDoc struct {
	Index      int               `json:"index"`
	Name       string            `json:"name"`
	Verb       string            `json:"verb"`
	Always     bool              `json:"always"`
	Status     gengfu.StepStatus `json:"status"`
	StartMS    int64             `json:"start_ms"`
	DurationMS int64             `json:"duration_ms"`
	URL        string            `json:"url"`
	Tab        int               `json:"tab"`             // from 1 in the order of tabs, 0 while there was one only
	Group      string            `json:"group,omitempty"` // login for the steps of a kept log-in
	Why        *failureDoc       `json:"why"`             // of a step that was skipped, or failed without ending the run
	Check      *checkDoc         `json:"check"`           // what a step without a browser measured
}

type pageDoc struct {
	Step      int      `json:"step"`
	URL       string   `json:"url"`
	Status    int      `json:"status"`
	Redirects []string `json:"redirects"`
	Protocol  string   `json:"protocol"`
	RemoteIP  string   `json:"remote_ip"`
	TTFBMS    int64    `json:"ttfb_ms"`
	FCPMS     int64    `json:"fcp_ms"`
	LCPMS     int64    `json:"lcp_ms"`
	LoadMS    int64    `json:"load_ms"`
	CLS       float64  `json:"cls"`
	pageMore
}

type trafficDoc struct {
	Requests         int   `json:"requests"`
	Failed           int   `json:"failed"`
	FailedThirdParty int   `json:"failed_third_party"`
	Bytes            int64 `json:"bytes"`
}

type consoleDoc struct {
	Step  int    `json:"step"`
	Level string `json:"level"`
	Text  string `json:"text"`
	URL   string `json:"url"`
	Line  int    `json:"line"`
}

type requestDoc struct {
	Step       int    `json:"step"`
	Method     string `json:"method"`
	URL        string `json:"url"`
	Status     int    `json:"status"`
	Error      string `json:"error"`
	Type       string `json:"type"`
	ThirdParty bool   `json:"third_party"`
}

type messageDoc struct {
	Step int    `json:"step"`
	AtMS int64  `json:"at_ms"`
	Text string `json:"text"`
}

type evidenceDoc struct {
	Kind   gengfu.EvidenceKind `json:"kind"`
	SHA256 string              `json:"sha256"`
	Size   int                 `json:"size"`
	URL    string              `json:"url"`
	Step   int                 `json:"step,omitempty"` // at whose end it was taken, for pictures of single steps
}

func runDocOf(r gengfu.Run, whole bool) runDoc {
	d := runDoc{
		ID: r.Slot.ID(), Scenario: r.Slot.Scenario, Title: r.Title, Target: r.Target, Location: r.Slot.Location, Kind: r.Slot.Kind, Attempt: r.Slot.Attempt,
		Due: r.Slot.Due.UTC(), Started: r.Started.UTC(), QueueWaitMS: r.QueueWait.Milliseconds(), DurationMS: r.Duration.Milliseconds(),
		Outcome: r.Outcome, Failure: failureDocOf(r.Failure), Tainted: r.Tainted,
	}
	if whole {
		d.Detail = detailDocOf(r)
	}
	return d
}

func detailDocOf(r gengfu.Run) *detailDoc {
	d := &detailDoc{
		Revision: r.Revision, Browser: r.Browser, FinalURL: r.FinalURL, Load: r.Load, Dialogs: list(r.Dialogs), Traffic: trafficDoc(r.Traffic),
		Steps: []stepDoc{}, Pages: []pageDoc{}, Console: []consoleDoc{}, Requests: []requestDoc{}, Messages: []messageDoc{}, Evidence: []evidenceDoc{},
		Tainted: r.Tainted, Trace: r.Trace, Counts: countsDocOf(r.Counts), Session: sessionDocOf(r.Session), Remarks: remarkDocsOf(r.Remarks), journeyDoc: journeyDocOf(r),
	}
	for _, s := range r.Steps {
		d.Steps = append(d.Steps, stepDoc{
			s.Index, s.Name, s.Verb, s.Always, s.Status, s.Start.Milliseconds(), s.Duration.Milliseconds(), s.URL, s.Tab, s.Group, failureDocOf(s.Why), checkDocOf(s.Check),
		})
	}
	for _, p := range r.Pages {
		d.Pages = append(d.Pages, pageDoc{
			Step: p.Step, URL: p.URL, Status: p.Status, Redirects: list(p.Redirects), Protocol: p.Protocol, RemoteIP: p.RemoteIP, TTFBMS: p.TTFB.Milliseconds(),
			FCPMS: p.FCP.Milliseconds(), LCPMS: p.LCP.Milliseconds(), LoadMS: p.Load.Milliseconds(), CLS: p.CLS, pageMore: pageMoreOf(p),
		})
	}
	for _, c := range r.Console {
		d.Console = append(d.Console, consoleDoc(c))
	}
	for _, q := range r.Requests {
		d.Requests = append(d.Requests, requestDoc(q))
	}
	for _, m := range r.Messages {
		d.Messages = append(d.Messages, messageDoc{m.Step, m.At.Milliseconds(), m.Text})
	}
	for _, ev := range r.Evidence {
		d.Evidence = append(d.Evidence, evidenceDoc{ev.Kind, ev.SHA256, ev.Size, evidenceURL(ev), ev.Step})
	}
	return d
}
