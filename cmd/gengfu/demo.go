package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"gengfu/demo"
	"gengfu/demo/sinks"
	"gengfu/scenarios"
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

Everything is kept in the data folder and goes on where it was at the next start.`,
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
	log := logger(f.verbose)
	platform := demo.New(demo.Config{Logger: log})
	received := sinks.New(sinks.Config{
		WebhookSecret: demoSigningKey, SlackToken: demoSlackToken, SlackChannels: []string{demoSlackRoom}, Logger: log,
	})
	group, ctx := errgroup.WithContext(ctx)
	for n, h := range map[int]http.Handler{1: platform.Handler(), 2: platform.FaultHandler(), 3: received.Handler()} {
		if err := serveHTTP(ctx, group, f.address(n), h, log); err != nil {
			return &exitError{exitErrored, err}
		}
	}
	mail, err := listenTCP(ctx, f.address(4))
	if err != nil {
		return &exitError{exitErrored, err}
	}
	group.Go(func() error { return received.ServeSMTP(ctx, mail) })
	out := printer{w}
	out.line("platform   http://%s", f.address(1))
	out.line("faults     http://%s", f.address(2))
	out.line("receivers  http://%s", f.address(3))
	if !f.noProber {
		d, err := f.daemon(ctx, log)
		if err != nil {
			return err
		}
		out.line("gengfu     http://%s   ← open this", f.address(0))
		group.Go(func() error { return d.run(ctx) })
	}
	return ended(group.Wait())
}

// daemon writes the demonstration's configuration and opens it.
func (f demoFlags) daemon(ctx context.Context, log *slog.Logger) (*daemon, error) {
	path, err := f.write()
	if err != nil {
		return nil, &exitError{exitErrored, err}
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
	text := fmt.Sprintf(demoInstance, f.address(0), f.address(0), f.address(3), f.address(3), demoSlackRoom, f.port+4)
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
		return nil, fmt.Errorf("%w (another demonstration? try --port)", err)
	}
	return l, nil
}
