package notify_test

import (
	"testing"

	"gengfu"
	"gengfu/notify"
)

func TestGradeWords(t *testing.T) {
	for grade, want := range map[gengfu.Grade][2]string{
		gengfu.GradeNotice: {"提示", "NOTICE"}, gengfu.GradeOrdinary: {"一般", "ORDINARY"}, gengfu.GradeMajor: {"重大", "MAJOR"}, "other": {"other", "other"},
	} {
		words := notify.GradeWords(grade)
		if zh, en := gengfu.Say(words, gengfu.Chinese), gengfu.Say(words, gengfu.English); zh != want[0] || en != want[1] {
			t.Errorf("%s is %s and %s", grade, zh, en)
		}
	}
}
