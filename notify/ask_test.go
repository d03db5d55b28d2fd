package notify

import (
	"bytes"
	"crypto/md5" //nolint:gosec // the service asks for it
	"encoding/base64"
	"encoding/hex"
	"testing"
	"time"

	"gengfu"
)

// TestAsk_wecomRobotGetsThePicture: in a second message, with the digest that
// the service checks it by.
func TestAsk_wecomRobotGetsThePicture(t *testing.T) {
	r := wecomRobotRig(t)
	channels, err := Open([]Config{r.cfg}, testDeps())
	if err != nil {
		t.Fatal(err)
	}
	router, err := NewRouter([]Route{{Name: DefaultRoute, Endpoints: []string{r.cfg.Name}}}, channels)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	a := gengfu.Attendance{Scenario: "scan", Title: "扫码登录", Route: "gone", Text: "请扫码", Picture: []byte("\x89PNG picture"), Turn: 1, At: now, Until: now.Add(time.Minute)}
	if err := router.Ask(t.Context(), a, "https://gengfu.example/attend/token"); err != nil {
		t.Fatal(err)
	}
	if n := len(r.station.calls); n != 2 {
		t.Fatalf("%d messages, want the words and the picture", n)
	}
	doc := r.station.calls[1].doc
	text, _ := pick(doc, "image", "base64").(string)
	data, err := base64.StdEncoding.DecodeString(text)
	sum := md5.Sum(a.Picture) //nolint:gosec // likewise
	if err != nil || !bytes.Equal(data, a.Picture) || pick(doc, "image", "md5") != hex.EncodeToString(sum[:]) || pick(doc, "msgtype") != "image" {
		t.Errorf("picture %v: %v", doc, err)
	}
}

func TestAsk_isAnErrorWhenNobodyHears(t *testing.T) {
	router, err := NewRouter([]Route{{Name: DefaultRoute}}, Channels{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	if err := router.Ask(t.Context(), gengfu.Attendance{At: now, Until: now.Add(time.Minute)}, ""); err == nil {
		t.Error("no error")
	}
}
