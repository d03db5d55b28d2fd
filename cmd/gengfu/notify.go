package main

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"gengfu"
	"gengfu/notify"
)

func notifyCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "notify",
		Short: "Try out the ways that notices go",
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "test <route>",
		Short: "Send a test notice along a route, to every endpoint of it",
		Long: `Test sends a made-up incident, marked as a test, to every endpoint of the route
and says what became of each. It ends with 3 when one was not reached.`,
		Example: "  gengfu notify test default",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, problems, err := loadInstance(o.config)
			if err != nil {
				return err
			}
			if len(problems) > 0 {
				return &exitError{exitInvalid, problems}
			}
			if !in.hasRoute(args[0]) {
				return &exitError{exitUsage, fmt.Errorf("no route %q (%s)", args[0], suggest(args[0], in.routeNames()))}
			}
			t, err := in.telling()
			if err != nil {
				return &exitError{exitInvalid, err}
			}
			trials, err := t.router.Test(cmd.Context(), args[0], time.Now())
			if err != nil {
				return err
			}
			out := printer{cmd.OutOrStdout()}
			failed := false
			for _, trial := range trials {
				if trial.Err != nil {
					failed = true
					out.line("✗ %s  %v", trial.Endpoint, trial.Err)
					continue
				}
				out.line("✓ %s  accepted in %s", trial.Endpoint, gengfu.Span(trial.Took))
			}
			if failed {
				return &exitError{code: exitErrored}
			}
			return nil
		},
	})
	return cmd
}

// telling is who is told and how: swapped as a whole when the instance file
// changes.
type telling struct {
	channels notify.Channels
	router   *notify.Router
	configs  []notify.Config // that the channels were made from
	contacts map[string][]contact
}

// telling opens the channels and routes of the instance.
func (in *instance) telling() (*telling, error) {
	channels, err := notify.Open(in.channels, notify.Deps{Zone: in.zone, RunURL: in.runURL, Egress: in.policy(), Transport: in.transport})
	if err != nil {
		return nil, err
	}
	if len(in.routes) == 0 {
		return nil, errors.New("no routes are configured")
	}
	router, err := notify.NewRouter(in.routes, channels)
	if err != nil {
		return nil, err
	}
	return &telling{channels: channels, router: router, configs: in.channels, contacts: in.contacts(channels)}, nil
}

func (in *instance) runURL(run string) string {
	if in.url == "" || run == "" {
		return ""
	}
	return in.url + "/runs/" + url.PathEscape(run)
}

func (in *instance) incidentURL(number string) string {
	if in.url == "" {
		return ""
	}
	return in.url + "/incidents/" + url.PathEscape(number)
}
