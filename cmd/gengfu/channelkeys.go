package main

import (
	"gengfu"
	"gengfu/notify"
	"gengfu/scenarios/strict"
)

// channelKeys are the keys of the channels that are reached by their own
// protocols.
func (in *instance) channelKeys(c *notify.Config) map[string]func(strict.Node) {
	return map[string]func(strict.Node){
		"per_minute":   number(&c.PerMinute, 1, 6000),
		"format":       in.text(&c.Format),
		"keyword":      in.text(&c.Keyword),
		"corp_id":      in.text(&c.CorpID),
		"agent_id":     number(&c.AgentID, 1, 1<<31-1),
		"method":       in.text(&c.Method),
		"content_type": in.text(&c.ContentType),
		"body":         in.text(&c.Body),
		"max_bytes":    number(&c.MaxBytes, 20, 4000),
		"command":      func(n strict.Node) { c.Command, _ = n.StringList() },
		"headers": func(n strict.Node) {
			c.Header = map[string]gengfu.Secret{}
			eachEntry(n, func(e strict.Entry) {
				var value gengfu.Secret
				in.secret(&value)(e.Value)
				c.Header[e.Key] = value
			})
		},
		"success": func(n strict.Node) {
			c.Success = map[string]string{}
			eachEntry(n, func(e strict.Entry) { c.Success[e.Key] = e.Value.Text() })
		},
	}
}

func eachEntry(n strict.Node, do func(strict.Entry)) {
	if m, ok := n.Map(); ok {
		for _, e := range m.Entries {
			do(e)
		}
	}
}
