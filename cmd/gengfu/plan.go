package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"gengfu"
	"gengfu/prober"
	"gengfu/scenarios"
)

// planned is what the schedule holds for a scenario.
type planned struct {
	Scenario string
	Schedule string // in the author's words
	Why      string // how the times come about
	Runs     int    // in the period
	Next     []time.Time
	Rules    []string `json:",omitempty"` // of the calendar, for each of Next
}

func planCommand(o *options) *cobra.Command {
	var period time.Duration
	var next int
	var from string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "plan [scenario id, file or folder] ...",
		Short: "Show when scenarios will run, and why then",
		Long: `Plan shows how often each scenario runs in a period, and its next runs, as serve
would plan them: by the same function, in the zone of the instance file. Without
arguments it takes the instance file's scenarios.`,
		Example: `  gengfu plan
  gengfu plan scenarios/report.yaml --for 168h --next 3
  gengfu plan --from 2026-10-01T00:00:00+08:00 --json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			start := time.Now()
			if from != "" {
				var err error
				if start, err = time.Parse(time.RFC3339, from); err != nil {
					return &exitError{exitUsage, fmt.Errorf("--from %s is not a time such as 2026-10-01T00:00:00+08:00", from)}
				}
			}
			if period <= 0 || period > 366*24*time.Hour || next < 0 {
				return &exitError{exitUsage, errors.New("--for is more than nothing and at most a year, --next not negative")}
			}
			in, list, err := o.toPlan(args)
			if err != nil {
				return err
			}
			var plans []planned
			for _, s := range list {
				p, err := foresee(s, in.zone, start, period, next, o.language())
				if err != nil {
					return &exitError{exitInvalid, err}
				}
				plans = append(plans, p)
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(plans)
			}
			showPlans(cmd.OutOrStdout(), plans, o.language(), period)
			return nil
		},
	}
	cmd.Flags().DurationVar(&period, "for", 24*time.Hour, "the period")
	cmd.Flags().IntVar(&next, "next", 5, "how many of the next runs are shown")
	cmd.Flags().StringVar(&from, "from", "", "where the period begins (RFC 3339); now unless given")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// toPlan finds the scenarios that are meant; secrets are not asked for.
func (o *options) toPlan(args []string) (*instance, []scenarios.Scenario, error) {
	in, problems, err := loadInstance(o.config)
	if len(args) > 0 && err != nil {
		in, err = defaultInstance()
	}
	if err != nil {
		return nil, nil, err
	}
	if len(problems) > 0 {
		return nil, nil, &exitError{exitInvalid, problems}
	}
	var list []scenarios.Scenario
	if len(args) == 0 {
		set, problems := in.load()
		if len(problems) > 0 {
			return nil, nil, &exitError{exitInvalid, problems}
		}
		list = set.Scenarios
	}
	for _, arg := range args {
		set, want, err := in.named(arg)
		if err != nil {
			return nil, nil, err
		}
		for _, s := range set.Scenarios {
			if want == "" || s.ID == want {
				list = append(list, s)
			}
		}
	}
	return in, list, nil
}

// foresee asks the plan of a scenario; it reads no clock.
func foresee(s scenarios.Scenario, zone *time.Location, from time.Time, period time.Duration, next int, lang gengfu.Lang) (planned, error) {
	plan, err := prober.NewPlan(s.Schedule, zone, s.ID+"@"+gengfu.DefaultLocation)
	if err != nil {
		return planned{}, err
	}
	p := planned{Scenario: s.ID, Schedule: s.Schedule.String(), Runs: plan.Count(from, from.Add(period))}
	show := zone
	if show == nil {
		show = time.Local
	}
	for t := plan.Next(from); len(p.Next) < next && !t.IsZero() && !t.After(from.Add(period)); t = plan.Next(t) {
		p.Next = append(p.Next, t.In(show))
		if rule := plan.Reason(lang, t); rule != "" {
			p.Rules = append(p.Rules, rule)
		}
	}
	p.Why = reasonOf(s.Schedule, show, lang)
	return p, nil
}

// reasonOf says how the times of a schedule come about.
func reasonOf(s scenarios.Schedule, zone *time.Location, lang gengfu.Lang) string {
	if s.Cron == "" {
		if lang == gengfu.Chinese {
			return "固定间隔；起点由场景标识决定，重启后不变，各场景错开"
		}
		return "an interval; where it begins follows from the id, so that restarts change nothing and scenarios keep apart"
	}
	name := s.Timezone
	if name == "" {
		name = zone.String()
	}
	if lang == gengfu.Chinese {
		return "cron，时区 " + name
	}
	return "cron in the zone " + name
}

func showPlans(w io.Writer, plans []planned, lang gengfu.Lang, period time.Duration) {
	for _, p := range plans {
		if lang == gengfu.Chinese {
			fmt.Fprintf(w, "%s  %s，%s 内 %d 次（%s）\n", p.Scenario, p.Schedule, gengfu.Span(period), p.Runs, p.Why)
		} else {
			fmt.Fprintf(w, "%s  %s, %s in %s (%s)\n", p.Scenario, p.Schedule, many(p.Runs, "run"), gengfu.Span(period), p.Why)
		}
		for i, t := range p.Next {
			line := "  " + t.Format("2006-01-02 15:04:05 Mon -0700")
			if len(p.Rules) == len(p.Next) {
				line += "  " + p.Rules[i]
			}
			fmt.Fprintln(w, line)
		}
	}
}
