package chrome

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// zombies are our children that ended and were not waited for.
func zombies() []string {
	var out []string
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, s := range stats {
		b, err := os.ReadFile(s)
		if err != nil {
			continue
		}
		f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
		if len(f) > 1 && f[0] == "Z" && f[1] == fmt.Sprint(os.Getpid()) {
			out = append(out, s)
		}
	}
	return out
}

// eventually waits until something holds, which takes a machine a moment.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if holds() {
			return
		}
		<-tick.C
	}
	t.Fatalf("waited in vain for %s", what)
}

// typed are the processes of a browser with a word in their command line.
func typed(p *process, word string) []int {
	var pids []int
	for _, m := range family(p.pid()) {
		if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", m.pid)); err == nil && bytes.Contains(b, []byte(word)) {
			pids = append(pids, m.pid)
		}
	}
	return pids
}
