package storage

import (
	"os"

	"golang.org/x/sys/windows"
)

// tryLock takes the lock of an open file without waiting. The locked byte
// lies far behind the text, so that others can read the process id.
func tryLock(f *os.File) error {
	at := windows.Overlapped{OffsetHigh: 1}
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
}
