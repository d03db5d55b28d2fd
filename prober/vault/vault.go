// Package vault keeps the browser state that a log-in led to, so that later
// runs need not log in again. States are encrypted with a key that is made on
// this machine, and there is one for each identity. It also sees to it that an
// identity is logged in by one run at a time.
package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// MaxState is how many bytes a state may have.
const MaxState = 1 << 20

// ErrTooLarge is returned for a state over [MaxState].
var ErrTooLarge = errors.New("the state is too large")

// State is what a log-in led to.
type State struct {
	Made       time.Time // when the log-in was over
	Definition string    // of the log-in: the [Vault.Digest] of all that its steps do
	Keep       time.Duration
	Origins    int    // with data of their own, for people to see
	Data       []byte // what the browser is given back; never shown
}

// Why says why there is no state to use.
type Why string

// Reasons for having no state. None of them is an error: who gets one logs in.
const (
	Usable  Why = ""
	Missing Why = "missing"
	Expired Why = "expired"
	Changed Why = "changed"
)

// Vault keeps states in a folder, or in memory when it has none. Its methods
// may be called from any goroutine.
type Vault struct {
	dir     string // empty for memory alone
	keyPath string
	log     *slog.Logger

	mu     sync.Mutex
	key    []byte            // nil until it is needed first
	sealed map[string][]byte // states by name, where no folder has them
	turns  map[string]*Turn

	breaking sync.Mutex
	rejected map[string]Rejections // where no folder has them
	asked    map[string]time.Time  // likewise
}

// Open returns the vault of a data folder, of memory alone when dir is empty.
// Nothing is read or made before it is needed.
func Open(dir string, log *slog.Logger) *Vault { return OpenKey(dir, "", log) }

// OpenKey is Open with the file of the key elsewhere than in the data folder, so
// that whoever gets a copy of the folder has no key. It is made there when there is
// none, like the other. An empty path is that of the folder.
func OpenKey(dir, key string, log *slog.Logger) *Vault {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if key == "" {
		key = filepath.Join(dir, keyFile)
	}
	return &Vault{dir: dir, keyPath: key, log: log, sealed: map[string][]byte{}, turns: map[string]*Turn{}}
}

// Ready makes sure that there is a key: it reads the one of the folder, and
// makes one there when there is none. The error says what is wrong with it.
func (v *Vault) Ready() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.key != nil {
		return nil
	}
	if v.dir == "" {
		v.key = random(keySize)
		return nil
	}
	key, err := v.readKey()
	if errors.Is(err, fs.ErrNotExist) {
		key, err = v.makeKey()
	}
	if err != nil {
		return err
	}
	v.key = key
	return nil
}

// Digest is a keyed digest: it tells whether something is the same as before,
// and nothing about what it is.
func (v *Vault) Digest(text []byte) (string, error) {
	if err := v.Ready(); err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, v.derive("definition"))
	mac.Write(text)
	return hex.EncodeToString(mac.Sum(nil)), nil
}

// Load returns the state of an identity if it was made by the same log-in and
// is not older than keep. A file that cannot be trusted counts as missing, with
// a warning in the log. A state that is too old is removed.
func (v *Vault) Load(name, definition string, keep time.Duration, now time.Time) (State, Why) {
	st, err := v.read(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return State{}, Missing
	case err != nil:
		v.log.Warn("kept log-in not used", "session", name, "error", err)
		return State{}, Missing
	case st.Definition != definition:
		return State{}, Changed
	}
	if age := now.Sub(st.Made); age >= keep || age < -time.Minute { // a clock that was set back says nothing
		if err := v.Forget(name); err != nil {
			v.log.Warn("expired log-in not removed", "session", name, "error", err)
		}
		return State{}, Expired
	}
	return st, Usable
}

// Save puts a state in the place of the one before, all at once or not at all.
func (v *Vault) Save(name string, st State) error {
	if len(st.Data) > MaxState {
		return ErrTooLarge
	}
	if err := v.Ready(); err != nil {
		return err
	}
	box, err := v.seal(name, st)
	if err != nil {
		return err
	}
	if v.dir != "" {
		return v.write(name, box)
	}
	v.mu.Lock()
	v.sealed[name] = box
	v.mu.Unlock()
	return nil
}

// Replace puts what a state has become in its place, unless another log-in was
// kept or it was forgotten meanwhile.
func (v *Vault) Replace(name string, st State) error {
	if now, err := v.read(name); err != nil || !now.Made.Equal(st.Made) {
		return nil //nolint:nilerr // there is nothing to replace
	}
	return v.Save(name, st)
}

// Forget removes the state of an identity; to have none is no error.
func (v *Vault) Forget(name string) error {
	if v.dir == "" {
		v.mu.Lock()
		delete(v.sealed, name)
		v.mu.Unlock()
		return nil
	}
	path, err := v.path(name)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget session %s: %w", name, err)
	}
	return nil
}

// ForgetState removes a state, unless a newer one has taken its place.
func (v *Vault) ForgetState(name string, made time.Time) error {
	if st, err := v.read(name); err == nil && !st.Made.Equal(made) {
		return nil
	}
	return v.Forget(name)
}

// Entry is a kept state as people may see it.
type Entry struct {
	Name    string
	Made    time.Time
	Keep    time.Duration
	Origins int
	Err     error // why it cannot be used, nil when it can
}

// List returns what is kept in the folder, by name.
func (v *Vault) List() ([]Entry, error) {
	files, err := os.ReadDir(v.folder())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	var list []Entry
	for _, f := range files {
		name, is := strings.CutSuffix(f.Name(), suffix)
		if !is {
			continue
		}
		st, err := v.read(name)
		list = append(list, Entry{Name: name, Made: st.Made, Keep: st.Keep, Origins: st.Origins, Err: err})
	}
	slices.SortFunc(list, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

func (v *Vault) folder() string { return filepath.Join(v.dir, "sessions") }

// Warn logs that the state of an identity could not be kept as it should be,
// for runs, which go on without.
func (v *Vault) Warn(name string, err error) {
	v.log.Warn("log-in not kept", "session", name, "error", err)
}
