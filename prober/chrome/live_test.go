package chrome

import (
	"bufio"
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	cdppage "github.com/chromedp/cdproto/page"

	"gengfu"
	"gengfu/demo"
	"gengfu/scenarios"
)

// display starts a screen that nobody sees.
func display(t *testing.T) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x1000x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	_ = w.Close()
	number, err := bufio.NewReader(r).ReadString('\n') // it comes in pieces
	_ = r.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DISPLAY", ":"+strings.TrimSpace(number))
}

// TestRecord_writesWhatAPersonDoes: a person logs in to the demo in a window;
// what is written passes the check and runs green as it is.
func TestRecord_writesWhatAPersonDoes(t *testing.T) {
	display(t)
	site := httptest.NewServer(demo.New(demo.Config{}).Handler())
	t.Cleanup(site.Close)
	password := demo.Accounts().ApplicantPassword
	p, err := NewPool(Config{Profiles: t.TempDir(), Headed: true, NoSpare: true, Overload: -1, Egress: openEgress})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	done := make(chan struct{})
	rec := p.record(t.Context(), site.URL+"/login", done, func(scenarios.LiveAct) {}, func(r *runner) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		person := func(st scenarios.Step) {
			t.Helper()
			if _, err := r.attempt(ctx, &st); err != nil {
				t.Errorf("%s: %v", st.Verb, err)
			}
		}
		for _, field := range [][2]string{{"账号", demo.Accounts().ApplicantUser}, {"密码", password}} {
			person(scenarios.Step{Verb: scenarios.Click, Target: &scenarios.Locator{Placeholder: text(field[0])}})
			if err := r.typeKeys(ctx, field[1]); err != nil {
				t.Errorf("type into %s: %v", field[0], err)
			}
		}
		path := text("/home")
		person(scenarios.Step{Verb: scenarios.Click, Target: &scenarios.Locator{Role: "button", Name: text("登录")}, Expect: []scenarios.Expect{{Kind: scenarios.ExpectURL, Match: &scenarios.Match{Path: &path}}}})
		close(done)
	})
	if rec.Run.Failure != nil {
		t.Fatal(cause(rec.Run))
	}
	yaml, remarks, err := scenarios.WriteLive(site.URL+"/login", rec.Title, rec.Acts)
	if err != nil {
		t.Fatalf("%v: %+v", err, rec.Acts)
	}
	if strings.Contains(string(yaml), password) || !strings.Contains(string(yaml), "${secret.password}") || len(remarks) != 1 {
		t.Errorf("remarks %v\n%s", remarks, yaml)
	}
	set, problems := scenarios.Parse("recording.yaml", yaml)
	if len(problems) > 0 || len(set.Warnings) > 0 {
		t.Fatalf("%v %v\n%s", problems, set.Warnings, yaml)
	}
	again, err := NewPool(Config{Profiles: t.TempDir(), NoSpare: true, Overload: -1, Egress: openEgress, Secret: func(string) (gengfu.Secret, error) { return gengfu.Secret(password), nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(again.Close)
	mustPass(t, again.Run(t.Context(), &set.Scenarios[0], slot(), nil))
}

// TestRecord_endsWithItsWindow: closing the window is as good as an interrupt.
func TestRecord_endsWithItsWindow(t *testing.T) {
	display(t)
	srv := site(t, map[string]string{"/": `<title>一</title><button>去</button>`})
	p, err := NewPool(Config{Profiles: t.TempDir(), Headed: true, NoSpare: true, Overload: -1, Egress: openEgress})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	rec := p.record(t.Context(), srv.URL+"/", nil, func(scenarios.LiveAct) {}, func(r *runner) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		target := bareLocator("去")
		if _, err := r.attempt(ctx, &scenarios.Step{Verb: scenarios.Click, Target: &target}); err != nil {
			t.Error(err)
		}
		r.page.s.send(cdppage.CommandClose, nil)
	})
	if len(rec.Acts) != 1 || rec.Acts[0].Kind != "click" || rec.Acts[0].Name != "去" {
		t.Errorf("acts %+v; %s", rec.Acts, cause(rec.Run))
	}
}
