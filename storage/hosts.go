package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gengfu"
)

const hostColumns = "host, at, cpu, load1, cores, mem_total, mem_available, swap_used, uptime_ms, mounts"

// SaveHostSample keeps a reading of a host. A second one of the same
// millisecond is dropped.
func (s *Store) SaveHostSample(ctx context.Context, h gengfu.HostSample) error {
	mounts, err := json.Marshal(h.Mounts)
	if err == nil {
		err = s.write(ctx, func(t *tx) error {
			_, err := t.exec(ctx, "INSERT INTO host_sample ("+hostColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
				h.Host, millis(h.At), finite(h.CPU), finite(h.Load1), h.Cores, int64(h.MemTotal), int64(h.MemAvailable), int64(h.SwapUsed),
				h.Uptime.Milliseconds(), mounts)
			t.topics = append(t.topics, "host:"+h.Host)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("save sample of host %q: %w", h.Host, err)
	}
	return nil
}

// HostSamples returns the readings of a host at and after since, oldest first.
func (s *Store) HostSamples(ctx context.Context, host string, since time.Time) ([]gengfu.HostSample, error) {
	list, err := all(ctx, s.reader, scanHost, "SELECT "+hostColumns+" FROM host_sample WHERE host = $1 AND at >= $2 ORDER BY at", host, since.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("read samples of host %q: %w", host, explain(err))
	}
	return list, nil
}

// LatestHosts returns the latest reading of every host, by name.
func (s *Store) LatestHosts(ctx context.Context) ([]gengfu.HostSample, error) {
	names, err := s.hostNames(ctx)
	var list []gengfu.HostSample
	for _, name := range names {
		if err != nil {
			break
		}
		var h gengfu.HostSample
		h, _, err = one(ctx, s.reader, scanHost, "SELECT "+hostColumns+" FROM host_sample WHERE host = $1 ORDER BY at DESC LIMIT 1", name)
		list = append(list, h)
	}
	if err != nil {
		return nil, fmt.Errorf("read hosts: %w", explain(err))
	}
	return list, nil
}

// hostNames jumps from one name to the next, without reading the samples.
func (s *Store) hostNames(ctx context.Context) ([]string, error) {
	return all(ctx, s.reader, scalar[string], `WITH RECURSIVE names (host) AS (
		SELECT MIN(host) FROM host_sample
		UNION ALL SELECT (SELECT MIN(host) FROM host_sample WHERE host > names.host) FROM names WHERE names.host IS NOT NULL)
		SELECT host FROM names WHERE host IS NOT NULL ORDER BY host`)
}

func scanHost(r row) (h gengfu.HostSample, err error) {
	var at, uptime, total, available, swap int64
	var mounts []byte
	if err := r.Scan(&h.Host, &at, &h.CPU, &h.Load1, &h.Cores, &total, &available, &swap, &uptime, &mounts); err != nil {
		return h, err
	}
	h.At, h.Uptime = moment(at), spanOf(uptime)
	h.MemTotal, h.MemAvailable, h.SwapUsed = uint64(total), uint64(available), uint64(swap)
	err = json.Unmarshal(mounts, &h.Mounts)
	return h, err
}
