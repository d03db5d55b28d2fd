package prober_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gengfu"
	"gengfu/prober"
	"gengfu/scenarios"
)

// TestProber_logsTheOutcomeThatWasRecorded: whoever records may find that a
// failure was our own.
func TestProber_logsTheOutcomeThatWasRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lines bytes.Buffer
		l, s := newLedger(), &script{words: map[string]string{"login": "F"}, took: time.Second}
		p, err := prober.New(prober.Config{
			Ledger: l, Browser: s.run, Workers: 1, Eager: true, StopTimeout: time.Second, Log: slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug})),
			Record: func(ctx context.Context, r gengfu.Run, confirm scenarios.Confirm) (gengfu.CheckState, error) {
				r.Outcome = gengfu.Errored
				return l.record(ctx, r, confirm)
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Load([]scenarios.Scenario{scenario("login", 5*time.Minute, 1)}); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- p.Run(ctx) }()
		time.Sleep(4 * time.Minute)
		stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if text := lines.String(); !strings.Contains(text, `msg="run recorded"`) || !strings.Contains(text, "outcome=errored") || strings.Contains(text, "outcome=failed") {
			t.Error(text)
		}
	})
}
