package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gengfu"
)

// shelf is an outbox in memory with the rules of the real one.
type shelf struct {
	mu     sync.Mutex
	rows   []*row
	broken error // what Claim answers
	wake   chan struct{}
}

type row struct {
	gengfu.Delivery
	lease time.Time
}

func newShelf() *shelf { return &shelf{wake: make(chan struct{}, 1)} }

func (s *shelf) put(list ...gengfu.Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range list {
		d.ID, d.State = int64(len(s.rows)+1), gengfu.DeliveryPending
		if d.Created.IsZero() {
			d.Created = time.Now()
		}
		s.rows = append(s.rows, &row{Delivery: d})
	}
	s.rouse()
}

func (s *shelf) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// heads are the oldest pending rows of the streams.
func (s *shelf) heads() []*row {
	seen := map[string]bool{}
	var heads []*row
	for _, r := range s.rows {
		if r.State == gengfu.DeliveryPending && !seen[r.Stream] {
			seen[r.Stream] = true
			heads = append(heads, r)
		}
	}
	return heads
}

func (s *shelf) Claim(_ context.Context, _ string, lease time.Duration, now time.Time, n int) ([]gengfu.Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return nil, s.broken
	}
	heads := s.heads()
	slices.SortStableFunc(heads, func(a, b *row) int { return cmp.Compare(a.Priority, b.Priority) })
	var out []gengfu.Delivery
	for _, r := range heads {
		if !r.Expires.IsZero() && !r.Expires.After(now) && !r.lease.After(now) {
			r.State = gengfu.DeliveryDead
			continue
		}
		if len(out) < n && !r.Next.After(now) && !r.lease.After(now) {
			r.lease = now.Add(lease)
			r.Attempts++
			out = append(out, r.Delivery)
		}
	}
	return out, nil
}

func (s *shelf) next(context.Context) (time.Time, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due time.Time
	for _, r := range s.heads() {
		t := r.Next
		if r.lease.After(t) {
			t = r.lease
		}
		if due.IsZero() || t.Before(due) {
			due = t
		}
	}
	return due, len(s.heads()) > 0, nil
}

func (s *shelf) end(id int64, change func(*row)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rows[id-1]
	if r.State != gengfu.DeliveryPending {
		return gengfu.ErrConflict
	}
	change(r)
	r.lease = time.Time{}
	s.rouse()
	return nil
}

func (s *shelf) Sent(_ context.Context, id int64, ref string, now time.Time) error {
	return s.end(id, func(r *row) { r.State, r.Ref, r.SentAt = gengfu.DeliverySent, ref, now })
}

func (s *shelf) Retry(_ context.Context, id int64, next time.Time, reason string, _ time.Time) error {
	return s.end(id, func(r *row) { r.Next, r.Error = next, reason })
}

func (s *shelf) Dead(_ context.Context, id int64, reason string, _ time.Time) error {
	return s.end(id, func(r *row) { r.State, r.Error = gengfu.DeliveryDead, reason })
}

func (s *shelf) row(id int) row {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.rows[id-1]
}

func item(endpoint string, incident, priority int) gengfu.Delivery {
	number := fmt.Sprintf("INC-%d", incident)
	return gengfu.Delivery{
		Endpoint: endpoint, Incident: number, Stream: endpoint + "|" + number, Priority: priority, Next: time.Now(), Expires: time.Now().Add(expireOpen),
	}
}

// working runs a dispatcher in the present bubble; end stops it and waits.
func working(t *testing.T, s *shelf, channels Channels, change func(*DispatcherConfig)) (d *Dispatcher, end func()) {
	t.Helper()
	cfg := DispatcherConfig{Outbox: s, Channels: channels, Owner: "test", Wake: s.wake, NextDue: s.next}
	if change != nil {
		change(&cfg)
	}
	d = NewDispatcher(cfg)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	return d, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

// script answers one error after the other, then accepts.
func script(errs ...error) func(context.Context, gengfu.Delivery) (string, error) {
	var mu sync.Mutex
	return func(context.Context, gengfu.Delivery) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		if len(errs) == 0 {
			return "ok", nil
		}
		err := errs[0]
		errs = errs[1:]
		return "", err
	}
}

func TestDispatcher_sendsAndMarks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		d, end := working(t, s, toys(&toy{name: "hook", send: script()}), nil)
		s.put(item("hook", 1, 1))
		synctest.Wait()
		if r := s.row(1); r.State != gengfu.DeliverySent || r.Ref != "ok" {
			t.Errorf("row: %+v", r)
		}
		if st := d.Stats()["hook"]; st.Sent != 1 || st.LastSuccess != time.Now() || st.Latency.Count() != 1 {
			t.Errorf("stats: %+v", st)
		}
		end()
	})
}

func TestDispatcher_openingsAreTriedWithinAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		down := &RetryError{Err: errors.New("HTTP 500")}
		d, end := working(t, s, toys(&toy{name: "hook", send: script(down, down, down, down, down)}), nil)
		s.put(item("hook", 1, gengfu.PriorityOpen))
		time.Sleep(62 * time.Second) // 2+4+8+16+32
		if r := s.row(1); r.State != gengfu.DeliverySent || r.Attempts != 6 {
			t.Errorf("row: %+v", r)
		}
		if st := d.Stats()["hook"]; st.Failed != 5 || st.Sent != 1 || st.LastError != "" {
			t.Errorf("stats: %+v", st)
		}
		end()
	})
}

func TestDispatcher_recordsFollowTheSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		start := time.Now()
		down := errors.New("a plain error")
		_, end := working(t, s, toys(&toy{name: "hook", send: script(down, down)}), nil)
		s.put(item("hook", 1, gengfu.PriorityResolve))
		time.Sleep(time.Second)
		if wait := s.row(1).Next.Sub(start); wait < 5*time.Second || wait > 5500*time.Millisecond {
			t.Errorf("first wait %s", wait)
		}
		time.Sleep(6 * time.Minute)
		if r := s.row(1); r.State != gengfu.DeliverySent || r.SentAt.Sub(start) < 305*time.Second {
			t.Errorf("row: %+v", r)
		}
		end()
	})
}

func TestDispatcher_waitsAsLongAsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		start := time.Now()
		busy := &RetryError{After: 10 * time.Minute, Ambiguous: true, Err: errors.New("HTTP 429")}
		_, end := working(t, s, toys(&toy{name: "hook", send: script(busy)}), nil)
		s.put(item("hook", 1, gengfu.PriorityOpen), item("hook", 2, gengfu.PriorityOpen))
		time.Sleep(time.Minute)
		for id := 1; id <= 2; id++ {
			if r := s.row(id); r.State != gengfu.DeliveryPending || r.Next.Before(start.Add(10*time.Minute)) {
				t.Errorf("row %d did not wait: %+v", id, r)
			}
		}
		if r := s.row(1); !strings.HasPrefix(r.Error, "may have been accepted: ") {
			t.Errorf("reason %q", r.Error)
		}
		time.Sleep(10 * time.Minute)
		if s.row(1).State != gengfu.DeliverySent || s.row(2).State != gengfu.DeliverySent {
			t.Error("not sent after the wait")
		}
		end()
	})
}

func TestDispatcher_refusedMessagesAreDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		d, end := working(t, s, toys(&toy{name: "hook", send: script(&MessageError{Err: errors.New("HTTP 413")})}), nil)
		s.put(item("hook", 1, 1), item("hook", 2, 1), item("gone", 1, 1))
		time.Sleep(time.Second)
		if r := s.row(1); r.State != gengfu.DeliveryDead || r.Error != "HTTP 413" {
			t.Errorf("row: %+v", r)
		}
		if r := s.row(2); r.State != gengfu.DeliverySent {
			t.Errorf("the next one: %+v", r)
		}
		if r := s.row(3); r.State != gengfu.DeliveryDead || !strings.Contains(r.Error, "no longer configured") {
			t.Errorf("without endpoint: %+v", r)
		}
		if st := d.Stats()["hook"]; st.Dead != 1 || st.Failed != 1 {
			t.Errorf("stats: %+v", st)
		}
		end()
	})
}

func TestDispatcher_brokenEndpointIsProbedUntilItWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		start := time.Now()
		revoked := &EndpointError{Err: errors.New("token_revoked")}
		var news []string
		d, end := working(t, s, toys(&toy{name: "ops", send: script(revoked, revoked)}), func(c *DispatcherConfig) {
			c.Broken = func(endpoint string, err error) { news = append(news, fmt.Sprint(endpoint, ": ", err)) }
		})
		s.put(item("ops", 1, 1))
		time.Sleep(20 * time.Minute)
		if st := d.Stats()["ops"]; !st.Broken || st.LastError != "token_revoked" {
			t.Errorf("stats: %+v", st)
		}
		time.Sleep(11 * time.Minute)
		if r := s.row(1); r.State != gengfu.DeliverySent || r.SentAt.Sub(start) != 30*time.Minute {
			t.Errorf("row: %+v", r)
		}
		end()
		if got := strings.Join(news, "; "); got != "ops: token_revoked; ops: <nil>" || d.Stats()["ops"].Broken {
			t.Errorf("news: %s", got)
		}
	})
}

func TestDispatcher_keepsOrderWithinAStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		var got []int64
		flaky := script(&RetryError{Err: errors.New("HTTP 500")}, &RetryError{Err: errors.New("HTTP 500")})
		_, end := working(t, s, toys(&toy{name: "hook", send: func(ctx context.Context, d gengfu.Delivery) (string, error) {
			ref, err := flaky(ctx, d)
			if err == nil {
				got = append(got, d.ID)
			}
			return ref, err
		}}), nil)
		s.put(item("hook", 1, 1), item("hook", 1, 3), item("hook", 1, 2))
		time.Sleep(time.Hour)
		end()
		if !slices.Equal(got, []int64{1, 2, 3}) {
			t.Errorf("sent in the order %v", got)
		}
	})
}

func TestDispatcher_slowEndpointHoldsUpNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		var mu sync.Mutex
		inFlight, most := 0, 0
		slow := &toy{name: "slow", send: func(ctx context.Context, _ gengfu.Delivery) (string, error) {
			mu.Lock()
			inFlight++
			most = max(most, inFlight)
			mu.Unlock()
			<-ctx.Done()
			mu.Lock()
			inFlight--
			mu.Unlock()
			return "", &RetryError{Ambiguous: true, Err: context.Cause(ctx)}
		}}
		_, end := working(t, s, toys(slow, &toy{name: "quick", send: script()}), nil)
		for i := range 300 {
			s.put(item("slow", i, 1))
		}
		s.put(item("quick", 1, 1))
		time.Sleep(time.Minute)
		if r := s.row(301); r.State != gengfu.DeliverySent || r.SentAt.Sub(r.Created) > 31*time.Second {
			t.Errorf("quick endpoint waited: %+v", r)
		}
		end()
		if most != 1 {
			t.Errorf("%d messages to one endpoint at the same time", most)
		}
	})
}

func TestDispatcher_keepsToTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		start := time.Now()
		_, end := working(t, s, toys(&toy{name: "room", send: script(), limits: Limits{PerSecond: 1, Burst: 2}}), nil)
		for i := range 12 {
			s.put(item("room", i, 1))
		}
		time.Sleep(time.Minute)
		end()
		var last time.Time
		for id := 1; id <= 12; id++ {
			if at := s.row(id).SentAt; at.After(last) {
				last = at
			}
		}
		if took := last.Sub(start); took != 10*time.Second {
			t.Errorf("12 messages took %s, want 10 s", took)
		}
	})
}

func TestDispatcher_urgentFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		var got []int
		s.put(item("room", 1, 3), item("room", 2, 2), item("room", 3, 1), item("room", 4, 3), item("room", 5, 1))
		_, end := working(t, s, toys(&toy{name: "room", send: func(_ context.Context, d gengfu.Delivery) (string, error) {
			got = append(got, d.Priority)
			return "", nil
		}}), nil)
		time.Sleep(time.Second)
		end()
		if !slices.Equal(got, []int{1, 1, 2, 3, 3}) {
			t.Errorf("order of priorities %v", got)
		}
	})
}

func TestDispatcher_givesUpExpired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		d := item("hook", 1, 1)
		d.Expires = time.Now().Add(time.Hour)
		always := func(context.Context, gengfu.Delivery) (string, error) {
			return "", &EndpointError{Err: errors.New("gone")}
		}
		_, end := working(t, s, toys(&toy{name: "hook", send: always}), nil)
		s.put(d)
		time.Sleep(2 * time.Hour)
		if r := s.row(1); r.State != gengfu.DeliveryDead || r.Attempts != 4 {
			t.Errorf("row: %+v", r)
		}
		end()
	})
}

func TestDispatcher_outlivesItsOutbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.broken = errors.New("disk full")
		s.put(item("hook", 1, 1))
		_, end := working(t, s, toys(&toy{name: "hook", send: script()}), nil)
		time.Sleep(time.Minute)
		s.mu.Lock()
		s.broken = nil
		s.mu.Unlock()
		time.Sleep(3 * time.Second)
		if r := s.row(1); r.State != gengfu.DeliverySent {
			t.Errorf("row: %+v", r)
		}
		end()
	})
}

func TestDispatcher_endsWithinSeconds(t *testing.T) {
	tests := []struct {
		name string
		need time.Duration // of the send under way
		took time.Duration
		sent bool
	}{{"finishes", 3 * time.Second, 3 * time.Second, true}, {"abandons", time.Hour, grace, false}}
	for _, tc := range tests {
		synctest.Test(t, func(t *testing.T) {
			s := newShelf()
			s.put(item("hook", 1, 1), item("hook", 2, 1))
			_, end := working(t, s, toys(&toy{name: "hook", send: func(ctx context.Context, _ gengfu.Delivery) (string, error) {
				select {
				case <-time.After(tc.need):
					return "ok", nil
				case <-ctx.Done():
					return "", &RetryError{Ambiguous: true, Err: context.Cause(ctx)}
				}
			}}), nil)
			time.Sleep(time.Second)
			stop := time.Now()
			end()
			if took := time.Since(stop); took > tc.took {
				t.Errorf("%s: ended after %s, want %s", tc.name, took, tc.took)
			}
			if got := s.row(1).State == gengfu.DeliverySent; got != tc.sent {
				t.Errorf("%s: sent %v", tc.name, got)
			}
			if r := s.row(2); r.State != gengfu.DeliveryPending || !r.lease.IsZero() {
				t.Errorf("%s: what was not begun is not handed back: %+v", tc.name, r)
			}
		})
	}
}

// What waited longer than its lease is left to whoever claims it next.
func TestDispatcher_dropsWhatItHeldTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		sent := map[int64]int{}
		_, end := working(t, s, toys(&toy{name: "room", limits: Limits{PerSecond: 0.1, Burst: 1}, send: func(_ context.Context, d gengfu.Delivery) (string, error) {
			sent[d.ID]++
			return "", nil
		}}), nil)
		for i := range 30 {
			s.put(item("room", i, 1))
		}
		time.Sleep(10 * time.Minute)
		end()
		if len(sent) != 30 {
			t.Errorf("%d of 30 were sent", len(sent))
		}
		for id, n := range sent {
			if n != 1 {
				t.Errorf("delivery %d was sent %d times", id, n)
			}
		}
	})
}
