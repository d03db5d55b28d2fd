package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gengfu"
	"gengfu/ops/duty"
)

func dutyCommand(o *options) *cobra.Command {
	var when string
	var ahead time.Duration
	cmd := &cobra.Command{
		Use:   "duty [ROSTER]",
		Short: "Show who is on duty, now and next",
		Example: `  gengfu duty
  gengfu duty ops --at 2026-02-15T10:00 --for 336h
  gengfu duty ical ops > duty.ics`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, chosen, err := o.rosters(args)
			if err != nil {
				return err
			}
			for _, r := range chosen {
				from := time.Now()
				if when != "" {
					if from, err = time.ParseInLocation("2006-01-02T15:04", when, r.Zone); err != nil {
						return &exitError{exitUsage, fmt.Errorf("%q is no time such as 2026-02-15T10:00", when)}
					}
				}
				in.roster(printer{cmd.OutOrStdout()}, o.language(), r, from, from.Add(ahead))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&when, "at", "", "the time, such as 2026-02-15T10:00 (default: now)")
	cmd.PersistentFlags().DurationVar(&ahead, "for", 14*24*time.Hour, "how far to look ahead")
	cmd.AddCommand(&cobra.Command{
		Use:   "ical [ROSTER]",
		Short: "Print the roster as a calendar that mail programs and telephones read",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, chosen, err := o.rosters(args)
			if err != nil {
				return err
			}
			if len(chosen) != 1 {
				return &exitError{exitUsage, fmt.Errorf("%d rosters: name one of them", len(chosen))}
			}
			now := time.Now()
			_, err = fmt.Fprint(cmd.OutOrStdout(), chosen[0].ICal(now, now.Add(ahead), now, in.called))
			return err
		},
	})
	return cmd
}

// rosters reads the instance file and picks the roster that is named, or all.
func (o *options) rosters(args []string) (*instance, []duty.Roster, error) {
	in, err := o.sound()
	if err != nil {
		return nil, nil, err
	}
	if len(args) == 0 {
		return in, in.rosters, nil
	}
	var known []string
	for _, r := range in.rosters {
		known = append(known, r.Name)
	}
	i := slices.Index(known, args[0])
	if i < 0 {
		return nil, nil, &exitError{exitUsage, fmt.Errorf("no roster %q (%s)", args[0], suggest(args[0], known))}
	}
	return in, in.rosters[i : i+1], nil
}

// called is what a person is called.
func (in *instance) called(id string) string {
	if p, ok := in.people[id]; ok {
		return p.Name
	}
	return id
}

// roster prints who is on duty at from, and every shift until to.
func (in *instance) roster(out printer, lang gengfu.Lang, r duty.Roster, from, to time.Time) {
	onDuty, standsIn, nobody := "%s at %s: %s", " (for %s)", "nobody"
	if lang != gengfu.English {
		onDuty, standsIn, nobody = "%s %s 值班：%s", "（替 %s）", "无人"
	}
	var names []string
	for _, id := range r.On(from) {
		names = append(names, in.called(id))
	}
	const minute = "2006-01-02 15:04"
	out.line(onDuty, r.Name, from.In(r.Zone).Format(minute), strings.Join(names, ", "))
	for _, s := range r.Shifts(from, to) {
		a, b := s.From.In(r.Zone), s.To.In(r.Zone)
		parts := []string{fmt.Sprintf("  %s %s – %s %s ", a.Format(minute), weekday(lang, a.Weekday()), b.Format(minute), weekday(lang, b.Weekday()))}
		for _, p := range s.Posts {
			name := nobody
			if p.Person != "" {
				name = in.called(p.Person)
			}
			if p.Instead != "" {
				name += fmt.Sprintf(standsIn, in.called(p.Instead))
			}
			parts = append(parts, p.Role+" "+name)
		}
		out.line("%s", strings.TrimRight(strings.Join(parts, " ")+"  "+s.Note, " "))
	}
}
