package chrome

import (
	"errors"
	"os"
	"os/exec"
	"slices"
)

// headedSwitch asks [start] for a browser with windows.
const headedSwitch = "--headed"

// ErrNoDisplay says that there is no screen for a browser with windows.
var ErrNoDisplay = errors.New("a visible browser needs a display: DISPLAY and WAYLAND_DISPLAY are not set (without a screen: xvfb-run gengfu run --headed …)")

// findHeaded is FindBrowser for a browser that can show windows, which the
// headless shell cannot.
func findHeaded(path string) (string, error) {
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return "", ErrNoDisplay
	}
	if path != "" {
		return FindBrowser(path)
	}
	for _, c := range []string{"/usr/lib/chromium/chromium", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome"} {
		if found, err := exec.LookPath(c); err == nil {
			return resolve(found), nil
		}
	}
	return "", errors.New("no Chromium that can show windows was found: install one (Debian: apt-get install chromium)")
}

// windowed takes what hides the windows out of the switches when they are
// wanted.
func windowed(args []string) []string {
	if !slices.Contains(args, headedSwitch) {
		return args
	}
	return slices.DeleteFunc(args, func(a string) bool {
		return a == headedSwitch || a == "--headless" || a == "--hide-scrollbars"
	})
}
