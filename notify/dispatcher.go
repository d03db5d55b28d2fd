package notify

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"gengfu"
)

// Outbox is where deliveries wait. Claim leases up to n that are due to owner,
// no two of the same stream; Attempts counts the try to come. A delivery whose
// lease has run out may be claimed again. The other methods end a claim.
type Outbox interface {
	Claim(ctx context.Context, owner string, lease time.Duration, now time.Time, n int) ([]gengfu.Delivery, error)
	Sent(ctx context.Context, id int64, ref string, now time.Time) error
	Retry(ctx context.Context, id int64, next time.Time, reason string, now time.Time) error
	Dead(ctx context.Context, id int64, reason string, now time.Time) error
}

// DispatcherConfig is what a dispatcher works with; what may be left out says
// so.
type DispatcherConfig struct {
	Outbox   Outbox
	Channels Channels
	Owner    string          // names this process in leases
	Wake     <-chan struct{} // gets a value when deliveries were queued; nil to rely on time
	// NextDue returns when the next delivery can be claimed, false when none
	// waits; nil to look every few seconds.
	NextDue func(ctx context.Context) (time.Time, bool, error)
	// Broken is told when an endpoint begins to need somebody's hand, and with a
	// nil error when it works again; nil for nobody. It must not block.
	Broken  func(endpoint string, err error)
	Down    []string     // endpoints that are known to need it at the start
	Bundler Bundler      // nil to send every message on its own
	Workers int          // endpoints sent to at the same time; 0 for 16
	Logger  *slog.Logger // nil for silence
}

const (
	lease      = 2 * time.Minute
	claimBatch = 32
	maxHeld    = 256             // deliveries claimed and not yet done
	idlePoll   = 5 * time.Second // without NextDue
	shortPoll  = 50 * time.Millisecond
	longPoll   = time.Minute     // with it, in case the clock jumps
	grace      = 5 * time.Second // for what is under way when Run is told to end
	markWithin = 3 * time.Second // to write down what became of a delivery
	stumble    = 2 * time.Second // pause after the outbox failed
)

// Dispatcher works off the outbox: it claims what is due, sends it, and marks
// each delivery as soon as its fate is known.
//
// To one endpoint goes one message at a time, at no more than its channel's
// rate; different endpoints are sent to at the same time. When an endpoint
// does not take a message, those that wait for it wait with it.
type Dispatcher struct {
	cfg    DispatcherConfig
	ledger *ledger
}

// NewDispatcher makes a dispatcher that does nothing before [Dispatcher.Run].
func NewDispatcher(cfg DispatcherConfig) *Dispatcher {
	if cfg.Workers <= 0 {
		cfg.Workers = 16
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Broken == nil {
		cfg.Broken = func(string, error) {}
	}
	d := &Dispatcher{cfg: cfg, ledger: newLedger(cfg.Channels.Endpoints())}
	for _, endpoint := range cfg.Down {
		d.ledger.change(endpoint, func(s *EndpointStats) { s.Broken = true })
	}
	return d
}

// Stats are the counts by endpoint. It may be called from any goroutine.
func (d *Dispatcher) Stats() map[string]EndpointStats { return d.ledger.snapshot() }

// Run works until ctx is done. Then it waits five seconds for the sends that
// are under way, gives up the rest and hands back what it had not begun. It
// returns nil; trouble with the outbox is logged and tried again.
func (d *Dispatcher) Run(ctx context.Context) error {
	sending, abandon := context.WithCancelCause(context.WithoutCancel(ctx))
	defer abandon(nil)
	h := newHall(d.cfg.Channels, d.cfg.Workers)
	timer := time.NewTimer(stumble)
	defer timer.Stop()
	d.bundle(ctx, true)
	d.fill(ctx, h, timer)
	for ctx.Err() == nil {
		h.start(func(t task, l *lane) result { return d.send(sending, t, l) })
		select {
		case <-ctx.Done():
		case <-d.cfg.Wake:
			d.fill(ctx, h, timer)
		case <-timer.C:
			d.fill(ctx, h, timer)
		case r := <-h.done:
			d.settle(ctx, h, r)
			if h.held < maxHeld/2 {
				d.fill(ctx, h, timer)
			}
		}
	}
	d.finish(ctx, h, abandon)
	return nil
}

// fill claims what is due and sets the timer for what is not.
func (d *Dispatcher) fill(ctx context.Context, h *hall, timer *time.Timer) {
	d.bundle(ctx, false)
	for h.held < maxHeld {
		now := time.Now()
		claimed, err := d.cfg.Outbox.Claim(ctx, d.cfg.Owner, lease, now, claimBatch)
		if err != nil {
			if ctx.Err() == nil {
				d.cfg.Logger.Error("claim deliveries", "err", err)
			}
			timer.Reset(stumble)
			return
		}
		for _, del := range claimed {
			h.add(task{del, now.Add(lease)})
		}
		if len(claimed) < claimBatch {
			timer.Reset(d.pause(ctx))
			return
		}
	}
	timer.Reset(longPoll) // full: the next result claims again
}

// pause is how long nothing will be due.
func (d *Dispatcher) pause(ctx context.Context) time.Duration {
	if d.cfg.NextDue == nil {
		return idlePoll
	}
	at, any, err := d.cfg.NextDue(ctx)
	switch {
	case err != nil:
		return stumble
	case !any:
		return longPoll
	}
	// Never zero: what is due by one clock may not be by the next tick of another.
	return min(max(time.Until(at), shortPoll), longPoll)
}

// send makes one try and writes down what became of it.
func (d *Dispatcher) send(ctx context.Context, t task, l *lane) result {
	if !l.turn(ctx, t) {
		d.release(ctx, t)
		return result{lane: l}
	}
	try, cancel := context.WithTimeout(ctx, maxTry)
	ref, err := l.channel.Send(try, t.Delivery)
	cancel()
	now := time.Now()
	if err == nil {
		d.mark(ctx, t, func(ctx context.Context) error { return d.cfg.Outbox.Sent(ctx, t.ID, ref, now) })
		d.sent(t, now)
		return result{lane: l}
	}
	return d.failed(ctx, t, l, err, now)
}

func (d *Dispatcher) sent(t task, now time.Time) {
	repaired := false
	d.ledger.change(t.Endpoint, func(s *EndpointStats) {
		repaired = s.Broken
		s.Sent++
		s.Broken, s.LastSuccess, s.LastError = false, now, ""
		s.Latency.Add(max(now.Sub(t.Created), 0))
	})
	if repaired {
		d.cfg.Logger.Info("endpoint works again", "endpoint", t.Endpoint)
		d.cfg.Broken(t.Endpoint, nil)
	}
}

// failed decides when to try again, if at all.
func (d *Dispatcher) failed(ctx context.Context, t task, l *lane, err error, now time.Time) result {
	var refused *MessageError
	var broken *EndpointError
	var retry *RetryError
	reason := err.Error()
	switch {
	case errors.As(err, &refused):
		d.count(t.Endpoint, reason, func(s *EndpointStats) { s.Dead++ })
		d.cfg.Logger.Error("message refused for good", "endpoint", t.Endpoint, "incident", t.Incident, "err", reason)
		d.mark(ctx, t, func(ctx context.Context) error { return d.cfg.Outbox.Dead(ctx, t.ID, reason, now) })
		return result{lane: l}
	case errors.As(err, &broken):
		d.breakDown(t.Endpoint, err)
		return d.again(ctx, t, l, now.Add(brokenPause), reason, now)
	case ctx.Err() != nil:
		reason = "stopped while it was sent: " + reason
		return d.again(ctx, t, l, now, reason, now)
	}
	wait := backoff(t.Priority, t.Attempts, rand.Float64())
	if errors.As(err, &retry) {
		wait = max(wait, retry.After)
		if retry.Ambiguous {
			reason = "may have been accepted: " + reason
		}
	}
	d.count(t.Endpoint, reason, func(*EndpointStats) {})
	d.cfg.Logger.Warn("delivery failed", "endpoint", t.Endpoint, "incident", t.Incident, "attempt", t.Attempts, "wait", wait, "err", reason)
	return d.again(ctx, t, l, now.Add(wait), reason, now)
}

func (d *Dispatcher) count(endpoint, reason string, more func(*EndpointStats)) {
	d.ledger.change(endpoint, func(s *EndpointStats) {
		s.Failed++
		s.LastError = reason
		more(s)
	})
}

func (d *Dispatcher) breakDown(endpoint string, err error) {
	news := false
	d.count(endpoint, err.Error(), func(s *EndpointStats) {
		news = !s.Broken
		s.Broken = true
	})
	if news {
		d.cfg.Logger.Error("endpoint needs repair", "endpoint", endpoint, "err", err)
		d.cfg.Broken(endpoint, err)
	}
}

func (d *Dispatcher) again(ctx context.Context, t task, l *lane, next time.Time, reason string, now time.Time) result {
	d.mark(ctx, t, func(ctx context.Context) error { return d.cfg.Outbox.Retry(ctx, t.ID, next, reason, now) })
	return result{lane: l, rest: next}
}

// mark writes down a delivery's fate even when the dispatcher is told to end:
// what is not written is sent again.
func (d *Dispatcher) mark(ctx context.Context, t task, write func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), markWithin)
	defer cancel()
	if err := write(ctx); err != nil {
		d.cfg.Logger.Error("mark delivery", "endpoint", t.Endpoint, "incident", t.Incident, "err", err)
	}
}

// release hands a delivery back that was not tried, unless its lease ran out
// and it may be another's by now.
func (d *Dispatcher) release(ctx context.Context, t task) {
	now := time.Now()
	if !now.Before(t.until) {
		return
	}
	d.mark(ctx, t, func(ctx context.Context) error { return d.cfg.Outbox.Retry(ctx, t.ID, now, t.Error, now) })
}

// settle lets those that wait for a tired endpoint wait with it.
func (d *Dispatcher) settle(ctx context.Context, h *hall, r result) {
	now := time.Now()
	for _, t := range h.finished(r) {
		reason := "waits with an earlier message for " + t.Endpoint
		d.mark(ctx, t, func(ctx context.Context) error { return d.cfg.Outbox.Retry(ctx, t.ID, r.rest, reason, now) })
	}
}

// finish gives what is under way its last seconds.
func (d *Dispatcher) finish(ctx context.Context, h *hall, abandon context.CancelCauseFunc) {
	for _, t := range h.clear() {
		d.release(ctx, t)
	}
	last := time.AfterFunc(grace, func() { abandon(errors.New("gengfu is stopping")) })
	defer last.Stop()
	for h.busy > 0 {
		h.finished(<-h.done)
	}
}
