package notify

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gengfu"
	"gengfu/demo/sinks"
)

func codeReply(code int) sinks.Reply {
	return sinks.Reply{Status: 200, Body: fmt.Sprintf(`{"errcode":%d,"code":%d,"errmsg":"see %s","msg":"see %s"}`, code, code, canary, canary)}
}

func wecomRobotRig(t *testing.T) rig {
	return stationRig(t, judgeWecomRobot, map[string]sinks.Reply{"endpoint": codeReply(93000), "retry": codeReply(-1)}, func(base string) Config {
		return Config{Name: "room", Type: "wecom_robot", URL: gengfu.Secret(base), Token: canary}
	})
}

func wecomAppRig(t *testing.T) rig {
	return stationRig(t, judgeWecomApp, map[string]sinks.Reply{"endpoint": codeReply(81013), "retry": codeReply(-1)}, func(base string) Config {
		return Config{Name: "yzy", Type: "wecom_app", URL: gengfu.Secret(base), CorpID: "wwcorp", AgentID: 1000002, Secret: canary, To: []string{"zhangsan"}}
	})
}

func dingtalkRig(t *testing.T) rig {
	return stationRig(t, judgeDingtalk, map[string]sinks.Reply{"endpoint": codeReply(310000), "retry": codeReply(-1)}, func(base string) Config {
		return Config{Name: "ding", Type: "dingtalk", URL: gengfu.Secret(base), Token: canary, Secret: "SEC" + canary}
	})
}

func feishuRig(t *testing.T) rig {
	return stationRig(t, judgeFeishu, map[string]sinks.Reply{"endpoint": codeReply(19021), "retry": codeReply(1)}, func(base string) Config {
		return Config{Name: "lark", Type: "feishu", URL: gengfu.Secret(base + "/open-apis/bot/v2/hook/" + canary), Secret: canary + "s"}
	})
}

func teamsRig(t *testing.T) rig {
	return stationRig(t, judgeTeams, nil, func(base string) Config {
		return Config{Name: "teams", Type: "teams", URL: gengfu.Secret(base + "/workflows/" + canary + "?sig=" + canary)}
	})
}

func telegramRig(t *testing.T) rig {
	reply := func(code int, more string) sinks.Reply {
		return sinks.Reply{Status: code, Body: fmt.Sprintf(`{"ok":false,"error_code":%d,"description":"see %s"%s}`, code, canary, more)}
	}
	return stationRig(t, judgeTelegram, map[string]sinks.Reply{
		"endpoint": reply(403, ""), "later": reply(429, `,"parameters":{"retry_after":7}`), "retry": reply(500, ""),
	}, func(base string) Config {
		return Config{Name: "tg", Type: "telegram", URL: gengfu.Secret(base), Token: canary, Channel: "-1001"}
	})
}

func pagerdutyRig(t *testing.T) rig {
	return stationRig(t, judgePagerduty, map[string]sinks.Reply{"message": {Status: 400, Body: `{"errors":["payload"]}`}, "endpoint": {Status: 400, Body: "Invalid routing key " + canary}}, func(base string) Config {
		return Config{Name: "pd", Type: "pagerduty", URL: gengfu.Secret(base), Token: canary}
	})
}

func alertmanagerRig(t *testing.T) rig {
	return stationRig(t, judgeAlertmanager, map[string]sinks.Reply{"message": {Status: 400, Body: "no " + canary}}, func(base string) Config {
		return Config{Name: "am", Type: "alertmanager", URL: gengfu.Secret(base), Username: "u", Password: canary}
	})
}

func gatewayRig(t *testing.T) rig {
	return stationRig(t, judgeGateway, map[string]sinks.Reply{
		"message": {Status: 422, Body: canary}, "retry": {Status: 200, Body: `{"result":{"code":5,"see":"` + canary + `"}}`},
	}, func(base string) Config {
		return Config{
			Name: "sms", Type: "http", URL: gengfu.Secret(base + "/send/" + canary), To: []string{"13800000000"}, Header: map[string]gengfu.Secret{"X-Key": canary},
			Body: `{"mobile":"{{.To}}","text":"{{.Short}}","no":"{{if .Incident}}{{.Incident}}{{end}}"}`, Success: map[string]string{"result.code": "0"},
		}
	})
}

// hookScript keeps its input, or does what the file beside it says.
const hookScript = `#!/bin/sh
cd "$(dirname "$0")" || exit 78
if [ -f next ]; then
	do=$(cat next)
	rm next
	echo "the key is $GENGFU_TOKEN" >&2
	case $do in hang) : >held; sleep 60 ;; *) exit "$do" ;; esac
fi
cat >"kept.$GENGFU_KEY"
`

func execRig(t *testing.T) rig {
	dir := t.TempDir()
	script := filepath.Join(dir, "hook")
	if err := os.WriteFile(script, []byte(hookScript), 0o755); err != nil {
		t.Fatal(err)
	}
	next := func(what string) func() {
		return func() {
			if err := os.WriteFile(filepath.Join(dir, "next"), []byte(what), 0o644); err != nil {
				t.Error(err)
			}
		}
	}
	held := make(chan struct{}, 9)
	hang := func() {
		next("hang")()
		go func() {
			for tick := time.NewTicker(5 * time.Millisecond); t.Context().Err() == nil; <-tick.C {
				if _, err := os.Stat(filepath.Join(dir, "held")); err == nil {
					held <- struct{}{}
					return
				}
			}
		}()
	}
	return rig{
		held: held,
		// By way of sh, for a file that was just written may not be run while another test forks.
		cfg: Config{Name: "lamp", Type: "exec", Command: []string{"/bin/sh", script}, Token: canary}, sinks: sinks.New(sinks.Config{}),
		provoke: map[string]func(){"retry": next("1"), "endpoint": next("78"), "message": next("65"), "hang": hang},
		arrived: func() (all []string) {
			files, err := filepath.Glob(filepath.Join(dir, "kept.*"))
			if err != nil {
				t.Error(err)
			}
			for _, f := range files {
				text, err := os.ReadFile(f)
				if err != nil {
					t.Error(err)
				}
				all = append(all, strings.TrimSpace(string(text)))
			}
			return all
		},
		absent: func(c *Config) { c.Command = []string{filepath.Join(dir, "none")} },
	}
}
