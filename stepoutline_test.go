package gengfu_test

import (
	"testing"

	"gengfu"
)

// TestStepOutline_isFoundAgain: by its step, and that of the step before where
// nothing had changed.
func TestStepOutline_isFoundAgain(t *testing.T) {
	var steps []byte
	for i, outline := range []string{"main\n  heading \"一\"\n", "", "main\n  heading \"三\""} {
		steps = gengfu.AppendStepOutline(steps, i+1, []byte(outline))
	}
	for step, want := range map[int]string{0: "", 1: "main\n  heading \"一\"", 2: "main\n  heading \"一\"", 3: "main\n  heading \"三\"", 4: ""} {
		if got, known := gengfu.StepOutline(steps, step); string(got) != want || known != (want != "") {
			t.Errorf("step %d: %q, %t", step, got, known)
		}
	}
	if rest, step := gengfu.CutStepPlace(gengfu.StepPlace(3) + "@@ -1 +1 @@\n"); rest != "@@ -1 +1 @@\n" || step != 3 {
		t.Errorf("%q of step %d", rest, step)
	}
	if rest, step := gengfu.CutStepPlace("@@ -1 +1 @@\n"); rest != "@@ -1 +1 @@\n" || step != 0 {
		t.Errorf("%q of step %d", rest, step)
	}
}
