package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gengfu"
)

func routesCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "routes",
		Short: "Look at where notices would go, without sending any",
	}
	var scenario, severity, at string
	test := &cobra.Command{
		Use:   "test",
		Short: "Say who would be told of which incident, and along which routes",
		Long: `Test prints for each scenario, and for trouble with accounts, the machine and
the prober itself, which routes an incident takes and which endpoints hear of
it; with --at, when: after quiet hours, a silence or a maintenance, whether a
heightened period holds, and by when the clocks of a contract would be due. Nothing is sent. It ends with 3 when an incident reaches nobody.`,
		Example: "  gengfu routes test --scenario home --severity major\n  gengfu routes test --at 2026-11-24T23:30",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return testRoutes(cmd.Context(), o, printer{cmd.OutOrStdout()}, scenario, gengfu.Grade(severity), at)
		},
	}
	test.Flags().StringVar(&scenario, "scenario", "", "only incidents of this scenario")
	test.Flags().StringVar(&severity, "severity", "", "as if the incident were notice, ordinary or major (default: as the scenario says)")
	test.Flags().StringVar(&at, "at", "", "as it would be at this time, such as 2026-11-24T23:30")
	cmd.AddCommand(test)
	return cmd
}

func testRoutes(ctx context.Context, o *options, out printer, scenario string, severity gengfu.Grade, at string) error {
	if !slices.Contains([]gengfu.Grade{"", gengfu.GradeNotice, gengfu.GradeOrdinary, gengfu.GradeMajor}, severity) {
		return &exitError{exitUsage, fmt.Errorf("unknown severity %q, want notice, ordinary or major", severity)}
	}
	in, problems, err := loadInstance(o.config)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return &exitError{exitInvalid, problems}
	}
	t, err := in.telling()
	if err != nil {
		return &exitError{exitInvalid, err}
	}
	incidents, err := in.imagined(scenario)
	if err != nil {
		return err
	}
	var then *circumstances
	if at != "" {
		if then, err = o.circumstancesAt(ctx, in, at); err != nil {
			return err
		}
	}
	silent := false
	for _, inc := range incidents {
		inc.Grade = cmp.Or(severity, inc.Grade, gengfu.GradeOrdinary)
		routes, endpoints := t.router.Match(inc)
		mark := "✓"
		if len(endpoints) == 0 {
			mark, silent = "✗", true
			endpoints = []string{"nobody"}
		}
		if then != nil {
			endpoints = then.when(t.router, inc, endpoints)
		}
		out.line("%s %s (%s)  %s → %s", mark, inc.Key, inc.Grade, strings.Join(routes, ", "), strings.Join(endpoints, ", "))
		if then == nil {
			continue
		}
		for _, note := range slices.Concat(then.notes(inc), then.clocks(inc, o.language())) {
			out.line("    %s", note)
		}
	}
	if silent {
		return &exitError{code: exitErrored}
	}
	return nil
}

// imagined are the incidents that may come: one of each scenario, of its
// account, of the machine and of the prober; or those of one scenario.
func (in *instance) imagined(scenario string) ([]gengfu.Incident, error) {
	set, problems := in.load()
	if len(problems) > 0 {
		return nil, &exitError{exitInvalid, problems}
	}
	var list []gengfu.Incident
	var names []string
	for _, s := range set.Scenarios {
		names = append(names, s.ID)
		if scenario != "" && s.ID != scenario {
			continue
		}
		inc := gengfu.Incident{Key: gengfu.ScenarioKey(s.ID), Grade: s.Severity, Tags: s.Tags, Target: s.Target, Owner: s.Owner, Notify: s.Notify}
		account := inc
		account.Key = gengfu.AccountKey(s.ID)
		list = append(list, inc, account)
	}
	if scenario != "" {
		if len(list) == 0 {
			return nil, &exitError{exitUsage, fmt.Errorf("no scenario %q (%s)", scenario, suggest(scenario, names))}
		}
		return list, nil
	}
	return append(list, gengfu.Incident{Key: gengfu.HostKey(gengfu.DefaultLocation, "disk /")}, gengfu.Incident{Key: gengfu.ProberKey(gengfu.DefaultLocation)}), nil
}
