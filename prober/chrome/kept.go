package chrome

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"

	"gengfu"
	"gengfu/prober/vault"
)

// kept is the browser state that a log-in led to: the cookies of the context,
// and what the pages that were open at its end have in their storages.
type kept struct {
	Cookies  []keptCookie  `json:"cookies"`
	Storages []keptStorage `json:"storages"`
}

type keptCookie struct {
	Name      string                      `json:"name"`
	Value     string                      `json:"value"`
	Domain    string                      `json:"domain"` // with a leading dot when subdomains get it, too
	Path      string                      `json:"path"`
	Expires   float64                     `json:"expires"` // seconds since 1970, not positive for the session
	HTTPOnly  bool                        `json:"httpOnly"`
	Secure    bool                        `json:"secure"`
	SameSite  network.CookieSameSite      `json:"sameSite"`
	Scheme    network.CookieSourceScheme  `json:"scheme"`
	Port      int64                       `json:"port"`
	Partition *network.CookiePartitionKey `json:"partition"`
}

type keptStorage struct {
	Origin  string      `json:"origin"`
	Local   [][2]string `json:"local"`
	Session [][2]string `json:"session"`
	// Databases are the origin's IndexedDB, one text each; nil when they could not
	// be read in time.
	Databases []string `json:"databases"`
}

// capture reads the state: the cookies in one command, the storages of each
// frame in one, all on their way together.
func (r *runner) capture(ctx context.Context) (kept, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	root := r.page.engine.proc.conn.root
	jar := root.send(storage.CommandGetCookies, storage.GetCookiesParams{BrowserContextID: r.page.set.context})
	var asked []question
	for _, p := range r.openPages() {
		for _, id := range p.frameIDs() {
			if s, world, ok := p.here(id); ok {
				asked = append(asked, ask(s, world, readStorages, 0, []any{vault.MaxState}))
			}
		}
	}
	var got storage.GetCookiesResult
	if err := jar.wait(ctx, &got); err != nil {
		return kept{}, fmt.Errorf("read cookies: %w", err)
	}
	k := kept{}
	for _, c := range got.Cookies {
		k.Cookies = append(k.Cookies, keptCookie{
			c.Name, c.Value, c.Domain, c.Path, c.Expires, c.HTTPOnly, c.Secure, c.SameSite, c.SourceScheme, c.SourcePort, c.PartitionKey,
		})
	}
	for _, q := range asked {
		var found struct {
			keptStorage
			Large bool `json:"large"`
		}
		if err := q.value(ctx, &found); moved(err) {
			continue // a frame that went away meanwhile has nothing to keep
		} else if err != nil {
			return kept{}, fmt.Errorf("read storages: %w", err)
		}
		if found.Large {
			return kept{}, vault.ErrTooLarge
		}
		k.add(found.keptStorage)
	}
	return k, nil
}

// openPages are the pages of the run, the one in front first.
func (r *runner) openPages() []*page {
	pages := []*page{r.page}
	for _, t := range r.page.set.tabs.living() {
		if t.page != r.page {
			pages = append(pages, t.page)
		}
	}
	return pages
}

// add takes in what a frame has. Frames of one origin share the first storage;
// those of one page the second, too: the first that was asked wins.
func (k *kept) add(s keptStorage) {
	known := slices.ContainsFunc(k.Storages, func(other keptStorage) bool { return other.Origin == s.Origin })
	if !known && len(s.Local)+len(s.Session)+len(s.Databases) > 0 {
		k.Storages = append(k.Storages, s)
	}
}

// origins counts the sites that the state belongs to.
func (k *kept) origins() int {
	seen := map[string]bool{}
	for _, c := range k.Cookies {
		seen[strings.TrimPrefix(c.Domain, ".")] = true
	}
	for _, s := range k.Storages {
		seen[hostOf(s.Origin)] = true
	}
	return len(seen)
}

// values are those that must not be seen: of all cookies, and whatever in the
// storages looks like a token rather than a word.
func (k *kept) values() []gengfu.Secret {
	var out []gengfu.Secret
	for _, c := range k.Cookies {
		if c.HTTPOnly && len(c.Value) >= 6 || secretive(c.Value) {
			out = append(out, gengfu.Secret(c.Value))
		}
	}
	for _, s := range k.Storages {
		for _, item := range append(s.Local[:len(s.Local):len(s.Local)], s.Session...) {
			out = append(out, tokens(item[1])...)
		}
		for _, text := range s.Databases {
			out = append(out, tokens(databaseValues(text))...)
		}
	}
	return out[:min(len(out), maxTokens)]
}

// maxTokens bounds what every text of a run is searched for.
const maxTokens = 64

// tokens are the parts of a stored value that look like tokens: it is often
// JSON, with the token as one of its texts.
func tokens(value string) []gengfu.Secret {
	var parsed any
	if json.Unmarshal([]byte(value), &parsed) != nil {
		parsed = value
	}
	var out []gengfu.Secret
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if secretive(v) {
				out = append(out, gengfu.Secret(v))
			}
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			for _, item := range v {
				walk(item)
			}
		}
	}
	walk(parsed)
	return out
}

// secretive tells a token from a word, a number, an address or a sentence, which
// must stay readable in what a run tells.
func secretive(s string) bool {
	if len(s) < 8 || strings.ContainsFunc(s, unicode.IsSpace) || strings.HasPrefix(s, "/") || strings.Contains(s, "://") {
		return false
	}
	return len(s) >= 20 || strings.ContainsFunc(s, unicode.IsDigit) && strings.ContainsFunc(s, unicode.IsLetter)
}

// restore gives the context its cookies, and the documents to come their
// storages before any script of theirs: one round trip.
func (r *runner) restore(ctx context.Context, k *kept) error {
	jar := storage.SetCookiesParams{BrowserContextID: r.page.set.context}
	for _, c := range k.Cookies {
		jar.Cookies = append(jar.Cookies, c.param())
	}
	var set *call
	if len(jar.Cookies) > 0 {
		set = r.page.engine.proc.conn.root.send(storage.CommandSetCookies, jar)
	}
	if len(k.Storages) > 0 {
		r.refill = newRefill(k.Storages)
		if err := r.page.set.kit.add(ctx, r.page.s, func(s *session, _ bool) []*call { r.refill.arm(s); return nil }); err != nil {
			return err
		}
	}
	if set == nil {
		return nil
	}
	return set.wait(ctx, nil)
}

// param is the cookie as it is set. One without a leading dot belongs to its
// host alone, which only an address says.
func (c keptCookie) param() *network.CookieParam {
	p := &network.CookieParam{
		Name: c.Name, Value: c.Value, Path: c.Path, HTTPOnly: c.HTTPOnly, Secure: c.Secure, SameSite: c.SameSite, PartitionKey: c.Partition,
	}
	if c.Expires > 0 {
		p.Expires = cdp.TimeSinceEpoch(c.Expires)
	}
	if strings.HasPrefix(c.Domain, ".") {
		p.Domain = c.Domain
		return p
	}
	scheme := "http"
	if c.Secure || c.Scheme == network.CookieSourceSchemeSecure {
		scheme = "https"
	}
	p.URL = scheme + "://" + c.Domain
	if c.Port > 0 {
		p.URL += fmt.Sprintf(":%d", c.Port)
	}
	p.URL += c.Path
	return p
}

// forgetState takes a state that was refused out of the context again, so that
// the log-in begins like the first.
func (r *runner) forgetState(ctx context.Context, k *kept) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 2*time.Second, errStepTime)
	defer cancel()
	r.refill.disarm()
	if s, world, ok := r.page.here(r.page.main); ok {
		brief, done := context.WithTimeoutCause(ctx, 500*time.Millisecond, errStepTime)
		_ = evaluate(brief, s, world, clearStorages, 0, nil, nil) // a page that does not answer is left soon
		done()
	}
	calls := []*call{r.page.engine.proc.conn.root.send(storage.CommandClearCookies, storage.ClearCookiesParams{BrowserContextID: r.page.set.context})}
	for _, s := range k.Storages {
		calls = append(calls, r.page.s.send(storage.CommandClearDataForOrigin, storage.ClearDataForOriginParams{Origin: s.Origin, StorageTypes: "local_storage,indexeddb"}))
	}
	var errs []error
	for _, c := range calls {
		errs = append(errs, c.wait(ctx, nil))
	}
	return errors.Join(append(errs, r.setCookies(ctx, r.s.Browser.Equipment.Cookies))...)
}
