package chrome

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// member is a process of a browser.
type member struct {
	pid     int
	began   string // kernel ticks since boot: tells it from a later one of the same id
	stopped bool
	private int64 // bytes that no other process shares
}

// family lists a process and everything that descends from it. It reads a
// dozen small files, so it is cheap enough to be asked a few times a second.
func family(root int) []member {
	var all []member
	next := []int{root}
	for len(next) > 0 {
		pid := next[0]
		next = next[1:]
		m, ok := look(pid)
		if !ok {
			continue
		}
		all = append(all, m)
		tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		if err != nil {
			continue
		}
		if len(tasks) > 3 && pid != root { // zygotes, which alone have children, are single
			tasks = nil
		}
		for _, t := range tasks {
			b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, t.Name()))
			if err != nil {
				continue
			}
			for _, f := range strings.Fields(string(b)) {
				if child, err := strconv.Atoi(f); err == nil {
					next = append(next, child)
				}
			}
		}
	}
	return all
}

func look(pid int) (member, bool) {
	m := member{pid: pid}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return m, false
	}
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])) // the name may hold anything
	if len(f) < 20 || f[0] == "Z" {
		return m, false
	}
	m.stopped, m.began = f[0] == "T", f[19]
	if b, err = os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid)); err != nil {
		return m, false
	}
	if f = strings.Fields(string(b)); len(f) > 2 {
		resident, _ := strconv.ParseInt(f[1], 10, 64)
		shared, _ := strconv.ParseInt(f[2], 10, 64)
		m.private = (resident - shared) * int64(os.Getpagesize())
	}
	return m, true
}

// renders reports whether a process is a page's.
func renders(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && bytes.Contains(b, []byte("--type=renderer"))
}
