package scenarios

import (
	"testing"
	"time"
)

func TestLoad_readsAttend(t *testing.T) {
	s := load(t, "attend.yaml")
	asks := s.Asks()
	if len(asks) != 1 || asks[0].Target.String() != "css=.qrcode" || asks[0].Name != "attend .qrcode" {
		t.Fatalf("asks %+v", asks)
	}
	a := asks[0].Ask
	if a.Route != "duty" || a.Wait != 3*time.Minute || !a.Anytime || a.Expired == nil || a.Refresh == nil || len(a.Until) != 1 || a.Text.Source() != "请用手机扫码登录 ${base}" {
		t.Errorf("ask %+v", a)
	}
	if s.Timeout != DefaultTimeout+3*time.Minute {
		t.Errorf("timeout %s: the wait is not in it", s.Timeout)
	}
}
