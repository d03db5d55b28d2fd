package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gengfu"
	"gengfu/scenarios/strict"
)

// readAccounts reads accounts: when log-ins that are rejected are suspended.
func (in *instance) readAccounts(n strict.Node) {
	b := &in.chrome.Breaker
	fields(n, map[string]func(strict.Node){
		"suspend_after": number(&b.After, 0, 100),
		"suspend_for": func(n strict.Node) {
			if span(&b.For)(n); b.For < time.Minute {
				n.Problem("the pause is too short", "1m at least")
			}
		},
	})
}

// suspended lists the identities whose log-ins are suspended now.
func (d *daemon) suspended() []gengfu.Suspension {
	var list []gengfu.Suspension
	for _, r := range d.vault.Rejections() {
		if time.Now().Before(r.Until) {
			list = append(list, gengfu.Suspension(r))
		}
	}
	return list
}

func resumeCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "resume [identity] ...",
		Short: "Let suspended log-ins go on",
		Long: `After some rejections in a row no log-in is tried for an identity, so that the
platform does not lock the account. An identity is the name of a session, or the
id of a scenario that keeps none. Without one, the command lists those that were
rejected last.`,
		Example: "  gengfu resume\n  gengfu resume applicant",
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := o.sessions()
			if err != nil {
				return err
			}
			p := printer{cmd.OutOrStdout()}
			known := map[string]bool{}
			for _, r := range v.Rejections() {
				known[r.Identity] = true
				if len(args) > 0 {
					continue
				}
				state := "log-ins go on"
				if time.Now().Before(r.Until) {
					state = "suspended until " + o.clock(&r.Until, toMinute)
				}
				p.line("%s  rejections: %d since %s, %s", r.Identity, r.Count, o.clock(&r.Since, toMinute), state)
			}
			for _, name := range args {
				if !known[name] {
					return &exitError{exitErrored, fmt.Errorf("no log-in of %q was rejected", name)}
				}
				if err := v.Accepted(name); err != nil {
					return &exitError{exitErrored, err}
				}
				p.line("%s  resumed", name)
			}
			return nil
		},
	}
}
