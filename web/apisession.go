package web

import "gengfu"

// sessionDoc says how a run came by the log-in that its scenario keeps.
type sessionDoc struct {
	Name     string            `json:"name"`
	How      gengfu.SessionHow `json:"how"`
	Why      gengfu.SessionWhy `json:"why"`
	AgeMS    int64             `json:"age_ms"`
	KeepMS   int64             `json:"keep_ms"`
	WaitedMS int64             `json:"waited_ms"` // for the log-in of another run
	Ended    bool              `json:"ended"`     // by the platform, before keep was over
	Unkept   string            `json:"unkept"`
}

func sessionDocOf(u *gengfu.SessionUse) *sessionDoc {
	if u == nil {
		return nil
	}
	return &sessionDoc{u.Name, u.How, u.Why, u.Age.Milliseconds(), u.Keep.Milliseconds(), u.Waited.Milliseconds(), u.Ended, u.Unkept}
}
