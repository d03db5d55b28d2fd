package chrome

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"

	"gengfu"
	"gengfu/scenarios"
)

// interaction is one page, one action on it, and what must be true afterwards.
type interaction struct {
	Name  string
	Body  string
	Act   action
	Check string
	Fails bool
	CSP   string
	Wait  int // ms that the page takes afterwards
}

type action struct {
	Click, ClickText, Fill, V, Select, Hover, Press, Frame string
	Then                                                   *action
}

func (a action) steps(limit time.Duration) []scenarios.Step {
	st := scenarios.Step{Timeout: limit}
	switch {
	case a.Click != "":
		st.Verb, st.Target = scenarios.Click, new(css(a.Click))
	case a.ClickText != "":
		st.Verb, st.Target = scenarios.Click, new(bareLocator(a.ClickText))
	case a.Fill != "":
		st.Verb, st.Fields = scenarios.Fill, []scenarios.Pair{{Field: css(a.Fill), Value: text(a.V)}}
	case a.Select != "":
		st.Verb, st.Fields = scenarios.Select, []scenarios.Pair{{Field: css(a.Select), Value: text(a.V)}}
	case a.Hover != "":
		st.Verb, st.Target = scenarios.Hover, new(css(a.Hover))
	case a.Press != "":
		st.Verb, st.Key = scenarios.Press, a.Press
	}
	if a.Frame != "" {
		st.Frame = []scenarios.Locator{css(a.Frame)}
	}
	steps := []scenarios.Step{st}
	if a.Then != nil {
		steps = append(steps, a.Then.steps(limit)...)
	}
	return steps
}

// holdsInPage waits until the expression is true in the page's own world.
func holdsInPage(ctx context.Context, p *page, expression string) bool {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		r, err := cdp.Call(ctx, p.s, runtime.Evaluate, runtime.EvaluateParams{Expression: expression, ReturnByValue: new(true)})
		if err == nil && string(r.Result.Value) == "true" {
			return true
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
}

// TestInteractions holds the engine to the robustness of the best drivers: 78
// pages that appear late, move, re-render, cover and rearrange themselves, some
// made of component libraries.
func TestInteractions(t *testing.T) {
	for _, c := range interactions(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel() // they mostly wait
			c.play(t, pool)
		})
	}
}

// TestFullChromium_interactions plays them all in the full browser.
func TestFullChromium_interactions(t *testing.T) {
	for _, c := range interactions(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			c.play(t, fullChromium(t))
		})
	}
}

func interactions(t *testing.T) []interaction {
	t.Helper()
	raw, err := os.ReadFile("testdata/interactions.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []interaction
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func (c interaction) play(t *testing.T, p *Pool) {
	t.Helper()
	srv := httptest.NewServer(interactionPage(c))
	defer srv.Close()
	limit := 5 * time.Second
	if c.Fails {
		limit = time.Second
	}
	s := scenario(append([]scenarios.Step{open(srv.URL + "/case")}, c.Act.steps(limit)...)...)
	r, ok := inspect(t, p, s, c.Check, time.Duration(c.Wait)*time.Millisecond)
	if failed := r.Outcome != gengfu.Passed; failed != c.Fails {
		t.Errorf("outcome %s: %s", r.Outcome, cause(r))
	}
	if !ok {
		t.Errorf("page does not say %s after %s", c.Check, cause(r))
	}
}

func interactionPage(c interaction) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/case", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if c.CSP != "" {
			w.Header().Set("Content-Security-Policy", c.CSP)
		}
		fmt.Fprint(w, "<!doctype html><meta charset=utf-8><body>", c.Body)
	})
	mux.Handle("/npm/", libraries())
	mux.HandleFunc("/simple2", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<h1>two</h1>") })
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		d, _ := time.ParseDuration(r.URL.Query().Get("d"))
		select {
		case <-time.After(d):
		case <-r.Context().Done():
		}
		fmt.Fprint(w, "<h1>slow</h1>")
	})
	return mux
}
