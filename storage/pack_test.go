package storage

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gengfu"
)

func TestPackSteps_takesAboutThreeBytesAStep(t *testing.T) {
	steps := []gengfu.StepResult{
		{Index: 1, Status: gengfu.StepPassed, Duration: 120 * time.Millisecond},
		{Index: 2, Status: gengfu.StepDegraded, Start: 130 * time.Millisecond, Duration: 900 * time.Millisecond},
		{Index: 3, Status: gengfu.StepFailed, Start: 1000 * time.Millisecond, Duration: 5 * time.Second},
		{Index: 4, Status: gengfu.StepErrored, Start: 6 * time.Second},
		{Index: 5, Status: gengfu.StepSkipped, Start: 6 * time.Second, Always: true},
	}
	data, err := packSteps(steps)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 3*len(steps) {
		t.Errorf("%d bytes for %d steps", len(data), len(steps))
	}
	back, err := unpackSteps(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(steps, back); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func FuzzUnpack(f *testing.F) {
	steps, err := packSteps([]gengfu.StepResult{{Index: 1, Status: gengfu.StepPassed, Duration: time.Second}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(steps)
	f.Add(packVitals(&gengfu.Run{Pages: []gengfu.PageLoad{{Step: 1, Status: 200, CLS: 0.1}}}))
	f.Add([]byte{0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		if list, err := unpackSteps(data, []string{"a"}); err == nil && len(list) > len(data) {
			t.Errorf("%d steps of %d bytes", len(list), len(data))
		}
		var r gengfu.Run
		if err := unpackVitals(&r, data); err == nil && len(r.Pages) > len(data) {
			t.Errorf("%d pages of %d bytes", len(r.Pages), len(data))
		}
	})
}
