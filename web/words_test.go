package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gengfu"
)

// families are the keys made from a value of the dictionary.
var families = map[string][]string{
	"state":    {string(gengfu.StateUnknown), string(gengfu.StateUp), string(gengfu.StateSuspect), string(gengfu.StateDown), string(gengfu.StateRecovering)},
	"outcome":  {string(gengfu.Passed), string(gengfu.Degraded), string(gengfu.Failed), string(gengfu.Errored), string(gengfu.StepSkipped)},
	"grade":    {string(gengfu.GradeNotice), string(gengfu.GradeOrdinary), string(gengfu.GradeMajor)},
	"incident": {string(gengfu.IncidentOpen), string(gengfu.IncidentAcked), string(gengfu.IncidentWorking), string(gengfu.IncidentResolved), string(gengfu.IncidentClosed), string(gengfu.IncidentMitigated), string(gengfu.IncidentReviewed), string(gengfu.IncidentDeclined), string(gengfu.IncidentMerged)},
	"event": {
		string(gengfu.EventOpened), string(gengfu.EventUpdated), string(gengfu.EventAcked), string(gengfu.EventAssigned), string(gengfu.EventNoted), string(gengfu.EventResolved), string(gengfu.EventReopened), string(gengfu.EventClosed), string(gengfu.EventFlapping), string(gengfu.EventJoined), string(gengfu.EventLeft), string(gengfu.EventMerged),
		string(gengfu.EventMitigated), string(gengfu.EventReviewed), string(gengfu.EventDeclined), string(gengfu.EventHeld), string(gengfu.EventReleased), string(gengfu.EventETA), string(gengfu.EventOnSiteAsked), string(gengfu.EventOnSite), string(gengfu.EventRelated),
		string(gengfu.EventEscalated), string(gengfu.EventUnacked), string(gengfu.EventExhausted), string(gengfu.EventReminded), string(gengfu.EventClockWarned), string(gengfu.EventClockBreached),
		string(gengfu.EventMuted), string(gengfu.EventUnmuted), "digest", "late", "maintenance_began", "maintenance_ended", "handover",
	},
	"scope":    {"account", "host", "prober", "channel", "location"},
	"impact":   {string(gengfu.ImpactNone), string(gengfu.ImpactFunction), string(gengfu.ImpactWide)},
	"slot":     {string(gengfu.SlotScheduled), string(gengfu.SlotConfirm), string(gengfu.SlotManual), string(gengfu.SlotRecovery), string(gengfu.SlotMaintenance)},
	"delivery": {string(gengfu.DeliveryPending), string(gengfu.DeliverySent), string(gengfu.DeliveryDead), string(gengfu.DeliveryMerged)},
	"evidence": {string(gengfu.EvidenceDOM), string(gengfu.EvidenceOutline), string(gengfu.EvidenceHAR), string(gengfu.EvidenceDiff), string(gengfu.EvidencePDF), string(gengfu.EvidenceSteps)},
	"taint":    {string(gengfu.TaintLate), string(gengfu.TaintStarved)},
	"taintwhy": {string(gengfu.TaintLate), string(gengfu.TaintStarved)},
	"download": {
		string(gengfu.DownloadComplete), string(gengfu.DownloadRefused), string(gengfu.DownloadTooLarge), string(gengfu.DownloadBroken), string(gengfu.DownloadOpen),
	},
	"level":   {"error", "warning", "exception"},
	"window":  {"24h", "7d", "30d"},
	"theme":   {"auto", "light", "dark"},
	"act":     {"ack", "assign", "note", "close", "mitigate", "resolve", "review", "decline", "hold", "release", "eta", "ask-onsite", "onsite", "merge", "relate"},
	"acttext": {"assign", "note", "close", "mitigate", "resolve", "review", "decline", "hold", "release", "eta", "ask-onsite", "onsite", "merge", "relate"},
	"fault": {
		string(gengfu.FaultDNS), string(gengfu.FaultConnect), string(gengfu.FaultTLS), string(gengfu.FaultHTTPStatus), string(gengfu.FaultTimeout), string(gengfu.FaultAssertion), string(gengfu.FaultJSError),
		string(gengfu.FaultRendererCrash), string(gengfu.FaultBlockedPage), string(gengfu.FaultMaintenance), string(gengfu.FaultCredential), string(gengfu.FaultLockout), string(gengfu.FaultBrowser), string(gengfu.FaultMachine), string(gengfu.FaultNetwork),
		string(gengfu.FaultPolicy), string(gengfu.FaultScenario),
	},
}

// TestVocabulary_completeAndUsed reads the templates and the sources for the
// keys they use and compares them with the table.
func TestVocabulary_completeAndUsed(t *testing.T) {
	used := map[string]bool{}
	for family, values := range families {
		for _, v := range values {
			used[family+"."+v] = true
		}
	}
	inTemplate := regexp.MustCompile(`\bt "([^"]+)"`)
	err := fs.WalkDir(templateFiles, "templates", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := templateFiles.ReadFile(p)
		for _, m := range inTemplate.FindAllStringSubmatch(string(text), -1) {
			used[m[1]] = true
			if _, ok := vocabulary[m[1]]; !ok {
				t.Errorf("%s uses %q, which is not in the table", p, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range literals(t) {
		used[key] = true
	}
	for key, both := range vocabulary {
		if !used[key] {
			t.Errorf("%q is not used", key)
		}
		if both[0] == "" || both[1] == "" {
			t.Errorf("%q lacks a language", key)
		}
		if a, b := verbs(both[0]), verbs(both[1]); !slices.Equal(a, b) {
			t.Errorf("%q takes %v in Chinese and %v in English", key, a, b)
		}
	}
	for key := range used {
		if _, ok := vocabulary[key]; !ok && !strings.HasSuffix(key, ".") && strings.Contains(key, ".") && families[strings.SplitN(key, ".", 2)[0]] != nil {
			t.Errorf("%q is not in the table", key)
		}
	}
}

// verbs are the formatting verbs of a text, which both languages must share.
func verbs(text string) []string {
	return regexp.MustCompile(`%[.0-9]*[a-z]`).FindAllString(text, -1)
}

// literals are the string constants of the sources other than the table.
func literals(t *testing.T) []string {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") || f.Name() == "words.go" {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					out = append(out, s)
				}
			}
			return true
		})
	}
	return out
}

// TestTemplates_holdNoWords: what a visitor reads comes from the table, so no
// template holds a letter outside tags and actions, but for names and units.
func TestTemplates_holdNoWords(t *testing.T) {
	names := []string{"API", "SHA-256", "JSON", "HTTP", "CPU", "TTFB", "FCP", "LCP", "CLS", "INP", "p50", "p95"}
	strip := regexp.MustCompile(`(?s)\{\{.*?\}\}|<[^>]*>`)
	err := fs.WalkDir(templateFiles, "templates", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := templateFiles.ReadFile(p)
		for word := range strings.FieldsSeq(strip.ReplaceAllString(string(text), " ")) {
			if regexp.MustCompile(`\pL`).MatchString(word) && !slices.Contains(names, word) {
				t.Errorf("%s holds the word %q", p, word)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
