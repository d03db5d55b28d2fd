package gengfu_test

import (
	"testing"
	"time"

	"gengfu"
)

func TestSessionUse_sentences(t *testing.T) {
	const keep = 30 * time.Minute
	for _, c := range []struct {
		use    gengfu.SessionUse
		zh, en string
	}{
		{gengfu.SessionUse{How: gengfu.SessionRestored, Age: 12*time.Minute + 300*time.Millisecond, Keep: keep}, "沿用 12 min 前的登录状态", "restored, 12 min old"},
		{
			gengfu.SessionUse{How: gengfu.SessionRestored, Age: 12 * time.Minute, Keep: keep, Ended: true},
			"沿用 12 min 前的登录状态；登录状态在 12 min 后失效，而 keep 为 30 min", "restored, 12 min old; session ended after 12 min; keep says 30 min",
		},
		{
			gengfu.SessionUse{How: gengfu.SessionRenewed, Why: gengfu.SessionRefused, Age: 5 * time.Minute, Keep: keep, Ended: true},
			"重新登录：平台不再接受保存的登录状态；登录状态在 5 min 后失效，而 keep 为 30 min",
			"logged in anew: the platform did not take the kept state; session ended after 5 min; keep says 30 min",
		},
		{
			gengfu.SessionUse{How: gengfu.SessionRenewed, Why: gengfu.SessionChanged, Unkept: "too_large"},
			"重新登录：登录步骤或密钥已更改；登录状态过大，未保存", "logged in anew: the log-in or its secrets have changed; the state is too large and was not kept",
		},
		{
			gengfu.SessionUse{How: gengfu.SessionRenewed, Why: gengfu.SessionMissing, Waited: 1200 * time.Millisecond},
			"重新登录：没有保存的登录状态；等待另一次运行登录 1.2 s", "logged in anew: no state was kept; waited 1.2 s for the log-in of another run",
		},
		{gengfu.SessionUse{How: gengfu.SessionRenewed, Why: gengfu.SessionExpired}, "重新登录：保存的登录状态已过保留期", "logged in anew: the kept state was too old"},
		{gengfu.SessionUse{How: gengfu.SessionFresh}, "每次都重新登录", "logged in anew, as in every run"},
	} {
		if got := c.use.Sentence(gengfu.Chinese); got != c.zh {
			t.Errorf("zh %s\nwant %s", got, c.zh)
		}
		if got := c.use.Sentence(gengfu.English); got != c.en {
			t.Errorf("en %s\nwant %s", got, c.en)
		}
	}
}
