package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"gengfu"
)

// program runs a program of the operator's for each message: a popup on a
// desktop, a lamp, a script. It gets the body of the webhook on its standard
// input, its arguments as they are written, and no shell.
type program struct {
	cfg  Config
	body *webhook
}

const (
	programTimeout = 10 * time.Second
	programSays    = 4 << 10 // bytes kept of what it says on standard error
	programLinger  = time.Second
)

// The exit statuses that say more than that it failed, after sysexits.h.
const (
	exitData     = 65 // the message is no good
	exitConfig   = 78 // somebody has to repair the set-up
	exitNotFound = 127
	exitNotRun   = 126
)

func checkProgram(c Config) []string {
	found := checkPace(c, 600)
	switch {
	case len(c.Command) == 0:
		found = append(found, "command: is missing, want a list of a program and its arguments")
	case !filepath.IsAbs(c.Command[0]):
		found = append(found, fmt.Sprintf("command: %q is no absolute path, want one such as /usr/local/bin/notify", c.Command[0]))
	}
	for _, arg := range c.Command {
		if strings.ContainsRune(arg, 0) {
			found = append(found, "command: holds a zero byte")
		}
	}
	return found
}

func openProgram(cfg Config, deps Deps, look style, _ layouts) (Channel, error) {
	if cfg.Timeout == 0 {
		cfg.Timeout = programTimeout
	}
	return &program{cfg: cfg, body: &webhook{cfg: cfg, style: look, agent: deps.UserAgent}}, nil
}

// Endpoints is the channel itself.
func (p *program) Endpoints() []string { return []string{p.cfg.Name} }

// Limits keep a storm from filling the machine with processes.
func (p *program) Limits() Limits { return Limits{PerSecond: 1, Burst: 5, Updates: true, Each: true} }

// Render makes the webhook's body.
func (p *program) Render(n gengfu.Notice) ([]byte, string, error) { return p.body.Render(n) }

// Send runs the program once. It and what it started are ended with the
// context.
func (p *program) Send(ctx context.Context, d gengfu.Delivery) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, p.cfg.Timeout)
	defer cancel()
	says := &capped{limit: programSays}
	cmd := exec.CommandContext(ctx, p.cfg.Command[0], p.cfg.Command[1:]...)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(d.Body), says
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "LANG=C.UTF-8", "GENGFU_KEY=" + d.Key, "GENGFU_ENDPOINT=" + d.Endpoint}
	for _, name := range []string{"DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "WAYLAND_DISPLAY"} { // of desktops
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	if p.cfg.Token != "" {
		cmd.Env = append(cmd.Env, "GENGFU_TOKEN="+p.cfg.Token.Reveal())
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = programLinger
	if err := cmd.Start(); err != nil {
		return "", &EndpointError{Err: fmt.Errorf("the program does not start: %w", err)}
	}
	return "", p.judge(ctx, cmd.Wait(), says.String())
}

func (p *program) judge(ctx context.Context, err error, says string) error {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return &RetryError{Ambiguous: true, Err: fmt.Errorf("the program was ended: %w", ctx.Err())}
	case !errors.As(err, &exit):
		return &RetryError{Ambiguous: true, Err: err}
	}
	err = fmt.Errorf("the program ended with %w: %s", exit, clean(says, maxReason/2))
	switch exit.ExitCode() {
	case exitData:
		return &MessageError{Err: err}
	case exitConfig, exitNotFound, exitNotRun:
		return &EndpointError{Err: err}
	}
	return &RetryError{Err: err}
}

// capped keeps the first bytes of what is written and takes the rest.
type capped struct {
	bytes.Buffer
	limit int
}

// Write never fails, so that a program that talks much does not break on it.
func (c *capped) Write(p []byte) (int, error) {
	if room := c.limit - c.Len(); room > 0 {
		_, _ = c.Buffer.Write(p[:min(room, len(p))]) // memory takes everything
	}
	return len(p), nil
}
