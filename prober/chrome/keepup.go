package chrome

import (
	"bytes"
	"context"
	"encoding/json"

	"gengfu/prober/vault"
)

// keepUp keeps the state as it is at the end of a run that passed: platforms
// hand out new tokens for old ones, and the old ones end. The log-in gets no
// younger by that. Origins whose pages are not open any more keep what they had.
func (r *runner) keepUp(ctx context.Context) {
	l := r.login
	if l == nil || l.state.Made.IsZero() || r.run.Failure != nil || ctx.Err() != nil {
		return
	}
	k, err := r.capture(ctx)
	if err != nil {
		return // what was kept is as good as it can be
	}
	r.conceal(&k)
	var before kept
	if json.Unmarshal(l.state.Data, &before) == nil {
		for _, s := range before.Storages {
			k.add(s)
			k.unread(s)
		}
	}
	st := l.state
	if st.Data, err = json.Marshal(k); err != nil || bytes.Equal(st.Data, l.state.Data) || len(st.Data) > vault.MaxState {
		return
	}
	st.Origins = k.origins()
	if err := r.vault.Replace(l.se.Name, st); err != nil {
		r.vault.Warn(l.se.Name, err)
	}
}

// conceal hides the values of a state, from what was recorded already, too.
func (r *runner) conceal(k *kept) {
	r.rec.hide(k.values()...)
	r.rec.scrub()
	for i := range r.run.Steps {
		r.run.Steps[i].URL = r.rec.clean(r.run.Steps[i].URL)
	}
}

// scrub cuts secrets that became known later out of what was recorded. What is
// only looked at when the run is over needs none of it.
func (r *recorder) scrub() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.console {
		r.console[i].Text, r.console[i].URL = r.redacted(r.console[i].Text), r.redacted(r.console[i].URL)
	}
	for i := range r.failed {
		r.failed[i].URL = r.redacted(r.failed[i].URL)
	}
	for i := range r.messages {
		r.messages[i].Text = r.redacted(r.messages[i].Text)
	}
	for i := range r.dialogs {
		r.dialogs[i] = r.redacted(r.dialogs[i])
	}
	for _, d := range r.docs {
		for i := range d.Redirects {
			d.Redirects[i] = r.redacted(d.Redirects[i])
		}
	}
}
