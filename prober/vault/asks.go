package vault

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// asksFile holds, in the folder of the states, when people were asked last to
// see to a log-in. There is no secret in it.
const asksFile = "asks.json"

// LastAsked is when a person was asked last to see to an identity, zero for
// never. A file that cannot be read keeps nobody from being asked.
func (v *Vault) LastAsked(identity string) time.Time {
	v.breaking.Lock()
	defer v.breaking.Unlock()
	return v.asks()[identity]
}

// Asked takes down that a person was asked to see to an identity.
func (v *Vault) Asked(identity string, now time.Time) error {
	v.breaking.Lock()
	defer v.breaking.Unlock()
	all := v.asks()
	all[identity] = now
	if v.dir == "" {
		return nil
	}
	text, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("write asks: %w", err)
	}
	if err := os.MkdirAll(v.folder(), 0o700); err != nil {
		return fmt.Errorf("sessions folder: %w", err)
	}
	made, err := v.settle(v.folder(), text)
	if err != nil {
		return fmt.Errorf("write asks: %w", err)
	}
	if err := os.Rename(made, filepath.Join(v.folder(), asksFile)); err != nil {
		_ = os.Remove(made)
		return fmt.Errorf("write asks: %w", err)
	}
	return nil
}

// asks reads what is kept; the lock is held.
func (v *Vault) asks() map[string]time.Time {
	if v.dir == "" {
		if v.asked == nil {
			v.asked = map[string]time.Time{}
		}
		return v.asked
	}
	all := map[string]time.Time{}
	text, err := os.ReadFile(filepath.Join(v.folder(), asksFile))
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		v.log.Warn("asks not read", "error", err)
		return map[string]time.Time{}
	}
	return all
}
