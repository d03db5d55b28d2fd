package chrome

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// A profile is a directory gengfu-profile-* under our own root. Its file
// "owner" names the prober and the browser that use it, so that a later prober
// can tell its dead predecessor's from a living neighbour's.
const (
	profilePrefix = "gengfu-profile-"
	ownerFile     = "owner"
)

func newProfile(root string) (string, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return "", fmt.Errorf("make browser profile: %w (browser.profiles must be a writable directory)", err)
	}
	dir, err := os.MkdirTemp(root, profilePrefix)
	if err != nil {
		return "", fmt.Errorf("make browser profile: %w (browser.profiles must be a writable directory)", err)
	}
	writeOwner(dir, 0)
	return dir, nil
}

func writeOwner(dir string, browser int) {
	line := fmt.Sprintf("%d %d %s\n", os.Getpid(), browser, born(os.Getpid()))
	_ = os.WriteFile(filepath.Join(dir, ownerFile), []byte(line), 0o600)
}

// spread is the room that a profile takes on the disk, in bytes. Files that go
// away meanwhile do not count.
func spread(dir string) (bytes int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if st, bad := d.Info(); bad == nil {
				bytes += st.Size()
			}
		}
		return nil // the others are to be counted
	})
	return bytes
}

// removeProfile deletes a profile; the last processes of a browser may still
// write while they end, so a second try follows a failed one.
func removeProfile(dir string) {
	if os.RemoveAll(dir) != nil {
		_ = os.RemoveAll(dir)
	}
}

// sweep ends browsers and removes profiles under root whose prober is dead.
// A browser is only killed when its command line names the profile: process
// ids are reused. It returns the number of profiles removed.
func sweep(root string) int {
	dirs, err := filepath.Glob(filepath.Join(root, profilePrefix+"*"))
	if err != nil {
		return 0
	}
	removed := 0
	for _, dir := range dirs {
		prober, browser, since := readOwner(dir)
		if alive(prober) && (since == "" || since == born(prober)) {
			continue
		}
		if browser > 0 && mentions(browser, dir) {
			_ = syscall.Kill(-browser, syscall.SIGKILL)
			_ = syscall.Kill(browser, syscall.SIGKILL)
		}
		removeProfile(dir)
		removed++
	}
	return removed
}

func readOwner(dir string) (prober, browser int, since string) {
	b, err := os.ReadFile(filepath.Join(dir, ownerFile))
	if err != nil {
		return 0, 0, ""
	}
	f := strings.Fields(string(b))
	if len(f) < 2 {
		return 0, 0, ""
	}
	prober, _ = strconv.Atoi(f[0])
	browser, _ = strconv.Atoi(f[1])
	if len(f) > 2 {
		since = f[2]
	}
	return prober, browser, since
}

// born is when a process began: in a container every prober has the same id.
func born(pid int) string {
	m, _ := look(pid)
	return m.began
}

func alive(pid int) bool { return pid > 0 && syscall.Kill(pid, 0) != syscall.ESRCH }

func mentions(pid int, dir string) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && strings.Contains(string(b), "--user-data-dir="+dir)
}
