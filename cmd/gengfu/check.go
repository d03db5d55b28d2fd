package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"gengfu/scenarios"
	"gengfu/scenarios/strict"
)

func checkCommand(o *options) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check [file or folder ...]",
		Short: "Find every mistake in the instance file and the scenarios",
		Long: `Check reads the instance file (when there is one) and the scenarios it names, or
the files and folders given, and reports every mistake with its place and a
remedy. It ends with 0 when there is none, with 4 otherwise.`,
		Example: `  gengfu check
  gengfu check scenarios/ other/login.yaml
  gengfu check --json scenarios/`,
		RunE: func(cmd *cobra.Command, args []string) error {
			set, problems, err := o.inspect(args)
			if err != nil {
				return err
			}
			if asJSON {
				return checkJSON(cmd.OutOrStdout(), set, problems)
			}
			out := printer{cmd.OutOrStdout()}
			for _, p := range problems {
				out.line("%s", p)
			}
			for _, w := range set.Warnings {
				out.line("warning: %s", w)
			}
			if len(problems) > 0 {
				out.line("%s, %s; sound: %d", many(len(problems), "mistake"), many(len(set.Warnings), "warning"), len(set.Scenarios))
				return &exitError{code: exitInvalid}
			}
			out.line("%s sound, %s", many(len(set.Scenarios), "scenario"), many(len(set.Warnings), "warning"))
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// inspect loads what check and serve would: the instance file and its
// scenarios, or the paths given.
func (o *options) inspect(paths []string) (*scenarios.Set, strict.Problems, error) {
	if len(paths) > 0 {
		set, problems := scenarios.Load(paths...)
		return set, problems, nil
	}
	in, problems, err := loadInstance(o.config)
	if err != nil {
		return nil, nil, err
	}
	if len(problems) > 0 {
		return &scenarios.Set{}, problems, nil
	}
	set, problems := in.load()
	return set, problems, nil
}

func checkJSON(w io.Writer, set *scenarios.Set, problems strict.Problems) error {
	ids := []string{}
	for _, s := range set.Scenarios {
		ids = append(ids, s.ID)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(map[string]any{"problems": append(strict.Problems{}, problems...), "warnings": append(strict.Problems{}, set.Warnings...), "scenarios": ids}); err != nil {
		return err
	}
	if len(problems) > 0 {
		return &exitError{code: exitInvalid}
	}
	return nil
}

// many counts things: 1 mistake, 2 mistakes.
func many(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
