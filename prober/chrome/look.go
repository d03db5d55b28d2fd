package chrome

import (
	"context"
	"reflect"
	"time"

	"gengfu"
	"gengfu/scenarios"
)

// Sight is what there is to do on a page, in the order of the document, by the
// names that a scenario would use.
type Sight struct {
	URL     string
	Lang    string  // of the document, such as en or zh-CN; empty when it does not say
	Title   string  // empty when it changes while the rest stays
	Heading string  // the first that is seen
	Fields  []Field // to type into
	Submit  string  // the button that sends the form with the password
	Buttons []string
	Links   []string // to other pages of the site than its root
}

// Field is a field for texts.
type Field struct {
	Name     string // label, placeholder or name
	Password bool
}

// lookTime bounds the look at a page.
const (
	lookTime  = 5 * time.Second
	lookPause = 250 * time.Millisecond
)

// Look executes a scenario and then says what the page in front offers. The
// sight is empty when the run came to nothing.
func (p *Pool) Look(ctx context.Context, s *scenarios.Scenario, slot gengfu.Slot) (run gengfu.Run, sight Sight) {
	run = p.run(ctx, s, slot, nil, func(r *runner) {
		ctx, cancel := context.WithTimeout(ctx, lookTime)
		defer cancel()
		sight = r.steady(ctx)
	})
	return run, sight
}

// steady looks until the page has offered the same for a while: the last step
// may have led to another one, which takes its time to be drawn.
func (r *runner) steady(ctx context.Context) Sight {
	var before Sight
	title, restless := "", false
	for same := 0; same < 3 && ctx.Err() == nil; {
		var now Sight
		if s, world, err := r.page.world(ctx, r.page.main); err == nil {
			_ = evaluate(ctx, s, world, lookScript, 0, nil, &now)
		}
		shown := now.Title
		if now.Title = ""; !reflect.DeepEqual(now, before) {
			before, same, title, restless = now, 0, shown, false
		} else {
			same++
			restless = restless || shown != title
		}
		_ = r.rest(ctx, lookPause)
	}
	if !restless {
		before.Title = title
	}
	return before
}

const lookScript = `() => {
  const text = (s) => (s || '').replace(/\s+/g, ' ').trim();
  const seen = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && e.getBoundingClientRect().width > 0;
  const all = (css) => [...document.querySelectorAll(css)].filter(seen);
  const names = (list, of) => [...new Set(list.map(of).filter((s) => s && s.length <= 40))].slice(0, 100);
  const label = (e) => text(e.getAttribute('aria-label')) || text([...(e.labels || [])].map((l) => l.textContent).join(' ')) || text(e.placeholder) || text(e.name);
  const field = 'input:not([type]), input[type=text], input[type=email], input[type=tel], input[type=password], input[type=search], input[type=number], textarea';
  const near = (a) => { try { const u = new URL(a.href); return u.origin === location.origin && !['/', location.pathname].includes(u.pathname) && !/^#/.test(a.getAttribute('href')) } catch { return false } };
  return {
    URL: location.href, Lang: document.documentElement.lang, Title: document.title, Heading: text(all('h1, h2, h3')[0]?.textContent),
    Fields: all(field).map((e) => ({ Name: label(e), Password: e.type === 'password' })).filter((f) => f.Name),
    Submit: names(all('form [type=submit], form button:not([type])').filter((e) => e.form?.querySelector('input[type=password]')), (e) => text(e.textContent) || text(e.value) || text(e.getAttribute('aria-label')))[0] || '',
    Buttons: names(all('button, [role=button], input[type=submit]'), (e) => text(e.textContent) || text(e.value) || text(e.getAttribute('aria-label'))),
    Links: names(all('a[href]').filter(near), (e) => text(e.textContent) || text(e.getAttribute('aria-label'))),
  };
}`
