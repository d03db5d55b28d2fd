package notify

import (
	"errors"
	"testing"

	"gengfu"
)

func TestParseMatchers_neverEverything(t *testing.T) {
	for _, texts := range [][]string{nil, {`tag!=slow`}, {`owner=~".*"`, `tag=""`}, {`severity`}, {`tag=x`, `color=red`}} {
		if _, err := ParseMatchers(texts); !errors.Is(err, gengfu.ErrInvalid) {
			t.Errorf("%q: %v", texts, err)
		}
	}
	for _, texts := range [][]string{{`scenario=login`}, {`tag!=slow`, `target="portal"`}, {`owner=~".+"`}, {`severity!~"|major"`}} {
		if _, err := ParseMatchers(texts); err != nil {
			t.Errorf("%q: %v", texts, err)
		}
	}
}

func TestMute_holds(t *testing.T) {
	m, err := NewMute(gengfu.Silence{Matchers: []string{`target=portal`, `tag!=public`}})
	if err != nil {
		t.Fatal(err)
	}
	for want, inc := range map[bool]gengfu.Incident{
		true:  {Target: "portal", Tags: []string{"login"}},
		false: {Target: "portal", Tags: []string{"login", "public"}},
	} {
		if m.Holds(inc) != want {
			t.Errorf("%+v: %v", inc, !want)
		}
	}
}
