package gengfu_test

import (
	"testing"

	"gengfu"
)

func TestGradeFor_matrix(t *testing.T) {
	const notice, ordinary, major = gengfu.GradeNotice, gengfu.GradeOrdinary, gengfu.GradeMajor
	for _, row := range []struct {
		impact gengfu.Impact
		want   [4]gengfu.Grade // normal: works round, blocked; heightened: works round, blocked
	}{
		{gengfu.ImpactNone, [4]gengfu.Grade{notice, ordinary, ordinary, ordinary}},
		{gengfu.ImpactFunction, [4]gengfu.Grade{ordinary, ordinary, ordinary, major}},
		{gengfu.ImpactWide, [4]gengfu.Grade{major, major, major, major}},
	} {
		for i, want := range row.want {
			if got := gengfu.GradeFor(row.impact, i%2 == 1, i > 1); got != want {
				t.Errorf("%s, case %d: %s, want %s", row.impact, i, got, want)
			}
		}
	}
}
