package scenarios

import "testing"

// TestDialogAnswer_dismissIsMoreThanNothing: dialogs are dismissed by default,
// and only what is written keeps a page that asks whether to leave it.
func TestDialogAnswer_dismissIsMoreThanNothing(t *testing.T) {
	for words, want := range map[string]DialogAnswer{
		"":                     {},
		"on_dialog: dismiss\n": {Stay: true},
		"on_dialog: accept\n":  {Accept: true},
	} {
		set, problems := Parse("test.yaml", []byte("scenario: test\n"+words+"steps:\n  - goto: https://a.example/\n    expect: [{title: a}]\n"))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if got := set.Scenarios[0].OnDialog; got.Accept != want.Accept || got.Stay != want.Stay {
			t.Errorf("%q: %+v", words, got)
		}
	}
}
