package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gengfu"
	"gengfu/prober"
	"gengfu/scenarios"
)

func planCommand(o *options) *cobra.Command {
	var ahead time.Duration
	var limit int
	cmd := &cobra.Command{
		Use:   "plan [SCENARIO ...]",
		Short: "Show when scenarios are due, and by which rule of the calendar",
		Example: `  gengfu plan
  gengfu plan admin-login --for 72h`,
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := o.sound()
			if err != nil {
				return err
			}
			set, problems := in.load()
			if err := problems.Err(); err != nil {
				return &exitError{exitInvalid, err}
			}
			chosen, err := pick(set.Scenarios, args)
			if err != nil {
				return err
			}
			return in.preview(printer{cmd.OutOrStdout()}, o.language(), chosen, time.Now(), ahead, limit)
		},
	}
	cmd.Flags().DurationVar(&ahead, "for", 24*time.Hour, "how far to look ahead")
	cmd.Flags().IntVar(&limit, "limit", 20, "lines for each scenario at most")
	return cmd
}

// pick returns the scenarios with these ids, all without any.
func pick(all []scenarios.Scenario, ids []string) ([]scenarios.Scenario, error) {
	if len(ids) == 0 {
		return all, nil
	}
	var out []scenarios.Scenario
	var known []string
	for _, s := range all {
		known = append(known, s.ID)
	}
	for _, id := range ids {
		i := slices.Index(known, id)
		if i < 0 {
			return nil, &exitError{exitUsage, fmt.Errorf("no scenario %q (%s)", id, suggest(id, known))}
		}
		out = append(out, all[i])
	}
	return out, nil
}

// preview prints the planned times; those of one rule stand on one line, as the
// first, the last and how many.
func (in *instance) preview(out printer, lang gengfu.Lang, chosen []scenarios.Scenario, now time.Time, ahead time.Duration, limit int) error {
	end := now.Add(ahead)
	for _, s := range chosen {
		plan, err := prober.NewPlan(s.Schedule, in.zone, s.ID+"@"+gengfu.DefaultLocation)
		if err != nil {
			return &exitError{exitInvalid, err}
		}
		total := plan.Count(now, end)
		title := "%s: %s; %d runs"
		if lang != gengfu.English {
			title = "%s：%s；共 %d 次"
		}
		out.line(title, s.ID, s.Schedule, total)
		lines := 0
		for due := plan.Next(now); !due.After(end) && lines < limit; lines++ {
			reason, first, last, n := plan.Reason(lang, due), due, due, 0
			for ; !due.After(end) && plan.Reason(lang, due) == reason && sameDay(first, due, in.zone); due = plan.Next(due) {
				last, n = due, n+1
			}
			out.line("  %s", in.stretch(lang, first, last, n, reason))
		}
		if lines == limit {
			out.line("  …")
		}
	}
	return nil
}

func sameDay(a, b time.Time, zone *time.Location) bool {
	return gengfu.DateOf(a, zone) == gengfu.DateOf(b, zone)
}

func (in *instance) stretch(lang gengfu.Lang, first, last time.Time, n int, reason string) string {
	a := first.In(in.zone)
	text := fmt.Sprintf("%s %s %s", a.Format(time.DateOnly), weekday(lang, a.Weekday()), a.Format(time.TimeOnly))
	if n > 1 {
		text += fmt.Sprintf(" – %s (%d)", last.In(in.zone).Format(time.TimeOnly), n)
	}
	return strings.TrimSpace(text + "  " + reason)
}
