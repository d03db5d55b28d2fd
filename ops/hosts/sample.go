package hosts

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/disk"
	"github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/load"
	"github.com/shirou/gopsutil/v4/mem"

	"gengfu"
)

// Sampler reads the machine it runs on. It may be used by several goroutines.
type Sampler struct {
	host string

	mu   sync.Mutex
	last times
}

// times are the seconds that all processors spent since the machine started.
type times struct{ busy, total float64 }

// NewSampler makes a sampler whose samples carry the host's name.
func NewSampler(host string) *Sampler { return &Sampler{host: host} }

// Read takes a sample. The busy share is that of the time since the read
// before; the first read has none and says 0. File systems that cannot be read
// are left out.
func (s *Sampler) Read(ctx context.Context) (gengfu.HostSample, error) {
	h := gengfu.HostSample{Host: s.host, At: time.Now().Round(0).UTC().Truncate(time.Millisecond)}
	for _, read := range []func(context.Context, *gengfu.HostSample) error{s.processors, memory, mounts} {
		if err := read(ctx, &h); err != nil {
			return gengfu.HostSample{}, fmt.Errorf("read host: %w", err)
		}
	}
	if up, err := host.UptimeWithContext(ctx); err == nil {
		h.Uptime = time.Duration(up) * time.Second //nolint:gosec // an uptime
	}
	return h, nil
}

func (s *Sampler) processors(ctx context.Context, h *gengfu.HostSample) error {
	var err error
	if h.Cores, err = cpu.CountsWithContext(ctx, true); err != nil {
		return fmt.Errorf("processors: %w", err)
	}
	all, err := cpu.TimesWithContext(ctx, false)
	if err != nil || len(all) == 0 {
		return fmt.Errorf("processor times: %w", err)
	}
	now := timesOf(all[0])
	s.mu.Lock()
	h.CPU = share(s.last, now)
	s.last = now
	s.mu.Unlock()
	if avg, err := load.AvgWithContext(ctx); err == nil { // Windows has none
		h.Load1 = avg.Load1
	}
	return nil
}

// timesOf counts waiting for disks and time stolen by other guests as not
// busy: more processors would not help. Guest time is part of user time.
func timesOf(t cpu.TimesStat) times {
	busy := t.User + t.Nice + t.System + t.Irq + t.Softirq
	return times{busy: busy, total: busy + t.Idle + t.Iowait + t.Steal}
}

func share(before, now times) float64 {
	span := now.total - before.total
	if before.total == 0 || span <= 0 {
		return 0
	}
	return min(1, max(0, (now.busy-before.busy)/span))
}

func memory(ctx context.Context, h *gengfu.HostSample) error {
	m, err := mem.VirtualMemoryWithContext(ctx)
	if err != nil {
		return fmt.Errorf("memory: %w", err)
	}
	h.MemTotal, h.MemAvailable = m.Total, m.Available
	if swap, err := mem.SwapMemoryWithContext(ctx); err == nil {
		h.SwapUsed = swap.Used
	}
	return nil
}

func mounts(ctx context.Context, h *gengfu.HostSample) error {
	parts, err := disk.PartitionsWithContext(ctx, true)
	if err != nil {
		return fmt.Errorf("mounts: %w", err)
	}
	for _, part := range local(parts) {
		if info, err := os.Stat(part.Mountpoint); err != nil || !info.IsDir() {
			continue // a single file that a container was given
		}
		use, err := disk.UsageWithContext(ctx, part.Mountpoint)
		if err != nil || use.Total == 0 {
			continue
		}
		h.Mounts = append(h.Mounts, gengfu.Mount{Path: part.Mountpoint, Total: use.Total, Free: use.Free})
	}
	return nil
}

// kept lists the file systems on local disks. Images such as squashfs and
// iso9660 are always full; network file systems can hang whoever asks.
func kept() []string {
	return []string{
		"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "jfs", "bcachefs", "reiserfs", "ufs", "apfs", "hfs", "vfat", "exfat",
		"fat32", "ntfs", "ntfs3", "fuseblk", "refs",
	}
}

// local are the mounts worth watching: local disks and whatever holds the
// root, each device once, under its shortest path.
func local(parts []disk.PartitionStat) []disk.PartitionStat {
	parts = slices.DeleteFunc(slices.Clone(parts), func(p disk.PartitionStat) bool {
		return p.Mountpoint != "/" && !slices.Contains(kept(), strings.ToLower(p.Fstype))
	})
	slices.SortStableFunc(parts, func(a, b disk.PartitionStat) int {
		return cmp.Or(cmp.Compare(len(a.Mountpoint), len(b.Mountpoint)), strings.Compare(a.Mountpoint, b.Mountpoint))
	})
	seen := map[string]bool{}
	return slices.DeleteFunc(parts, func(p disk.PartitionStat) bool {
		again := seen[p.Device] || seen[p.Mountpoint]
		seen[p.Device], seen[p.Mountpoint] = true, true
		return again
	})
}
