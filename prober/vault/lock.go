package vault

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	lockSuffix = ".lock"
	// lockEvery is how often a turn that another process has is asked for.
	lockEvery = 100 * time.Millisecond
)

// lock waits until no other process has the turn of an identity. The file stands
// for it while somebody holds it open: a process that dies gives it back. It is nil
// where there is no folder, and where none can be had: a log-in too many is better
// than none.
func (v *Vault) lock(ctx context.Context, name string) (*os.File, error) {
	f := v.lockFile(name)
	if f == nil {
		return nil, nil //nolint:nilnil // there is nobody to share with
	}
	var tick *time.Ticker
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return f, nil
		case errors.Is(err, syscall.EINTR):
			continue
		case !errors.Is(err, syscall.EWOULDBLOCK): // a file system without locks
			_ = f.Close()
			return nil, nil //nolint:nilnil // as above
		}
		if tick == nil {
			tick = time.NewTicker(lockEvery)
			defer tick.Stop()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			_ = f.Close()
			return nil, fmt.Errorf("wait for the log-in of %s in another process: %w", name, context.Cause(ctx))
		}
	}
}

// elsewhere reports whether another process has the turn.
func (v *Vault) elsewhere(name string) bool {
	f := v.lockFile(name)
	if f == nil {
		return false
	}
	defer f.Close()
	return errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

// lockFile opens the file of an identity's turn, nil when there is none to be had.
// It is never removed: two processes would then hold two files of one name.
func (v *Vault) lockFile(name string) *os.File {
	if v.dir == "" {
		return nil
	}
	path, err := v.path(name)
	if err != nil || os.MkdirAll(v.folder(), 0o700) != nil {
		return nil
	}
	f, err := os.OpenFile(filepath.Clean(path[:len(path)-len(suffix)]+lockSuffix), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil
	}
	return f
}
