package chrome

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// readStorages gives what the document's origin has stored, unless it is more
// than the limit.
const readStorages = `async (limit)=>{
  let size = 0;
  const all = which => {
    const out = [];
    try {
      const s = which();
      for (let i = 0; i < s.length; i++) {
        const key = s.key(i), value = s.getItem(key);
        size += key.length + value.length;
        out.push([key, value]);
      }
    } catch {} // a document without an origin of its own has no storage
    return out;
  };
  const local = all(() => localStorage), session = all(() => sessionStorage);
  if (size > limit) return {large: true};
  return {origin: location.origin, local, session, databases: await (` + readDatabases + `)()};
}`

const clearStorages = `()=>{ try { localStorage.clear(); sessionStorage.clear() } catch {} }`

// refillScript puts back what an origin had stored, in the first of its
// documents, before any script of the page. A storage with something in it is
// left alone.
const refillScript = `(() => {
  const kept = %s;
  if (location.origin !== kept.origin) return;
  const put = (which, items) => {
    try {
      const s = which();
      if (s.length === 0) for (const [key, value] of items) s.setItem(key, value);
    } catch {}
  };
  put(() => localStorage, kept.local || []);
  put(() => sessionStorage, kept.session || []);
  (` + refillDatabases + `)(kept.databases || []);
  %s(JSON.stringify({refilled: kept.origin}));
})()`

// refill gives documents their storages back, once for each origin: a page that
// clears its storage later, at a log-out, means it.
type refill struct {
	mu      sync.Mutex
	scripts map[string]string // by origin, of those that are yet to be opened
	armed   []armed
}

// armed is a script that a session runs in its new documents.
type armed struct {
	s      *session
	origin string
	sent   *call // its answer names the script
}

func newRefill(storages []keptStorage) *refill {
	f := &refill{scripts: map[string]string{}}
	for _, k := range storages {
		if text, err := json.Marshal(k); err == nil { // texts always encode
			f.scripts[k.Origin] = fmt.Sprintf(refillScript, text, tellBinding)
		}
	}
	return f
}

// arm makes a session's documents to come run the scripts. Nobody waits: the
// session does what it is told in order, and its next document comes later.
func (f *refill) arm(s *session) {
	on(s, runtime.BindingCalled, f.told)
	f.mu.Lock()
	defer f.mu.Unlock()
	for origin, text := range f.scripts {
		f.armed = append(f.armed, armed{s, origin, s.send(cdppage.CommandAddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{
			Source: text, WorldName: world,
		})})
	}
}

// told takes the scripts of an origin away when they have done their work.
func (f *refill) told(e *runtime.EventBindingCalled) {
	var m struct {
		Refilled string `json:"refilled"`
	}
	if e.Name == tellBinding && json.Unmarshal([]byte(e.Payload), &m) == nil && m.Refilled != "" {
		f.drop(func(origin string) bool { return origin == m.Refilled })
	}
}

// disarm takes all scripts away.
func (f *refill) disarm() {
	if f != nil {
		f.drop(func(string) bool { return true })
	}
}

func (f *refill) drop(over func(origin string) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	rest := f.armed[:0:0]
	for _, a := range f.armed {
		if over(a.origin) {
			delete(f.scripts, a.origin)
			go a.remove() // its name may not have come yet, and this is where it would come
			continue
		}
		rest = append(rest, a)
	}
	f.armed = rest
}

func (a armed) remove() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var made cdppage.AddScriptToEvaluateOnNewDocumentResult
	if a.sent.wait(ctx, &made) == nil {
		a.s.send(cdppage.CommandRemoveScriptToEvaluateOnNewDocument, cdppage.RemoveScriptToEvaluateOnNewDocumentParams(made))
	}
}
