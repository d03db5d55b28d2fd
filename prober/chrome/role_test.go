package chrome

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// The test binary also plays a prober in a process of its own, which may be the
// first of a container, without namespaces, or killed.
const (
	roleVar = "GENGFU_TEST_ROLE"
	dirVar  = "GENGFU_TEST_DIR"
	// cyclesVar is how many browsers the first process of a container uses up.
	cyclesVar = "GENGFU_TEST_CYCLES"
)

// initCycles is how many those are; 100 for the figures.
var initCycles = flag.Int("cycles", 20, "browsers that the first process of a container uses up")

// play says on the standard output what the role has to say.
func play(role string) int {
	var err error
	switch role {
	case "init":
		err = playInit()
	case "prober":
		err = playProber()
	case "few-files":
		if err = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 64, Max: 64}); err == nil {
			err = warm(Config{})
		}
	case "outer":
		err = playOuter()
	case "inner":
		err = warm(Config{Sandbox: "on"})
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

func warm(cfg Config) error {
	cfg.Profiles = os.Getenv(dirVar)
	p, err := NewPool(cfg)
	if err != nil {
		return err
	}
	defer p.Close()
	return p.Warm(context.Background())
}

// role is the test binary in a role.
func role(t *testing.T, name, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // ourselves
	cmd.Env = append(os.Environ(), roleVar+"="+name, dirVar+"="+dir)
	cmd.Stderr = os.Stderr
	return cmd
}

// inNamespace gives a command a user namespace in which it is uid, and others.
func inNamespace(cmd *exec.Cmd, uid int, flags uintptr) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | flags,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: uid, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: uid, HostID: os.Getgid(), Size: 1}},
	}
}

// playInit starts and ends browsers as the first process of a container does,
// half of them by a kill, while another child's exit status is asked for.
func playInit() error {
	if os.Getpid() != 1 {
		return fmt.Errorf("process %d is not the first", os.Getpid())
	}
	if err := errors.Join(syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""), syscall.Mount("proc", "/proc", "proc", 0, "")); err != nil {
		return fmt.Errorf("mount proc: %w", err)
	}
	cycles, err := strconv.Atoi(os.Getenv(cyclesVar))
	if err != nil {
		return fmt.Errorf("cycles: %w", err)
	}
	for i := range cycles {
		p, err := NewPool(Config{Profiles: os.Getenv(dirVar), Sandbox: "off"})
		if err != nil {
			return err
		}
		if err := p.Warm(context.Background()); err != nil {
			return err
		}
		other := exec.CommandContext(context.Background(), "sh", "-c", "exit 7")
		if err := other.Start(); err != nil {
			return err
		}
		if proc := p.current.proc; i%2 == 1 {
			_ = syscall.Kill(proc.pid(), syscall.SIGKILL)
			<-proc.gone
		}
		p.Close()
		var exit *exec.ExitError
		if err := other.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 7 {
			return fmt.Errorf("another child's status is %w, want 7", err)
		}
		if left := zombies(); len(left) > 0 {
			return fmt.Errorf("%d zombies after %d browsers", len(left), i+1)
		}
	}
	return nil
}

// TestInit_leavesNoZombies: as the first process of a container.
func TestInit_leavesNoZombies(t *testing.T) {
	dir := t.TempDir()
	cmd := role(t, "init", dir)
	cmd.Env = append(cmd.Env, cyclesVar+"="+strconv.Itoa(*initCycles))
	inNamespace(cmd, 0, syscall.CLONE_NEWPID|syscall.CLONE_NEWNS)
	if said, err := cmd.Output(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("profiles left: %v", left)
	}
	if left := processesOf(dir); len(left) > 0 {
		t.Errorf("processes left: %v", left)
	}
}

func playProber() error {
	p, err := NewPool(Config{Profiles: os.Getenv(dirVar)})
	if err != nil {
		return err
	}
	if err := p.Warm(context.Background()); err != nil {
		return err
	}
	fmt.Println(p.current.proc.pid())
	select {} // until it is killed
}

// TestSweep_endsAStoppedBrowser: one that a dead prober left, and that cannot end
// by itself when its pipe closes.
func TestSweep_endsAStoppedBrowser(t *testing.T) {
	dir := t.TempDir()
	orphan, err := launch(t.Context(), pool.path, dir, pool.sandbox())
	if err != nil {
		t.Fatal(err)
	}
	defer orphan.kill()
	_ = syscall.Kill(orphan.pid(), syscall.SIGSTOP)
	eventually(t, "the browser to stand still", func() bool { m, ok := look(orphan.pid()); return ok && m.stopped })
	owner := fmt.Sprintf("2147483646 %d 1\n", orphan.pid())
	if err := os.WriteFile(filepath.Join(orphan.profile, ownerFile), []byte(owner), 0o600); err != nil {
		t.Fatal(err)
	}
	if n := sweep(dir); n != 1 {
		t.Errorf("%d profiles were swept", n)
	}
	<-orphan.gone
	if left := processesOf(dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestSweep_endsTheOrphanAlone: a prober was killed while its browser stood
// still. The kernel may wake and end a process group that lost its parent, or
// not; the next prober leaves nothing of that browser, and another one alone.
func TestSweep_endsTheOrphanAlone(t *testing.T) {
	dir := t.TempDir()
	cmd := role(t, "prober", dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	var orphan int
	if _, bad := fmt.Sscan(line, &orphan); err != nil || bad != nil {
		t.Fatal(line, err, bad)
	}
	decoy, err := launch(t.Context(), pool.path, t.TempDir(), pool.sandbox())
	if err != nil {
		t.Fatal(err)
	}
	defer decoy.kill()
	_ = syscall.Kill(orphan, syscall.SIGSTOP)
	eventually(t, "the browser to stand still", func() bool { m, ok := look(orphan); return ok && m.stopped })
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	p, err := NewPool(Config{Profiles: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if n := p.Stats().Swept; n != 1 {
		t.Errorf("%d profiles were swept", n)
	}
	eventually(t, "the orphan to end", func() bool { return len(processesOf(dir)) == 0 })
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	select {
	case <-decoy.gone:
		t.Error("a foreign browser was ended")
	default:
	}
}

// playOuter allows one more user namespace, lets the prober have it as an
// ordinary user, and so leaves none for the sandbox.
func playOuter() error {
	if err := os.WriteFile("/proc/sys/user/max_user_namespaces", []byte("1"), 0o600); err != nil {
		return fmt.Errorf("forbid user namespaces: %w", err)
	}
	cmd := exec.CommandContext(context.Background(), os.Args[0]) //nolint:gosec // ourselves
	cmd.Env = append(os.Environ(), roleVar+"=inner")
	inNamespace(cmd, 1000, 0)
	cmd.SysProcAttr.UidMappings[0].HostID, cmd.SysProcAttr.GidMappings[0].HostID = 0, 0
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// TestLaunch_saysTheRemedy: what keeps a browser from starting, and what to do.
func TestLaunch_saysTheRemedy(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		err  func() error
		want string
	}{
		{"missing", func() error { _, err := NewPool(Config{Path: filepath.Join(dir, "none"), Profiles: dir}); return err }, "browser.path must name an executable Chromium"},
		{"not executable", func() error { _, err := NewPool(Config{Path: file, Profiles: dir}); return err }, "browser.path must name an executable Chromium"},
		{"not a browser", func() error { return warmed(t, Config{Path: "/bin/true", Profiles: dir}) }, "browser.path must name a Chromium"},
		{"no folder", func() error { return warmed(t, Config{Profiles: filepath.Join(file, "under")}) }, "browser.profiles must be a writable directory"},
		{"few files", func() error { return said(role(t, "few-files", dir)) }, "raise LimitNOFILE="},
		{"no sandbox", func() error {
			cmd := role(t, "outer", dir)
			inNamespace(cmd, 0, 0)
			return said(cmd)
		}, "no usable sandbox: "},
		{"old", func() error { return recent("HeadlessChrome/98.0.4758.102") }, "Chromium 120 or newer is needed"},
		{"other", func() error { return recent("curl") }, "is no Chromium"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.err(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if err := recent("Chrome/142.0.7444.59"); err != nil {
		t.Error(err)
	}
}

func warmed(t *testing.T, cfg Config) error {
	t.Helper()
	p, err := NewPool(cfg)
	if err != nil {
		return err
	}
	defer p.Close()
	return p.Warm(t.Context())
}

// said is what a role complained of.
func said(cmd *exec.Cmd) error {
	out, err := cmd.Output()
	if err == nil {
		return nil
	}
	return errors.New(string(out))
}

// TestSandbox_remedyFitsTheSystem: each distribution has its own way.
func TestSandbox_remedyFitsTheSystem(t *testing.T) {
	for _, c := range []struct {
		name, path, text, want string
	}{
		{"debian", "etc/os-release", "NAME=\"Debian GNU/Linux\"\nID=debian\n", "apt-get install chromium-sandbox"},
		{"like debian", "etc/os-release", "ID=kylin\nID_LIKE=debian\n", "apt-get install chromium-sandbox"},
		{"openEuler", "etc/os-release", "ID=\"openEuler\"\nID_LIKE=\"rhel fedora\"\n", "sysctl user.max_user_namespaces=10000"},
		{"ubuntu", "proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n", "AppArmor"},
		{"container", ".dockerenv", "", "seccomp profile"},
		{"unknown", "etc/none", "", "allow user namespaces"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			path := filepath.Join(root, c.path)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(c.text), 0o600)); err != nil {
				t.Fatal(err)
			}
			if got := advice("FATAL: No usable sandbox! If this is…", root); !strings.Contains(got, c.want) {
				t.Errorf("got %q", got)
			}
		})
	}
}
