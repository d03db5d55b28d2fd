package main

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gengfu/demo"
	"gengfu/prober/chrome"
)

// TestRecord_thereAndBack: the recording of the wizard, its upload and
// drop-downs and all, plays to its end in Puppeteer Replay, and as an imported
// scenario passes unedited.
func TestRecord_thereAndBack(t *testing.T) {
	srv := httptest.NewServer(demo.New(demo.Config{}).Handler())
	t.Cleanup(srv.Close)
	dir, password := t.TempDir(), demo.Accounts().ApplicantPassword
	self, err := exec.LookPath("gengfu")
	if err != nil {
		t.Fatal(err)
	}
	gengfu := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), self, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GENGFU_BASE_URL="+srv.URL, "GENGFU_SECRET_APPLICANT_PASSWORD="+password, "GENGFU_SECRET_PASSWORD="+password, "HOME="+dir, "LANG=en_US.UTF-8")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("gengfu %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	shipped, err := filepath.Abs("../../scenarios")
	if err != nil {
		t.Fatal(err)
	}
	wizard := filepath.Join(shipped, "applicant-wizard.yaml")
	gengfu("record", "export", "--secrets", wizard, "-o", "played.json")
	browser, err := chrome.FindBrowser("")
	if err != nil {
		t.Fatal(err)
	}
	if out := nodeTool(t, nil, "replay.mjs", browser, filepath.Join(dir, "played.json")); !strings.HasPrefix(out, "done /apply/done") || !strings.Contains(out, "提交成功") {
		t.Error(out)
	}
	gengfu("record", "export", wizard, "-o", "plain.json")
	for _, name := range []string{"plain.json", "back.yaml"} {
		if name == "back.yaml" {
			gengfu("record", "import", "plain.json", "-o", name)
		}
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || strings.Contains(string(text), password) {
			t.Errorf("%s: %v, or the password is in it", name, err)
		}
	}
	if out := gengfu("run", "back.yaml"); !strings.Contains(out, "passed") {
		t.Error(out)
	}
}
