package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"gengfu"
	"gengfu/prober/chrome"
)

// finding is one thing doctor looked at.
type finding struct {
	name   string
	ok     bool
	said   string
	remedy string
}

func doctorCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Look over this machine: browser, sandbox, fonts, disk, configuration",
		Long:  "Doctor starts the browser, runs a page in it and looks over what Gengfu needs. It ends with 0 when nothing is wrong, with 3 otherwise.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := printer{cmd.OutOrStdout()}
			bad := 0
			for _, f := range examine(cmd.Context(), o) {
				mark := "✓"
				if !f.ok {
					mark = "✗"
					bad++
				}
				out.line("%s %-13s %s", mark, f.name, f.said)
				if !f.ok && f.remedy != "" {
					out.line("  %-13s → %s", "", f.remedy)
				}
			}
			if bad > 0 {
				return &exitError{code: exitErrored}
			}
			return nil
		},
	}
}

func examine(ctx context.Context, o *options) []finding {
	in, configured := examineConfig(o)
	return append([]finding{
		configured,
		examineBrowser(ctx, in),
		examineSandbox(in),
		examineFonts(ctx),
		examineDisk(in),
		examineMemory(),
		{"cores", true, fmt.Sprintf("%d: so many runs go side by side", runtime.NumCPU()), ""},
	}, append(examineSelf(ctx, in), examineClock(in))...)
}

func examineConfig(o *options) (*instance, finding) {
	f := finding{name: "configuration"}
	in, problems, err := loadInstance(o.config)
	if errors.Is(err, fs.ErrNotExist) {
		if in, err = defaultInstance(); err == nil {
			f.ok, f.said = true, "no "+o.config+"; defaults"
			return in, f
		}
	}
	if err != nil {
		f.said = err.Error()
		return newInstance(""), f
	}
	if len(problems) == 0 && len(in.scenarios) > 0 {
		_, problems = in.load()
	}
	if f.ok = len(problems) == 0; !f.ok {
		f.said, f.remedy = fmt.Sprintf("%s: %d mistakes", o.config, len(problems)), "gengfu check"
		return in, f
	}
	f.said = fmt.Sprintf("%s: %d channels, %d routes", o.config, len(in.channels), len(in.routes))
	return in, f
}

// examineBrowser starts the browser and has it execute a page.
func examineBrowser(ctx context.Context, in *instance) finding {
	f := finding{name: "browser"}
	cfg := in.browser()
	cfg.Standby = "off"
	pool, err := chrome.NewPool(cfg)
	if err != nil {
		if f.said = err.Error(); errors.Is(err, chrome.ErrNoBrowser) {
			f.remedy = "Debian: apt-get install chromium-headless-shell"
		}
		return f
	}
	defer pool.Close()
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := pool.Warm(ctx); err != nil {
		f.said = err.Error() // with the remedy in it
		return f
	}
	s := pool.Stats()
	f.ok = true
	f.said = fmt.Sprintf("%s, %s, started in %s", s.Browser, s.Path, gengfu.Span(time.Since(began)))
	if in.chrome.URL == "" && !strings.Contains(s.Path, "headless-shell") {
		f.said += " (chromium-headless-shell would need a third of the CPU)"
	}
	return f
}

func examineSandbox(in *instance) finding {
	f := finding{name: "sandbox", ok: true, said: "on"}
	switch {
	case in.chrome.URL != "":
		f.said = "the remote browser's own affair"
	case in.chrome.Sandbox == "off":
		f.ok, f.said, f.remedy = false, "off by configuration", "run as an ordinary user with browser.sandbox: auto"
	case os.Getuid() == 0 && in.chrome.Sandbox != "on":
		f.said = "off, because this is root; run the service as an ordinary user"
	}
	return f
}

func examineFonts(ctx context.Context) finding {
	f := finding{name: "fonts", remedy: "Debian: apt-get install fonts-noto-cjk; without, screenshots show boxes"}
	out, err := exec.CommandContext(ctx, "fc-list", ":lang=zh").Output()
	lines := strings.Count(string(out), "\n")
	if f.ok = err == nil && lines > 0; f.ok {
		f.said = fmt.Sprintf("%d Chinese fonts", lines)
	} else {
		f.said = "no Chinese fonts found"
	}
	return f
}

// existing is the innermost folder of a path that is there.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// leastDisk is the room below which doctor complains.
const leastDisk = 1 << 30

func examineDisk(in *instance) finding {
	f := finding{name: "disk", remedy: "make room, or set data: to another disk"}
	dir := existing(in.abs(in.data))
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		f.said = err.Error()
		return f
	}
	free := st.Bavail * uint64(st.Bsize)
	f.ok = free >= leastDisk
	f.said = fmt.Sprintf("%.1f GiB free at %s", float64(free)/(1<<30), dir)
	return f
}

// leastMemory is what a browser with a run on it takes at its worst.
const leastMemory = 768 << 20

func examineMemory() finding {
	f := finding{name: "memory", ok: true, said: "the system does not tell what is free", remedy: "stop something else, or raise the limit of the service or container"}
	if free, known := chrome.FreeMemory(); known {
		f.ok = free >= leastMemory
		f.said = fmt.Sprintf("%.1f GiB free for the prober", float64(free)/(1<<30))
	}
	return f
}

func examineClock(in *instance) finding {
	return finding{"clock", true, time.Now().In(in.zone).Format("2006-01-02 15:04:05 MST (-07:00)"), ""}
}
