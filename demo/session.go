package demo

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"sync"
	"time"
)

const (
	sessionCookie = "QLSESSION"
	sessionLife   = 30 * time.Minute
	maxSessions   = 5000 // a site that is probed for days must not grow
)

// session is one visitor's: anonymous until a log-in succeeds.
type session struct {
	id      string
	csrf    string
	user    string // account name, empty while anonymous
	role    role
	pending string // administrator who has still to give the second step
	expires time.Time
}

// sessions keeps every live session on the server; the cookie holds only a
// random name.
type sessions struct {
	mu   sync.Mutex // guards byID
	byID map[string]session
}

func newSessions() *sessions { return &sessions{byID: map[string]session{}} }

// find returns the live session of that name and prolongs it.
func (s *sessions) find(id string, now time.Time) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ses, ok := s.byID[id]
	if !ok || !now.Before(ses.expires) {
		delete(s.byID, id)
		return session{}, false
	}
	ses.expires = now.Add(sessionLife)
	s.byID[id] = ses
	return ses, true
}

// replace stores next under a fresh name and forgets old. A log-in always
// changes the name, so a name known before it is worth nothing after it.
func (s *sessions) replace(old string, next session, now time.Time) session {
	next.id, next.csrf, next.expires = rand.Text(), rand.Text(), now.Add(sessionLife)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, old)
	if len(s.byID) >= maxSessions {
		s.evict(now)
	}
	s.byID[next.id] = next
	return next
}

// evict drops what has expired, and the one nearest to it when nothing has.
func (s *sessions) evict(now time.Time) {
	oldest, at := "", now.Add(sessionLife+1)
	for id, ses := range s.byID {
		if !now.Before(ses.expires) {
			delete(s.byID, id)
		} else if ses.expires.Before(at) {
			oldest, at = id, ses.expires
		}
	}
	if len(s.byID) >= maxSessions {
		delete(s.byID, oldest)
	}
}

func (s *sessions) drop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, id)
}

// visitor returns the request's session, or the zero session.
func (p *Platform) visitor(r *http.Request) session {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return session{}
	}
	ses, _ := p.sessions.find(c.Value, p.now())
	return ses
}

// become replaces the visitor's session and tells the browser its new name.
func (p *Platform) become(w http.ResponseWriter, old, next session) session {
	next = p.sessions.replace(old.id, next, p.now())
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: next.id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return next
}

// withForm makes sure that the visitor of a page with a form has a session, as
// the form's token lives there.
func (p *Platform) withForm(w http.ResponseWriter, ses session) session {
	if ses.id != "" {
		return ses
	}
	return p.become(w, ses, session{})
}

// tokenHolds reports whether the request carries its session's token, in the
// form field or in the header that scripts set.
func tokenHolds(r *http.Request, ses session) bool {
	token := r.Header.Get("X-CSRF-Token")
	if token == "" {
		token = r.PostFormValue("_csrf")
	}
	return ses.csrf != "" && subtle.ConstantTimeCompare([]byte(token), []byte(ses.csrf)) == 1
}
