package web_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestSelfCheck_isShown: what the prober found wrong with itself stands where
// people and programs look, and takes nothing away from them.
func TestSelfCheck_isShown(t *testing.T) {
	s := newSite(t)
	for _, row := range []struct{ target, want string }{
		{"/?lang=zh-CN", "数据盘只剩 90 MiB（至少要 128 MiB）"},
		{"/?lang=zh-CN", "恢复前的运行记为无数据"},
		{"/?lang=en", "the disk of the data folder has 90 MiB left (128 MiB are needed)"},
		{"/readyz", "self-check: the disk of the data folder has 90 MiB left"},
		{"/api/v1/overview", `"frozen":true`},
	} {
		w := s.get(row.target)
		if body := strings.ReplaceAll(w.Body.String(), " true", "true"); w.Code != http.StatusOK || !strings.Contains(body, row.want) {
			t.Errorf("%s: %d, without %q", row.target, w.Code, row.want)
		}
	}
}
