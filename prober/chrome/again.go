package chrome

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"

	"gengfu"
	"gengfu/scenarios"
)

// repeatTime is how long a repeat step may take unless it says otherwise.
const repeatTime = time.Minute

// repeat does the steps of its rounds until its conditions hold. Each step has
// its own time, within that of the repeat.
func (r *runner) repeat(ctx context.Context, st *scenarios.Step) error {
	var last error
	for range st.Rounds.Times {
		for i := range st.Rounds.Steps {
			if err := r.roundStep(ctx, &st.Rounds.Steps[i]); err != nil {
				return err
			}
		}
		if len(st.Rounds.Until) == 0 {
			continue
		}
		began := time.Now()
		brief, cancel := context.WithTimeoutCause(ctx, st.Rounds.Every+grace, errStepTime)
		last = r.retry(brief, func() error { return r.expect(brief, st.Rounds.Until, st.Frame, st.Outcome) })
		cancel()
		var s *stop
		if last == nil || !errors.As(last, &s) || s.Fault != gengfu.FaultAssertion || patience(ctx) <= 0 {
			return last
		}
		if err := r.rest(ctx, st.Rounds.Every-time.Since(began)); err != nil {
			return err
		}
	}
	return last
}

// rest waits, or less when the page ends.
func (r *runner) rest(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	return r.wait(ctx, &scenarios.Step{Pause: d})
}

func (r *runner) roundStep(ctx context.Context, st *scenarios.Step) error {
	brief, cancel := context.WithTimeoutCause(ctx, min(limitOf(st), max(patience(ctx), 0))+grace, errStepTime)
	defer cancel()
	_, err := r.attempt(brief, st)
	var s *stop
	if errors.As(err, &s) && st.Optional && absent(s.Failure) {
		return nil
	}
	return err
}

// set puts cookies and values of the page's storages into the browser.
func (r *runner) set(ctx context.Context, st *scenarios.Step) error {
	if len(st.Store.Cookies) > 0 {
		at := r.page.url()
		if !st.Store.At.IsZero() {
			v, err := r.resolve(st.Store.At)
			if err != nil {
				return err
			}
			at = v.Text
		}
		if originOf(at) == "" {
			return scenarioFault("set: no page is open that the cookies could belong to; add at")
		}
		var list []scenarios.Cookie
		for _, p := range st.Store.Cookies {
			list = append(list, scenarios.Cookie{Name: p.Key, Value: p.Value, URL: scenarios.Literal(at)})
		}
		if err := r.setCookies(ctx, list); err != nil {
			return err
		}
	}
	for kind, pairs := range map[string][]scenarios.Pair{"localStorage": st.Store.Local, "sessionStorage": st.Store.Session} {
		if err := r.setStorage(ctx, kind, pairs); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) setStorage(ctx context.Context, kind string, pairs []scenarios.Pair) error {
	if len(pairs) == 0 {
		return nil
	}
	values := map[string]string{}
	for _, p := range pairs {
		v, err := r.resolve(p.Value)
		if err != nil {
			return err
		}
		values[p.Key] = v.Text
	}
	const put = `(kind,values)=>{try{for(const [k,v] of Object.entries(values))window[kind].setItem(k,v);return {ok:true}}catch(err){return {ok:false,fatal:String(err&&err.message||err)}}}`
	rep, err := r.page.ask(ctx, r.page.main, put, kind, values)
	if err == nil && !rep.OK {
		return scenarioFault("set %s: %s", kind, rep.Fatal)
	}
	return err
}

// cookie is the value of a cookie that the page sends, which nobody is shown.
func (r *runner) cookie(ctx context.Context, name string) (string, error) {
	var got storage.GetCookiesResult
	at, err := url.Parse(r.page.url())
	if err != nil {
		return "", fmt.Errorf("cookie %s: %w", name, err)
	}
	if err := r.page.engine.proc.conn.root.Call(ctx, storage.CommandGetCookies, storage.GetCookiesParams{BrowserContextID: r.page.set.context}, &got); err != nil {
		return "", fmt.Errorf("cookie %s: %w", name, err)
	}
	best := -1
	for i, c := range got.Cookies {
		host, domain := at.Hostname(), strings.TrimPrefix(c.Domain, ".")
		belongs := host == domain || strings.HasPrefix(c.Domain, ".") && strings.HasSuffix(host, "."+domain)
		if c.Name == name && belongs && (best < 0 || len(c.Path) > len(got.Cookies[best].Path)) {
			best = i
		}
	}
	if best < 0 {
		return "", &stop{gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonNotFound, Want: "cookie “" + name + "”"}}
	}
	r.hide(gengfu.Secret(got.Cookies[best].Value))
	return got.Cookies[best].Value, nil
}

// answer is a value of the latest answer of a first-party interface. It may
// still be on its way.
func (r *runner) answer(ctx context.Context, sv scenarios.SaveValue) (string, error) {
	v, err := r.resolve(*sv.Answer)
	if err != nil {
		return "", err
	}
	path := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(v.Text), `\*`, ".*") + "$")
	began := time.Now()
	for {
		list := r.rec.answers(func(w wanted) bool {
			u, err := url.Parse(w.url)
			return err == nil && w.kind != network.ResourceTypeDocument && path.MatchString(u.EscapedPath())
		})
		if len(list) > 0 {
			r.fetch(ctx, list[:1])
			body, known := r.bodies[list[0].id]
			if !known {
				return "", &stop{gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonNotFound, Want: "answer “" + v.Text + "”", Waited: time.Since(began)}}
			}
			return dig(sv, body.text)
		}
		if patience(ctx) <= 0 {
			return "", &stop{gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonNotFound, Want: "answer “" + v.Text + "”", Waited: time.Since(began)}}
		}
		if err := r.rest(ctx, 50*time.Millisecond); err != nil {
			return "", err
		}
	}
}

// dig is what stands in a JSON text at the place that is to be saved; the whole
// text when there is no place.
func dig(sv scenarios.SaveValue, text string) (string, error) {
	if sv.Path == nil {
		return text, nil
	}
	in := json.NewDecoder(strings.NewReader(text))
	in.UseNumber()
	var v any
	if in.Decode(&v) != nil {
		return "", notDug(sv, "text")
	}
	found := sv.Path.Find(v)
	if len(found) == 0 {
		return "", notDug(sv, "nothing")
	}
	switch v := found[0].(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		return strconv.FormatBool(v), nil
	}
	out, err := json.Marshal(found[0])
	return string(out), err
}

func notDug(sv scenarios.SaveValue, seen string) error {
	return &stop{gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonExpect, Want: sv.Name + " " + sv.Path.String(), Seen: seen}}
}
