// Command gengfu probes the pages of a platform in a real browser, on a
// schedule, and tells people when they fail. Each subcommand is one file;
// serve.go wires the daemon and is the only place that sees everything.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // zones are the same on every machine

	"github.com/spf13/cobra"

	"gengfu"
)

// version is set when the binary is built.
var version = "dev"

// Exit codes; README lists them for scripts.
const (
	exitFailed      = 1   // a scenario failed: the target's fault
	exitUsage       = 2   // wrong flags or arguments
	exitErrored     = 3   // the prober could not do its work
	exitInvalid     = 4   // a configuration or scenario file is wrong
	exitInterrupted = 130 // Ctrl-C
)

// exitError ends the command with a code. A nil Err has been told already.
type exitError struct {
	code int
	err  error
}

// Error is the message, empty when it has been printed.
func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

// Unwrap gives the cause.
func (e *exitError) Unwrap() error { return e.err }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, stop, os.Args[1:])
	stop()
	os.Exit(code)
}

// execute runs the command line and returns the exit code. After the first
// signal the handler is gone, so that a second Ctrl-C ends the process at once.
func execute(ctx context.Context, stop context.CancelFunc, args []string) int {
	go func() {
		<-ctx.Done()
		stop()
	}()
	cmd := root()
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(ctx)
	var exit *exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		if text := exit.Error(); text != "" {
			fmt.Fprintln(os.Stderr, "gengfu:", text)
		}
		return exit.code
	case ctx.Err() != nil:
		return exitInterrupted
	}
	fmt.Fprintln(os.Stderr, "gengfu:", err)
	if strings.HasPrefix(err.Error(), "unknown") || strings.Contains(err.Error(), "arg(s)") || strings.Contains(err.Error(), "flag") {
		return exitUsage
	}
	return exitErrored
}

// options are the flags that every subcommand has.
type options struct {
	config string
	lang   string
	zone   *time.Location // of the instance file, once it was read
}

// clock prints a moment in the time zone of the instance, nothing for none.
func (o *options) clock(t *time.Time, layout string) string {
	if t == nil {
		return ""
	}
	return t.In(cmp.Or(o.zone, time.Local)).Format(layout)
}

const (
	toMinute = "2006-01-02 15:04"
	toSecond = "2006-01-02 15:04:05"
)

// language is the one asked for, else the one of the environment.
func (o *options) language() gengfu.Lang {
	want := o.lang
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if want == "" {
			want = os.Getenv(name)
		}
	}
	if strings.HasPrefix(want, "zh") {
		return gengfu.Chinese
	}
	return gengfu.English
}

func root() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "gengfu",
		Short: "Probe the pages that matter in a real browser, and tell the right people",
		Long: `Gengfu (更夫) logs in to your pages on a schedule, as a person would, in a real
browser; records how long every step took and what failed; and tells the right
people by mail, Slack, webhook and the channels of their teams.`,
		Example: `  gengfu demo                      a platform to probe, with faults to switch on
  gengfu check scenarios/          find every mistake in a folder of scenarios
  gengfu run scenarios/login.yaml  run one now and watch its steps
  gengfu serve                     run all of them on schedule`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	cmd.PersistentFlags().StringVarP(&o.config, "config", "c", "gengfu.yaml", "the instance file")
	cmd.PersistentFlags().StringVar(&o.lang, "lang", "", "language of messages: zh-CN or en (default: the environment's)")
	cmd.AddCommand(serveCommand(&o), demoCommand(&o), runCommand(&o), checkCommand(&o), fmtCommand(&o), recordCommand(&o), planCommand(&o), schemaCommand(&o), notifyCommand(&o), routesCommand(&o), incidentCommand(&o), outboxCommand(&o), silenceCommand(&o), heightenedCommand(&o), calendarCommand(&o), dutyCommand(&o), doctorCommand(&o), sessionCommand(&o), resumeCommand(&o), initCommand(&o), versionCommand())
	return cmd
}

// printer writes the lines of a command's answer.
type printer struct{ w io.Writer }

func (p printer) line(format string, args ...any) { fmt.Fprintf(p.w, format+"\n", args...) }
