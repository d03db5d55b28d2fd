package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"gengfu"
	"gengfu/scenarios"
)

// heightenedSetting is where the ledger keeps the period begun by hand.
const heightenedSetting = "heightened"

// heightening is the period begun by hand, and the configuration to put it
// over. Whoever puts a configuration into force holds the turn.
type heightening struct {
	turn sync.Mutex
	in   *instance
	set  *scenarios.Set
	now  gengfu.Heightened // the latest one, over or not
}

func (d *daemon) readHeightening(ctx context.Context) error {
	text, ok, err := d.store.Setting(ctx, heightenedSetting)
	if err != nil || !ok {
		return err
	}
	if err := json.Unmarshal([]byte(text), &d.heightening.now); err != nil {
		return fmt.Errorf("read setting %q: %w", heightenedSetting, err)
	}
	return nil
}

// heighten gives the scenarios the period begun by hand, besides those of the
// instance file. The caller holds the turn.
func (d *daemon) heighten(in *instance, set *scenarios.Set) *scenarios.Set {
	d.heightening.in, d.heightening.set = in, set
	h := d.heightening.now
	if !h.To.After(time.Now()) {
		return set
	}
	over := *set
	over.Scenarios = slices.Clone(set.Scenarios)
	for i := range over.Scenarios {
		s := &over.Scenarios[i].Schedule
		s.Windows = append(slices.Clone(s.Windows), h.Window())
		if s.Heightened == 0 {
			s.Heightened = h.Every
		}
	}
	return &over
}

// Heightened is the latest period begun by hand; false when none is in force
// or to come.
func (d *daemon) Heightened() (gengfu.Heightened, bool) {
	d.heightening.turn.Lock()
	defer d.heightening.turn.Unlock()
	return d.heightening.now, d.heightening.now.To.After(time.Now())
}

// Heighten begins a period by hand, in place of the one before.
func (d *daemon) Heighten(ctx context.Context, h gengfu.Heightened) (gengfu.Heightened, error) {
	now := time.Now().Round(0).UTC().Truncate(time.Millisecond)
	if h.From.IsZero() {
		h.From = now
	}
	if err := h.Validate(now); err != nil {
		return h, err
	}
	return h, d.setHeightened(ctx, h)
}

// Unheighten ends the period at once. The error is [gengfu.ErrConflict] when
// there is none.
func (d *daemon) Unheighten(ctx context.Context, actor string) error {
	h, on := d.Heightened()
	if !on {
		return fmt.Errorf("no heightened period is in force: %w", gengfu.ErrConflict)
	}
	h.To, h.EndedBy = time.Now().Round(0).UTC().Truncate(time.Millisecond), actor
	if h.From.After(h.To) {
		h.From = h.To
	}
	return d.setHeightened(ctx, h)
}

func (d *daemon) setHeightened(ctx context.Context, h gengfu.Heightened) error {
	text, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("heightened period: %w", err)
	}
	if err := d.store.SetSetting(ctx, heightenedSetting, string(text)); err != nil {
		return err
	}
	d.heightening.turn.Lock()
	d.heightening.now = h
	in, set := d.heightening.in, d.heightening.set
	d.heightening.turn.Unlock()
	if err := d.apply(ctx, in, set); err != nil {
		return err
	}
	return d.heed(ctx, clock())
}

func heightenedCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "heightened",
		Short: "Begin, end and show a period in which more is at stake than usual",
		Long: `Heightened tells the running prober of the instance file that a period of
heightened attention begins or ends: scenarios are due as often as their
heightened interval says, and reports of people are graded for it. Everything is
as before when it is over.`,
		Example: "  gengfu heightened on --until 2026-12-04T20:00 --reason \"open days\" --every 1m\n  gengfu heightened status\n  gengfu heightened off",
	}
	var body struct {
		Author string `json:"author"`
		Reason string `json:"reason,omitempty"`
		From   string `json:"from,omitempty"`
		To     string `json:"to,omitempty"`
		Every  string `json:"every,omitempty"`
	}
	send := func(cmd *cobra.Command, method, path string, ask any) error {
		var got struct {
			On     bool      `json:"on"`
			Author string    `json:"author"`
			Reason string    `json:"reason"`
			From   time.Time `json:"from"`
			To     time.Time `json:"to"`
		}
		if err := o.ask(cmd.Context(), method, path, ask, &got); err != nil {
			return err
		}
		out := printer{cmd.OutOrStdout()}
		if !got.On {
			out.line("off")
			return nil
		}
		out.line("on  %s → %s  %s · %s", o.clock(&got.From, toMinute), o.clock(&got.To, toMinute), got.Author, got.Reason)
		return nil
	}
	on := &cobra.Command{
		Use: "on", Short: "Begin a period", Args: cobra.NoArgs, Example: "  gengfu heightened on --until 2026-12-04T20:00 --reason \"open days\"",
		RunE: func(cmd *cobra.Command, _ []string) error { return send(cmd, http.MethodPost, "heightened", body) },
	}
	off := &cobra.Command{
		Use: "off", Short: "End it at once", Args: cobra.NoArgs, Example: "  gengfu heightened off",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return send(cmd, http.MethodPost, "heightened/off", map[string]string{"actor": body.Author})
		},
	}
	cmd.AddCommand(on, off, &cobra.Command{
		Use: "status", Short: "Show it", Args: cobra.NoArgs, Example: "  gengfu heightened status",
		RunE: func(cmd *cobra.Command, _ []string) error { return send(cmd, http.MethodGet, "heightened", nil) },
	})
	cmd.PersistentFlags().StringVar(&body.Author, "actor", cmp.Or(os.Getenv("LOGNAME"), os.Getenv("USER")), "your name")
	f := on.Flags()
	f.StringVar(&body.Reason, "reason", "", "what is at stake")
	f.StringVar(&body.From, "from", "", "when it begins, such as 2026-11-24T18:00; now unless given")
	f.StringVar(&body.To, "until", "", "when it ends, at most 30 days after it begins")
	f.StringVar(&body.Every, "every", "", "how often scenarios without a heightened interval are due, such as 1m")
	return cmd
}
