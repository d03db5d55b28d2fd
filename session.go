package gengfu

import (
	"fmt"
	"time"
)

// GroupLogin is the group of the steps that belong to a kept log-in.
const GroupLogin = "login"

// SessionUse says how a run came by the log-in that its scenario keeps. It
// holds no value of the kept state.
type SessionUse struct {
	Name   string // the identity
	How    SessionHow
	Why    SessionWhy    `json:",omitempty"` // of a renewal
	Age    time.Duration `json:",omitempty"` // of the state that was restored, or of the one that was found ended
	Keep   time.Duration // as the scenario says
	Waited time.Duration `json:",omitempty"` // for the log-in of another run
	Ended  bool          `json:",omitempty"` // the platform ended the state at Age, before Keep was over
	Unkept string        `json:",omitempty"` // why the new state is not kept: too_large, unreadable or unwritable
}

// SessionHow is how a run came to be logged in.
type SessionHow string

// The ways to be logged in.
const (
	SessionRestored SessionHow = "restored" // with the state that an earlier run left
	SessionRenewed  SessionHow = "renewed"  // by the steps of the log-in, and the state is kept
	SessionFresh    SessionHow = "fresh"    // by the steps of the log-in; nothing is kept
)

// SessionWhy is why a kept state could not be used.
type SessionWhy string

// Reasons for a new log-in.
const (
	SessionMissing   SessionWhy = "missing"
	SessionExpired   SessionWhy = "expired"   // older than keep
	SessionRefused   SessionWhy = "refused"   // the platform did not take it
	SessionUnreached SessionWhy = "unreached" // the page that shows the log-in did not open
	SessionChanged   SessionWhy = "changed"   // the steps of the log-in or their secrets are others now
)

var sessionWords = map[string][2]string{
	string(SessionFresh):                              {"每次都重新登录", "logged in anew, as in every run"},
	string(SessionRenewed) + string(SessionMissing):   {"重新登录：没有保存的登录状态", "logged in anew: no state was kept"},
	string(SessionRenewed) + string(SessionExpired):   {"重新登录：保存的登录状态已过保留期", "logged in anew: the kept state was too old"},
	string(SessionRenewed) + string(SessionRefused):   {"重新登录：平台不再接受保存的登录状态", "logged in anew: the platform did not take the kept state"},
	string(SessionRenewed) + string(SessionUnreached): {"重新登录：检查登录状态的页面无法打开", "logged in anew: the page that shows the log-in did not open"},
	string(SessionRenewed) + string(SessionChanged):   {"重新登录：登录步骤或密钥已更改", "logged in anew: the log-in or its secrets have changed"},
	"restored":   {"沿用 %s 前的登录状态", "restored, %s old"},
	"ended":      {"登录状态在 %s 后失效，而 keep 为 %s", "session ended after %s; keep says %s"},
	"waited":     {"等待另一次运行登录 %s", "waited %s for the log-in of another run"},
	"too_large":  {"登录状态过大，未保存", "the state is too large and was not kept"},
	"unreadable": {"登录状态无法读取，未保存", "the state could not be read and was not kept"},
	"unwritable": {"登录状态无法写入，未保存", "the state could not be written and was not kept"},
}

// Sentence says it in one line of lang, without the identity.
func (u SessionUse) Sentence(lang Lang) string {
	say := func(key string, args ...any) string {
		words := sessionWords[key]
		if lang == English {
			return fmt.Sprintf(words[1], args...)
		}
		return fmt.Sprintf(words[0], args...)
	}
	mark := "；"
	if lang == English {
		mark = "; "
	}
	text := ""
	switch u.How {
	case SessionRestored:
		text = say("restored", whole(u.Age))
	case SessionFresh, SessionRenewed:
		text = say(string(u.How) + string(u.Why))
	}
	if u.Waited > 0 {
		text += mark + say("waited", Span(u.Waited))
	}
	if u.Ended {
		text += mark + say("ended", whole(u.Age), whole(u.Keep))
	}
	if u.Unkept != "" {
		text += mark + say(u.Unkept)
	}
	return text
}

// whole is a span to the second: nobody reads the age of a log-in closer.
func whole(d time.Duration) string { return Span(max(d.Truncate(time.Second), 0)) }
