package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"gengfu"
)

// maxWait bounds how long a request may wait for a run.
const maxWait = 5 * time.Minute

// waitOf reads ?wait=30s, 0 when the caller does not want to wait.
func waitOf(r *http.Request) (time.Duration, error) {
	text := r.URL.Query().Get("wait")
	if text == "" {
		return 0, nil
	}
	wait, err := time.ParseDuration(text)
	if err != nil || wait < 0 || wait > maxWait {
		return 0, fmt.Errorf("wait=%q: want a duration up to %s, such as 30s: %w", text, maxWait, gengfu.ErrInvalid)
	}
	return wait, nil
}

// await returns the run once it is in the ledger, and [gengfu.ErrNotFound] when
// it is not there in time or the site closes.
func (s *Server) await(ctx context.Context, id string, topics <-chan string, wait time.Duration) (gengfu.Run, error) {
	limit := time.NewTimer(wait)
	defer limit.Stop()
	again := time.NewTicker(time.Second) // a topic may be lost
	defer again.Stop()
	for {
		select {
		case topic, open := <-topics:
			if !open {
				topics = nil
			}
			if topic != "run:"+id {
				continue
			}
		case <-again.C:
		case <-limit.C:
			return gengfu.Run{}, gengfu.ErrNotFound
		case <-s.closing:
			return gengfu.Run{}, gengfu.ErrNotFound
		case <-ctx.Done():
			return gengfu.Run{}, fmt.Errorf("wait for run: %w", context.Cause(ctx))
		}
		run, err := s.cfg.Runs.Run(ctx, id)
		if !errors.Is(err, gengfu.ErrNotFound) {
			return run, err
		}
	}
}
