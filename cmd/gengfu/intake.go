package main

import (
	"cmp"
	"context"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"gengfu"
	"gengfu/ops/incidents"
)

// take opens an incident for what a person reported.
func (d *daemon) take(ctx context.Context, r gengfu.Report, actor, team string) (gengfu.Incident, error) {
	in := incidents.Intake{Actor: actor, Team: team}
	if team == "" { // of the type, by its own route
		of := d.configured().teams[r.Type]
		in.Team, in.Notify = of.name, of.route
	}
	in.Heightened = d.times.Load().heightened(time.Now())
	return d.desk.Take(ctx, d.store, r, in)
}

func reportCommand(o *options) *cobra.Command {
	var body struct {
		Actor   string `json:"actor"`
		Title   string `json:"title"`
		Target  string `json:"target,omitempty"`
		By      string `json:"by"`
		Channel string `json:"channel"`
		At      string `json:"at,omitempty"`
		Type    string `json:"type,omitempty"`
		Team    string `json:"team,omitempty"`
		Impact  string `json:"impact"`
		Blocked bool   `json:"blocked"`
	}
	cmd := &cobra.Command{
		Use: "report <title>", Short: "Take in what a person reported", Args: cobra.ExactArgs(1),
		Long:    "Report opens an incident for a trouble that no check found, graded by its impact, and\nprints the receipt for whoever reported it.",
		Example: "  gengfu incident report 无法提交申请 --by \"张三 8888\" --channel phone --impact function --blocked",
		RunE: func(cmd *cobra.Command, args []string) error {
			body.Title = args[0]
			var inc struct {
				incidentLine
				Report struct {
					Receipt string `json:"receipt"`
				} `json:"report"`
			}
			if err := o.ask(cmd.Context(), http.MethodPost, "incidents", body, &inc); err != nil {
				return err
			}
			out := printer{cmd.OutOrStdout()}
			inc.print(o, out.w)
			out.line("  %s", inc.Report.Receipt)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&body.Actor, "actor", cmp.Or(os.Getenv("LOGNAME"), os.Getenv("USER")), "your name")
	f.StringVar(&body.By, "by", "", "who reported it")
	f.StringVar(&body.Channel, "channel", string(gengfu.ChannelPhone), "phone, mail, fax, walk-in or chat")
	f.StringVar(&body.At, "at", "", "when it was reported, such as 2026-11-24T18:00:00+08:00; now unless given")
	f.StringVar(&body.Target, "target", "", "the platform")
	f.StringVar(&body.Type, "type", "", "kind of trouble")
	f.StringVar(&body.Team, "team", "", "who is to work on it")
	f.StringVar(&body.Impact, "impact", string(gengfu.ImpactFunction), "none, function or wide")
	f.BoolVar(&body.Blocked, "blocked", false, "people cannot work round it")
	return cmd
}
