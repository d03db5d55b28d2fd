package main

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"gengfu"
)

// outboxLine is what the commands read of a delivery.
type outboxLine struct {
	ID       int64      `json:"id"`
	Endpoint string     `json:"endpoint"`
	Incident string     `json:"incident"`
	Kind     string     `json:"kind"`
	Summary  string     `json:"summary"`
	State    string     `json:"state"`
	Attempts int        `json:"attempts"`
	Created  time.Time  `json:"created"`
	Next     *time.Time `json:"next"`
	Sent     *time.Time `json:"sent"`
	Ref      string     `json:"ref"`
	Error    string     `json:"error"`
}

func outboxCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "outbox",
		Short: "Look at messages, send those again that were given up, or drop them",
		Long: `Outbox asks the running prober of the instance file for its messages. One that is
dead was refused for good or expired; replay sends it again, drop puts it away.`,
		Example: "  gengfu outbox list --state dead\n  gengfu outbox replay 42",
	}
	state, incident := "", ""
	list := &cobra.Command{
		Use: "list", Short: "List messages, the newest first", Args: cobra.NoArgs, Example: "  gengfu outbox list --state pending",
		RunE: func(cmd *cobra.Command, _ []string) error {
			found, err := o.outbox(cmd, state, incident)
			for _, d := range found {
				d.print(o, cmd.OutOrStdout())
			}
			return err
		},
	}
	list.Flags().StringVar(&state, "state", "", "only those that are pending, sent, dead or merged")
	list.Flags().StringVar(&incident, "incident", "", "only those of this incident")
	show := &cobra.Command{
		Use: "show <number>", Short: "Show a message and what became of it", Args: cobra.ExactArgs(1), Example: "  gengfu outbox show 42",
		RunE: func(cmd *cobra.Command, args []string) error { return o.showDelivery(cmd, args[0]) },
	}
	actor := cmp.Or(os.Getenv("LOGNAME"), os.Getenv("USER"))
	act := func(name, short string, body func() any) *cobra.Command {
		return &cobra.Command{
			Use: name + " <number>", Short: short, Args: cobra.ExactArgs(1), Example: "  gengfu outbox " + name + " 42",
			RunE: func(cmd *cobra.Command, args []string) error {
				var got struct {
					State string `json:"state"`
				}
				if err := o.ask(cmd.Context(), http.MethodPost, "deliveries/"+url.PathEscape(args[0])+"/"+name, body(), &got); err != nil {
					return err
				}
				printer{cmd.OutOrStdout()}.line("%s  %s", args[0], got.State)
				return nil
			},
		}
	}
	drop := act("drop", "Put a message away that waits or is dead", func() any { return map[string]string{"actor": actor} })
	drop.Flags().StringVar(&actor, "actor", actor, "your name")
	cmd.AddCommand(list, show, act("replay", "Send a dead message again", func() any { return struct{}{} }), drop)
	return cmd
}

func (d outboxLine) print(o *options, w io.Writer) {
	printer{w}.line("%d  %-7s  %s  %s  %s  %s", d.ID, d.State, o.clock(&d.Created, toSecond), d.Endpoint, d.Kind, d.Summary)
}

func (o *options) outbox(cmd *cobra.Command, state, incident string) ([]outboxLine, error) {
	var got struct {
		Deliveries []outboxLine `json:"deliveries"`
	}
	query := url.Values{"state": {state}, "incident": {incident}}
	err := o.ask(cmd.Context(), http.MethodGet, "deliveries?"+query.Encode(), nil, &got)
	return got.Deliveries, err
}

func (o *options) showDelivery(cmd *cobra.Command, number string) error {
	found, err := o.outbox(cmd, "", "")
	if err != nil {
		return err
	}
	for _, d := range found {
		if strconv.FormatInt(d.ID, 10) != number {
			continue
		}
		out := printer{cmd.OutOrStdout()}
		d.print(o, out.w)
		for _, line := range [][2]string{{"incident", d.Incident}, {"attempts", strconv.Itoa(d.Attempts)}, {"next", o.clock(d.Next, toSecond)}, {"sent", o.clock(d.Sent, toSecond)}, {"ref", d.Ref}, {"error", d.Error}} {
			if line[1] != "" {
				out.line("  %-8s  %s", line[0], line[1])
			}
		}
		return nil
	}
	return &exitError{exitUsage, fmt.Errorf("no message %s among the latest: %w", number, gengfu.ErrNotFound)}
}
