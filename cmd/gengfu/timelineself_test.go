package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"gengfu"
	"gengfu/ops/selfcheck"
)

// ownMachine is the prober's own machine, which is well unless a play says
// otherwise.
type ownMachine struct {
	mu           sync.Mutex // guards what follows
	disk, memory *uint64    // bytes that are free; nil for plenty
	load         float64
	lag, jump    time.Duration
	taken        uint64 // per cent of the disk, as the host's readings have it
}

// set takes a figure over.
func (m *ownMachine) set(what, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var err error
	switch what {
	case "lag":
		m.lag, err = time.ParseDuration(value)
	case "jump":
		m.jump, err = time.ParseDuration(value)
	case "load":
		m.load, err = strconv.ParseFloat(value, 64)
	case "disk":
		m.disk, err = freeMiB(value)
	case "memory":
		m.memory, err = freeMiB(value)
	default:
		err = fmt.Errorf("no %s", what)
	}
	return err
}

func freeMiB(value string) (*uint64, error) {
	n, err := strconv.ParseUint(value, 10, 64)
	n <<= 20
	return &n, err
}

// measure is what the prober reads off the machine.
func (m *ownMachine) measure(s *selfcheck.Sample) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s.Disk, s.Memory = amount(m.disk), amount(m.memory)
	s.Load, s.Lag, s.Jump = m.load, m.lag, m.jump
	m.jump = 0
}

func amount(bytes *uint64) selfcheck.Amount {
	if bytes == nil {
		return selfcheck.Amount{Bytes: 1 << 40, Known: true}
	}
	return selfcheck.Amount{Bytes: *bytes, Known: true}
}

// take says how much of the disk is taken.
func (m *ownMachine) take(percent string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var err error
	m.taken, err = strconv.ParseUint(percent, 10, 7)
	return err
}

// sample is a reading of the host.
func (m *ownMachine) sample(context.Context) (gengfu.HostSample, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return gengfu.HostSample{
		Host: gengfu.DefaultLocation, At: clock(), Cores: 2, MemTotal: 4 << 30, MemAvailable: 3 << 30,
		Mounts: []gengfu.Mount{{Path: "/", Total: 100 << 30, Free: (100 - m.taken) << 30}},
	}, nil
}

// elsewhere is what a prober at another location writes into the ledger that it
// shares with this one.
func (p *conductor) elsewhere(location, scenario string, state gengfu.State) error {
	return p.daemon.store.Amend(p.t.Context(), scenario, location, nil, func(snap gengfu.Snapshot) (gengfu.Change, error) {
		c := snap.Check
		c.State, c.Since, c.LastStart = state, clock(), clock()
		return gengfu.Change{Check: &c}, nil
	})
}
