package main

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func silenceCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "silence",
		Short: "Keep messages about some incidents back for a time",
		Long: `Silence tells the running prober of the instance file to keep quiet about the
incidents that meet all conditions on their labels: scenario, tag, severity,
target, owner and scope, with =, !=, =~ or !~. What happens is recorded; what
still fails at the end is told once, and what was over by then never.`,
		Example: "  gengfu silence add 'target=\"portal\"' --for 2h --reason \"disk replaced\"\n  gengfu silence list\n  gengfu silence end 3",
	}
	all := false
	list := &cobra.Command{
		Use: "list", Short: "List the silences that are not over", Args: cobra.NoArgs, Example: "  gengfu silence list --all",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var got struct {
				Silences []silenceLine `json:"silences"`
			}
			if err := o.ask(cmd.Context(), http.MethodGet, fmt.Sprintf("silences?all=%t", all), nil, &got); err != nil {
				return err
			}
			for _, s := range got.Silences {
				s.print(o, cmd.OutOrStdout())
			}
			return nil
		},
	}
	list.Flags().BoolVar(&all, "all", false, "those that are over, too")
	cmd.AddCommand(list, silenceAdd(o), silenceEnd(o))
	return cmd
}

// silenceLine is what the commands read of a silence.
type silenceLine struct {
	ID       int64     `json:"id"`
	State    string    `json:"state"`
	Author   string    `json:"author"`
	Reason   string    `json:"reason"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Matchers []string  `json:"matchers"`
}

func (s silenceLine) print(o *options, w io.Writer) {
	printer{w}.line("%d  %-7s  %s → %s  %s  %s · %s", s.ID, s.State, o.clock(&s.From, toMinute), o.clock(&s.To, toMinute), strings.Join(s.Matchers, ", "), s.Author, s.Reason)
}

func silenceAdd(o *options) *cobra.Command {
	var body struct {
		Author   string   `json:"author"`
		Reason   string   `json:"reason"`
		From     string   `json:"from,omitempty"`
		To       string   `json:"to,omitempty"`
		For      string   `json:"for,omitempty"`
		Matchers []string `json:"matchers"`
	}
	preview := false
	cmd := &cobra.Command{
		Use: "add <condition>...", Short: "Begin a silence, or look at what it would keep quiet (--preview)", Args: cobra.MinimumNArgs(1),
		Example: "  gengfu silence add 'scenario=~\"login-.*\"' 'severity!=\"major\"' --for 2h --reason \"release\"\n  gengfu silence add 'tag=\"batch\"' --preview",
		RunE: func(cmd *cobra.Command, args []string) error {
			body.Matchers = args
			if preview {
				return o.previewSilence(cmd, args)
			}
			var s silenceLine
			if err := o.ask(cmd.Context(), http.MethodPost, "silences", body, &s); err != nil {
				return err
			}
			s.print(o, cmd.OutOrStdout())
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&body.Author, "actor", cmp.Or(os.Getenv("LOGNAME"), os.Getenv("USER")), "your name")
	f.StringVar(&body.Reason, "reason", "", "why nobody needs to hear of it")
	f.StringVar(&body.From, "from", "", "when it begins, such as 2026-11-24T18:00; now unless given")
	f.StringVar(&body.To, "until", "", "when it ends, at most 30 days after it begins")
	f.StringVar(&body.For, "for", "", "how long it lasts instead, such as 2h")
	f.BoolVar(&preview, "preview", false, "only say which open incidents and which scenarios it would keep quiet")
	return cmd
}

func (o *options) previewSilence(cmd *cobra.Command, matchers []string) error {
	var got struct {
		Incidents []incidentLine `json:"incidents"`
		Scenarios []struct {
			ID    string `json:"id"`
			Title string `json:"title"`
		} `json:"scenarios"`
	}
	if err := o.ask(cmd.Context(), http.MethodPost, "silences/preview", map[string]any{"matchers": matchers}, &got); err != nil {
		return err
	}
	out := printer{cmd.OutOrStdout()}
	for _, inc := range got.Incidents {
		inc.print(o, out.w)
	}
	for _, s := range got.Scenarios {
		out.line("scenario %s  %s", s.ID, s.Title)
	}
	out.line("%d open incidents, %d scenarios", len(got.Incidents), len(got.Scenarios))
	return nil
}

func silenceEnd(o *options) *cobra.Command {
	var body struct {
		Actor string `json:"actor"`
	}
	cmd := &cobra.Command{
		Use: "end <number>", Short: "End a silence before its time", Args: cobra.ExactArgs(1), Example: "  gengfu silence end 3",
		RunE: func(cmd *cobra.Command, args []string) error {
			var s silenceLine
			if err := o.ask(cmd.Context(), http.MethodPost, "silences/"+args[0]+"/end", body, &s); err != nil {
				return err
			}
			s.print(o, cmd.OutOrStdout())
			return nil
		},
	}
	cmd.Flags().StringVar(&body.Actor, "actor", cmp.Or(os.Getenv("LOGNAME"), os.Getenv("USER")), "your name")
	return cmd
}
