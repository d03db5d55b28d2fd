package notify

import (
	"errors"
	"fmt"
	"slices"

	"gengfu"
)

// ParseMatchers reads the conditions of a silence. There must be one that an
// absent label does not meet, as in Alertmanager: a silence of everything is a
// mistake.
func ParseMatchers(texts []string) ([]Matcher, error) {
	var list []Matcher
	var errs []error
	for _, text := range texts {
		m, err := ParseMatcher(text)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		list = append(list, m)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(list, func(m Matcher) bool { return !m.fits("") }) {
		return nil, fmt.Errorf("matchers %q would silence everything, want one that names a value: %w", texts, gengfu.ErrInvalid)
	}
	return list, nil
}

// fits compares one value.
func (m Matcher) fits(value string) bool {
	same := value == m.Value
	if m.whole != nil {
		same = m.whole.MatchString(value)
	}
	return same != (m.Op[0] == '!')
}

// Mute is a silence whose conditions were read.
type Mute struct {
	gengfu.Silence
	matchers []Matcher
}

// NewMute reads the conditions of a silence.
func NewMute(s gengfu.Silence) (Mute, error) {
	matchers, err := ParseMatchers(s.Matchers)
	return Mute{s, matchers}, err
}

// Holds reports whether the silence is about an incident, whenever it is.
func (m Mute) Holds(inc gengfu.Incident) bool {
	return !slices.ContainsFunc(m.matchers, func(l Matcher) bool { return !l.holds(inc) })
}
