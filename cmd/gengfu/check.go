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
	var format string
	cmd := &cobra.Command{
		Use:   "check [file or folder ...]",
		Short: "Find every mistake in the instance file and the scenarios",
		Long: `Check reads the instance file (when there is one) and the scenarios it names, or
the files and folders given, and reports every mistake with its place and a
remedy. It ends with 0 when there is none, with 4 otherwise.`,
		Example: `  gengfu check
  gengfu check scenarios/ other/login.yaml
  gengfu check --json scenarios/
  gengfu check --format github scenarios/`,
		RunE: func(cmd *cobra.Command, args []string) error {
			set, problems, err := o.inspect(args)
			if err != nil {
				return err
			}
			f := &findings{set: set, problems: problems, teller: scenarios.NewTeller(o.language()), lang: o.language(), sources: map[string][]string{}}
			switch {
			case asJSON || format == "json":
				if err := checkJSON(cmd.OutOrStdout(), f); err != nil {
					return err
				}
			case format == "github":
				f.github(cmd.OutOrStdout())
			case format == "text":
				f.text(cmd.OutOrStdout())
			default:
				return &exitError{exitUsage, fmt.Errorf("unknown format %q (%s)", format, strict.Suggest(format, []string{"text", "json", "github"}))}
			}
			if len(problems) > 0 {
				return &exitError{code: exitInvalid}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON; the same as --format json")
	cmd.Flags().StringVar(&format, "format", "text", "text, json, or github for annotations of a pull request")
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

func checkJSON(w io.Writer, f *findings) error {
	ids := []string{}
	for _, s := range f.set.Scenarios {
		ids = append(ids, s.ID)
	}
	told := func(ps strict.Problems) strict.Problems {
		out := strict.Problems{}
		for _, p := range ps {
			out = append(out, f.teller.Problem(p))
		}
		return out
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(map[string]any{"problems": told(f.problems), "warnings": told(f.set.Warnings), "scenarios": ids})
}

// many counts things: 1 mistake, 2 mistakes.
func many(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
