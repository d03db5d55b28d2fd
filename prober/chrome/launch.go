package chrome

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
)

// candidates are looked for in this order. The first two are the real
// binaries of Debian's packages: its /usr/bin scripts run them as a child that
// would outlive a kill.
var candidates = []string{
	"/usr/lib/chromium/chromium-headless-shell",
	"/usr/lib/chromium/chromium",
	"chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome",
}

// ErrNoBrowser says that no Chromium was found, and how to get one.
var ErrNoBrowser = errors.New("no Chromium found: install one (Debian: apt-get install chromium-headless-shell) or set browser.path")

// FindBrowser returns the path of the browser to use: path itself when given,
// else the first that is installed, chromium-headless-shell before full Chromium.
func FindBrowser(path string) (string, error) {
	if path != "" {
		found, err := exec.LookPath(path)
		if err != nil {
			return "", fmt.Errorf("browser %s: %w (browser.path must name an executable Chromium)", path, err)
		}
		return resolve(found), nil
	}
	for _, c := range candidates {
		if found, err := exec.LookPath(c); err == nil {
			return resolve(found), nil
		}
	}
	return "", ErrNoBrowser
}

// resolve steps over Debian's wrapper scripts, which do not exec.
func resolve(path string) string {
	real := filepath.Join("/usr/lib/chromium", filepath.Base(path))
	if filepath.Dir(path) != "/usr/bin" {
		return path
	}
	if st, err := os.Stat(real); err == nil && st.Mode()&0o111 != 0 {
		return real
	}
	return path
}

// switches for both browsers. Background networking is off so that the only
// requests are the pages' own.
var switches = []string{
	"--headless", "--no-first-run", "--no-default-browser-check", "--disable-background-networking",
	"--disable-component-update", "--disable-sync", "--disable-quic", "--disable-gpu", "--mute-audio",
	"--hide-scrollbars", "--allow-pre-commit-input", "--no-startup-window", "--disable-extensions",
	"--disable-breakpad", "--disable-dev-shm-usage", "--metrics-recording-only", "--password-store=basic",
	"--use-mock-keychain", "--disable-default-apps", "--disable-popup-blocking", "--disable-renderer-backgrounding",
	"--disable-features=WebUIReloadButton,WebUIOmniboxPopup,WebUIOmniboxAimPopup,Translate,MediaRouter,OptimizationHints,PaintHolding,BackForwardCache,RenderDocument",
	"--remote-debugging-pipe",
}

// homeZone is the time zone that browsers are started in; pages that are to
// have it need not be told.
const homeZone = "Asia/Shanghai"

// process is a running browser and the pipe to it. It ends when the browser
// exits or kill is called; gone is closed then and the profile is removed.
type process struct {
	cmd       *exec.Cmd
	conn      *conn
	profile   string
	version   string // product/version
	userAgent string
	gone      chan struct{}
	stderr    *tail

	mu   sync.Mutex
	exit error
}

// pid is the browser's process, 0 when it is not ours.
func (p *process) pid() int {
	if p.cmd == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

// launch starts a browser with a fresh profile under root and waits until it
// answers, 20 s at most.
func launch(ctx context.Context, path, root string, sandbox bool, more ...string) (*process, error) {
	if err := fit(); err != nil {
		return nil, err
	}
	profile, err := newProfile(root)
	if err != nil {
		return nil, err
	}
	p, err := start(path, profile, sandbox, more...)
	if err != nil {
		_ = os.RemoveAll(profile)
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	v, err := cdp.Call(ctx, p.conn.root, browser.GetVersion, cdp.Empty{})
	if err != nil {
		p.kill()
		return nil, fmt.Errorf("start browser %s: %w%s", path, err, p.hint())
	}
	if err := recent(v.Product); err != nil {
		p.kill()
		return nil, fmt.Errorf("start browser %s: %w", path, err)
	}
	p.version, p.userAgent = v.Product, v.UserAgent
	return p, nil
}

func start(path, profile string, sandbox bool, more ...string) (*process, error) {
	args := append([]string{"--user-data-dir=" + profile}, switches...)
	args = append(args, more...)
	if !sandbox {
		args = append(args, "--no-sandbox")
	}
	cmd := exec.Command(path, windowed(args)...) //nolint:noctx // the browser outlives the call; kill ends it
	cmd.Env = append(os.Environ(), "TZ="+homeZone)
	toBrowser, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start browser: %w", err)
	}
	r, fromBrowser, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start browser: %w", err), toBrowser.Close(), w.Close())
	}
	p := &process{cmd: cmd, profile: profile, gone: make(chan struct{}), stderr: &tail{}}
	cmd.ExtraFiles = []*os.File{toBrowser, fromBrowser}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stderr = p.stderr
	cmd.Dir = profile
	err = cmd.Start()
	_ = toBrowser.Close()
	_ = fromBrowser.Close()
	if err != nil {
		_ = r.Close()
		_ = w.Close()
		return nil, fmt.Errorf("start browser %s: %w", path, err)
	}
	writeOwner(profile, cmd.Process.Pid)
	p.conn = newConn(newPipe(promptly(r), promptly(w)))
	p.conn.zone = homeZone
	go p.reap()
	return p, nil
}

// reap waits for the browser's end, ends what is left of its process group and
// closes the pipe, so that everything waiting for an answer returns at once.
func (p *process) reap() {
	err := p.cmd.Wait()
	p.mu.Lock()
	p.exit = err
	p.mu.Unlock()
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	adopt(p.cmd.Process.Pid)
	_ = p.conn.transport.Close()
	<-p.conn.done
	removeProfile(p.profile)
	close(p.gone)
}

// kill ends the browser with all its processes and waits until it is gone. It
// may be called again: the ids of a browser that is gone may be somebody else's.
func (p *process) kill() {
	select {
	case <-p.gone:
		return
	default:
	}
	if p.cmd == nil { // somebody else's
		_ = p.conn.transport.Close()
	} else {
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	}
	<-p.gone
}

// hint turns the browser's last words into advice.
func (p *process) hint() string { return " (" + advice(p.stderr.String(), "/") + ")" }

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// tail keeps the last 4 KiB written to it.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

const tailSize = 4096

// Write keeps the end of b.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf.Write(b)
	if over := t.buf.Len() - tailSize; over > 0 {
		t.buf.Next(over)
	}
	return len(b), nil
}

// String returns what was kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}
