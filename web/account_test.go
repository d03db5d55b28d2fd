package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"gengfu"
	"gengfu/web"
)

// TestOverview_resumesSuspendedAccounts: the first page says whose log-ins are
// suspended, and its button lets them go on.
func TestOverview_resumesSuspendedAccounts(t *testing.T) {
	list := []gengfu.Suspension{{Identity: "clerk", Count: 3, Since: now.Add(-time.Hour), Until: now.Add(time.Hour)}}
	s := newSiteWith(t, func(c *web.Config) {
		c.Suspended = func() []gengfu.Suspension { return list }
		c.Resume = func(identity string) error {
			list = slices.DeleteFunc(list, func(a gengfu.Suspension) bool { return a.Identity == identity })
			return nil
		}
	})
	page := s.do(http.MethodGet, "/?lang=en", http.NoBody).Body.String()
	if !strings.Contains(page, `action="/accounts/clerk/resume"`) || !strings.Contains(page, "3 rejections since") {
		t.Errorf("the overview does not tell of the account:\n%s", page)
	}
	if w := s.do(http.MethodPost, "/accounts/clerk/resume", http.NoBody, "Sec-Fetch-Site", "same-origin"); w.Code != http.StatusSeeOther || len(list) != 0 {
		t.Errorf("resume: status %d, still suspended %v", w.Code, list)
	}
	if page = s.do(http.MethodGet, "/", http.NoBody).Body.String(); strings.Contains(page, "/accounts/") {
		t.Error("the overview still tells of the account")
	}
}
