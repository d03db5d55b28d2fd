package scenarios

import (
	"fmt"
	"slices"
	"time"

	"gengfu/scenarios/strict"
)

// Shape names the form of a value; each is a definition of the JSON Schema.
type Shape string

// The shapes of values.
const (
	shapeText     Shape = "text"
	shapeTexts    Shape = "texts"
	shapeBool     Shape = "bool"
	shapeInt      Shape = "int"
	shapeNumber   Shape = "number"
	shapeDuration Shape = "duration"
	shapeLocator  Shape = "locator"
	shapeFrames   Shape = "frames"
	shapeExpects  Shape = "expects"
	shapeBudget   Shape = "budget"
	shapeBudgets  Shape = "budgets"
	shapeCLS      Shape = "cls"
	shapeForm     Shape = "form"
	shapeGoto     Shape = "goto"
	shapePress    Shape = "press"
	shapeWait     Shape = "wait"
	shapeSaves    Shape = "saves"
	shapeTOTP     Shape = "totp"
	shapeStatuses Shape = "statuses"
	shapeMatch    Shape = "match"
	shapeURL      Shape = "url"
	shapeOfText   Shape = "ofText"
	shapeOfValue  Shape = "ofValue"
	shapeAttr     Shape = "attribute"
	shapeCount    Shape = "count"
	shapeState    Shape = "state"
	shapeConsole  Shape = "console"
	shapeRequests Shape = "requests"
	shapeOutcomes Shape = "outcomes"
	shapeSteps    Shape = "steps"
	shapeTextMap  Shape = "textMap"
	shapeBrowser  Shape = "browser"
	shapeDevice   Shape = "device"
	shapeSchedule Shape = "schedule"
	shapeConfirm  Shape = "confirm"
	shapeParams   Shape = "params"
	shapeDrag     Shape = "drag"
	shapeScroll   Shape = "scroll"
	shapeDialog   Shape = "dialog"
	shapePoint    Shape = "point"
	shapeDownload Shape = "download"
	shapeSize     Shape = "size"
	shapeLogins   Shape = "logins"
	shapeClients  Shape = "clientCertificates"
	shapeCookies  Shape = "cookies"
	shapeLocation Shape = "location"
	shapeNetwork  Shape = "network"
	shapeTrace    Shape = "trace"
	shapeSession  Shape = "session"
	shapeKeep     Shape = "keep"
	shapeStanding Shape = "whenever"
	shapeGuard    Shape = "guard"
	shapeRepeat   Shape = "repeat"
	shapeStore    Shape = "store"
	shapeScript   Shape = "script"
	shapeAudit    Shape = "audit"
	shapeCounts   Shape = "counts"
	shapeSizes    Shape = "sizes"
	shapeRate     Shape = "rate"
	shapeDense    Shape = "dense"
	shapeAttend   Shape = "attend"
	shapeRefresh  Shape = "refresh"
)

// Field describes one key of a mapping of the language, for the reference page
// and the JSON Schema.
type Field struct {
	Name     string
	Shape    Shape
	Words    []string // the only values, when there are only a few
	Required bool
	Zh, En   string // one line each
}

// key is a row of a table: the description and how the value is read.
type key[T any] struct {
	Field
	read func(r *reader, n strict.Node, into *T)
}

// language holds the tables. They are built once for each load; nothing in
// them changes afterwards.
type language struct {
	verbs     []VerbSpec
	modifiers []key[Step]
	gotos     []key[Step]
	presses   []key[Step]
	totps     []key[Step]
	fields    []key[Pair]
	saves     []key[SaveValue]
	outcomes  []key[OutcomeRule]
	locator   []key[Locator]
	expects   []key[Expect]
	match     []key[Match]
	url       []key[Match]
	ofText    []key[Expect]
	ofValue   []key[Expect]
	attribute []key[Expect]
	count     []key[Expect]
	state     []key[Expect]
	console   []key[Expect]
	requests  []key[Expect]
	budget    []key[Budget]
	budgets   []key[Budgets]
	cls       []key[Budgets]
	top       []key[Scenario]
	browser   []key[Browser]
	device    []key[Browser]
	trace     []key[Trace]
	schedule  []key[Schedule]
	confirm   []key[Confirm]
	fragment  []key[fragment]
	param     []key[param]
	drags     []key[Step]
	dialog    []key[DialogAnswer]
	download  []key[Expect]
	login     []key[Login]
	client    []key[ClientCertificate]
	cookie    []key[Cookie]
	location  []key[Location]
	network   []key[Network]
	session   []key[Session]
	net       netLanguage
	standing  []key[Standing]
	guard     []key[Guard]
	repeat    []key[Rounds]
	store     []key[Store]
	script    []key[Step]
	audit     []key[Audit]
	counts    []key[Limit]
	sizes     []key[Limit]
	rate      []key[time.Duration]
	dense     []key[Working]
	attend    []key[Ask]
	refresh   []key[Ask]
}

func newLanguage() *language {
	l := &language{
		verbs: Verbs(), modifiers: modifierKeys(), gotos: gotoKeys(), presses: pressKeys(), totps: totpKeys(),
		fields: fieldKeys(), saves: saveKeys(), outcomes: outcomeKeys(), locator: locatorKeys(),
		expects: expectKeys(), match: matchKeys(), count: countKeys(), state: stateKeys(),
		budget: budgetKeys(), budgets: budgetsKeys(), cls: clsKeys(), top: scenarioKeys(),
		browser: browserKeys(), device: deviceKeys(), schedule: scheduleKeys(), confirm: confirmKeys(),
		fragment: fragmentKeys(), param: paramKeys(), trace: traceKeys(),
		drags: dragKeys(), dialog: dialogKeys(), download: downloadKeys(),
		login: loginKeys(), client: clientKeys(), cookie: cookieKeys(), location: locationKeys(), network: networkKeys(),
	}
	l.session, l.standing, l.guard, l.rate, l.dense = sessionKeys(), standingKeys(), guardKeys(), rateKeys(), denseKeys()
	l.repeat, l.store = repeatKeys(), storeKeys()
	l.attend, l.refresh = attendKeys(), refreshKeys()
	l.script, l.audit, l.counts, l.sizes = scriptKeys(), auditKeys(), limitKeys(countOf, shapeInt), limitKeys(size64, shapeSize)
	l.url = append(urlKeys(), l.match[:len(l.match)-1]...)
	l.ofText = append([]key[Expect]{ofKey(false)}, lift(l.match)...)
	l.ofValue = append([]key[Expect]{ofKey(true)}, lift(l.match)...)
	l.attribute = append([]key[Expect]{ofKey(true), attributeNameKey()}, lift(l.match)...)
	l.console = []key[Expect]{atMostKey("errors", "最多允许的控制台错误数", "errors on the console at most")}
	l.net = newNetLanguage(l)
	l.requests = []key[Expect]{atMostKey("failed", "最多允许的失败请求数", "failed first-party requests at most")}
	return l
}

// readKeys reads a mapping by its table: unknown keys and missing ones are
// reported, every other value is read by its row.
func readKeys[T any](r *reader, m strict.Map, keys []key[T], into *T) {
	for _, e := range m.Entries {
		i := slices.IndexFunc(keys, func(k key[T]) bool { return k.Name == e.Key })
		if i < 0 {
			e.Unknown(names(keys))
			continue
		}
		keys[i].read(r, e.Value, into)
	}
	for _, k := range keys {
		if _, given := m.Lookup(k.Name); k.Required && !given {
			m.Problem(fmt.Sprintf("%q is missing", k.Name), k.En)
		}
	}
}

// readMap is readKeys for a node that must be a mapping.
func readMap[T any](r *reader, n strict.Node, keys []key[T], into *T) bool {
	m, ok := n.Map()
	if ok {
		readKeys(r, m, keys, into)
	}
	return ok
}

func names[T any](keys []key[T]) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.Name
	}
	return out
}

func fields[T any](keys []key[T]) []Field {
	out := make([]Field, len(keys))
	for i, k := range keys {
		out[i] = k.Field
	}
	return out
}
