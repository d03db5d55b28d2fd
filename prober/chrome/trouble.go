package chrome

import (
	"context"
	"errors"
)

// trouble is why the browser could not be started when that was last tried.
type trouble struct{ err error }

// note takes over how a start ended. One that was broken off says nothing.
func (t *trouble) note(err error) {
	if errors.Is(err, errClosed) || errors.Is(err, context.Canceled) {
		return
	}
	t.err = err
}

// Trouble is why the browser could not be started when that was last tried, nil
// when it could. It asks nobody: [Pool.Warm] tries again.
func (p *Pool) Trouble() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.trouble.err
}

// LoadPerCore is the load average of the last minute for each core, 0 where the
// system does not tell.
func LoadPerCore() float64 { return loadPerCore() }
