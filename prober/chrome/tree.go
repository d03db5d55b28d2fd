package chrome

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// member is a process of a browser.
type member struct {
	pid     int
	began   string // kernel ticks since boot: tells it from a later one of the same id
	stopped bool
	running bool  // its first thread has work, whether it gets the processor or not
	private int64 // bytes that no other process shares
	ticks   int64 // of the processor it has used, 100 a second
}

// family lists a process and everything that descends from it. It reads some
// dozens of small files, so it may be asked a few times a second.
func family(root int) []member {
	type kin struct{ pid, depth int }
	var all []member
	next := []kin{{root, 0}}
	for len(next) > 0 {
		k := next[0]
		next = next[1:]
		m, ok := look(k.pid)
		if !ok {
			continue
		}
		all = append(all, m)
		for _, child := range children(k.pid, k.depth > 1) {
			next = append(next, kin{child, k.depth + 1})
		}
	}
	return all
}

// children are what the threads of a process started. Below the browser, which a
// script may have started, only zygotes have any, and they have few threads.
func children(pid int, zygotes bool) []int {
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil || zygotes && len(tasks) > 3 {
		return nil
	}
	var pids []int
	for _, t := range tasks {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, t.Name()))
		if err != nil {
			continue
		}
		for f := range strings.FieldsSeq(string(b)) {
			if child, err := strconv.Atoi(f); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
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
	m.stopped, m.running, m.began = f[0] == "T", f[0] == "R", f[19]
	user, _ := strconv.ParseInt(f[11], 10, 64)
	system, _ := strconv.ParseInt(f[12], 10, 64)
	m.ticks = user + system
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

// giveWay makes a process yield to others that want the processor, by a nice
// value of sched(7): three yield half of its share, ten nine tenths.
func giveWay(pid, nice int) {
	for _, id := range threads(pid) {
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, id, nice)
	}
}

// crowdSize is more threads at work at once than those of an honest page, whose
// thread pool is as wide as the machine.
func crowdSize() int { return cores() + 4 }

// crowded reports whether many threads of a process want the processor now.
func crowded(pid int) bool {
	ids := threads(pid)
	if len(ids) <= crowdSize() {
		return false
	}
	working := 0
	for _, id := range ids {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/stat", pid, id))
		if err != nil {
			continue
		}
		if state := bytes.TrimLeft(b[bytes.LastIndexByte(b, ')')+1:], " "); len(state) > 0 && state[0] == 'R' {
			if working++; working > crowdSize() {
				return true
			}
		}
	}
	return false
}

// standBack leaves a process the processor's time that nobody else wants.
func standBack(pid int) {
	const idle = 5 // SCHED_IDLE of sched(7); its parameter is a priority of 0
	var priority int32
	for _, id := range threads(pid) {
		_, _, errno := syscall.Syscall(syscall.SYS_SCHED_SETSCHEDULER, uintptr(id), idle, uintptr(unsafe.Pointer(&priority))) //nolint:gosec // the kernel reads four bytes
		if errno != 0 {
			_ = syscall.Setpriority(syscall.PRIO_PROCESS, id, 19)
		}
	}
}

// threads are those of a process: the kernel weighs them one by one, and later
// ones take after them.
func threads(pid int) []int {
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return nil
	}
	var ids []int
	for _, t := range tasks {
		if id, err := strconv.Atoi(t.Name()); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// renders reports whether a process is a page's.
func renders(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && bytes.Contains(b, []byte("--type=renderer"))
}
