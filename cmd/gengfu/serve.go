package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"gengfu/prober"
)

func serveCommand(o *options) *cobra.Command {
	var verbose bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the scenarios on schedule, tell people, serve the pages",
		Long: `Serve runs until it is stopped. When the instance file, a scenario or the
secrets change, they are read anew within some seconds, with SIGHUP at once:
everything is checked first, and when there is a mistake the old configuration
stays in force.`,
		Example: `  gengfu serve
  gengfu serve --config /etc/gengfu/gengfu.yaml
  kill -HUP $(pidof gengfu)   # reads a change at once`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			leaveCores()
			return serve(cmd.Context(), o.config, logger(verbose), nil)
		},
	}
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "log every run")
	return cmd
}

// serve runs a daemon until ctx ends; execute is nil for the browser.
func serve(ctx context.Context, config string, log *slog.Logger, execute prober.Browser) error {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP) // first: until then it would end the process
	defer signal.Stop(hup)
	in, problems, err := loadInstance(config)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return &exitError{exitInvalid, problems}
	}
	d, err := newDaemon(ctx, in, log, execute)
	if err == nil {
		d.hup = hup
		err = d.run(ctx)
	}
	return ended(ctx, err)
}

// ended makes a stop by signal a plain end, whatever it broke off.
func ended(ctx context.Context, err error) error {
	var exit *exitError
	switch {
	case err == nil, ctx.Err() != nil && errors.Is(err, context.Canceled):
		return nil
	case errors.As(err, &exit):
		return err
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
