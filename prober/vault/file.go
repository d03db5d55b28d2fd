package vault

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	suffix    = ".state"
	unsettled = ".new-"
	keyFile   = "session.key"
)

// path is the file of an identity. Names come from checked scenarios and from
// people.
func (v *Vault) path(name string) (string, error) {
	if name == "" || strings.ContainsAny(name, `/\.`) || !filepath.IsLocal(name) {
		return "", fmt.Errorf("%q cannot be the name of a session", name)
	}
	return filepath.Join(v.folder(), name+suffix), nil
}

// read returns the state of an identity whatever its age and definition.
func (v *Vault) read(name string) (State, error) {
	if v.dir == "" {
		v.mu.Lock()
		box, known := v.sealed[name]
		v.mu.Unlock()
		if !known {
			return State{}, fs.ErrNotExist
		}
		return v.open(name, box)
	}
	path, err := v.path(name)
	if err != nil {
		return State{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return State{}, err
	}
	box, err := io.ReadAll(io.LimitReader(f, MaxState+64<<10))
	if err := errors.Join(err, f.Close()); err != nil {
		return State{}, err
	}
	if err := v.Ready(); err != nil {
		return State{}, err
	}
	return v.open(name, box)
}

// write puts a file in the place of the one before in one move, so that whoever
// dies meanwhile leaves the old one.
func (v *Vault) write(name string, content []byte) error {
	path, err := v.path(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(v.folder(), 0o700); err != nil {
		return fmt.Errorf("sessions folder: %w", err)
	}
	v.tidy()
	made, err := v.settle(v.folder(), content)
	if err != nil {
		return fmt.Errorf("write session %s: %w", name, err)
	}
	if err := os.Rename(made, path); err != nil {
		_ = os.Remove(made)
		return fmt.Errorf("write session %s: %w", name, err)
	}
	return nil
}

// settle writes content to a new file that only this user may read, through to
// the disk, and returns its path.
func (v *Vault) settle(dir string, content []byte) (string, error) {
	f, err := os.CreateTemp(dir, unsettled+"*") // mode 0600
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// tidy removes what a prober that died left behind half written.
func (v *Vault) tidy() {
	left, _ := filepath.Glob(filepath.Join(v.folder(), unsettled+"*"))
	for _, path := range left {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > time.Minute {
			_ = os.Remove(path)
		}
	}
}

// readKey reads the key, and refuses one that others could have
// read.
func (v *Vault) readKey() ([]byte, error) {
	path := v.keyPath
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	mode := info.Mode()
	switch {
	case !mode.IsRegular():
		return nil, fmt.Errorf("session key %s: it is no plain file", path)
	case mode.Perm()&0o077 != 0:
		return nil, fmt.Errorf("session key %s: others may read it, its mode is %04o (chmod 600; remove it when others have read it)", path, mode.Perm())
	case info.Size() != keySize:
		return nil, fmt.Errorf("session key %s: it has %d bytes, not %d (remove it: a new one is made, and the sessions log in anew)", path, info.Size(), keySize)
	}
	key, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("session key: %w", err)
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("session key %s: it has %d bytes, not %d", path, len(key), keySize)
	}
	return key, nil
}

// makeKey makes the key. Of two that do so at once, one wins and
// both have its key.
func (v *Vault) makeKey() ([]byte, error) {
	dir := filepath.Dir(v.keyPath)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("session key: %w", err)
	}
	made, err := v.settle(dir, random(keySize))
	if err != nil {
		return nil, fmt.Errorf("session key: %w", err)
	}
	err = os.Link(made, v.keyPath) // does not replace
	_ = os.Remove(made)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("session key: %w", err)
	}
	return v.readKey()
}
