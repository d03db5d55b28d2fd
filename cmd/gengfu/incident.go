package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gengfu"
)

// acts are what people do with an incident, and the words that the command
// takes after its number.
func acts() [][3]string {
	return [][3]string{
		{"ack", "", "Say that somebody takes it"},
		{"assign", "<person>", "Give it to somebody"},
		{"note", "<text>", "Add a note"},
		{"eta", "[text]", "Announce when it will be put right (--until)"},
		{"hold", "<reason>", "Say why nobody can work on it until a time (--until)"},
		{"release", "[text]", "End the hold"},
		{"ask-onsite", "[text]", "Ask somebody to come by a time (--until)"},
		{"onsite", "[who]", "Say that somebody came"},
		{"mitigate", "[text]", "Say that people can work again, though it is not put right"},
		{"resolve", "[text]", "Say that it is put right"},
		{"review", "[text]", "Say that what was learnt is written down"},
		{"close", "[text]", "Put it away"},
		{"decline", "<reason>", "Say that it was a false alarm"},
		{"merge", "<number>", "Make it part of another incident"},
		{"relate", "<number>", "Note another incident that has to do with it"},
	}
}

func incidentCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "incident",
		Short: "Show incidents and say what is done about them",
		Long: `Incident asks the running prober of the instance file for its incidents, and tells
it what people do about them. Times are such as 2026-11-24T18:00, in the zone of
the instance or with an offset.`,
		Example: "  gengfu incident list\n  gengfu incident hold INC-2026-0042 \"waiting for the vendor\" --until 2026-11-24T18:00",
	}
	all := false
	list := &cobra.Command{
		Use: "list", Short: "List the incidents that are open", Args: cobra.NoArgs, Example: "  gengfu incident list --all",
		RunE: func(cmd *cobra.Command, _ []string) error { return o.listIncidents(cmd, all) },
	}
	list.Flags().BoolVar(&all, "all", false, "those that are over, too")
	cmd.AddCommand(list, reportCommand(o), &cobra.Command{
		Use: "show <number>", Short: "Show an incident with its timeline", Args: cobra.ExactArgs(1), Example: "  gengfu incident show INC-2026-0042",
		RunE: func(cmd *cobra.Command, args []string) error { return o.showIncident(cmd, args[0]) },
	})
	for _, a := range acts() {
		cmd.AddCommand(actCommand(o, a[0], a[1], a[2]))
	}
	return cmd
}

func actCommand(o *options, name, args, short string) *cobra.Command {
	var body struct {
		Actor string `json:"actor"`
		Text  string `json:"text"`
		Until string `json:"until,omitempty"`
	}
	cmd := &cobra.Command{
		Short: short, Args: cobra.MinimumNArgs(1), Example: strings.TrimSpace("  gengfu incident " + name + " INC-2026-0042 " + args),
		RunE: func(cmd *cobra.Command, args []string) error {
			body.Text = strings.Join(args[1:], " ")
			var inc incidentLine
			if err := o.ask(cmd.Context(), http.MethodPost, "incidents/"+url.PathEscape(args[0])+"/"+name, body, &inc); err != nil {
				return err
			}
			inc.print(o, cmd.OutOrStdout())
			return nil
		},
	}
	cmd.Use = strings.TrimSpace(name + " <number> " + args)
	cmd.Flags().StringVar(&body.Actor, "actor", cmp.Or(os.Getenv("LOGNAME"), os.Getenv("USER")), "your name")
	if name == "eta" || name == "hold" || name == "ask-onsite" {
		cmd.Flags().StringVar(&body.Until, "until", "", "time such as 2026-11-24T18:00")
		_ = cmd.MarkFlagRequired("until") // the flag exists
	}
	return cmd
}

// incidentLine is what the commands read of an incident.
type incidentLine struct {
	Number   string    `json:"number"`
	State    string    `json:"state"`
	Grade    string    `json:"grade"`
	Title    string    `json:"title"`
	Assignee string    `json:"assignee"`
	Members  []string  `json:"members"`
	Impact   time.Time `json:"impact_start"`
	Clocks   []struct {
		Kind    string     `json:"kind"`
		State   string     `json:"state"`
		Due     *time.Time `json:"due"`
		WallDue *time.Time `json:"wall_due"`
	} `json:"clocks"`
	Events []struct {
		At    time.Time `json:"at"`
		Actor string    `json:"actor"`
		Kind  string    `json:"kind"`
		Text  string    `json:"text"`
	} `json:"events"`
}

func (inc incidentLine) print(o *options, w io.Writer) {
	printer{w}.line("%s  %-9s  %-8s  %s  %s", inc.Number, inc.State, inc.Grade, o.clock(&inc.Impact, toMinute), inc.Title)
}

func (o *options) listIncidents(cmd *cobra.Command, all bool) error {
	var got struct {
		Incidents []incidentLine `json:"incidents"`
	}
	if err := o.ask(cmd.Context(), http.MethodGet, fmt.Sprintf("incidents?active=%t", !all), nil, &got); err != nil {
		return err
	}
	for _, inc := range got.Incidents {
		inc.print(o, cmd.OutOrStdout())
	}
	return nil
}

func (o *options) showIncident(cmd *cobra.Command, number string) error {
	var inc incidentLine
	if err := o.ask(cmd.Context(), http.MethodGet, "incidents/"+url.PathEscape(number), nil, &inc); err != nil {
		return err
	}
	out := printer{cmd.OutOrStdout()}
	inc.print(o, out.w)
	if len(inc.Members) > 0 {
		out.line("  %s", strings.Join(inc.Members, ", "))
	}
	for _, c := range inc.Clocks {
		out.line("  %-10s %-9s  working %s  wall %s", c.Kind, c.State, cmp.Or(o.clock(c.Due, toMinute), "-"), cmp.Or(o.clock(c.WallDue, toMinute), "-"))
	}
	for _, ev := range inc.Events {
		out.line("  %s  %-16s  %s  %s", o.clock(&ev.At, toSecond), ev.Kind, ev.Actor, ev.Text)
	}
	return nil
}

// ask puts a question to the API of the prober that runs on the instance file.
func (o *options) ask(ctx context.Context, method, path string, body, answer any) error {
	in, problems, err := loadInstance(o.config)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return &exitError{exitInvalid, problems}
	}
	o.zone = in.zone
	var send io.Reader = http.NoBody
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
		send = bytes.NewReader(data)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, method, "http://"+in.listen+"/api/v1/"+path, send)
	if err != nil {
		return fmt.Errorf("ask the prober: %w", err)
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Accept-Language", string(o.language()))
	direct := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // never through a proxy of the environment
	a, err := direct.Do(q)
	if err != nil {
		return &exitError{exitErrored, fmt.Errorf("no prober answers at %s (is gengfu serve running?): %w", in.listen, err)}
	}
	defer func() { _ = a.Body.Close() }()
	return understand(a, answer)
}

// understand reads the API's answer, or its error.
func understand(a *http.Response, answer any) error {
	if a.StatusCode < http.StatusMultipleChoices {
		if err := json.NewDecoder(a.Body).Decode(answer); err != nil {
			return fmt.Errorf("read the prober's answer: %w", err)
		}
		return nil
	}
	var refused struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if err := json.NewDecoder(a.Body).Decode(&refused); err != nil {
		return fmt.Errorf("the prober answered %s: %w", a.Status, gengfu.ErrInvalid)
	}
	code := exitErrored
	if a.StatusCode < http.StatusInternalServerError {
		code = exitUsage
	}
	return &exitError{code, refusal(refused.Error.Message)}
}

// refusal is an error in the API's own words.
type refusal string

func (r refusal) Error() string { return string(r) }
