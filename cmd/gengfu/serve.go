package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func serveCommand(o *options) *cobra.Command {
	var verbose bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the scenarios on schedule, tell people, serve the pages",
		Long: `Serve runs until it is stopped. SIGHUP, or a change that is told with it, reads
the instance file and the scenarios anew: everything is checked first, and when
there is a mistake the old configuration stays in force.`,
		Example: `  gengfu serve
  gengfu serve --config /etc/gengfu/gengfu.yaml
  kill -HUP $(pidof gengfu)   # after a change`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			in, problems, err := loadInstance(o.config)
			if err != nil {
				return err
			}
			if len(problems) > 0 {
				return &exitError{exitInvalid, problems}
			}
			d, err := newDaemon(cmd.Context(), in, logger(verbose), nil)
			if err != nil {
				return err
			}
			hup := make(chan os.Signal, 1)
			signal.Notify(hup, syscall.SIGHUP)
			defer signal.Stop(hup)
			go d.reloadOn(cmd.Context(), hup, o.config)
			return ended(d.run(cmd.Context()))
		},
	}
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "log every run")
	return cmd
}

// ended makes a stop by signal a plain end.
func ended(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return nil
	}
	return &exitError{exitErrored, err}
}

func logger(verbose bool) *slog.Logger {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
