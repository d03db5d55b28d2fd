package gengfu

import (
	"strings"
	"time"
)

// HostSample is one reading of a machine's resources.
type HostSample struct {
	Host         string
	At           time.Time
	CPU          float64 // busy share of all cores since the last sample, 0…1
	Load1        float64 // load average of one minute
	Cores        int
	MemTotal     uint64 // bytes
	MemAvailable uint64 // bytes that can be had without swapping
	SwapUsed     uint64 // bytes
	Mounts       []Mount
	Uptime       time.Duration
}

// Mount is a mounted file system.
type Mount struct {
	Path  string
	Total uint64 // bytes
	Free  uint64 // bytes an ordinary user may still write
}

// MemUsed is the share of memory that is not available, 0…1.
func (s HostSample) MemUsed() float64 {
	if s.MemTotal == 0 {
		return 0
	}
	return 1 - float64(s.MemAvailable)/float64(s.MemTotal)
}

// Used is the share of the mount that is taken, 0…1.
func (m Mount) Used() float64 {
	if m.Total == 0 {
		return 0
	}
	return 1 - float64(m.Free)/float64(m.Total)
}

// ResourceName is a resource such as cpu, memory or disk /var in lang.
func ResourceName(resource string, lang Lang) string {
	kind, rest, mount := strings.Cut(resource, " ")
	words, ok := map[string][2]string{"cpu": {"CPU", "CPU"}, "memory": {"内存", "memory"}, "disk": {"磁盘", "disk"}}[kind]
	switch {
	case !ok:
		return resource
	case lang == English:
		kind = words[1]
	default:
		kind = words[0]
	}
	if mount {
		return kind + " " + rest
	}
	return kind
}
