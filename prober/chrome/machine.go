package chrome

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// machine reads memory from the file system at root, where proc and sys are.
type machine struct{ root string }

// free is the memory that can still be taken: the machine's, or what the control
// group leaves of it. ok is false where nothing tells.
func (m machine) free() (bytes uint64, ok bool) {
	bytes = math.MaxUint64
	if v, found := m.field("proc/meminfo", "MemAvailable:"); found {
		bytes, ok = v<<10, true
	}
	for _, dir := range m.groups() {
		if left, limited := m.left(dir); limited {
			bytes, ok = min(bytes, left), true
		}
	}
	return bytes, ok
}

// FreeMemory is what the prober can still take, in bytes: of the machine's memory
// or of its control group's. known is false where the system does not tell.
func FreeMemory() (bytes uint64, known bool) { return machine{"/"}.free() }

// spares reports whether so much memory is free, or nobody knows.
func (m machine) spares(bytes uint64) bool {
	free, ok := m.free()
	return !ok || free >= bytes
}

// groups are the memory control groups we are in, up to the root. In a container
// the file names the host's path, which is not there: the root alone counts.
func (m machine) groups() []string {
	b, err := os.ReadFile(filepath.Join(m.root, "proc/self/cgroup"))
	if err != nil {
		return nil
	}
	var dirs []string
	for line := range strings.Lines(string(b)) {
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(f) != 3 {
			continue
		}
		var base string
		switch f[1] {
		case "":
			base = "sys/fs/cgroup"
		case "memory":
			base = "sys/fs/cgroup/memory"
		default:
			continue
		}
		for path := f[2]; ; path = filepath.Dir(path) {
			dirs = append(dirs, filepath.Join(base, path))
			if path == "/" || path == "." {
				break
			}
		}
	}
	return dirs
}

// left is what a group may still take; its page cache can be given back.
func (m machine) left(dir string) (uint64, bool) {
	for _, names := range [][3]string{
		{"memory.max", "memory.current", "inactive_file"},
		{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"},
	} {
		limit, ok := m.number(filepath.Join(dir, names[0]))
		if !ok || limit > 1<<60 { // v1 says no limit by a huge one, v2 by a word
			continue
		}
		used, known := m.number(filepath.Join(dir, names[1]))
		if !known {
			continue
		}
		if cache, ok := m.field(filepath.Join(dir, "memory.stat"), names[2]); ok {
			used -= min(used, cache)
		}
		return limit - min(limit, used), true
	}
	return 0, false
}

func (m machine) number(path string) (uint64, bool) {
	b, err := os.ReadFile(filepath.Join(m.root, path))
	if err != nil {
		return 0, false
	}
	v, err := strconv.ParseUint(string(bytes.TrimSpace(b)), 10, 64)
	return v, err == nil
}

func (m machine) field(path, name string) (uint64, bool) {
	b, err := os.ReadFile(filepath.Join(m.root, path))
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) >= 2 && f[0] == name {
			v, err := strconv.ParseUint(f[1], 10, 64)
			return v, err == nil
		}
	}
	return 0, false
}
