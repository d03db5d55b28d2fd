package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"gengfu/scenarios"
	"gengfu/scenarios/strict"
)

func recordCommand(o *options) *cobra.Command {
	var live bool
	var file string
	cmd := &cobra.Command{
		Use:   "record",
		Short: "Make scenarios of recordings, and recordings of scenarios",
		Long: `Record makes scenarios of recordings, and recordings of scenarios. With --live it
opens a window, at an address or empty, and writes a scenario of what you do there:
elements by what a person would point at, passwords as references to a secret. Closing
the window, or Ctrl-C, ends it. Only the first tab is looked at, without its frames.`,
		Example: `  gengfu record --live https://platform.example/login -o scenarios/login.yaml`,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case live:
				return recordLive(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), o.language(), append(args, "about:blank")[0], file)
			case len(args) > 0:
				return &exitError{exitUsage, fmt.Errorf("%q is neither import nor export; a window opens with --live", args[0])}
			}
			return cmd.Help()
		},
	}
	cmd.Flags().BoolVar(&live, "live", false, "open a window and record what is done in it; needs a display")
	cmd.Flags().StringVarP(&file, "out", "o", "", "with --live: write to this file, which must not exist yet")
	cmd.AddCommand(importCommand(), exportCommand(o))
	return cmd
}

func importCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "import FILE.json",
		Short: "Make a scenario of a recording of Chrome's Recorder panel",
		Long: `Import makes a scenario of a recording that Chrome's developer tools wrote (Recorder
panel, Export, JSON). Elements are named as a person would where the recording allows
it, a navigation that was recorded becomes an expectation, and what was typed into a
field for passwords becomes a reference to a secret. What has to be looked at is told
on the error output.`,
		Example: `  gengfu record import login.json > scenarios/login.yaml
  gengfu record import login.json -o scenarios/login.yaml`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := readLimited(args[0])
			if err != nil {
				return &exitError{exitInvalid, err}
			}
			text, remarks, err := scenarios.Import(data)
			if err != nil {
				return &exitError{exitInvalid, fmt.Errorf("%s: %w", args[0], err)}
			}
			for _, r := range remarks {
				fmt.Fprintln(cmd.ErrOrStderr(), args[0]+": "+r)
			}
			if file == "" {
				_, err = cmd.OutOrStdout().Write(text)
				return err
			}
			return writeNew(file, text)
		},
	}
	cmd.Flags().StringVarP(&file, "out", "o", "", "write to this file, which must not exist yet")
	return cmd
}

// readLimited reads a file that is not larger than a scenario file may be by far.
func readLimited(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(f, 10*strict.MaxFile+1))
	if err == nil && len(data) > 10*strict.MaxFile {
		err = fmt.Errorf("%s has more than %d bytes", name, 10*strict.MaxFile)
	}
	return data, err
}

// writeNew writes a file that must not be there yet: what an author wrote is
// never overwritten.
func writeNew(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	_, err = f.Write(data)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
