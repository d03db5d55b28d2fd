package scenarios

import (
	"fmt"
	"regexp"
)

// committing are the words on buttons that do more than to move on: what they
// do happens anew in every run.
var committing = regexp.MustCompile(`(?i)提交|保存|确认|发布|发送|删除|支付|缴费|下单|\b(?:submit|save|send|confirm|publish|delete|remove|pay|order|buy)\b`)

// unguarded warns of the first step that seems to write to the platform, when
// the scenario does not say which writes are meant. Logging in is no write.
func (r *reader) unguarded(s Scenario) {
	if s.Browser.Guard != nil {
		return
	}
	filled := false
	for _, step := range s.Steps {
		switch {
		case step.Verb == Fill && step.typesSecret():
			filled = false // a log-in
		case step.Verb == Fill || step.Verb == Select || step.Verb == Upload:
			filled = true
		case step.Verb == Click && filled && step.Target != nil && committing.MatchString(step.Target.Short()):
			r.warn(step.Target.Pos, fmt.Sprintf("%q seems to write to the platform, in every run", step.Target.Short()),
				"name the writes that are meant, and all others are refused: browser: {guard: {allow: [POST /…]}}")
			return
		}
	}
}

func (s Step) typesSecret() bool {
	for _, p := range s.Fields {
		if len(p.Value.secrets(0)) > 0 {
			return true
		}
	}
	return false
}
