package vault

import (
	"context"
	"fmt"
	"os"
)

// Turn is the right to log an identity in. One run has it at a time, of all
// processes that share the folder.
type Turn struct {
	v          *Vault
	name       string
	definition string
	done       chan struct{} // closed when it is over
	told       error         // set before: what those who waited are told
	waiting    int           // guarded by the vault's mutex
	lock       *os.File      // against other processes, nil when there are none to share with
}

// Take waits for the right to log an identity in. When the log-in that was
// waited for failed with an error to be told, all who waited for the same
// log-in get that error instead of a turn: the same would come of theirs, and
// rejected log-ins lock accounts. ctx bounds the wait. Other processes are waited
// for, too; what they kept is to be loaded then.
func (v *Vault) Take(ctx context.Context, name, definition string) (*Turn, error) {
	for {
		v.mu.Lock()
		before := v.turns[name]
		if before == nil {
			t := &Turn{v: v, name: name, definition: definition, done: make(chan struct{})}
			v.turns[name] = t
			v.mu.Unlock()
			var err error
			if t.lock, err = v.lock(ctx, name); err != nil {
				t.End(nil)
				return nil, err
			}
			return t, nil
		}
		before.waiting++
		v.mu.Unlock()
		select {
		case <-before.done:
			if before.told != nil && before.definition == definition {
				return nil, &ToldError{before.told}
			}
		case <-ctx.Done():
			v.mu.Lock()
			before.waiting--
			v.mu.Unlock()
			return nil, fmt.Errorf("wait for the log-in of %s: %w", name, context.Cause(ctx))
		}
	}
}

// Busy reports whether somebody else has the turn.
func (v *Vault) Busy(name string) bool {
	v.mu.Lock()
	here := v.turns[name] != nil
	v.mu.Unlock()
	return here || v.elsewhere(name)
}

// Waiting counts those who wait for the turn that somebody has.
func (v *Vault) Waiting(name string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	if t := v.turns[name]; t != nil {
		return t.waiting
	}
	return 0
}

// End gives the turn back. A told error goes to all who wait, nil lets the next
// of them go on. It may be called once.
func (t *Turn) End(told error) {
	if t.lock != nil {
		_ = t.lock.Close()
	}
	t.v.mu.Lock()
	t.told = told
	delete(t.v.turns, t.name)
	t.v.mu.Unlock()
	close(t.done)
}

// ToldError is what the log-in of another run came to.
type ToldError struct{ Err error }

// Error is the text of the other run's error.
func (e *ToldError) Error() string { return e.Err.Error() }

// Unwrap gives the other run's error.
func (e *ToldError) Unwrap() error { return e.Err }
