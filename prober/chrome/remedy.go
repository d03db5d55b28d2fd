package chrome

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// What Chromium must at least be, and how many files it must be able to open.
const (
	leastVersion = 120
	leastFiles   = 512
)

// fit refuses what the browser would only fail on in a way nobody understands.
func fit() error {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil && limit.Max < leastFiles {
		return fmt.Errorf("start browser: only %d files may be open, it needs %d (raise LimitNOFILE= of the service, or ulimit -n)", limit.Max, leastFiles)
	}
	return nil
}

// recent refuses a browser that is too old; product is such as HeadlessChrome/142.0.7444.59.
func recent(product string) error {
	_, version, _ := strings.Cut(product, "/")
	major, _, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(major)
	switch {
	case err != nil:
		return fmt.Errorf("it calls itself %q, which is no Chromium (browser.path must name one)", product)
	case n < leastVersion:
		return fmt.Errorf("%s is too old: Chromium %d or newer is needed (update it, or set browser.path)", product, leastVersion)
	}
	return nil
}

// advice turns a browser's last words into a remedy; root is where etc and proc
// are.
func advice(words, root string) string {
	switch {
	case strings.Contains(words, "No usable sandbox"), strings.Contains(words, "Failed to move to new namespace"):
		return "no usable sandbox: " + sandboxRemedy(root)
	case strings.Contains(words, "without --no-sandbox is not supported"):
		return "running as root: start Gengfu as an ordinary user, or set browser.sandbox: off"
	case strings.Contains(words, "Too many open files"):
		return "too many open files: raise LimitNOFILE= of the service, or ulimit -n"
	case strings.Contains(words, "Resource temporarily unavailable"), strings.Contains(words, "pthread_create"):
		return "no more processes are allowed: raise TasksMax= of the service, or the container's pids limit"
	case strings.Contains(words, "No space left on device"):
		return "the disk of browser.profiles is full: make room, or set browser.profiles to another"
	case strings.TrimSpace(words) == "":
		return "it ended without a word: browser.path must name a Chromium"
	}
	return lastLine(words)
}

// sandboxRemedy says what this system needs for user namespaces, which the
// sandbox is made of.
func sandboxRemedy(root string) string {
	read := func(path string) string {
		b, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(b))
	}
	release := read("etc/os-release")
	is := func(id string) bool {
		for line := range strings.Lines(release) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			if (key == "ID" || key == "ID_LIKE") && strings.Contains(value, id) {
				return true
			}
		}
		return false
	}
	_, err := os.Stat(filepath.Join(root, ".dockerenv"))
	switch {
	case err == nil:
		return "run the container with a seccomp profile that allows user namespaces"
	case read("proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1":
		return "AppArmor forbids user namespaces: give the browser a profile with “userns,” (Ubuntu: /etc/apparmor.d), or install the chrome-sandbox helper"
	case is("debian"):
		return "apt-get install chromium-sandbox, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000)"
	case is("rhel"), is("fedora"):
		return "allow user namespaces (sysctl user.max_user_namespaces=10000)"
	}
	return "allow user namespaces (sysctl user.max_user_namespaces), or install the chrome-sandbox helper"
}
