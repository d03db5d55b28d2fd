//go:build !windows

package storage

import (
	"os"

	"golang.org/x/sys/unix"
)

// tryLock takes the lock of an open file without waiting. The kernel gives it
// back when the process ends, however it ends.
func tryLock(f *os.File) error {
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
}
