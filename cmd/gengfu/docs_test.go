package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestDocs_instancesAreSound holds the instance files of the documents, and the
// one in deploy, to what serve would.
func TestDocs_instancesAreSound(t *testing.T) {
	const key = "whsec_Z2VuZ2Z1LWRlbW8tc2lnbmluZy1rZXktMjAyNg=="
	for _, name := range []string{"WECOM_KEY", "WECOM_APP", "DING_TOKEN", "DING_SIGN", "LARK_SIGN", "TELEGRAM_TOKEN", "PAGERDUTY_KEY", "SMS_KEY"} {
		t.Setenv("GENGFU_SECRET_"+name, "a-secret-word")
	}
	t.Setenv("GENGFU_SECRET_LARK_URL", "https://lark.example.org/open-apis/bot/v2/hook/0123")
	t.Setenv("GENGFU_SECRET_TEAMS_URL", "https://teams.example.org/workflows/0123")
	for name, v := range map[string]string{"SMTP_PASSWORD": "secret-word", "SLACK_TOKEN": "xoxb-1", "DESK_SIGNING": key, "DESK_SIGNING_OLD": key} {
		t.Setenv("GENGFU_SECRET_"+name, v)
	}
	fence := regexp.MustCompile("(?ms)^```yaml\n(# gengfu\\.yaml\n.*?)^```$")
	var texts []string
	for _, name := range []string{"README.md", "README.zh-CN.md", "docs/instance.md", "docs/instance.zh-CN.md"} {
		doc, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range fence.FindAllStringSubmatch(string(doc), -1) {
			texts = append(texts, m[1])
		}
	}
	example, err := os.ReadFile("../../deploy/gengfu.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(texts) < 4 {
		t.Fatalf("only %d instance files in the documents", len(texts))
	}
	for _, text := range append(texts, string(example)) {
		dir := t.TempDir()
		writeFile(t, dir, "secrets.yaml", "unused: value\n")
		writeFile(t, dir, "gengfu.yaml", text)
		if _, problems, err := loadInstance(filepath.Join(dir, "gengfu.yaml")); err != nil || len(problems) > 0 {
			t.Errorf("%s\n%v %v", text, problems, err)
		}
	}
}
