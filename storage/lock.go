package storage

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// ErrLocked means that another process has the ledger open.
var ErrLocked = errors.New("in use by another process")

// lock keeps a second process away. What counts is the kernel's lock on the
// file, not that the file exists; the process id in it is for people.
type lock struct{ file *os.File }

func takeLock(path string) (*lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, fmt.Errorf("%w; give write permission on the folder", err)
	}
	if err := tryLock(f); err != nil {
		holder, _ := io.ReadAll(io.LimitReader(f, 32))
		return nil, errors.Join(fmt.Errorf("%w%s; stop it, or use another path", ErrLocked, holderText(string(holder))), f.Close())
	}
	if err := writePID(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &lock{file: f}, nil
}

func holderText(pid string) string {
	if _, err := strconv.Atoi(strings.TrimSpace(pid)); err != nil {
		return ""
	}
	return " (pid " + strings.TrimSpace(pid) + ")"
}

func writePID(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// Close gives the lock back. The file is emptied but stays in place: removing
// it would let two processes lock two files of one name.
func (l *lock) Close() error {
	if l == nil || l.file == nil {
		return nil
	}
	err := errors.Join(l.file.Truncate(0), l.file.Close())
	l.file = nil
	return err
}
