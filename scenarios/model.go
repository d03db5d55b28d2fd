package scenarios

import (
	"fmt"
	"regexp"
	"time"

	"gengfu"
)

// Pos is a place in an author's file. Columns count characters from 1.
type Pos struct {
	File      string
	Line, Col int
}

// String is the place as file:line:col.
func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

// Scenario is one checked YAML document, ready to run: fragments are expanded
// into its steps and every name it uses is known to exist.
type Scenario struct {
	Pos       Pos
	ID        string
	Title     string
	Target    string
	Tags      []string
	Owner     string
	Runbook   string
	Notify    string
	NotifyPos Pos // zero without notify
	Severity  gengfu.Grade
	Timeout   time.Duration // of the whole run
	Browser   Browser
	Isolate   string // IsolateBrowser, or empty for a context of its own in a shared browser
	Vars      map[string]Text
	Session   *Session // nil when each run comes as a stranger
	Steps     []Step
	Always    []Step
	Whenever  []Standing
	Budget    Budgets
	OnDialog  DialogAnswer
	Schedule  Schedule
	Confirm   Confirm
	Mask      []Locator // personal data, not to be seen in evidence
	Secrets   []string  // names that ${secret.…} asks for, sorted
	Source    string    // the document as the author wrote it
	Revision  string    // sha256 of the source and of the fragments it uses, hex
}

// IsolateBrowser gives each run a browser process of its own, started for it and
// ended after it.
const IsolateBrowser = "browser"

// Browser is how the browser presents itself to the pages.
type Browser struct {
	Width, Height int // CSS pixels
	Scale         float64
	Mobile        bool
	Locale        string   // BCP 47, such as zh-CN
	Timezone      string   // IANA name
	UserAgent     string   // empty for the browser's own
	Headers       []Pair   // Field unused; Key is the header's name
	Block         []string // address patterns with *, refused by the browser
	ColorScheme   string   // light or dark; empty for the browser's own
	ReducedMotion bool
	Equipment     Equipment
	HAR           bool // an archive of the network is kept of every run, not of failed ones only
	Trace         Trace
	Guard         *Guard // nil: pages may write
}

// Trace says which requests carry a traceparent header (W3C Trace Context), so
// that the platform's own tracing can follow a run.
type Trace struct {
	On      bool
	Origins []string // patterns such as https://*.platform.example; empty for the origins that goto steps open
	Always  bool     // ask for every run to be sampled, not for re-runs only
}

// Schedule says when a scenario is due: exactly one of Every and Cron is set.
type Schedule struct {
	Every    time.Duration
	Cron     string // five fields
	Timezone string // IANA name for Cron; empty for the site's zone
	Working
}

// Confirm says how a failure is confirmed before anything is said.
type Confirm struct {
	Retries int // immediate re-runs, each in a fresh browser context
	Wait    time.Duration
	Passes  int           // in a row, that end a trouble; 0 for two
	Every   time.Duration // of the schedule, set by the loader: without a verdict for three of these nothing is known
}

// Budget is a limit on a duration; zero means no limit.
type Budget struct {
	Warn, Fail time.Duration
}

// Budgets are the limits of a whole scenario.
type Budgets struct {
	Total, TTFB, FCP, LCP, Load Budget
	INP, LongTasks              Budget
	CLSWarn, CLSFail            float64
	Requests, Failures, Errors  Limit
	Bytes                       Limit
}

// Verb names what a step does.
type Verb string

// The verbs. [Verbs] describes each.
const (
	Goto   Verb = "goto"
	Click  Verb = "click"
	Fill   Verb = "fill"
	Select Verb = "select"
	Tick   Verb = "tick"
	Untick Verb = "untick"
	Press  Verb = "press"
	Hover  Verb = "hover"
	Upload Verb = "upload"
	Wait   Verb = "wait"
	Check  Verb = "check"
	Save   Verb = "save"
	Put    Verb = "set"
	Repeat Verb = "repeat"
	Eval   Verb = "eval"
	A11y   Verb = "a11y"
	Attend Verb = "attend"
	Close  Verb = "close"
	TOTP   Verb = "totp"
	Verify Verb = "expect" // a step that only expects
	Use    Verb = "use"    // gone after expansion

	Restore Verb = "session" // of no author: taking up a kept log-in, see [Session.RestoreStep]

	Dblclick   Verb = "dblclick"
	Rightclick Verb = "rightclick"
	Drag       Verb = "drag"
	Scroll     Verb = "scroll"
	PDF        Verb = "pdf"
)

// Step is one action with its modifiers. Which of the argument fields are set
// depends on the verb.
type Step struct {
	Pos      Pos
	Name     string // the author's, or made from the step
	Verb     Verb
	Fragment string // name of the fragment it came from, empty otherwise

	URL    Text              // goto
	Until  string            // goto: commit, dom, load
	Status []int             // goto: accepted statuses; empty for 200-399
	Target *Locator          // click hover tick untick close totp(into) press(in)
	Key    string            // press
	Fields []Pair            // fill select upload
	Files  map[string][]byte // upload: the contents by the name in Fields, read when the scenario was loaded
	Secret Text              // totp
	Pause  time.Duration     // wait: 2s
	For    []Expect          // wait: conditions
	Saves  []SaveValue       // save
	Cond   []Comparison      // check
	Rounds *Rounds           // repeat
	Store  *Store            // set
	Script *Script           // eval
	Audit  *Audit            // a11y
	Ask    *Ask              // attend
	Hand
	Net

	Expect   []Expect
	Budget   Budget
	Optional bool     // not finding its element skips it
	Soft     bool     // its failure only degrades the run, which goes on
	When     []Expect // runs only if all hold
	Timeout  time.Duration
	Outcome  []OutcomeRule
	Frame    []Locator // frames its locators are looked for in, outermost first
}

// Pair is a field of a form and the value it is to get, or a header.
type Pair struct {
	Field Locator
	Key   string // header name
	Value Text
}

// Locator says which element is meant. A bare string means what a person would
// point at; see the rule at [Locator.Bare].
type Locator struct {
	Pos Pos
	// Bare is the author's plain string. For an action on a control it is the
	// accessible name of a button, link, menu item, tab or the like, then exact
	// text; for a field it is the label, then the placeholder, then the name.
	Bare        Text
	Role        string
	Name        Text
	Label       Text
	Placeholder Text
	Text        Text
	TestID      Text
	Title       Text
	Alt         Text
	CSS         Text
	XPath       Text
	Has         *Locator
	Within      *Locator
	Frame       []Locator // outermost first
	Nth         int       // 1 is the first, -1 the last, 0 not given
	Exact       *bool     // nil for the default of the kind
	Or          []Locator // what is looked for when this one matches nothing, in order
}

// ExpectKind is what an expectation looks at.
type ExpectKind string

// The kinds of expectations.
const (
	ExpectURL       ExpectKind = "url"
	ExpectTitle     ExpectKind = "title"
	ExpectText      ExpectKind = "text" // of the page, or of a locator with Match
	ExpectVisible   ExpectKind = "visible"
	ExpectHidden    ExpectKind = "hidden"
	ExpectEnabled   ExpectKind = "enabled"
	ExpectChecked   ExpectKind = "checked"
	ExpectValue     ExpectKind = "value"
	ExpectCount     ExpectKind = "count"
	ExpectAttribute ExpectKind = "attribute"
	ExpectConsole   ExpectKind = "console"  // at most Max errors
	ExpectRequests  ExpectKind = "requests" // at most Max failed first-party requests
	ExpectStatus    ExpectKind = "status"   // of the last main document
	ExpectDialog    ExpectKind = "dialog"   // shown since the last action
	ExpectDownload  ExpectKind = "download" // begun by the step
)

// Expect is one condition on the page.
type Expect struct {
	Pos       Pos
	Kind      ExpectKind
	Locator   *Locator // visible hidden enabled checked value count attribute, and text with an element
	Match     *Match   // url title text value attribute dialog, and the name of a download
	File      FileWant // download
	Attribute string
	Want      bool  // enabled, checked
	Min, Max  *int  // count, console, requests
	Status    []int // status
	Warn      bool  // level: warn
	AnswerWant
}

// Match is a condition on a text; every part that is set must hold. White
// space is collapsed first.
type Match struct {
	Equals   *Text
	Contains *Text
	Pattern  *regexp.Regexp
	Path     *Text  // url only: the path, without query
	Not      *Match // must not hold
}

// SaveValue takes a value from the page into a variable.
type SaveValue struct {
	Name      string
	From      *Locator // nil: from the URL or title
	Source    string   // text, value, attribute, url, title; json, header, body of the last answer
	Attribute string
	Path      *Path          // json
	Header    string         // header
	Pattern   *regexp.Regexp // first group, or the whole match
	Number    bool           // must read as a number
	Cookie    string         // name of a cookie of the page
	Answer    *Text          // path of a first-party interface, with *; Path is where in its answer
}

// Comparison is the tiny grammar of check: LEFT OP RIGHT, joined by “and” or “or”.
type Comparison struct {
	Or          bool // begins an alternative to what stands before it
	Left, Right Text
	Op          string // < <= > >= == != contains matches
	Source      string
}

// OutcomeRule turns a known text on the page into the right kind of failure
// when its step fails.
type OutcomeRule struct {
	Text    Text     // on the page; or
	Visible *Locator // an element in sight; or
	URL     *Match   // the address
	Is      gengfu.Fault
	Retry   bool // do the step again; Is is empty
}

// MaxRetries bounds how often a run does steps again because a page or an answer
// asks for it.
const MaxRetries = 2

// Failure is what the rule makes of a step whose sign was seen.
func (o OutcomeRule) Failure(seen string) gengfu.Failure {
	f := gengfu.Failure{Fault: o.Is, Reason: gengfu.ReasonCredential, Seen: seen}
	switch {
	case o.Retry:
		f.Fault, f.Reason = gengfu.FaultAssertion, gengfu.ReasonToldRetry
	case o.Is == gengfu.FaultLockout:
		f.Reason = gengfu.ReasonLockout
	case o.Is == gengfu.FaultMaintenance:
		f.Reason = gengfu.ReasonMaintenance
	}
	return f
}
