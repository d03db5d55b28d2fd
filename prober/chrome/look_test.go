package chrome

import "testing"

// TestLook_leavesOutATitleThatChanges: what is never the same is nothing to expect.
func TestLook_leavesOutATitleThatChanges(t *testing.T) {
	base := site(t, map[string]string{
		"/rates": `<html lang=en><title>0 B/s</title><button>Add</button><script>let n=0; setInterval(()=>document.title=++n+' B/s', 50)</script>`,
		"/still": `<html lang=zh-CN><title>门户</title><button>登录</button>`,
	}).URL
	for path, want := range map[string]Sight{
		"/rates": {URL: base + "/rates", Lang: "en", Buttons: []string{"Add"}},
		"/still": {URL: base + "/still", Lang: "zh-CN", Title: "门户", Buttons: []string{"登录"}},
	} {
		r, got := pool.Look(t.Context(), parse(t, base, "steps: [{goto: \"${base}"+path+"\"}]\n"), slot())
		mustPass(t, r)
		if got.Title != want.Title || got.Lang != want.Lang || got.URL != want.URL || len(got.Buttons) != 1 || got.Buttons[0] != want.Buttons[0] {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}
