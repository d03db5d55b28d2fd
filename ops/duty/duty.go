// Package duty says who is on duty: roles that pass from one person to the next,
// with leave, cover and exceptions. Everything follows from the roster and the
// time; nothing is stored.
package duty

import (
	"fmt"
	"slices"
	"time"

	"gengfu"
)

// Person is somebody who can be on duty.
type Person struct {
	ID       string
	Name     string
	Contacts []Contact // the first is tried first
}

// Contact is a way to reach a person.
type Contact struct {
	Via string // name of a channel
	To  string // the address there; empty for the channel's own
}

// Leave is when somebody is away. Cover takes the roles meanwhile; without one,
// or when that person cannot, the next in the order does.
type Leave struct {
	Person   string
	From, To time.Time
	Cover    string
}

// Override names people for roles whatever the rotation and leave say.
type Override struct {
	From, To time.Time
	Roles    map[string]string // person by role
	Note     string
}

// Roster is who is on duty when. The roles of a period go to as many people in
// the order, beginning one further each period: with A and B, the B of one week
// is the A of the next.
type Roster struct {
	Name      string
	Zone      *time.Location
	Roles     []string
	Order     []string
	Starts    time.Time // the first handover; later ones are at the same time of day
	Days      int       // of a period
	Overlap   time.Duration
	Leave     []Leave
	Overrides []Override
}

// Check finds what makes no roster: nobody or too few in the order, no roles, no
// period, an overlap as long as a period. The error is [gengfu.ErrInvalid].
func (r Roster) Check() error {
	var finding string
	switch {
	case len(r.Roles) == 0:
		finding = "it has no roles"
	case len(r.Order) < len(r.Roles):
		finding = fmt.Sprintf("%d people cannot fill %d roles", len(r.Order), len(r.Roles))
	case r.Days < 1:
		finding = "its period is shorter than a day"
	case r.Starts.IsZero():
		finding = "it does not say when the first period starts"
	case r.Overlap < 0 || r.Overlap >= time.Duration(r.Days)*24*time.Hour/2:
		finding = "the overlap is half a period or longer"
	default:
		return nil
	}
	return fmt.Errorf("roster %s: %s: %w", r.Name, finding, gengfu.ErrInvalid)
}

// Post is one role and who fills it. Nobody is an empty Person.
type Post struct {
	Role    string
	Person  string
	Instead string // whom the person stands in for, empty for the rotation's own
}

// Shift is a stretch in which nobody changes. To is not part of it.
type Shift struct {
	From, To time.Time
	Posts    []Post
	Note     string // of the override
}

// Person is who fills a role, empty for nobody.
func (s Shift) Person(role string) string {
	for _, p := range s.Posts {
		if p.Role == role {
			return p.Person
		}
	}
	return ""
}

// People are those on duty, each once, in the order of their roles.
func (s Shift) People() []string {
	var out []string
	for _, p := range s.Posts {
		if p.Person != "" && !slices.Contains(out, p.Person) {
			out = append(out, p.Person)
		}
	}
	return out
}

// period is the number of the period that t lies in, and when it begins. Periods
// are counted in days of the calendar: their handover stays at the same time of
// day when the clocks change.
func (r Roster) period(t time.Time) (n int, from time.Time) {
	first := gengfu.DateOf(r.Starts, r.Zone)
	days := int(gengfu.DateOf(t, r.Zone).Start(time.UTC).Sub(first.Start(time.UTC)) / (24 * time.Hour))
	n = floorDiv(days, r.Days)
	if from = r.handover(n); t.Before(from) { // earlier on the day of the handover
		n--
		from = r.handover(n)
	}
	return n, from
}

// handover is when period n begins.
func (r Roster) handover(n int) time.Time {
	s := r.Starts.In(r.Zone)
	return time.Date(s.Year(), s.Month(), s.Day()+n*r.Days, s.Hour(), s.Minute(), 0, 0, r.Zone)
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// At is who fills the roles at t; its From and To are those of the stretch in
// which nobody changes.
func (r Roster) At(t time.Time) Shift {
	n, from := r.period(t)
	s := Shift{From: from, To: r.handover(n + 1)}
	for _, edge := range r.edges() {
		if edge.After(s.From) && !edge.After(t) {
			s.From = edge
		}
		if edge.After(t) && edge.Before(s.To) {
			s.To = edge
		}
	}
	s.Posts, s.Note = r.posts(n, t)
	return s
}

// edges are the moments at which leave or an override begins or ends.
func (r Roster) edges() []time.Time {
	var out []time.Time
	for _, l := range r.Leave {
		out = append(out, l.From, l.To)
	}
	for _, o := range r.Overrides {
		out = append(out, o.From, o.To)
	}
	return out
}

// away returns the leave that a person is on at t.
func (r Roster) away(person string, t time.Time) (Leave, bool) {
	for _, l := range r.Leave {
		if l.Person == person && covers(l.From, l.To, t) {
			return l, true
		}
	}
	return Leave{}, false
}

func covers(from, to, t time.Time) bool { return gengfu.Window{From: from, To: to}.Covers(t) }

// posts fills the roles: overrides first, then those of the rotation who are
// there, then stand-ins for the others. Nobody has two roles unless an override
// says so.
func (r Roster) posts(n int, t time.Time) (posts []Post, note string) {
	posts = make([]Post, len(r.Roles))
	used := map[string]bool{}
	var override Override
	for _, o := range r.Overrides { // the last one has the last word
		if covers(o.From, o.To, t) {
			override = o
		}
	}
	for i, role := range r.Roles {
		turn := r.turn(n + i)
		posts[i].Role = role
		if p := override.Roles[role]; p != "" {
			posts[i].Person, used[p] = p, true
			if p != turn {
				posts[i].Instead = turn
			}
		}
	}
	for i := range posts {
		if turn := r.turn(n + i); posts[i].Person == "" && !used[turn] {
			if _, away := r.away(turn, t); !away {
				posts[i].Person, used[turn] = turn, true
			}
		}
	}
	for i := range posts {
		if posts[i].Person == "" {
			posts[i].Instead = r.turn(n + i)
			posts[i].Person = r.standIn(n+i, t, used)
			used[posts[i].Person] = true
		}
	}
	return posts, override.Note
}

// turn is whose turn it is; the order goes round, before the first period too.
func (r Roster) turn(n int) string {
	return r.Order[(n%len(r.Order)+len(r.Order))%len(r.Order)]
}

// standIn is who takes a turn of somebody who cannot: the cover of the leave,
// else the next in the order who can.
func (r Roster) standIn(n int, t time.Time, used map[string]bool) string {
	var candidates []string
	if l, away := r.away(r.turn(n), t); away && l.Cover != "" {
		candidates = append(candidates, l.Cover)
	}
	for i := 1; i < len(r.Order); i++ {
		candidates = append(candidates, r.turn(n+i))
	}
	for _, c := range candidates {
		if _, away := r.away(c, t); !away && !used[c] {
			return c
		}
	}
	return ""
}

// On is everybody who is on duty at t: those of the shift, and while the handover
// overlaps those of the one before.
func (r Roster) On(t time.Time) []string {
	now := r.At(t)
	people := now.People()
	if r.Overlap == 0 || t.Sub(now.From) >= r.Overlap {
		return people
	}
	for _, p := range r.At(now.From.Add(-1)).People() {
		if _, away := r.away(p, t); !away && !slices.Contains(people, p) {
			people = append(people, p)
		}
	}
	return people
}

// Shifts are those that touch the time from one moment to another, in order;
// stretches in which the same people go on are one.
func (r Roster) Shifts(from, to time.Time) []Shift {
	var out []Shift
	for t := from; t.Before(to); {
		s := r.At(t)
		t = s.To
		if n := len(out); n > 0 && out[n-1].Note == s.Note && slices.Equal(out[n-1].Posts, s.Posts) {
			out[n-1].To = s.To
			continue
		}
		out = append(out, s)
	}
	return out
}
