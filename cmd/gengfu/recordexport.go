package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"gengfu"
	"gengfu/scenarios"
)

func exportCommand(o *options) *cobra.Command {
	var file string
	var secrets bool
	cmd := &cobra.Command{
		Use:   "export <scenario id or file>",
		Short: "Make a recording of a scenario, for Chrome's Recorder panel",
		Long: `Export writes a scenario as a recording (JSON) that the Recorder panel of Chrome's
developer tools and Puppeteer Replay can play. Choosing an option, uploading, and
looking at addresses and texts are written as expressions that are waited for. What a
recording cannot say is left out and told on the error output.

References to secrets stay references, unless --secrets writes their values.`,
		Example: `  gengfu record export applicant-wizard > wizard.json
  gengfu record export --secrets scenarios/login.yaml -o /tmp/login.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, list, err := o.pick(args)
			if err != nil {
				return err
			}
			if len(list) != 1 {
				return &exitError{exitUsage, fmt.Errorf("%s has %d scenarios: name one", args[0], len(list))}
			}
			text, remarks, err := scenarios.Export(&list[0], exportEnv(in, secrets))
			if err != nil {
				return &exitError{exitInvalid, fmt.Errorf("%s: %w", list[0].ID, err)}
			}
			for _, r := range remarks {
				fmt.Fprintln(cmd.ErrOrStderr(), list[0].ID+": "+r)
			}
			if file == "" {
				_, err = cmd.OutOrStdout().Write(text)
				return err
			}
			return writeNew(file, text)
		},
	}
	cmd.Flags().StringVarP(&file, "out", "o", "", "write to this file, which must not exist yet")
	cmd.Flags().BoolVar(&secrets, "secrets", false, "write the values of secrets into the recording")
	return cmd
}

// exportEnv resolves references for a recording.
func exportEnv(in *instance, secrets bool) *scenarios.Env {
	env := &scenarios.Env{Saved: map[string]scenarios.Value{}, Getenv: os.LookupEnv}
	env.Secret = func(string) (gengfu.Secret, error) { return "", errors.New("secrets are not written into recordings") }
	if secrets {
		env.Secret = in.secrets.Lookup
	}
	return env
}
