package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"gengfu"
	"gengfu/prober/vault"
	"gengfu/scenarios"
)

// vault is the one that runs from the command line use: that of the data folder
// where there is one, else one in memory.
func (in *instance) vault() *vault.Vault {
	if dir := in.abs(in.data); in.path != "" && isDir(dir) {
		return in.keptIn(dir, nil)
	}
	return vault.Open("", nil)
}

// keptIn is the vault of a data folder, with the key where the instance says.
func (in *instance) keptIn(dir string, log *slog.Logger) *vault.Vault {
	if in.sessionKey == "" {
		return vault.Open(dir, log)
	}
	return vault.OpenKey(dir, in.abs(in.sessionKey), log)
}

// forgetful says why runs from the command line keep no log-in though one of the
// scenarios wants it, empty when they do or none wants it.
func (in *instance) forgetful(list []scenarios.Scenario, lang gengfu.Lang) string {
	keeps := slices.ContainsFunc(list, func(s scenarios.Scenario) bool { return s.Session != nil && s.Session.Keep > 0 })
	dir := in.abs(in.data)
	switch {
	case !keeps || in.path != "" && isDir(dir):
		return ""
	case in.path == "" && lang == gengfu.Chinese:
		return "登录状态不会保留：没有实例文件（用 gengfu init 或手写 gengfu.yaml，登录状态存在其 data 目录中）"
	case in.path == "":
		return "log-ins are not kept: there is no instance file (write gengfu.yaml, or let gengfu init do it; they are kept in its data folder)"
	case lang == gengfu.Chinese:
		return "登录状态不会保留：没有数据目录 " + dir + "（mkdir " + dir + "，或先运行 gengfu serve）"
	}
	return "log-ins are not kept: there is no data folder " + dir + " (mkdir " + dir + ", or start gengfu serve once)"
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// readyFor makes sure that log-ins can be kept, when one of the scenarios keeps
// one. A key that others may have read is refused before anything runs.
func readyFor(v *vault.Vault, list []scenarios.Scenario) error {
	for _, s := range list {
		if s.Session != nil && s.Session.Keep > 0 {
			return v.Ready()
		}
	}
	return nil
}

func sessionCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "session",
		Short: "Show or forget the log-ins that scenarios keep",
		Long: `A scenario with session: logs in once, and later runs take up the state that
this led to. It is kept encrypted in the data folder. These commands show what
is kept, without any value of it, and forget it, so that the next run logs in.`,
	}
	cmd.AddCommand(&cobra.Command{
		Use: "list", Short: "List the kept log-ins", Args: cobra.NoArgs, Example: "  gengfu session list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, err := o.sessions()
			if err != nil {
				return err
			}
			return listSessions(printer{cmd.OutOrStdout()}, v, time.Now())
		},
	}, &cobra.Command{
		Use: "forget <name> ...", Short: "Forget kept log-ins", Args: cobra.MinimumNArgs(1), Example: "  gengfu session forget applicant",
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := o.sessions()
			if err != nil {
				return err
			}
			return forgetSessions(printer{cmd.OutOrStdout()}, v, args)
		},
	})
	return cmd
}

// sessions is the vault of the instance's data folder.
func (o *options) sessions() (*vault.Vault, error) {
	in, problems, err := loadInstance(o.config)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &exitError{exitInvalid, fmt.Errorf("no instance file %s: without one, nothing is kept", o.config)}
	case err != nil:
		return nil, err
	case len(problems) > 0:
		return nil, &exitError{exitInvalid, problems}
	}
	o.zone = in.zone
	return in.keptIn(in.abs(in.data), nil), nil
}

func listSessions(p printer, v *vault.Vault, now time.Time) error {
	list, err := v.List()
	if err != nil {
		return &exitError{exitErrored, err}
	}
	for _, e := range list {
		switch age := now.Sub(e.Made); {
		case e.Err != nil:
			p.line("%s  cannot be used: %v", e.Name, e.Err)
		case age >= e.Keep:
			p.line("%s  expired, %s old, keep %s", e.Name, gengfu.Span(age.Truncate(time.Second)), gengfu.Span(e.Keep))
		default:
			p.line("%s  %s old, keep %s, sites: %d", e.Name, gengfu.Span(age.Truncate(time.Second)), gengfu.Span(e.Keep), e.Origins)
		}
	}
	return nil
}

func forgetSessions(p printer, v *vault.Vault, names []string) error {
	for _, name := range names {
		if err := v.Forget(name); err != nil {
			return &exitError{exitErrored, err}
		}
		p.line("%s  forgotten", name)
	}
	return nil
}
