package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	"golang.org/x/term"

	"gengfu/demo"
	"gengfu/demo/sinks"
	"gengfu/scenarios"
	"gengfu/storage"
)

type demoFlags struct {
	port     int
	data     string
	noProber bool
	verbose  bool
}

func demoCommand(_ *options) *cobra.Command {
	f := demoFlags{}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run a platform to probe, the prober, and receivers of its messages",
		Long: `Demo starts, on this machine alone:

  a believable elderly-care platform          port +1
  a page to switch its faults on and off      port +2
  receivers for webhooks, Slack and mail,
  with a page that shows what arrived         port +3 (mail: +4)
  and Gengfu itself, which probes it          port

Everything is kept in the data folder and goes on where it was at the next start.
SIGHUP reads the scenarios there anew, as with gengfu serve.`,
		Example: `  gengfu demo
  gengfu demo --port 9000 --data /tmp/demo
  gengfu demo --no-prober    # only the platform and the receivers`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runDemo(cmd.Context(), cmd.OutOrStdout(), f)
		},
	}
	cmd.Flags().IntVar(&f.port, "port", 8900, "first of five ports")
	cmd.Flags().StringVar(&f.data, "data", "demo-data", "folder for the database, evidence and configuration")
	cmd.Flags().BoolVar(&f.noProber, "no-prober", false, "only the platform and the receivers")
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "log every run")
	return cmd
}

// Names and secrets of the demonstration, on loopback only.
const (
	demoSigningKey = "whsec_Z2VuZ2Z1LWRlbW8tc2lnbmluZy1rZXktMjAyNg=="
	demoSlackToken = "xoxb-gengfu-demo-token"
	demoSlackRoom  = "C0GENGFU"
)

func (f demoFlags) address(n int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(f.port+n))
}

func runDemo(ctx context.Context, w io.Writer, f demoFlags) error {
	group, working := errgroup.WithContext(ctx)
	serving, shut := context.WithCancel(context.WithoutCancel(working))
	defer shut()
	prober, err := f.start(working, serving, group, printer{w})
	group.Go(func() error {
		defer shut() // the prober's last runs and messages still need the others
		if err != nil {
			return err
		}
		return prober(working)
	})
	return ended(ctx, group.Wait())
}

// start starts the platform and the receivers in the group, until serving ends,
// and returns what runs the prober.
func (f demoFlags) start(ctx, serving context.Context, group *errgroup.Group, out printer) (func(context.Context) error, error) {
	log := logger(f.verbose)
	platform := demo.New(demo.Config{Logger: log})
	received := sinks.New(sinks.Config{
		WebhookSecret: demoSigningKey, SlackToken: demoSlackToken, SlackChannels: []string{demoSlackRoom}, Logger: log,
	})
	for i, h := range []http.Handler{platform.Handler(), platform.FaultHandler(), received.Handler()} {
		if err := serveHTTP(serving, group, f.address(i+1), h, log); err != nil {
			return nil, err
		}
	}
	mail, err := listenTCP(serving, f.address(4))
	if err != nil {
		return nil, err
	}
	group.Go(func() error { return received.ServeSMTP(serving, mail) })
	out.line("platform   http://%s", f.address(1))
	out.line("faults     http://%s", f.address(2))
	out.line("receivers  http://%s", f.address(3))
	if f.noProber {
		return func(ctx context.Context) error { <-ctx.Done(); return nil }, nil
	}
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	d, err := f.daemon(ctx, log)
	if err != nil {
		return nil, inUse(err)
	}
	d.hup = f.reloads(ctx, group, hup)
	out.line("gengfu     http://%s   ← open this", f.address(0))
	return d.run, nil
}

// reloads passes the signals on that ask for a reload. When the terminal that
// the demonstration was started in is closed, the same signal ends it.
func (f demoFlags) reloads(ctx context.Context, group *errgroup.Group, hup chan os.Signal) <-chan os.Signal {
	interactive := term.IsTerminal(int(os.Stdin.Fd()))
	asked := make(chan os.Signal, 1)
	group.Go(func() error {
		defer signal.Stop(hup)
		for {
			select {
			case <-ctx.Done():
				return nil
			case s := <-hup:
				if interactive && !term.IsTerminal(int(os.Stdin.Fd())) {
					return errHungUp
				}
				select {
				case asked <- s:
				default: // a reload is waiting
				}
			}
		}
	})
	return asked
}

var errHungUp = errors.New("the terminal was closed")

// daemon writes the demonstration's configuration and opens it.
func (f demoFlags) daemon(ctx context.Context, log *slog.Logger) (*daemon, error) {
	path, err := f.write()
	if err != nil {
		return nil, err
	}
	if err := os.Setenv("GENGFU_BASE_URL", "http://"+f.address(1)); err != nil {
		return nil, err
	}
	in, problems, err := loadInstance(path)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, &exitError{exitInvalid, problems}
	}
	return newDaemon(ctx, in, log, nil)
}

// write fills the data folder with the instance file, its secrets and the
// shipped scenarios. A file that is there already stays: it may have been
// changed on purpose; only the instance file follows the ports.
func (f demoFlags) write() (string, error) {
	folder := filepath.Join(f.data, "scenarios")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("demo data: %w", err)
	}
	acc := demo.Accounts()
	secrets := fmt.Sprintf("applicant_password: %q\nadmin_password: %q\nadmin_totp: %q\nsigning: %q\nslack: %q\n",
		acc.ApplicantPassword, acc.AdminPassword, acc.AdminTOTP, demoSigningKey, demoSlackToken)
	if err := os.WriteFile(filepath.Join(f.data, "secrets.yaml"), []byte(secrets), 0o600); err != nil {
		return "", fmt.Errorf("demo data: %w", err)
	}
	if err := copyMissing(folder); err != nil {
		return "", err
	}
	path := filepath.Join(f.data, "gengfu.yaml")
	text := fmt.Sprintf(demoInstance, f.address(0), f.address(0), f.address(3), f.address(3), f.address(3), demoSlackRoom, f.port+4)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("demo data: %w", err)
	}
	return path, nil
}

func copyMissing(folder string) error {
	shipped := scenarios.Shipped()
	root, err := os.OpenRoot(folder)
	if err != nil {
		return fmt.Errorf("demo data: %w", err)
	}
	defer root.Close()
	return walkFiles(shipped, func(name string, data []byte) error {
		if _, err := root.Stat(name); err == nil {
			return nil
		}
		return root.WriteFile(name, data, 0o600)
	})
}

const demoInstance = `# The demonstration's instance file, written at every start of gengfu demo.
timezone: Asia/Shanghai
language: zh-CN
listen: %s
url: http://%s
data: .
scenarios: [scenarios]
secrets: {file: secrets.yaml}
resolve_after: 1m   # that a recovery is watched; 10m unless given
egress: {allow: ["%s"]}   # the receivers below; the own machine is closed to messages otherwise

channels:
  hook: {type: webhook, url: "http://%s/webhook", secret: "${secret.signing}"}
  slack: {type: slack, url: "http://%s/api/", token: "${secret.slack}", channel: %s}
  mail:
    type: mail
    host: 127.0.0.1
    port: %d
    tls: none
    from: 更夫 <gengfu@demo.example>
    to: [duty@demo.example]

routes:
  - name: default
    to: [hook, slack, mail]
`

func serveHTTP(ctx context.Context, group *errgroup.Group, addr string, h http.Handler, log *slog.Logger) error {
	l, err := listenTCP(ctx, addr)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	group.Go(func() error {
		<-ctx.Done()
		return srv.Close()
	})
	group.Go(func() error {
		if err := srv.Serve(l); ctx.Err() == nil {
			return fmt.Errorf("serve %s: %w", addr, err)
		}
		return nil
	})
	return nil
}

func listenTCP(ctx context.Context, addr string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, inUse(err)
	}
	return l, nil
}

// inUse adds the remedy when a port or the data folder is taken.
func inUse(err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return &exitError{exitErrored, fmt.Errorf("%w (another demonstration? try --port)", err)}
	case errors.Is(err, storage.ErrLocked):
		return &exitError{exitErrored, fmt.Errorf("%w (another demonstration? try --data)", err)}
	}
	return err
}
