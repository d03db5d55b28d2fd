package vault

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// breakerFile holds, in the folder of the states, the identities whose log-ins
// were rejected. There is no secret in it.
const breakerFile = "rejections.json"

// Rejections is how often in a row the log-ins of an identity were rejected. An
// identity is the name of a session, or the id of a scenario without one.
type Rejections struct {
	Identity string
	Count    int
	Since    time.Time // the first of them
	Until    time.Time // no log-in before; zero while log-ins go on
}

// Breaker suspends the log-ins of an identity that is rejected again and again,
// before the platform locks the account. The zero value never does.
type Breaker struct {
	After int           // rejections in a row
	For   time.Duration // until one more is tried
}

// Suspended returns the rejections of an identity whose log-ins are suspended.
func (v *Vault) Suspended(identity string, now time.Time) (Rejections, bool) {
	v.breaking.Lock()
	defer v.breaking.Unlock()
	r, known := v.rejections()[identity]
	return r, known && now.Before(r.Until)
}

// Rejected counts a rejection. A locked account is suspended at once, and one
// that was tried again in vain, too.
func (v *Vault) Rejected(identity string, locked bool, b Breaker, now time.Time) error {
	if b.After <= 0 {
		return nil
	}
	return v.change(func(all map[string]Rejections) bool {
		r := all[identity]
		if r.Count == 0 {
			r.Identity, r.Since = identity, now
		}
		if r.Count++; locked || r.Count >= b.After {
			r.Until = now.Add(b.For)
		}
		all[identity] = r
		return true
	})
}

// Accepted forgets the rejections of an identity. To have none is no error.
func (v *Vault) Accepted(identity string) error {
	return v.change(func(all map[string]Rejections) bool {
		_, known := all[identity]
		delete(all, identity)
		return known
	})
}

// Rejections lists the identities that were rejected last, by name.
func (v *Vault) Rejections() []Rejections {
	v.breaking.Lock()
	defer v.breaking.Unlock()
	var list []Rejections
	for _, r := range v.rejections() {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b Rejections) int { return cmp.Compare(a.Identity, b.Identity) })
	return list
}

// rejections reads what is kept; the lock is held. A file that cannot be read
// suspends nobody.
func (v *Vault) rejections() map[string]Rejections {
	if v.dir == "" {
		if v.rejected == nil {
			v.rejected = map[string]Rejections{}
		}
		return v.rejected
	}
	all := map[string]Rejections{}
	text, err := os.ReadFile(filepath.Join(v.folder(), breakerFile))
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		v.log.Warn("rejections not read", "error", err)
		return map[string]Rejections{}
	}
	return all
}

func (v *Vault) change(f func(map[string]Rejections) bool) error {
	v.breaking.Lock()
	defer v.breaking.Unlock()
	all := v.rejections()
	if !f(all) || v.dir == "" {
		return nil
	}
	text, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("write rejections: %w", err)
	}
	if err := os.MkdirAll(v.folder(), 0o700); err != nil {
		return fmt.Errorf("sessions folder: %w", err)
	}
	made, err := v.settle(v.folder(), text)
	if err != nil {
		return fmt.Errorf("write rejections: %w", err)
	}
	if err := os.Rename(made, filepath.Join(v.folder(), breakerFile)); err != nil {
		_ = os.Remove(made)
		return fmt.Errorf("write rejections: %w", err)
	}
	return nil
}
